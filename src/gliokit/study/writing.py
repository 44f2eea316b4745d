"""Label maps and images to NIfTI files."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from gliokit.study.errors import UsageError
from gliokit.study.grid import Grid
from gliokit.study.label_file import MARK
from gliokit.study.labels import LabelMap
from gliokit.study.output import output_file
from gliokit.study.volume import Volume

__all__ = ["write_label_map", "write_map", "write_volume"]

SCANNER = 1
MILLIMETRES = "mm"


def write_label_map(path: str | Path, label_map: LabelMap) -> None:
    """Write a label map as uint8, marked with its scheme so that it reads back as it is.

    Args:
        path: .nii or .nii.gz; replaced if it is there.
        label_map: Sform and qform both get its affine.

    Raises:
        OutputError: the file can't be written; nothing half-written remains.
        UsageError: the name does not end in .nii or .nii.gz.
    """
    image = _image(label_map.data, label_map.grid)
    image.header["descrip"] = f"{MARK}{label_map.labels.name}".encode()
    image.header.set_intent("label")
    _write(Path(path), image)


def write_volume(path: str | Path, volume: Volume) -> None:
    """Write an image as float32.

    Args:
        path: .nii or .nii.gz; replaced if it is there.
        volume: Sform and qform both get its affine.

    Raises:
        OutputError: the file can't be written; nothing half-written remains.
        UsageError: the name does not end in .nii or .nii.gz.
    """
    write_map(path, volume.data, volume.grid)


def write_map(path: str | Path, values: NDArray[np.float32], grid: Grid) -> None:
    """Write a map that is no image of a scanner, such as a probability, as float32.

    Args:
        path: .nii or .nii.gz; replaced if it is there.
        values: (i, j, k) of the grid.
        grid: Sform and qform both get its affine.

    Raises:
        OutputError: the file can't be written; nothing half-written remains.
        UsageError: the name does not end in .nii or .nii.gz.
    """
    _write(Path(path), _image(values, grid))


def _image(data: NDArray[np.uint8] | NDArray[np.float32], grid: Grid) -> nib.Nifti1Image:
    image = nib.Nifti1Image(data, grid.affine)
    image.set_sform(grid.affine, SCANNER)
    # A qform holds no shear: where the axes are not at right angles, only the sform speaks.
    directions = grid.affine[:3, :3] / np.array(grid.spacing_mm)
    is_square = np.allclose(directions.T @ directions, np.eye(3), atol=1e-4)
    image.set_qform(grid.affine, SCANNER if is_square else 0)
    image.header.set_xyzt_units(MILLIMETRES)
    return image


def _write(path: Path, image: nib.Nifti1Image) -> None:
    if not path.name.lower().endswith((".nii", ".nii.gz")):
        raise UsageError("the name of a NIfTI file ends in .nii or .nii.gz", found=path.name)
    with output_file(path) as aside:
        nib.save(image, aside)
