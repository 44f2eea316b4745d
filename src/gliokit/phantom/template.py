"""The average brain that every digital patient starts from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["Template", "load_template"]

# Below this share of the brightest voxel the template shows no brain (nilearn's own bound).
BRAIN_BOUND = 0.2
# T1 brightness of grey matter and of ventricles in the template, as shares of its brightest.
GREY_LEVEL, CSF_LEVEL = 0.62, 0.28
VENTRICLE_DEPTH_MM = 18
STUMP_MM = 4


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """MNI152 (2009a, nonlinear, symmetric) at 1 mm, axes pointing left, posterior, superior.

    Args:
        white, grey, csf: Evidence for each tissue, 0 to 1, float32; not normalised.
        brain: 1 in the brain, float32 so that it can be interpolated.
        ventricles: 1 in fluid deep in the brain, float32.
        centre: Index of the middle of the brain's bounding box.
        midline: Index of the midsagittal plane along the first axis.
        ac_level: Index of the anterior commissure's plane along the last axis.
        origin: Index of the anterior commissure, the origin of MNI space.
    """

    white: NDArray[np.float32]
    grey: NDArray[np.float32]
    csf: NDArray[np.float32]
    brain: NDArray[np.float32]
    ventricles: NDArray[np.float32]
    centre: NDArray[np.float64]
    midline: float
    ac_level: float
    origin: NDArray[np.float64]


@cache
def load_template() -> Template:
    """Tissue maps from nilearn's installed package; nothing is downloaded or copied.

    The maps of grey and white matter are averages over people. Fluid is what they leave
    within the brain, or what the average T1 image shows as darker than grey matter,
    whichever is more: sulci are narrower than people differ, and only the image keeps them.

    References:
        Fonov V et al. NeuroImage 2011;54:313.
    """
    from nilearn import datasets
    from scipy import ndimage

    image = datasets.load_mni152_template(resolution=1)
    t1, grey, white = (
        # RAS to LPS.
        np.ascontiguousarray(m.get_fdata(dtype=np.float32)[::-1, ::-1])
        for m in (
            image,
            datasets.load_mni152_gm_template(resolution=1),
            datasets.load_mni152_wm_template(resolution=1),
        )
    )
    # Optic nerves and the stumps of vessels stand out of the brain; opening takes them off.
    brain = ndimage.binary_fill_holes(t1 > BRAIN_BOUND)
    kept = _depth_mm(brain) > STUMP_MM
    brain &= _depth_mm(~kept) <= STUMP_MM + 1
    dark = np.clip((GREY_LEVEL - t1) / (GREY_LEVEL - CSF_LEVEL), 0, 1)
    csf = np.maximum(np.clip(1 - grey - white, 0, 1), dark)
    ventricles = (_depth_mm(brain) > VENTRICLE_DEPTH_MM) & (csf > 0.6)
    there = np.argwhere(brain)
    origin = np.linalg.inv(image.affine)[:3, 3]
    maps = (white, grey, csf, brain.astype(np.float32), ventricles.astype(np.float32))
    for m in maps:
        m.setflags(write=False)
    return Template(
        *maps,
        centre=(there.min(0) + there.max(0)) / 2.0,
        midline=float(t1.shape[0] - 1 - origin[0]),
        ac_level=float(origin[2]),
        origin=np.array([t1.shape[0] - 1 - origin[0], t1.shape[1] - 1 - origin[1], origin[2]]),
    )


def _depth_mm(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance to the outside, measured at 2 mm, which takes a tenth of the time."""
    from scipy import ndimage

    coarse = ndimage.distance_transform_edt(mask[::2, ::2, ::2]).astype(np.float32) * 2
    for axis, length in enumerate(mask.shape):
        coarse = np.repeat(coarse, 2, axis).take(np.arange(length), axis)
    return np.asarray(coarse, dtype=np.float32)
