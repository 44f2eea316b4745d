"""How often each place of the brain is tumour, over a cohort, in MNI152.

Label maps are taken to the atlas by the affine match alone: borders blur by up to a
centimetre, which an average over patients hides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.preprocessing.atlas import AtlasMatch, load_brain
from gliokit.study import Grid, UsageError, output_file

__all__ = [
    "PopulationMap",
    "atlas_voxels",
    "counted",
    "population_map",
    "write_picture",
    "write_population_map",
]

STEP_MM = 2
SLICES_Z_MM = (-30, -15, 0, 15, 30, 45, 60)
ENLARGED = 2
HOT = ((0.0, (60, 20, 110)), (0.4, (200, 40, 80)), (0.75, (250, 150, 30)), (1.0, (255, 250, 170)))
"""Colours from rare to frequent."""

MARGIN, BAR = 8, 12


@dataclass(frozen=True, slots=True, eq=False)
class PopulationMap:
    """Share of patients whose tumour covers each voxel.

    Args:
        percent: float32, 0 to 100, in MNI152.
        grid: Of `percent`, 2 mm, RAS+ axes.
        patients: Over how many.
    """

    percent: NDArray[np.float32]
    grid: Grid
    patients: int


def population_map(
    tumours: Iterable[tuple[NDArray[np.bool_], Grid, AtlasMatch]],
) -> PopulationMap:
    """Percent of patients with tumour at each voxel of the MNI152 brain, at 2 mm.

    Args:
        tumours: Of each patient a mask, its grid, and the match with the atlas; taken one
            after the other, so that one patient at a time is held in memory.

    Raises:
        UsageError: there is no patient, or a mask has not the shape of its grid.
    """
    return counted(atlas_voxels(*patient) for patient in tumours)


def atlas_voxels(tumour: NDArray[np.bool_], grid: Grid, match: AtlasMatch) -> NDArray[np.int64]:
    """Flat indices of the map's voxels that one patient's tumour covers, ascending.

    Each voxel of the atlas takes the nearest voxel of the patient.

    Args:
        tumour: Of the grid's shape.
        grid: Of the patient.
        match: With the atlas.

    Raises:
        UsageError: the mask has not the shape of its grid.
    """
    if tumour.shape != grid.shape:
        raise UsageError(
            f"a mask has the shape of its grid, {grid.shape}",
            source="a patient of the map",
            found=tumour.shape,
        )
    atlas_grid = _grid()
    back = np.linalg.inv(match.affine @ grid.affine) @ atlas_grid.affine
    taken = ndimage.affine_transform(
        tumour.astype(np.uint8), back[:3, :3], back[:3, 3], atlas_grid.shape, order=0
    )
    return np.flatnonzero(taken)


def counted(patients: Iterable[NDArray[np.int64]]) -> PopulationMap:
    """The map of patients by their `atlas_voxels`; who has none counts as without a tumour.

    Raises:
        UsageError: there is no patient.
    """
    grid = _grid()
    count = np.zeros(grid.shape, dtype=np.int32)
    n = 0
    for voxels in patients:
        count.ravel()[voxels] += 1
        n += 1
    if n == 0:
        raise UsageError("a population map is of at least one patient", found=0)
    return PopulationMap((100.0 * count / n).astype(np.float32), grid, n)


def _grid() -> Grid:
    brain, grid = load_brain()
    shape = tuple(-(-n // STEP_MM) for n in brain.shape)
    return Grid((shape[0], shape[1], shape[2]), grid.affine @ np.diag([STEP_MM] * 3 + [1.0]))


def write_population_map(path: str | Path, found: PopulationMap) -> None:
    """Write a map as NIfTI, float32 percent, marked as of MNI152 space.

    Raises:
        UsageError: the name does not end in .nii or .nii.gz.
        OutputError: the file can't be written.
    """
    if not str(path).lower().endswith((".nii", ".nii.gz")):
        raise UsageError("the name of a NIfTI file ends in .nii or .nii.gz", found=path)
    image: Any = nib.Nifti1Image(found.percent, found.grid.affine)
    image.header.set_xyzt_units("mm")
    for set_form in (image.set_sform, image.set_qform):
        set_form(found.grid.affine, code="mni")
    image.header["descrip"] = f"percent of {found.patients} patients".encode()
    with output_file(path) as aside:
        nib.save(image, aside)


def write_picture(path: str | Path, found: PopulationMap) -> None:
    """Write axial slices of a map over the atlas' T1 as PNG, the patient's right on the left.

    Below them a bar of colours from 0 to the largest percentage.

    Raises:
        UsageError: the name does not end in .png.
        OutputError: the file can't be written.
    """
    from PIL import Image, ImageDraw

    if not str(path).lower().endswith(".png"):
        raise UsageError("the name of the picture ends in .png", found=path)
    most = max(float(found.percent.max()), 1e-6)
    tiles = [_tile(found, z, most) for z in SLICES_Z_MM]
    strip = np.concatenate(tiles, axis=1)
    height, width = strip.shape[:2]
    below = np.zeros((BAR + 4 * MARGIN, width, 3), dtype=np.uint8)
    ramp = np.linspace(0, 1, width // 3)
    below[MARGIN : MARGIN + BAR, MARGIN : MARGIN + ramp.size] = _colours(ramp)
    picture = Image.fromarray(np.concatenate([strip, below]))
    draw = ImageDraw.Draw(picture)
    for n, z in enumerate(SLICES_Z_MM):
        draw.text((n * tiles[0].shape[1] + MARGIN, MARGIN), f"R   z = {z} mm", fill=(230, 230, 230))
    y = height + MARGIN + BAR + 2
    draw.text((MARGIN, y), "0 %", fill=(230, 230, 230))
    draw.text(
        (MARGIN + ramp.size + MARGIN, height + MARGIN),
        f"{most:.0f} % of {found.patients} patients",
        fill=(230, 230, 230),
    )
    with output_file(path) as aside:
        picture.save(aside, format="PNG")


def _tile(found: PopulationMap, z_mm: float, most: float) -> NDArray[np.uint8]:
    """One slice, rows from front to back, the patient's right first."""
    k = round(float((np.linalg.inv(found.grid.affine) @ (0, 0, z_mm, 1))[2]))
    brain = load_brain()[0][::STEP_MM, ::STEP_MM, ::STEP_MM][:, :, k]
    grey = np.clip(brain / 255 * 200, 0, 255)
    share = found.percent[:, :, k] / most
    weight = np.where(share > 0, 0.35 + 0.6 * share, 0)[..., None]
    mixed = (1 - weight) * grey[..., None] + weight * _colours(share)
    shown = mixed.transpose(1, 0, 2)[::-1, ::-1]
    return shown.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1).astype(np.uint8)


def _colours(share: NDArray[Any]) -> NDArray[np.float64]:
    places = [at for at, _ in HOT]
    channels = [np.interp(share, places, [colour[c] for _, colour in HOT]) for c in range(3)]
    return np.stack(channels, axis=-1)
