"""What an image file says at its door: its grid; and its voxels when asked."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from gliokit.study.errors import StudyError
from gliokit.study.grid import Grid
from gliokit.study.notice import Notice

__all__ = ["ImageFile", "float32", "grid_of", "readable"]


@dataclass(frozen=True, slots=True, eq=False)
class ImageFile:
    """One 3-D image file whose header was read.

    Args:
        path: The file.
        grid: Where its voxels lie.
        read: Gives the voxels as float32 of the grid's shape, read-in anew each time.
        mark: The free text of its header.
        notices: What is odd about its header.
    """

    path: Path
    grid: Grid
    read: Callable[[], NDArray[np.float32]] = field(repr=False)
    mark: str = ""
    notices: tuple[Notice, ...] = ()


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turns whatever a library raises on a broken file into an error that names the file."""
    try:
        yield
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise _broken(path, error, "Copy or download the file again.") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise _broken(path, error, "Open it in a viewer, or export it again.") from error
    except (
        nib.filebasedimages.ImageFileError,
        nib.spatialimages.HeaderDataError,
        nib.spatialimages.ImageDataError,
    ) as error:
        raise _broken(path, error, "Check that the file is what its name says.") from error


def _broken(path: Path, error: Exception, way_out: str) -> StudyError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[-1].strip().rstrip(".")
    return StudyError("the image file can be read", source=path, found=reason, way_out=way_out)


def grid_of(path: Path, shape: tuple[int, ...], affine: NDArray[np.float64]) -> Grid:
    """The grid of a 3-D image; axes of one voxel beyond the third are dropped.

    Raises:
        StudyError: the image has not three dimensions, or its affine can't be.
    """
    space = shape[:3] if all(n == 1 for n in shape[3:]) else shape
    if len(space) != 3 or min(space) < 2:
        raise StudyError(
            "the image has three dimensions and at least two voxels along each",
            source=path,
            found=" x ".join(str(n) for n in shape),
            way_out="Give a single 3-D image; a series over time or direction is none.",
        )
    try:
        return Grid((space[0], space[1], space[2]), affine)
    except StudyError as error:
        raise StudyError(
            error.rule, source=path, found=error.found, way_out=error.way_out
        ) from error


def float32(voxels: NDArray[np.generic], grid: Grid) -> NDArray[np.float32]:
    """Voxels as an image holds them; a number beyond float32 becomes infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(voxels).reshape(grid.shape).astype(np.float32, copy=False)
