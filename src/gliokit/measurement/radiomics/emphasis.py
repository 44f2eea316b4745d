"""The features that runs, zones and dependences share (IBSI 1, 3.7 to 3.9 and 3.11).

Each matrix counts groups of voxels by grey level and by an extent: length, size, distance or
number of alike neighbours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics.values import Values

__all__ = ["emphases"]


def emphases(
    levels: NDArray[np.integer],
    extents: NDArray[np.integer],
    counts: NDArray[np.integer],
    voxels: int,
    names: tuple[str, ...],
) -> Values:
    """Features of a sparse matrix.

    Args:
        levels, extents: Of each entry, from 1 upwards; no two entries are equal in both.
        counts: Groups of each entry.
        voxels: Number of voxels that the groups were made of.
        names: In the order small, large, low, high, small-low, small-high, large-low,
            large-high, level non-uniformity and normalised, extent non-uniformity and
            normalised, percentage, level variance, extent variance, entropy, and for
            dependences energy.
    """
    total = counts.sum()
    p = counts / total
    i2, j2 = levels.astype(np.float64) ** 2, extents.astype(np.float64) ** 2
    by_level = np.bincount(levels, p).astype(np.float64)
    by_extent = np.bincount(extents, p).astype(np.float64)
    level_nu, extent_nu = by_level @ by_level, by_extent @ by_extent
    small, large = p / j2, p * j2
    values = (
        *(small.sum(), large.sum(), (p / i2).sum(), p @ i2),
        *((small / i2).sum(), small @ i2, (large / i2).sum(), large @ i2),
        *(level_nu * total, level_nu, extent_nu * total, extent_nu),
        *(total / voxels, _variance(by_level), _variance(by_extent)),
        *(float(-(p @ np.log2(p))) + 0.0, p @ p),
    )
    return {name: float(v) for name, v in zip(names, values, strict=False)}


def _variance(p: NDArray[np.float64]) -> float:
    at = np.arange(len(p), dtype=np.float64)
    return float((at - at @ p) ** 2 @ p)
