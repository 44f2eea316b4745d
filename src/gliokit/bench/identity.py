"""Who is who across public collections."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gliokit.study import StudyError

__all__ = ["Identities", "read_identities", "written_alike"]

TCGA = re.compile(r"^(TCGA)[-_](\w\w)[-_](\w{4})(?!\w)|^(TCGA)[-_](\w\w)[-_](\w{4})_", re.I)
NUMBERED = (
    (re.compile(r"^UCSF-PDGM-0*(\d+)(_FU\w*)?(_nifti)?$", re.I), "UCSF-PDGM-{}"),
    (re.compile(r"^UPENN-GBM-0*(\d+)(_\d+)?$", re.I), "UPENN-GBM-{}"),
    (re.compile(r"^BraTS2021_0*(\d+)$", re.I), "BraTS2021-{}"),
    (re.compile(r"^BraTS-GLI-0*(\d+)-\d+$", re.I), "BraTS2021-{}"),
)
CHALLENGE = re.compile(r"^BraTS(?:17|18|19)_(.+)$", re.I)
NAMES = re.compile(
    r"^(BraTS_?\d+_subject_ID|TCGA_TCIA_subject_ID|BraTS2021 ID|BraTS21 ID|"
    r"PatientID on TCIA Radiology Portal|ID|subject_id|alias\w*)$",
    re.I,
)
COLLECTION = "Data Collection (as on TCIA+additional)"
UNKNOWN = {"", "na", "n/a", "nan", "new-not-previously-in-tcia"}


def written_alike(name: str) -> str:
    """One spelling for the spellings of a name that collections use.

    TCGA barcodes are cut after the patient; UCSF-PDGM-004 is UCSF-PDGM-0004; visits and
    follow-up scans are dropped; BraTS 2023 glioma numbers are those of 2021; BraTS 2017 to
    2019 names lose the year.
    """
    name = name.strip()
    found = TCGA.match(name)
    if found:
        return "-".join(part for part in found.groups() if part).upper()
    for pattern, form in NUMBERED:
        found = pattern.match(name)
        if found:
            return form.format(int(found[1]))
    found = CHALLENGE.match(name)
    return f"BraTS-{found[1].upper()}" if found else name


@dataclass(frozen=True, slots=True)
class Identities:
    """Names that are known to be one patient.

    Args:
        first: The name that stands for a patient, by each name written alike.
    """

    first: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Sequence[str]]) -> Identities:
        """From rows of names, a row a patient; rows that share a name are one patient."""
        first: dict[str, str] = {}

        def root(name: str) -> str:
            while first.setdefault(name, name) != name:
                name = first[name]
            return name

        for row in rows:
            names = [written_alike(name) for name in row]
            for other in names[1:]:
                one, two = sorted((root(names[0]), root(other)))
                first[two] = one
        return cls({name: root(name) for name in list(first)})

    def person(self, name: str) -> str:
        """The name that stands for a patient."""
        alike = written_alike(name)
        return self.first.get(alike, alike)


def read_identities(tables: str | Path | Sequence[str | Path]) -> Identities:
    """Identities from tables, or from every .csv of a folder that holds such a table.

    A table has two columns or more of names: `alias...`, `subject_id`, or those of the BraTS
    mapping tables (BraTS_2019_subject_ID, TCGA_TCIA_subject_ID, BraTS2021 ID ...) and of
    UCSF-PDGM's metadata (ID, BraTS21 ID). Other columns are passed over.

    Raises:
        StudyError: no table of that kind, or one that can't be read.
    """
    if isinstance(tables, str | Path):
        folder = Path(tables)
        paths = sorted(folder.rglob("*.csv")) if folder.is_dir() else [folder]
    else:
        paths = [Path(t) for t in tables]
    rows = [row for path in paths for row in _rows(path)]
    if not rows:
        raise StudyError(
            "a table of identities has two columns or more of names",
            source=", ".join(str(p) for p in paths[:3]) or tables,  # type: ignore[arg-type]
            way_out="Call them alias_1, alias_2 and so on.",
        )
    return Identities.of(rows)


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns = [c for c in reader.fieldnames or () if NAMES.match(c.strip())]
            if len(columns) < 2:
                return
            for row in reader:
                names = [_name(row, c) for c in columns]
                known = [name for name in names if name]
                if len(known) > 1:
                    yield known
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StudyError("the table can be read", source=path, found=error) from error


def _name(row: dict[str, str], column: str) -> str:
    name = (row.get(column) or "").strip()
    if name.lower() in UNKNOWN:
        return ""
    # UCSF's own column holds the number alone.
    if name.isdigit() and (row.get(COLLECTION) or "").startswith("UCSF-PDGM"):
        return f"UCSF-PDGM-{name}"
    return name
