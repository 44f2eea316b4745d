"""Files and folders that are there as a whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gliokit.study.errors import OutputError, UsageError

__all__ = ["RESULT_ENTRIES", "check_new_file", "is_result", "output_file", "output_folder"]

RESULT_ENTRIES = (
    "run.json",
    "analysis.npz",
    "report.html",
    "segmentation.nii.gz",
    "measurements.json",
    "features.tsv",
)
"""What an analysis may write; the first is the mark of a complete result."""

UNFINISHED = ".unfinished-"

DISK = {
    errno.ENOSPC: "there is space left on the disk",
    errno.EDQUOT: "there is space left in the quota of the disk",
    errno.EROFS: "the disk can be written to",
    errno.EIO: "the disk can be written to",
}
"""Whatever raises these while an output is open, it is the output's disk that is at fault."""


def is_result(folder: Path) -> bool:
    """Whether a folder holds a complete result: a `run.json` that speaks of gliokit."""
    try:
        return "gliokit" in (folder / RESULT_ENTRIES[0]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def check_new_file(path: Path, *, what: str, endings: tuple[str, ...], overwrite: bool) -> None:
    """Say before the work begins that a file can't be written under its name.

    Args:
        path: Where it is to be written.
        what: Such as 'a label map'.
        endings: One of them ends its name.
        overwrite: Whether it may replace a file.

    Raises:
        UsageError: the name ends otherwise.
        OutputError: the file is there.
    """
    if not path.name.lower().endswith(endings):
        raise UsageError(f"the name of {what} ends in {' or '.join(endings)}", found=path.name)
    if path.exists() and not overwrite:
        raise OutputError(
            f"{what} is written to a new file",
            source=path,
            found="a file of that name",
            way_out="Name another file, or allow overwriting.",
        )


@contextmanager
def output_file(path: str | Path) -> Iterator[Path]:
    """Gives a path to write to; the file takes its name when all is written.

    The path given lies in the same folder and has the same ending. Missing folders above
    are made. After an exception or Ctrl-C nothing remains.

    Raises:
        OutputError: the folder can't be written to, or the disk is full.
    """
    path = Path(path)
    aside = path.with_name(f"{UNFINISHED}{uuid.uuid4().hex[:8]}-{path.name}")
    with _blamed_on(path, aside):
        if path.is_dir():
            raise OutputError("the output is a file", source=path, found="a folder")
        made = _make_folders(path.parent)
        try:
            yield aside
            aside.replace(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            _remove_empty(made)
            raise


@contextmanager
def output_folder(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Gives a folder to write to; what is in it appears at `path` when all is written.

    A new folder is written beside its place and renamed. Where the folder is there
    already (it may be a mount, which can't be renamed), it is written in a hidden folder
    inside, and moved up at the end: what an earlier result left is replaced as a whole,
    any other file stays. After an exception or Ctrl-C all is as it was before.

    Args:
        path: New or empty, or an earlier result of gliokit.
        overwrite: Write also into a folder with other content.

    Raises:
        OutputError: the folder holds something else, it can't be written to, or the disk
            is full.
    """
    path = Path(path)
    _check_place(path, overwrite=overwrite)
    is_there = path.is_dir()
    token = uuid.uuid4().hex[:8]
    aside = (
        path / f"{UNFINISHED}{token}"
        if is_there
        else path.with_name(f"{UNFINISHED}{token}-{path.name}")
    )
    with _blamed_on(path, aside):
        made = _make_folders(aside.parent)
        try:
            aside.mkdir()
            yield aside
            _move_in(aside, path) if is_there else aside.rename(path)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            _remove_empty(made)
            raise


def _check_place(path: Path, *, overwrite: bool) -> None:
    if path.exists() and not path.is_dir():
        raise OutputError("the output is a folder", source=path, found="a file")
    if not path.is_dir() or overwrite or is_result(path):
        return
    with _blamed_on(path, path):
        names = sorted(p.name for p in path.iterdir() if not p.name.startswith(UNFINISHED))
    if names:
        raise OutputError(
            "the output folder is new, empty, or an earlier result of gliokit",
            source=path,
            found=", ".join(names[:5]) + (", ..." if len(names) > 5 else ""),
            way_out="Name another folder, or allow overwriting: other files in it stay.",
        )


def _move_in(aside: Path, path: Path) -> None:
    """Out with the earlier result, its mark first; in with the new one, its mark last."""
    for name in RESULT_ENTRIES:
        _remove(path / name)
    for entry in sorted(aside.iterdir(), key=lambda e: e.name == RESULT_ENTRIES[0]):
        _remove(path / entry.name)
        entry.rename(path / entry.name)
    aside.rmdir()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; gives those that were not there, deepest first."""
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


@contextmanager
def _blamed_on(path: Path, aside: Path) -> Iterator[None]:
    """Turns what the system says of the output into an OutputError; leaves other errors."""
    try:
        yield
    except OutputError as error:
        # A file within: its hidden name tells nobody anything.
        if error.source is None or aside not in Path(error.source).parents:
            raise
        raise OutputError(
            error.rule, source=path, found=error.found, way_out=error.way_out
        ) from error
    except OSError as error:
        rule = DISK.get(error.errno or 0)
        if rule is None and not _concerns(error, path, aside):
            raise
        raise OutputError(
            rule or "the output can be written",
            source=path,
            found=error.strerror or str(error),
            way_out="Choose another place for the output, or make room or give permission there.",
        ) from error


def _concerns(error: OSError, path: Path, aside: Path) -> bool:
    names = [Path(os.fsdecode(n)) for n in (error.filename, error.filename2) if n is not None]
    places = (path, aside, *path.absolute().parents, *path.parents)
    return any(n in places or aside in n.parents or path in n.parents for n in names)
