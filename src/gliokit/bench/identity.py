"""Tables of who is who across public collections."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from gliokit.study import Identities, StudyError

__all__ = ["read_identities"]

NAMES = re.compile(
    r"^(BraTS_?\d+_subject_ID|TCGA_TCIA_subject_ID|BraTS2021 ID|BraTS21 ID|"
    r"PatientID on TCIA Radiology Portal|ID|subject_id|alias\w*)$",
    re.I,
)
COLLECTION = "Data Collection (as on TCIA+additional)"
UNKNOWN = {"", "na", "n/a", "nan", "new-not-previously-in-tcia"}


def read_identities(tables: str | Path | Sequence[str | Path]) -> Identities:
    """Identities from tables, or from every .csv of a folder that holds such a table.

    A table has two columns or more of names: `alias...`, `subject_id`, or those of the BraTS
    mapping tables (BraTS_2019_subject_ID, TCGA_TCIA_subject_ID, BraTS2021 ID ...) and of
    UCSF-PDGM's metadata (ID, BraTS21 ID). Other columns are passed over. Who is listed without
    another name is known to have none in the collections of the table.

    Raises:
        StudyError: no table of that kind, or one that can't be read.
    """
    if isinstance(tables, str | Path):
        folder = Path(tables)
        paths = sorted(folder.rglob("*.csv")) if folder.is_dir() else [folder]
    else:
        paths = [Path(t) for t in tables]
    read = [list(_rows(path)) for path in paths]
    if not any(any(len(list(filter(None, row))) > 1 for row in rows) for rows in read):
        raise StudyError(
            "a table of identities has two columns or more of names",
            source=", ".join(str(p) for p in paths[:3]) or tables,  # type: ignore[arg-type]
            way_out="Call them alias_1, alias_2 and so on.",
        )
    return Identities.of(*read)


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns = [c for c in reader.fieldnames or () if NAMES.match(c.strip())]
            if len(columns) < 2:
                return
            for row in reader:
                yield [_name(row, c) for c in columns]
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
