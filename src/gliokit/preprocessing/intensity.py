"""Intensities that mean the same in every scan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["normalise"]

CLIP = 5.0


def normalise(image: NDArray[np.float32], brain: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Robust standard scores within the brain, 0 outside.

    The median of the brain becomes 0 and half the distance between its 10th and 90th
    percentile becomes 1, which holds for any scale and offset of the input and moves
    little with a clipped tail or a large tumour. Values end at -5 and 5.

    Args:
        image: Any shape.
        brain: The same shape; at least one voxel.
    """
    inside = image[brain]
    low, middle, high = np.percentile(inside, (10, 50, 90))
    width = max(float(high - low) / 2, 1e-6 * max(abs(float(middle)), 1e-6))
    scores = np.zeros(image.shape, dtype=np.float32)
    scores[brain] = np.clip((inside - middle) / width, -CLIP, CLIP)
    return scores
