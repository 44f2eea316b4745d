"""Grey level co-occurrence matrix, GLCM (IBSI 1, 3.6; LFYI)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics import kernels
from gliokit.measurement.radiomics.aggregation import over_directions
from gliokit.measurement.radiomics.levels import LevelGrid
from gliokit.measurement.radiomics.values import Indices, Values

__all__ = ["glcm"]

Floats = NDArray[np.floating[Any]]
Places = NDArray[np.signedinteger[Any]]


def glcm(grid: LevelGrid, aggregations: Sequence[str], distance: int) -> Values:
    """All features of the symmetric matrix, by each aggregation."""
    n_levels = grid.n_levels

    def count(voxels: Indices, step: int) -> NDArray[np.int64]:
        return kernels.cooccurrences(grid.levels, voxels, step, n_levels)

    return over_directions(grid, aggregations, distance, count, _features)


def _features(counts: NDArray[np.int64], _voxels: int) -> Values:
    n_levels = len(counts)
    rows, columns = np.nonzero(counts)
    if len(rows) == 0:
        return dict.fromkeys(_NAMES, np.nan)
    p = counts[rows, columns] / counts.sum()
    i, j = rows + 1.0, columns + 1.0
    level = np.arange(1.0, n_levels + 1)
    p_x = np.bincount(rows, p, n_levels).astype(np.float64)
    mean = float(level @ p_x)
    variance = float((level - mean) ** 2 @ p_x)
    values = _of_levels(p, i, j, mean, variance)
    values |= _of_sums_and_differences(p, rows, columns, n_levels)
    values |= _of_information(p, p_x, rows, columns)
    return {name: float(values[name]) for name in _NAMES}


def _of_levels(
    p: Floats,
    i: Floats,
    j: Floats,
    mean: float,
    variance: float,
) -> Values:
    both = i + j - 2 * mean
    # One grey level correlates with itself: IBSI's formula has 0 / 0 there.
    correlation = ((i - mean) * (j - mean)) @ p / variance if variance > 0 else 1.0
    return {
        "cm_joint_max": p.max(),
        "cm_joint_avg": mean,
        "cm_joint_var": variance,
        "cm_joint_entr": _entropy(p),
        "cm_energy": p @ p,
        "cm_corr": correlation,
        "cm_auto_corr": (i * j) @ p,
        "cm_clust_tend": both**2 @ p,
        "cm_clust_shade": both**3 @ p,
        "cm_clust_prom": both**4 @ p,
    }


def _of_sums_and_differences(
    p: Floats, rows: Places, columns: Places, n_levels: int
) -> dict[str, Any]:
    p_sum = np.bincount(rows + columns, p).astype(np.float64)
    p_difference = np.bincount(np.abs(rows - columns), p).astype(np.float64)
    total = np.arange(2.0, 2 + len(p_sum))
    apart = np.arange(len(p_difference), dtype=np.float64)
    sum_mean, apart_mean = total @ p_sum, apart @ p_difference
    return {
        "cm_diff_avg": apart_mean,
        "cm_diff_var": (apart - apart_mean) ** 2 @ p_difference,
        "cm_diff_entr": _entropy(p_difference),
        "cm_sum_avg": sum_mean,
        "cm_sum_var": (total - sum_mean) ** 2 @ p_sum,
        "cm_sum_entr": _entropy(p_sum),
        "cm_contrast": apart**2 @ p_difference,
        "cm_dissimilarity": apart_mean,
        "cm_inv_diff": (1 / (1 + apart)) @ p_difference,
        "cm_inv_diff_norm": (1 / (1 + apart / n_levels)) @ p_difference,
        "cm_inv_diff_mom": (1 / (1 + apart**2)) @ p_difference,
        "cm_inv_diff_mom_norm": (1 / (1 + (apart / n_levels) ** 2)) @ p_difference,
        "cm_inv_var": (1 / apart[1:] ** 2) @ p_difference[1:],
    }


def _of_information(
    p: Floats,
    p_x: Floats,
    rows: Places,
    columns: Places,
) -> Values:
    joint = _entropy(p)
    single = _entropy(p_x)
    crossed = -float(np.log2(p_x[rows] * p_x[columns]) @ p)
    # Of independent levels the joint entropy is twice the single one (IBSI's HXY2).
    gain = max(2 * single - joint, 0.0)
    return {
        "cm_info_corr1": (joint - crossed) / single if single > 0 else np.nan,
        "cm_info_corr2": np.sqrt(1 - np.exp(-2 * gain)),
    }


def _entropy(p: Floats) -> float:
    present = p[p > 0]
    return float(-(present @ np.log2(present))) + 0.0


_NAMES = (
    *("cm_joint_max", "cm_joint_avg", "cm_joint_var", "cm_joint_entr"),
    *("cm_diff_avg", "cm_diff_var", "cm_diff_entr", "cm_sum_avg", "cm_sum_var", "cm_sum_entr"),
    *("cm_energy", "cm_contrast", "cm_dissimilarity", "cm_inv_diff", "cm_inv_diff_norm"),
    *("cm_inv_diff_mom", "cm_inv_diff_mom_norm", "cm_inv_var", "cm_corr", "cm_auto_corr"),
    *("cm_clust_tend", "cm_clust_shade", "cm_clust_prom", "cm_info_corr1", "cm_info_corr2"),
)
