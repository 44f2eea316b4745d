"""From matrices of slices and directions to one value a feature (IBSI 1, 3.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics.levels import LevelGrid, directions, neighbourhood
from gliokit.measurement.radiomics.values import Indices, Values

__all__ = ["over_directions", "over_slices"]

Counts = NDArray[np.int64]
Found = TypeVar("Found")


def over_directions(
    grid: LevelGrid,
    aggregations: Sequence[str],
    distance: int,
    count: Callable[[Indices, int], Counts],
    features: Callable[[Counts, int], Values],
) -> Values:
    """Features of co-occurrences and runs, by each of the aggregations asked for.

    Args:
        grid: The region.
        aggregations: Such as '3D_avg'; endings of the names that come back.
        distance: Of a step along a direction, in voxels.
        count: The matrix of some voxels along one step of the flat grid.
        features: Of a matrix and the number of voxels that it was counted over; a merged
            matrix counts a voxel once a direction.
    """
    values: Values = {}
    for dimension in dict.fromkeys(a.rsplit("_", 1)[0] for a in aggregations):
        steps = grid.steps(directions(distance, flat=dimension != "3D"))
        parts = grid.slices() if dimension == "2D" else [grid.voxels]
        averaged, merged = [], []
        for voxels in parts:
            matrices = [count(voxels, step) for step in steps]
            if f"{dimension}_avg" in aggregations:
                averaged += [features(m, len(voxels)) for m in matrices]
            if f"{dimension}_comb" in aggregations:
                total = np.sum(matrices, axis=0)
                merged.append(features(total, len(voxels) * len(steps)))
        values |= _named(averaged, f"{dimension}_avg") | _named(merged, f"{dimension}_comb")
    return values


def over_slices(
    grid: LevelGrid,
    aggregations: Sequence[str],
    distance: int,
    features: Callable[[Indices, Indices], Values],
) -> Values:
    """Features of zones and neighbourhoods: averaged over slices, of all slices, or in 3-D.

    Args:
        grid: The region.
        aggregations: Such as '3D_avg'; what stands before the last `_` counts.
        distance: Chebyshev's distance of the neighbourhood.
        features: Of some voxels and the steps to their neighbours on the flat grid.
    """
    values: Values = {}
    for dimension in dict.fromkeys(a.rsplit("_", 1)[0] for a in aggregations):
        steps = grid.steps(neighbourhood(distance, flat=dimension != "3D"))
        parts = grid.slices() if dimension == "2D" else [grid.voxels]
        values |= _named([features(voxels, steps) for voxels in parts], dimension)
    return values


def _named(found: Iterable[Values], ending: str) -> Values:
    """Means over slices and directions; those without a value, such as a slice of one voxel
    that has no neighbour, don't count."""
    rows = list(found)
    if not rows:
        return {}
    table = np.array([list(row.values()) for row in rows])
    known = ~np.isnan(table)
    sums = np.where(known, table, 0.0).sum(axis=0)
    counts = known.sum(axis=0)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return {f"{n}_{ending}": float(m) for n, m in zip(rows[0], means, strict=True)}
