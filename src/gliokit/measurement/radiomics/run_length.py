"""Grey level run length matrix, GLRLM (IBSI 1, 3.7; TP0I)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics import kernels
from gliokit.measurement.radiomics.aggregation import over_directions
from gliokit.measurement.radiomics.emphasis import emphases
from gliokit.measurement.radiomics.levels import LevelGrid
from gliokit.measurement.radiomics.values import Indices, Values

__all__ = ["glrlm"]

_NAMES = (
    *("rlm_sre", "rlm_lre", "rlm_lgre", "rlm_hgre", "rlm_srlge", "rlm_srhge"),
    *("rlm_lrlge", "rlm_lrhge", "rlm_glnu", "rlm_glnu_norm", "rlm_rlnu", "rlm_rlnu_norm"),
    *("rlm_r_perc", "rlm_gl_var", "rlm_rl_var", "rlm_rl_entr"),
)


def glrlm(grid: LevelGrid, aggregations: Sequence[str]) -> Values:
    """All features of the run length matrix, by each aggregation."""
    longest = max(grid.shape)

    def count(voxels: Indices, step: int) -> NDArray[np.int64]:
        return kernels.runs(grid.levels, voxels, step, grid.n_levels, longest)

    return over_directions(grid, aggregations, 1, count, _features)


def _features(counts: NDArray[np.int64], voxels: int) -> Values:
    rows, columns = np.nonzero(counts)
    return emphases(rows + 1, columns + 1, counts[rows, columns], voxels, _NAMES)
