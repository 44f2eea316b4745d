"""Where a patient's series lie: named by the cohort's table, or beside the images."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gliokit.batch import digest_of_file
from gliokit.study import Modality, Patient, Series, Study, StudyError, read_series

__all__ = ["FoundSeries", "digest_of_series", "find_series", "opened_series"]

FOLDER = "series"
SERIES = {"dsc": Modality.DSC, "dwi": Modality.DWI, "bold": Modality.BOLD}
"""By the name of a column, and by the last word of a file's name."""
WORDS = {"dti": "dwi", **{name: name for name in SERIES}}
ENDINGS = (".nii.gz", ".nii")
TABLES = (".json", ".bval", ".bvec")


@dataclass(frozen=True, slots=True)
class FoundSeries:
    """A patient's series, by 'dsc', 'dwi' and 'bold'.

    Args:
        files: Of those that can be used.
        faults: Why those that are named or lie there can't be; this concerns nobody but a system
            that needs one.
    """

    files: dict[str, Path] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def find_series(patient: Patient, study: Study, *, root: Path | None = None) -> FoundSeries:
    """The series that are there, headers and tables read.

    A file that the table names in a column `dsc`, `dwi` or `bold` wins over the folder 'series'
    beside the patient's images, as `gliokit phantom cohort` writes it, whose files end in
    `_dsc`, `_dwi` or `_dti`, `_bold`. At fault is a cell that names no file, two files of one
    series, and a file without its times or directions.

    Args:
        patient: Of a cohort's table.
        study: The patient's images; the first that lies in a file says which folder is theirs.
        root: Where relative paths of the table start.
    """
    found = FoundSeries()
    lying = _in_folder(_folder(study))
    for name in SERIES:
        cell = patient.attributes.get(name, "")
        paths = [(root or Path()) / Path(cell).expanduser()] if cell else lying.get(name, [])
        if not paths:
            continue
        fault = _fault(name, paths)
        if fault:
            found.faults[name] = fault
        else:
            found.files[name] = paths[0]
    return found


def _fault(name: str, paths: list[Path]) -> str:
    """Why there is not one series that can be used; '' where there is."""
    if len(paths) > 1:
        files = " and ".join(p.name for p in paths)
        return f"{files}: name the right one in a column '{name}' of the table"
    if not paths[0].is_file():
        return f"column '{name}' names {paths[0]}, which is no file"
    try:
        opened_series(paths[0], name)
    except StudyError as error:
        return str(error)
    return ""


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


def _in_folder(folder: Path | None) -> dict[str, list[Path]]:
    """Files of a folder, perhaps none, by the series that they are of."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()) if folder is not None and folder.is_dir() else []:
        name = WORDS.get(_bare(path).rpartition("_")[2].lower())
        if name is not None and path.name.lower().endswith(ENDINGS):
            found.setdefault(name, []).append(path)
    return found


def _bare(path: Path) -> str:
    """The name without the ending of its format."""
    ending = next((e for e in ENDINGS if path.name.lower().endswith(e)), path.suffix)
    return path.name[: len(path.name) - len(ending)]
