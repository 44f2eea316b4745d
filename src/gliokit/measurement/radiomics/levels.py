"""Grey levels of a region on a padded flat grid, and the neighbours that voxels have there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics.values import Flat, Indices

__all__ = ["LevelGrid", "directions", "level_grid", "neighbourhood"]


@dataclass(frozen=True)
class LevelGrid:
    """A region as the texture families see it.

    `levels` is flat, 1 to `n_levels` in the region and 0 elsewhere, padded by at least
    `pad` voxels on every side; `voxels` indexes it. `strides` are the steps along i, j and
    k. `shape` is that of the box without its padding.
    """

    levels: Flat
    voxels: Indices
    strides: tuple[int, int, int]
    shape: tuple[int, int, int]
    pad: int
    n_levels: int

    def slices(self) -> list[Indices]:
        """The voxels of each slice along k that has any."""
        k = self.voxels % (self.shape[2] + 2 * self.pad)
        order = np.argsort(k, kind="stable")
        ends = np.flatnonzero(np.diff(k[order])) + 1
        return np.split(self.voxels[order], ends)

    def flat(self, box: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """A mask of the box's shape on the padded flat grid."""
        return np.pad(box, self.pad).ravel()

    def steps(self, offsets: list[tuple[int, int, int]]) -> Indices:
        """Offsets in voxels as steps on the flat grid."""
        return np.array([np.dot(o, self.strides) for o in offsets], dtype=np.int64)


def level_grid(levels: NDArray[np.int32], n_levels: int, pad: int) -> LevelGrid:
    """Lay a box of levels, 0 outside the region, on the flat grid."""
    padded = np.pad(levels, pad)
    flat = padded.ravel()
    strides = (padded.shape[1] * padded.shape[2], padded.shape[2], 1)
    shape = (levels.shape[0], levels.shape[1], levels.shape[2])
    return LevelGrid(flat, np.flatnonzero(flat), strides, shape, pad, n_levels)


def neighbourhood(distance: int, *, flat: bool) -> list[tuple[int, int, int]]:
    """All offsets up to Chebyshev's distance, within a slice if `flat`; not the voxel itself."""
    steps = range(-distance, distance + 1)
    thick = (0,) if flat else steps
    return [o for o in product(steps, steps, thick) if any(o)]


def directions(distance: int, *, flat: bool) -> list[tuple[int, int, int]]:
    """Offsets at Chebyshev's distance, one of each opposite pair: 4 in a slice, 13 in 3-D."""
    around = neighbourhood(distance, flat=flat)
    return [o for o in around if o > (0, 0, 0) and max(map(abs, o)) == distance]
