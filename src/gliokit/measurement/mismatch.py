"""T2-FLAIR mismatch as numbers: bright in T2, darker in FLAIR, but for its rim.

The sign is specific for IDH-mutant gliomas without codeletion of 1p/19q and not sensitive
(Patel SH et al. Clin Cancer Res 2017;23:6078. doi:10.1158/1078-0432.CCR-17-0560). The index and
its thresholds are gliokit's own: no paper fixes the scale of the intensities.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.reference_tissue import LEAST_VOXELS, ReferenceTissue
from gliokit.measurement.schema import Mismatch
from gliokit.study import Grid

__all__ = ["mismatch"]

Mask = NDArray[np.bool_]
Image = NDArray[np.float32]

FREE_FLUID_FLAIR, FREE_FLUID_T2 = 0.5, 2.5
"""Darker than half of white matter in FLAIR, brighter than this in T2: a cyst, no tissue."""

LEAST_SOLID_ML = 1.0
RIM_MM = 3.0
MISMATCHED = 0.5
"""Octaves above grey matter from which a voxel is mismatched."""

SIGN_INDEX, SIGN_PERCENT, SIGN_RIM = 0.5, 25.0, 1.10
SUPPRESSED_BELOW = 0.6
"""Fluid in FLAIR, in units of white matter, where its inversion works."""


def mismatch(
    t2: Image, flair: Image, tumour: Mask, enhancing: Mask, tissue: ReferenceTissue, grid: Grid
) -> Mismatch:
    """Figures of the T2-FLAIR mismatch, each scaled to white matter.

    With a = T2 / median of white matter, b = FLAIR / median of white matter, and the solid
    part S of the tumour (without enhancing tumour and free fluid), its core K (3 mm inside S;
    the inner half where that is empty) and its rim R (the rest):

    - index = log2(median_K a / median_K b) - log2 of the same ratio in grey matter
    - mismatched = percent of S whose log2(a / b) is 0.5 above grey matter's
    - rim ratio = median_R b / median_K b
    - inhomogeneity = median absolute deviation of a in K / median_K a
    - sign: index >= 0.5, mismatched >= 25 % and rim ratio >= 1.10

    A factor on either sequence changes nothing; swapping both changes the sign of the index.

    Args:
        t2: In its own scale (0 is no signal), of the grid's shape.
        flair: The same.
        tumour: Whole tumour.
        enhancing: Left out.
        tissue: Normal tissue of the same grid.
        grid: Where all lie.
    """
    if min(len(tissue.white), len(tissue.grey)) < LEAST_VOXELS:
        return Mismatch(withheld="no_normal_tissue")
    units = [tissue.median(image, tissue.white) for image in (t2, flair)]
    if min(units) <= 0:
        return Mismatch(withheld="no_normal_tissue")
    if not len(tissue.fluid) or tissue.median(flair, tissue.fluid) > SUPPRESSED_BELOW * units[1]:
        return Mismatch(withheld="fluid_not_dark_in_flair")
    greys = [tissue.median(image, tissue.grey) for image in (t2, flair)]
    if min(greys) <= 0:
        return Mismatch(withheld="no_normal_tissue")
    grey = _octaves(greys[0] / units[0], greys[1] / units[1])
    box = _around(tumour)
    a, b = t2[box] / units[0], flair[box] / units[1]
    tissue_part = tumour[box] & ~enhancing[box] & (a > 0) & (b > 0)
    free = tissue_part & (b < FREE_FLUID_FLAIR) & (a > FREE_FLUID_T2)
    solid = tissue_part & ~free
    if np.count_nonzero(solid) * grid.voxel_ml < LEAST_SOLID_ML:
        return Mismatch(withheld="too_small")
    core = _core(solid, grid)
    return _figures(a, b, solid, core, grey, 100.0 * free.sum() / tissue_part.sum())


def _octaves(a: float, b: float) -> float:
    return float(np.log2(a / b))


def _figures(
    a: Image, b: Image, solid: Mask, core: Mask, grey: float, free_percent: float
) -> Mismatch:
    inner_a, inner_b = float(np.median(a[core])), float(np.median(b[core]))
    index = _octaves(inner_a, inner_b) - grey
    mismatched = 100.0 * float((np.log2(a[solid] / b[solid]) - grey > MISMATCHED).mean())
    rim = solid & ~core
    rim_ratio = float(np.median(b[rim])) / inner_b if rim.any() else 1.0
    return Mismatch(
        index_octaves=index,
        mismatched_percent=mismatched,
        rim_ratio=rim_ratio,
        inhomogeneity=float(np.median(np.abs(a[core] - inner_a))) / inner_a,
        free_fluid_percent=float(free_percent),
        sign=index >= SIGN_INDEX and mismatched >= SIGN_PERCENT and rim_ratio >= SIGN_RIM,
    )


def _around(mask: Mask) -> tuple[slice, ...]:
    boxes = ndimage.find_objects(mask.astype(np.uint8))
    return tuple(boxes[0]) if boxes else (slice(0, 0),) * 3


def _core(solid: Mask, grid: Grid) -> Mask:
    """What lies RIM_MM inside; the inner half by depth where nothing does."""
    depth = ndimage.distance_transform_edt(np.pad(solid, 1), sampling=grid.spacing_mm)
    depth = depth[1:-1, 1:-1, 1:-1]
    core = depth > RIM_MM
    if not core.any() or (core == solid).all():
        core = solid & (depth >= np.median(depth[solid]))
    return np.asarray(core)
