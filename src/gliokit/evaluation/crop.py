"""The part of an array that a figure needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["bounding_box"]


def bounding_box(mask: NDArray[np.bool_], *, margin: int = 0) -> tuple[slice, ...] | None:
    """The box of all that is inside a mask, with a margin that ends at the array's sides.

    Args:
        mask: (i, j, k).
        margin: Voxels around the box.

    Returns:
        One slice for each axis; None where the mask is empty.
    """
    slices = []
    for axis, length in enumerate(mask.shape):
        others = tuple(a for a in range(mask.ndim) if a != axis)
        there = np.flatnonzero(mask.any(axis=others))
        if not len(there):
            return None
        first, last = int(there[0]) - margin, int(there[-1]) + margin
        slices.append(slice(max(first, 0), min(last + 1, length)))
    return tuple(slices)
