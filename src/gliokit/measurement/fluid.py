"""What looks like cerebrospinal fluid in every sequence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.preprocessing import PreparedStudy
from gliokit.study import Modality

__all__ = ["FLUID_IS", "like_fluid", "window"]

Mask = NDArray[np.bool_]

FLUID_IS = {Modality.T1: -1, Modality.T1C: -1, Modality.T2: 1, Modality.FLAIR: -1}
"""Fluid is the darkest or the brightest that a sequence shows deep in the brain."""

DEEP_MM = 8.0
FLUID_PERCENT = 1.0


def like_fluid(prepared: PreparedStudy, tumour: Mask) -> Mask:
    """Brain that in every structural sequence is nearer to fluid than to its median.

    Fluid is the first or the last percentile of a sequence 8 mm and more within the brain,
    the tumour left out. Voxels of the tumour may look like it too.

    Args:
        prepared: The study.
        tumour: Of the prepared grid's shape.
    """
    brain = prepared.brain
    deep = ndimage.minimum_filter(brain.astype(np.uint8), window(DEEP_MM, prepared)) > 0
    deep &= ~tumour
    fluid = brain.copy()
    if not deep.any():
        return np.zeros_like(fluid)
    for modality, sign in FLUID_IS.items():
        if modality in prepared.images:
            image = sign * prepared.images[modality]
            middle, most = np.percentile(image[deep], (50, 100 - FLUID_PERCENT))
            fluid &= image > (middle + most) / 2
    return np.asarray(fluid)


def window(margin_mm: float, prepared: PreparedStudy) -> list[int]:
    """Voxels along each axis of a box that reaches so far from its middle."""
    return [2 * round(margin_mm / s) + 1 for s in prepared.grid.spacing_mm]
