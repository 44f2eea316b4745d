"""Where a patient's series lie: named by the cohort's table, or beside the images."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from gliokit.batch import digest_of_file
from gliokit.study import Modality, Patient, Series, Study, StudyError, read_series

__all__ = ["digest_of_series", "find_series", "opened_series"]

FOLDER = "series"
SERIES = {"dsc": Modality.DSC, "dwi": Modality.DWI, "bold": Modality.BOLD}
"""By the name of a column, and by the last word of a file's name."""
WORDS = {"dti": "dwi", **{name: name for name in SERIES}}
ENDINGS = (".nii.gz", ".nii")
TABLES = (".json", ".bval", ".bvec")


def find_series(patient: Patient, study: Study, *, root: Path | None = None) -> dict[str, Path]:
    """The files of a patient's series, by 'dsc', 'dwi' and 'bold'; those that are there.

    A file that the table names in a column `dsc`, `dwi` or `bold` wins over the folder 'series'
    beside the patient's images, as `gliokit phantom cohort` writes it, whose files end in
    `_dsc`, `_dwi` or `_dti`, `_bold`.

    Args:
        patient: Of a cohort's table.
        study: The patient's images; the first that lies in a file says which folder is theirs.
        root: Where relative paths of the table start.

    Raises:
        StudyError: a cell names no file; two files are named as one series.
    """
    given = _given(patient, root or Path())
    return _in_folder(_folder(study), given) | given


def _given(patient: Patient, root: Path) -> dict[str, Path]:
    """Those that the table names."""
    cells = {name: patient.attributes.get(name, "") for name in SERIES}
    given = {name: root / Path(cell).expanduser() for name, cell in cells.items() if cell}
    for name, path in given.items():
        if not path.is_file():
            raise StudyError(
                f"column '{name}' names a file that exists", source=patient.subject,
                found=path, way_out="Give a NIfTI file, or another name to the column.",
            )  # fmt: skip
    return given


def opened_series(path: Path, name: str) -> Series:
    """A series of a name of `find_series`; voxels are read when they are asked for.

    Raises:
        StudyError: the file or its tables can't be used.
    """
    return read_series(path, SERIES[name])


def digest_of_series(path: Path) -> str:
    """Of the file and the tables beside it.

    Raises:
        StudyError: a file can't be read.
    """
    bare = _bare(path)
    beside = (path.with_name(bare + ending) for ending in TABLES)
    return " ".join(digest_of_file(p) for p in (path, *(p for p in beside if p.is_file())))


def _folder(study: Study) -> Path | None:
    sources = (v.source for v in study.volumes.values())
    first = next((s for s in sources if isinstance(s, Path)), None)
    return None if first is None else first.parent / FOLDER


def _in_folder(folder: Path | None, given: Collection[str]) -> dict[str, Path]:
    """Those of a folder, perhaps none, that are not given already."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()) if folder is not None and folder.is_dir() else []:
        name = WORDS.get(_bare(path).rpartition("_")[2].lower())
        if name is None or name in given or not path.name.lower().endswith(ENDINGS):
            continue
        if name in found:
            raise StudyError(
                f"a patient has one {name.upper()} series", source=folder,
                found=f"{found[name].name}, {path.name}",
                way_out=f"Name the right one in a column '{name}' of the table.",
            )  # fmt: skip
        found[name] = path
    return found


def _bare(path: Path) -> str:
    """The name without the ending of its format."""
    ending = next((e for e in ENDINGS if path.name.lower().endswith(e)), path.suffix)
    return path.name[: len(path.name) - len(ending)]
