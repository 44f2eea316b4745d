"""A study: the folder of one visit, or files named one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from gliokit.study.errors import StudyError, UsageError
from gliokit.study.image_file import ImageFile
from gliokit.study.modality import STRUCTURAL, Modality
from gliokit.study.names import entity
from gliokit.study.notice import Notice
from gliokit.study.reading import is_image, open_image, stem
from gliokit.study.recognition import Recognised, recognise
from gliokit.study.study import Study
from gliokit.study.volume import Volume

__all__ = ["images_in", "read_study"]

DEPTH = 3
LISTED = 6


def read_study(
    path: str | Path | None = None,
    *,
    t1: str | Path | None = None,
    t1c: str | Path | None = None,
    t2: str | Path | None = None,
    flair: str | Path | None = None,
    subject: str | None = None,
) -> Study:
    """The structural sequences of one visit: headers now, voxels when asked for.

    A folder may be a BraTS case of any year, hold NIfTI files whose names or JSON
    sidecars say what they are, or be the folder of one visit in BIDS. What was taken
    for what, what was left and what is missing stand in the notices of the study.
    Where the folder itself holds no image, its sub-folders are looked through.

    Args:
        path: Folder of the visit; not needed where files are given one by one.
        t1: File of the T1 sequence; wins over what the folder holds. So do the next.
        t1c: T1 after contrast medium.
        t2: T2.
        flair: FLAIR.
        subject: Name of the patient; else that of BIDS or of the folder.

    Raises:
        StudyError: none of the four sequences is there; two files look like one
            sequence; one file is given for two; a header can't be used.
        UsageError: neither a folder nor a file is given.
    """
    options = {Modality.T1: t1, Modality.T1C: t1c, Modality.T2: t2, Modality.FLAIR: flair}
    given = {m: Path(p) for m, p in options.items() if p is not None}
    folder = None if path is None else Path(path)
    if folder is None and not given:
        raise UsageError("a study is a folder or files given with --t1 --t1c --t2 --flair")
    _check_given_once(given)
    recognised = [] if folder is None else [recognise(p) for p in images_in(folder)]
    chosen, notices = _choose(recognised, given, folder)
    files = {m: open_image(p) for m, p in chosen.items()}
    return Study(
        subject=subject or _subject(folder, chosen),
        volumes={m: Volume(m, f.grid, f.path, f.read) for m, f in files.items()},
        session=entity(next(iter(chosen.values())).name, "ses"),
        notices=(*notices, *_header_notices(files), *_missing(files)),
    )


def images_in(folder: Path) -> list[Path]:
    """The image files of a folder; of its sub-folders, where it holds none itself.

    Raises:
        StudyError: there is no such folder, or it can't be listed.
    """
    if not folder.is_dir():
        raise StudyError(
            "a study is a folder",
            source=folder,
            found="a file" if folder.exists() else "no such folder",
            way_out="Give the folder of one visit, or files with --t1 --t1c --t2 --flair.",
        )
    level = [folder]
    for _ in range(DEPTH):
        try:
            entries = sorted(e for f in level for e in f.iterdir())
        except OSError as error:
            raise StudyError(
                "the folder can be listed", source=folder, found=error.strerror
            ) from error
        images = [e for e in entries if is_image(e) and e.is_file()]
        if images:
            return images
        level = [e for e in entries if e.is_dir() and not e.name.startswith(".")]
    return []


def _check_given_once(given: Mapping[Modality, Path]) -> None:
    seen: dict[Path, Modality] = {}
    for modality, path in given.items():
        other = seen.setdefault(path.resolve(), modality)
        if other is not modality:
            raise StudyError(
                "a file is one sequence",
                source=path,
                found=f"the same file for --{other} and --{modality}",
                way_out=f"Leave out the option that is wrong; {modality} may be missing.",
            )


def _choose(
    recognised: Iterable[Recognised], given: Mapping[Modality, Path], folder: Path | None
) -> tuple[dict[Modality, Path], list[Notice]]:
    """One file for each sequence, in the order of `STRUCTURAL`, and what to say of it."""
    taken = {p.resolve() for p in given.values()}
    candidates: dict[Modality, list[Recognised]] = {}
    notices = []
    for item in recognised:
        if item.path.resolve() in taken:
            continue
        if item.modality is None:
            notices.append(_ignored(item.path, item.reason))
        elif item.modality in given:
            notices.append(_ignored(item.path, "another file was given by option"))
        else:
            candidates.setdefault(item.modality, []).append(item)
    chosen = dict(given)
    for modality, items in candidates.items():
        if len(items) > 1:
            raise _ambiguous(folder, modality, items)
        chosen[modality] = items[0].path
        notices.append(_taken(items[0], modality))
    if not chosen:
        raise _nothing(folder, notices)
    return {m: chosen[m] for m in STRUCTURAL if m in chosen}, notices


def _ignored(path: Path, reason: str) -> Notice:
    return Notice("file-ignored", path.name, {"file": path.name, "reason": reason})


def _taken(item: Recognised, modality: Modality) -> Notice:
    values = {"file": item.path.name, "sequence": modality.upper(), "reason": item.reason}
    return Notice("sequence-recognised", item.path.name, values)


def _ambiguous(folder: Path | None, modality: Modality, items: list[Recognised]) -> StudyError:
    names = [str(i.path.relative_to(folder) if folder else i.path) for i in items]
    return StudyError(
        f"one file is the {modality.upper()} sequence",
        source=folder,
        found=_listed(names),
        way_out=f"Name the right one with --{modality} FILE, or give the folder of one visit.",
    )


def _nothing(folder: Path | None, notices: list[Notice]) -> StudyError:
    names = [n.about for n in notices]
    is_dicom = folder is not None and any(folder.rglob("*.dcm"))
    return StudyError(
        "a study holds at least one of T1, T1C, T2 and FLAIR",
        source=folder,
        found=_listed(names) if names else "no .nii, .nii.gz or .mha file",
        way_out="Convert the DICOM files to NIfTI first, with dcm2niix."
        if is_dicom and not names
        else "Say which file is which with --t1 --t1c --t2 --flair.",
    )


def _listed(names: list[str]) -> str:
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more} more" if more > 0 else "")


def _subject(folder: Path | None, chosen: Mapping[Modality, Path]) -> str:
    first = next(iter(chosen.values()))
    label = entity(first.name, "sub")
    if label:
        return f"sub-{label}"
    if folder is not None:
        return folder.resolve().name
    return stem(first)


def _header_notices(files: Mapping[Modality, ImageFile]) -> list[Notice]:
    return [n for f in files.values() for n in f.notices]


def _missing(files: Mapping[Modality, ImageFile]) -> list[Notice]:
    return [
        Notice("sequence-missing", m.upper(), {"sequence": m.upper()})
        for m in STRUCTURAL
        if m not in files
    ]
