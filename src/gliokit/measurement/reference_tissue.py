"""Normal-appearing white and grey matter of a patient, away from the tumour.

White matter is the unit of intensity, grey matter the zero of the T2-FLAIR mismatch index.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.parcels import WHITE_MATTER, load_labels
from gliokit.preprocessing import PreparedStudy
from gliokit.preprocessing.atlas import AtlasMatch
from gliokit.study import Grid, Modality, installed_data

__all__ = ["LEAST_VOXELS", "ReferenceTissue", "reference_tissue"]

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
Index = NDArray[np.int64]

AWAY_MM = 10.0
"""From the tumour: what is nearer may be infiltrated or oedematous."""

OTHER_SIDE_PERCENT = 90.0
"""A tumour with so much of it on one side leaves the other side's tissue as normal."""

WHITE_DEPTH, GREY_SHARE = 3, 0.7
"""Voxels of 1 mm within the atlas' white matter; share of grey matter in its map."""

SPREAD = 2.0
"""Voxels count within so many median absolute deviations of each sequence."""

FLUID_PERCENT = 1.0
LEAST_VOXELS = 500
STEP = 2


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceTissue:
    """Voxels of normal-appearing tissue, as indices (n, 3) of the prepared grid.

    Args:
        white: White matter.
        grey: Grey matter.
        fluid: The brightest per cent of T2 away from the tumour, whatever FLAIR shows there;
            empty without T2.
    """

    white: Index
    grey: Index
    fluid: Index

    def median(self, image: Image, tissue: Index) -> float:
        """Median of an image in one of the tissues."""
        return float(np.median(image[tuple(tissue.T)]))


def reference_tissue(prepared: PreparedStudy, match: AtlasMatch, tumour: Mask) -> ReferenceTissue:
    """Tissue that the atlas calls white or grey, 10 mm from the tumour, where images agree.

    On the side opposite the tumour, on both for a tumour of both sides. Of the atlas' voxels
    those count whose intensity is within two median absolute deviations of their median, in
    every structural sequence: what the affine misplaces is left out so. Every second voxel
    is looked at.

    Args:
        prepared: The study.
        match: Of this study.
        tumour: Whole tumour, at least one voxel.
    """
    index, mni = _free_brain(prepared, match, tumour)
    away = _opposite(mni, prepared, match, tumour)
    white = away & _at(_deep_white(), load_labels()[1], mni)
    grey_map, grey_grid = _grey_matter()
    grey = away & (_at(grey_map, grey_grid, mni) >= GREY_SHARE)
    return ReferenceTissue(
        white=_typical(index[white], prepared),
        grey=_typical(index[grey], prepared),
        fluid=_brightest(index, prepared),
    )


def _free_brain(prepared: PreparedStudy, match: AtlasMatch, tumour: Mask) -> tuple[Index, Floats]:
    """Every second voxel of the brain far enough from the tumour, and its MNI mm."""
    sampled = (slice(None, None, STEP),) * 3
    coarse = tumour[sampled]
    spacing = [s * STEP for s in prepared.grid.spacing_mm]
    far = ndimage.distance_transform_edt(~coarse, sampling=spacing) >= AWAY_MM
    index = np.argwhere(far & prepared.brain[sampled]) * STEP
    return index, match.to_mni(prepared.grid.to_mm(index.astype(np.float64)))


def _opposite(mni: Floats, prepared: PreparedStudy, match: AtlasMatch, tumour: Mask) -> Mask:
    x = match.to_mni(prepared.grid.to_mm(np.argwhere(tumour).astype(np.float64)))[:, 0]
    left = 100.0 * float((x < 0).mean())
    if left >= OTHER_SIDE_PERCENT:
        return np.asarray(mni[:, 0] > 0)
    if left <= 100.0 - OTHER_SIDE_PERCENT:
        return np.asarray(mni[:, 0] < 0)
    return np.ones(len(mni), dtype=bool)


def _at(values: NDArray[Any], grid: Grid, mni: Floats) -> NDArray[Any]:
    """Nearest value of the atlas at MNI mm; beyond its edge as at its edge."""
    to_index = np.linalg.inv(grid.affine)
    index = np.rint(mni @ to_index[:3, :3].T + to_index[:3, 3]).astype(int)
    index = np.clip(index, 0, np.array(values.shape) - 1)
    return np.asarray(values[tuple(index.T)])


def _typical(index: Index, prepared: PreparedStudy) -> Index:
    kept = np.ones(len(index), dtype=bool)
    for modality in (Modality.T1, Modality.T2, Modality.FLAIR):
        if modality in prepared.images and len(index):
            values = prepared.images[modality][tuple(index.T)]
            apart = np.abs(values - np.median(values))
            kept &= apart <= SPREAD * np.median(apart)
    return np.asarray(index[kept])


def _brightest(index: Index, prepared: PreparedStudy) -> Index:
    if Modality.T2 not in prepared.images or not len(index):
        return index[:0]
    values = prepared.images[Modality.T2][tuple(index.T)]
    return np.asarray(index[values >= np.percentile(values, 100 - FLUID_PERCENT)])


@cache
def _deep_white() -> Mask:
    labels, _, _ = load_labels()
    return np.asarray(
        ndimage.binary_erosion(np.isin(labels, WHITE_MATTER[:2]), iterations=WHITE_DEPTH)
    )


@cache
def _grey_matter() -> tuple[NDArray[np.float32], Grid]:
    """The atlas' map of grey matter, 0 to 1."""
    name = "mni_icbm152_gm_tal_nlin_sym_09a_converted.nii.gz"
    image: Any = nib.load(installed_data("nilearn", "datasets", "data", name))
    data = np.asarray(image.dataobj, dtype=np.float32)
    return data / data.max(), Grid(data.shape, image.affine)
