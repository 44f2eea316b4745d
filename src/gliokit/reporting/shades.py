"""Images as grey levels: one byte a voxel, as they are shown and as they are kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["displayed", "levels", "scores"]

LIMIT = 5.0
"""Prepared images lie between -5 and 5 (`preprocessing.normalise`)."""

STEPS = 255 / (2 * LIMIT)
DARKEST_PERCENT, BRIGHTEST_PERCENT = 0.5, 99.85


def levels(image: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Standard scores as 256 levels."""
    return ((np.clip(image, -LIMIT, LIMIT) + LIMIT) * STEPS + 0.5).astype(np.uint8)


def scores(image: NDArray[np.uint8], brain: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The inverse of `levels`, to half a level; 0 outside the brain, as prepared."""
    table = (np.arange(256) / STEPS - LIMIT).astype(np.float32)
    return np.where(brain, table[image], np.float32(0))


def displayed(image: NDArray[np.uint8], brain: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Levels stretched to black and white of the display; black outside the brain.

    Args:
        image: Of `levels`.
        brain: The same shape.
    """
    counts = np.bincount(image[brain], minlength=256).cumsum()
    ends = np.array((DARKEST_PERCENT, BRIGHTEST_PERCENT)) / 100 * counts[-1]
    low, high = np.searchsorted(counts, ends)
    table = np.clip((np.arange(256) - float(low)) * 255 / max(float(high - low), 1), 0, 255)
    return np.where(brain, table.astype(np.uint8)[image], np.uint8(0))
