"""Each voxel and its neighbours: NGTDM (IBSI 1, 3.10; IPET) and NGLDM (3.11; REK0)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics import kernels
from gliokit.measurement.radiomics.aggregation import over_slices
from gliokit.measurement.radiomics.emphasis import emphases
from gliokit.measurement.radiomics.levels import LevelGrid
from gliokit.measurement.radiomics.values import Flat, Indices, Values

__all__ = ["ngtdm_and_ngldm"]

_DEPENDENCE = (
    *("ngl_lde", "ngl_hde", "ngl_lgce", "ngl_hgce", "ngl_ldlge", "ngl_ldhge"),
    *("ngl_hdlge", "ngl_hdhge", "ngl_glnu", "ngl_glnu_norm", "ngl_dcnu", "ngl_dcnu_norm"),
    *("ngl_dc_perc", "ngl_gl_var", "ngl_dc_var", "ngl_dc_entr", "ngl_dc_energy"),
)
_TONE = ("ngt_coarseness", "ngt_contrast", "ngt_busyness", "ngt_complexity", "ngt_strength")

_COARSEST = 1e6
"""IBSI's value where no voxel differs from its neighbours."""


def ngtdm_and_ngldm(
    grid: LevelGrid, aggregations: Sequence[str], distance: int, difference: int
) -> Values:
    """All features of both matrices, which look at the same neighbours.

    Args:
        grid: The region.
        aggregations: As for directions; see `over_slices`.
        distance: Chebyshev's, in voxels.
        difference: Levels that differ by at most this are alike (alpha of NGLDM).
    """

    def features(voxels: Indices, steps: Indices) -> Values:
        found = kernels.neighbours(grid.levels, voxels, steps, difference)
        levels = grid.levels[voxels]
        return _tone(levels, found[:, 0], found[:, 1], grid.n_levels) | _dependence(
            levels, found[:, 2]
        )

    return over_slices(grid, aggregations, distance, features)


def _dependence(levels: Flat, alike: Flat) -> Values:
    base = int(alike.max()) + 2
    # A voxel depends on itself: the least dependence is 1.
    keys, counts = np.unique(levels.astype(np.int64) * base + alike + 1, return_counts=True)
    return emphases(keys // base, keys % base, counts, len(levels), _DEPENDENCE)


def _tone(levels: Flat, number: Flat, total: Flat, n_levels: int) -> Values:
    valid = number > 0
    if not valid.any():
        return dict.fromkeys(_TONE, np.nan)
    levels, mean = levels[valid], total[valid] / number[valid]
    counts = np.bincount(levels, minlength=n_levels + 1)
    differences = np.bincount(levels, np.abs(levels - mean), n_levels + 1).astype(np.float64)
    present = np.flatnonzero(counts)
    p = counts[present] / counts.sum()
    return dict(zip(_TONE, _tones(present, p, differences[present], counts.sum()), strict=True))


def _tones(
    levels: NDArray[np.intp], p: NDArray[np.float64], s: NDArray[np.float64], voxels: int
) -> tuple[float, ...]:
    """The five features of levels present, their probabilities and summed differences."""
    weighted = float(p @ s)
    n = len(levels)
    i = levels.astype(np.float64)
    apart = i[:, None] - i
    spread = float((p[:, None] * p * apart**2).sum())
    busy = float(np.abs(i[:, None] * p[:, None] - i * p).sum())
    p_s = p * s
    complexity = (np.abs(apart) * (p_s[:, None] + p_s) / (p[:, None] + p)).sum()
    strength = ((p[:, None] + p) * apart**2).sum()
    total = float(s.sum())
    return (
        1 / weighted if weighted > 0 else _COARSEST,
        spread / (n * (n - 1)) * total / voxels if n > 1 else 0.0,
        weighted / busy if n > 1 and busy > 0 else 0.0,
        float(complexity) / voxels,
        float(strength) / total if total > 0 else 0.0,
    )
