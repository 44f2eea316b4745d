"""Compiled loops over the voxels of a region.

All work on one flat array, padded so that no neighbour of a region's voxel lies outside it:
a neighbour is a voxel plus a number. Compiled at the first call and kept on disk beside this
file, or in the user's cache folder where that can't be written.

Levels are whole numbers from 1 upwards inside the region and 0 outside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics.values import Flat, Indices

__all__ = [
    "border_distances",
    "cooccurrences",
    "neighbours",
    "runs",
    "sphere_means",
    "zones",
]

P = ParamSpec("P")
R = TypeVar("R")


def _compiled(function: Callable[P, R]) -> Callable[P, R]:
    try:
        loop: Callable[P, R] = numba.njit(cache=True)(function)
    except RuntimeError:
        # No folder for the cache can be written: each process compiles anew.
        loop = numba.njit()(function)
    return loop


@_compiled
def cooccurrences(levels: Flat, voxels: Indices, offset: int, n_levels: int) -> NDArray[np.int64]:
    """How often level i has level j at an offset or at its opposite: (n_levels, n_levels)."""
    counts = np.zeros((n_levels, n_levels), np.int64)
    for voxel in voxels:
        there = levels[voxel + offset]
        if there > 0:
            here = levels[voxel]
            counts[here - 1, there - 1] += 1
            counts[there - 1, here - 1] += 1
    return counts


@_compiled
def runs(
    levels: Flat, voxels: Indices, offset: int, n_levels: int, longest: int
) -> NDArray[np.int64]:
    """How many runs of a level and a length lie along an offset: (n_levels, longest)."""
    counts = np.zeros((n_levels, longest), np.int64)
    for voxel in voxels:
        level = levels[voxel]
        if levels[voxel - offset] == level:
            continue
        length = 1
        after = voxel + offset
        while levels[after] == level:
            length += 1
            after += offset
        counts[level - 1, length - 1] += 1
    return counts


@_compiled
def zones(levels: Flat, voxels: Indices, offsets: Indices, distances: Flat) -> Flat:
    """Level, size in voxels and least distance of every connected zone of one level: (n, 3)."""
    found = np.empty((len(voxels), 3), np.int32)
    seen = np.zeros(len(levels), np.bool_)
    waiting = np.empty(len(voxels), np.int64)
    n_zones = 0
    for start in voxels:
        if seen[start]:
            continue
        level = levels[start]
        seen[start] = True
        waiting[0] = start
        n_waiting = 1
        size = 0
        nearest = distances[start]
        while n_waiting > 0:
            n_waiting -= 1
            voxel = waiting[n_waiting]
            size += 1
            nearest = min(nearest, distances[voxel])
            for offset in offsets:
                there = voxel + offset
                if levels[there] == level and not seen[there]:
                    seen[there] = True
                    waiting[n_waiting] = there
                    n_waiting += 1
        found[n_zones, 0] = level
        found[n_zones, 1] = size
        found[n_zones, 2] = nearest
        n_zones += 1
    return found[:n_zones]


@_compiled
def neighbours(levels: Flat, voxels: Indices, offsets: Indices, difference: int) -> Flat:
    """Number and sum of levels of a voxel's neighbours, and how many are alike: (n, 3).

    Alike are those whose level differs by at most `difference`.
    """
    found = np.zeros((len(voxels), 3), np.int32)
    for n, voxel in enumerate(voxels):
        here = levels[voxel]
        for offset in offsets:
            there = levels[voxel + offset]
            if there > 0:
                found[n, 0] += 1
                found[n, 1] += there
                if abs(there - here) <= difference:
                    found[n, 2] += 1
    return found


@_compiled
def border_distances(inside: NDArray[np.bool_], strides: Indices) -> Flat:
    """City-block steps from each voxel inside to the nearest outside; the border has 1.

    Args:
        inside: Flat; its padding is outside.
        strides: Of the axes along which a step can be taken.
    """
    distances = np.zeros(len(inside), np.int32)
    for voxel in range(len(inside)):
        if inside[voxel]:
            nearest = distances[voxel - strides[0]]
            for stride in strides[1:]:
                nearest = min(nearest, distances[voxel - stride])
            distances[voxel] = nearest + 1
    for voxel in range(len(inside) - 1, -1, -1):
        if inside[voxel]:
            nearest = distances[voxel]
            for stride in strides:
                nearest = min(nearest, distances[voxel + stride] + 1)
            distances[voxel] = nearest
    return distances


@_compiled
def sphere_means(sums: NDArray[np.float64], voxels: Indices, rows: Indices) -> NDArray[np.float64]:
    """Mean intensity of the ball about each voxel, over what of it lies in the image.

    Args:
        sums: (i, j, k + 1) running sums along k, the first 0.
        voxels: (n, 3) centres.
        rows: (m, 3) the ball as rows along k: offsets in i and j, half length in voxels.
    """
    ni, nj, nk = sums.shape[0], sums.shape[1], sums.shape[2] - 1
    means = np.empty(len(voxels), np.float64)
    for n in range(len(voxels)):
        total = 0.0
        count = 0
        for row in range(len(rows)):
            i = voxels[n, 0] + rows[row, 0]
            j = voxels[n, 1] + rows[row, 1]
            if i < 0 or j < 0 or i >= ni or j >= nj:
                continue
            first = max(voxels[n, 2] - rows[row, 2], 0)
            last = min(voxels[n, 2] + rows[row, 2], nk - 1)
            total += sums[i, j, last + 1] - sums[i, j, first]
            count += last + 1 - first
        means[n] = total / count
    return means
