"""MetaImage files (.mha), in which BraTS came from 2012 to 2016."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gliokit.study.errors import StudyError
from gliokit.study.grid import Grid
from gliokit.study.image_file import ImageFile, float32, grid_of, readable

__all__ = ["open_metaimage"]

LPS_TO_RAS = np.diag((-1.0, -1.0, 1.0, 1.0))


def open_metaimage(path: Path) -> ImageFile:
    """The header of a .mha file; ITK's LPS+ millimetres become RAS+.

    Raises:
        StudyError: the file is no MetaImage of one real number a voxel in 3-D.
    """
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.SetImageIO("MetaImageIO")
    with readable(path):
        reader.ReadImageInformation()
    if reader.GetNumberOfComponents() != 1:
        raise StudyError(
            "every voxel holds one real number",
            source=path,
            found=f"{reader.GetNumberOfComponents()} numbers a voxel",
            way_out="Give the image itself, not a coloured or complex map.",
        )
    affine, dimensions = np.eye(4), reader.GetDimension()
    if dimensions >= 3:  # with fewer, the grid is refused whatever its affine
        direction = np.reshape(reader.GetDirection(), (dimensions, dimensions))
        affine[:3, :3] = direction[:3, :3] * np.array(reader.GetSpacing()[:3])
        affine[:3, 3] = reader.GetOrigin()[:3]
    grid = grid_of(path, tuple(reader.GetSize()), LPS_TO_RAS @ affine)
    return ImageFile(path, grid, partial(_voxels, path, grid))


def _voxels(path: Path, grid: Grid) -> NDArray[np.float32]:
    import SimpleITK as sitk

    with readable(path):
        image = sitk.ReadImage(str(path), imageIO="MetaImageIO")
    # ITK's arrays run (k, j, i).
    return float32(sitk.GetArrayFromImage(image).T, grid)
