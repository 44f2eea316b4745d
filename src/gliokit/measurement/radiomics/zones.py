"""Zones of one grey level: by size, GLSZM (IBSI 1, 3.8; 9SAK), and distance, GLDZM (VMDZ)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics import kernels
from gliokit.measurement.radiomics.aggregation import over_slices
from gliokit.measurement.radiomics.emphasis import emphases
from gliokit.measurement.radiomics.levels import LevelGrid
from gliokit.measurement.radiomics.values import Flat, Indices, Values

__all__ = ["glszm_and_gldzm"]

_SIZE = (
    *("szm_sze", "szm_lze", "szm_lgze", "szm_hgze", "szm_szlge", "szm_szhge"),
    *("szm_lzlge", "szm_lzhge", "szm_glnu", "szm_glnu_norm", "szm_zsnu", "szm_zsnu_norm"),
    *("szm_z_perc", "szm_gl_var", "szm_zs_var", "szm_zs_entr"),
)
_DISTANCE = (
    *("dzm_sde", "dzm_lde", "dzm_lgze", "dzm_hgze", "dzm_sdlge", "dzm_sdhge"),
    *("dzm_ldlge", "dzm_ldhge", "dzm_glnu", "dzm_glnu_norm", "dzm_zdnu", "dzm_zdnu_norm"),
    *("dzm_z_perc", "dzm_gl_var", "dzm_zd_var", "dzm_zd_entr"),
)

_AROUND_IN_A_SLICE = 8
"""Neighbours of a voxel within its slice."""


def glszm_and_gldzm(
    grid: LevelGrid, morphological: NDArray[np.bool_], aggregations: Sequence[str]
) -> Values:
    """All features of both matrices, which count the same zones.

    Zones are connected by faces, edges and corners; distances go by faces to the border of
    the morphological mask, within the slice for 2-D and 2.5-D.

    Args:
        grid: The region.
        morphological: Of the grid's box.
        aggregations: As for directions; see `over_slices`.
    """
    inside = grid.flat(morphological)
    distances: dict[bool, Flat] = {}

    def features(voxels: Indices, steps: Indices) -> Values:
        flat = len(steps) == _AROUND_IN_A_SLICE
        if flat not in distances:
            strides = np.array(grid.strides[: 2 if flat else 3], dtype=np.int64)
            distances[flat] = kernels.border_distances(inside, strides)
        found = kernels.zones(grid.levels, voxels, steps, distances[flat])
        return _of(found[:, [0, 1]], len(voxels), _SIZE) | _of(
            found[:, [0, 2]], len(voxels), _DISTANCE
        )

    return over_slices(grid, aggregations, 1, features)


def _of(zones: NDArray[np.int32], voxels: int, names: tuple[str, ...]) -> Values:
    base = int(zones[:, 1].max()) + 1
    keys, counts = np.unique(zones[:, 0].astype(np.int64) * base + zones[:, 1], return_counts=True)
    return emphases(keys // base, keys % base, counts, voxels, names)
