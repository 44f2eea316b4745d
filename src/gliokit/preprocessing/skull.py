"""Is it a brain alone? A head with its skull is refused until gliokit can strip it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.study import STRUCTURAL, Study, StudyError, Volume

__all__ = ["check_skull_stripped"]

MAX_BRAIN_ML = 2100.0
"""Brains of 47 patients measured 1160 to 1731 mL; eight heads at least 4150 mL."""

MAX_SIDE = 0.15
"""Share of one side of the image box: brains covered at most 5 %, 108 heads at least 18 %."""

MIN_BACKGROUND = 0.02

WAY_OUT = (
    "gliokit takes brains without skull and face, 0 outside, as BraTS has them: strip the skull "
    "first, with HD-BET or SynthStrip for instance."
)


def check_skull_stripped(study: Study) -> None:
    """Hold that every structural image shows a brain alone, in a background of 0.

    A head gives itself away by its volume, or, where the images are a slab or their voxel
    size is wrong, by being cut off at a side of the image, which no whole brain is.

    Raises:
        StudyError: an image has no background of 0; what is not 0 measures more than a
            brain; or it reaches over a side of the image.
    """
    for modality in STRUCTURAL:
        if modality in study.volumes:
            _check(study.volumes[modality])


def _check(volume: Volume) -> None:
    filled = volume.data != 0
    share = np.count_nonzero(filled) / filled.size
    if 1 - share < MIN_BACKGROUND:
        raise StudyError(
            f"outside the brain an image is 0, in at least {MIN_BACKGROUND:.0%} of its voxels",
            source=volume.source,
            found=f"0 in {1 - share:.1%}, so a head with its skull, "
            "or a background of another value",
            way_out=WAY_OUT,
        )
    brain_ml = share * filled.size * volume.grid.voxel_ml
    if brain_ml > MAX_BRAIN_ML:
        raise StudyError(
            f"a brain measures at most {MAX_BRAIN_ML:.0f} mL",
            source=volume.source,
            found=f"{brain_ml:.0f} mL that are not 0, so a head with its skull, "
            "or a voxel size that is wrong",
            way_out=WAY_OUT,
        )
    side = _largest_side(filled)
    if side > MAX_SIDE:
        raise StudyError(
            f"a brain covers at most {MAX_SIDE:.0%} of any side of the image",
            source=volume.source,
            found=f"{side:.0%}, with {brain_ml:.0f} mL that are not 0, so a head with its skull, "
            "or a brain that the image cuts off",
            way_out=WAY_OUT,
        )


def _largest_side(filled: NDArray[np.bool_]) -> float:
    """The share of the outermost layer of voxels that is filled, at the worst of six sides."""
    return max(float(filled.take(end, axis).mean()) for axis in range(3) for end in (0, -1))
