"""From a series to curves of the voxels within a mask, and back to maps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gliokit.study import Series, UsageError

__all__ = ["Array", "curves_of", "in_chunks", "on_grid"]

Array = NDArray[np.float32]
CHUNK = 8192
"""Voxels at a time: what a fit holds in memory stays in the processor's cache."""


def curves_of(series: Series, mask: NDArray[np.bool_]) -> Array:
    """Values of each voxel of a mask, (voxel, frame), float32.

    Raises:
        UsageError: the mask has another shape than the series' grid, or is empty.
    """
    if mask.shape != series.grid.shape or mask.dtype != np.bool_:
        raise UsageError(
            f"the mask is boolean and has the shape of the series, {series.grid.shape}",
            source="mask",
            found=f"{mask.dtype} of {mask.shape}",
        )
    if not mask.any():
        raise UsageError("the mask holds at least one voxel", source="mask", found=0)
    return series.data[mask]


def on_grid(values: Array, mask: NDArray[np.bool_]) -> Array:
    """Values of the voxels of a mask, (voxel, ...), as a map (i, j, k, ...), 0 outside."""
    filled = np.zeros((*mask.shape, *values.shape[1:]), dtype=np.float32)
    filled[mask] = values
    return filled


def in_chunks(fit: Callable[[Array], Array], curves: Array, *, width: int) -> Array:
    """Rows of `fit`, taken over parts of the curves.

    Args:
        fit: From (voxel, frame) to (voxel, width).
        curves: (voxel, frame).
        width: Columns of the answer.
    """
    fitted = np.empty((len(curves), width), dtype=np.float32)
    for start in range(0, len(curves), CHUNK):
        part = slice(start, start + CHUNK)
        fitted[part] = fit(curves[part])
    return fitted
