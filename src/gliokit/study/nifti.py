"""NIfTI-1 and NIfTI-2 files, compressed or not."""

from __future__ import annotations

import gzip
from functools import partial
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from gliokit.study.errors import StudyError
from gliokit.study.grid import Grid
from gliokit.study.image_file import ImageFile, float32, grid_of, readable
from gliokit.study.notice import Notice

__all__ = ["open_nifti"]

CONTRADICTION_MM = 1.0


def open_nifti(path: Path) -> ImageFile:
    """The header of a NIfTI file.

    The affine is the sform where its code is set, else the qform; a file that sets
    neither gets the notice 'orientation-unknown', since its axes are a guess.

    Raises:
        StudyError: the file is no NIfTI image of one real number a voxel in 3-D.
    """
    with readable(path):
        image = nib.load(path, mmap=False)
        if not isinstance(image, nib.Nifti1Image):
            raise nib.filebasedimages.ImageFileError(f"{type(image).__name__}, which is no NIfTI")
    _check_numbers(path, image.get_data_dtype())
    _check_voxel_sizes(path, image)
    grid = grid_of(path, image.shape, np.asarray(image.affine, dtype=np.float64))
    mark = bytes(image.header["descrip"].tobytes()).split(b"\0")[0].decode("latin-1")
    return ImageFile(path, grid, partial(_voxels, path, grid), mark, _notices(path, image, grid))


def _check_numbers(path: Path, dtype: np.dtype[np.generic]) -> None:
    if dtype.kind not in "buif":
        raise StudyError(
            "every voxel holds one real number",
            source=path,
            found="colours" if dtype.fields else f"voxels of type {dtype}",
            way_out="Give the image itself, not a coloured map or k-space.",
        )


def _check_voxel_sizes(path: Path, image: nib.Nifti1Image) -> None:
    """Look at the sizes as they are in the file: nibabel turns 0 into 1 mm on reading."""
    with readable(path), nib.openers.ImageOpener(str(path)) as stream:
        header = type(image.header).from_fileobj(stream, check=False)
    sizes = np.asarray(header["pixdim"][1:4], dtype=np.float64)
    if not np.isfinite(sizes).all() or (sizes == 0).any():
        raise StudyError(
            "voxels have a size along each axis",
            source=path,
            found=" x ".join(f"{s:g}" for s in sizes) + " mm",
            way_out="Correct the voxel size in the image's header.",
        )


def _notices(path: Path, image: nib.Nifti1Image, grid: Grid) -> tuple[Notice, ...]:
    sform, qform = int(image.header["sform_code"]), int(image.header["qform_code"])
    if not sform and not qform:
        return (Notice("orientation-unknown", path.name, {"file": path.name}),)
    if sform and qform:
        try:
            apart = grid.apart_mm(Grid(grid.shape, image.get_qform()))
        except (StudyError, ValueError, nib.spatialimages.HeaderDataError):
            return ()  # a qform that can't be is no rival of a good sform
        if apart > CONTRADICTION_MM:
            values: dict[str, str | float] = {"file": path.name, "apart_mm": apart}
            return (Notice("orientation-contradictory", path.name, values),)
    return ()


def _voxels(path: Path, grid: Grid) -> NDArray[np.float32]:
    with readable(path):
        content = path.read_bytes()
        if path.name.lower().endswith(".gz"):
            # In one piece: that is quicker, and only then is the checksum looked at.
            content = gzip.decompress(content)
        image = _kind(content).from_bytes(content)
        del content
        with np.errstate(over="ignore", invalid="ignore"):
            return float32(np.asarray(image.dataobj, dtype=np.float32), grid)


def _kind(content: bytes) -> type[nib.Nifti1Image]:
    is_second = nib.Nifti2Header.may_contain_header(content[: nib.Nifti2Header.sizeof_hdr])
    return nib.Nifti2Image if is_second else nib.Nifti1Image
