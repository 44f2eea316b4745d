"""How far the surfaces of two masks lie apart, each piece of surface weighted by its area.

A surface element sits between eight neighbouring voxels of which some are inside and some
outside. Its area is that of the mesh which marching cubes lay through the eight, so that
thick slices count for what they cover and corners are not counted too often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gliokit.evaluation.crop import bounding_box
from gliokit.evaluation.overlap import check_shapes

__all__ = ["SurfaceDistances", "hd95_mm", "surface_dice", "surface_distances"]

ROUNDING_MM = 1e-6
"""Affines give spacings with errors of rounding: 1 mm is within 1 mm all the same."""

BITS = 1 << np.arange(8, dtype=np.uint8).reshape(2, 2, 2)[::-1, ::-1, ::-1]
"""The bit of each of eight neighbouring voxels in the code of their configuration."""


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceDistances:
    """From every surface element of one mask to the nearest of the other, both ways.

    Args:
        there_mm: (m,), from the reference to the prediction.
        there_mm2: (m,), area of each surface element of the reference.
        back_mm: (n,), from the prediction to the reference.
        back_mm2: (n,), area of each surface element of the prediction.
    """

    there_mm: NDArray[np.float64]
    there_mm2: NDArray[np.float64]
    back_mm: NDArray[np.float64]
    back_mm2: NDArray[np.float64]

    def hd_mm(self, percent: float = 95.0) -> float:
        """The larger of the percentiles of both directions.

        The percentile is the smallest distance that at least `percent` of the area keeps.
        """
        return max(
            _percentile(self.there_mm, self.there_mm2, percent),
            _percentile(self.back_mm, self.back_mm2, percent),
        )

    def within(self, tolerance_mm: float) -> float:
        """The share of both surfaces that lies within a tolerance of the other one."""
        limit = tolerance_mm + ROUNDING_MM
        near = self.there_mm2[self.there_mm <= limit].sum()
        near += self.back_mm2[self.back_mm <= limit].sum()
        return float(near / (self.there_mm2.sum() + self.back_mm2.sum()))


def surface_distances(
    reference: NDArray[np.bool_], predicted: NDArray[np.bool_], spacing_mm: Sequence[float]
) -> SurfaceDistances | None:
    """Distances between the surfaces of two masks; None where a mask is empty.

    What lies beyond the array is outside: a mask that reaches its side has a surface there.

    Args:
        reference: (i, j, k).
        predicted: The same shape.
        spacing_mm: Distance of voxel centres along each axis.

    Raises:
        ValueError: the shapes differ.

    Source: Nikolov et al., J Med Internet Res 23 (2021) e26151; meshes of Lorensen and
    Cline, SIGGRAPH 1987.
    """
    from scipy.spatial import cKDTree

    check_shapes(reference, predicted)
    box = bounding_box(reference | predicted)
    if box is None:
        return None
    spacing = (float(spacing_mm[0]), float(spacing_mm[1]), float(spacing_mm[2]))
    one, one_mm2 = _elements(reference[box], spacing)
    other, other_mm2 = _elements(predicted[box], spacing)
    if not len(one) or not len(other):
        return None
    there_mm, _ = cKDTree(other).query(one)
    back_mm, _ = cKDTree(one).query(other)
    return SurfaceDistances(there_mm, one_mm2, back_mm, other_mm2)


def hd95_mm(
    reference: NDArray[np.bool_], predicted: NDArray[np.bool_], spacing_mm: Sequence[float]
) -> float | None:
    """The 95th percentile of the distances between the surfaces of both masks.

    It is taken in each direction over the area of the surface, and the larger one counts.
    Two empty masks give 0; where one alone is empty there is no distance: None.

    Args:
        reference: (i, j, k).
        predicted: The same shape.
        spacing_mm: Distance of voxel centres along each axis.

    Raises:
        ValueError: the shapes differ.

    Source: Huttenlocher et al., IEEE TPAMI 15 (1993) 850; the percentile as in BraTS.
    """
    apart = surface_distances(reference, predicted, spacing_mm)
    if apart is not None:
        return apart.hd_mm()
    return None if reference.any() or predicted.any() else 0.0


def surface_dice(
    reference: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    spacing_mm: Sequence[float],
    *,
    tolerance_mm: float = 1.0,
) -> float:
    """Normalised surface Dice: the share of both surfaces within a tolerance of the other.

    Two empty masks agree perfectly, 1; one empty mask gives 0.

    Args:
        reference: (i, j, k).
        predicted: The same shape.
        spacing_mm: Distance of voxel centres along each axis.
        tolerance_mm: A distance equal to it is within it.

    Raises:
        ValueError: the shapes differ.

    Source: Nikolov et al., J Med Internet Res 23 (2021) e26151.
    """
    apart = surface_distances(reference, predicted, spacing_mm)
    if apart is not None:
        return apart.within(tolerance_mm)
    return 0.0 if reference.any() or predicted.any() else 1.0


def _elements(
    mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places (n, 3) in mm and areas (n,) in mm^2 of the surface elements of a mask."""
    padded = np.pad(mask, 1).view(np.uint8)
    codes = np.zeros(tuple(n + 1 for n in mask.shape), dtype=np.uint8)
    for corner in np.ndindex(2, 2, 2):
        window = tuple(slice(c, c + n) for c, n in zip(corner, codes.shape, strict=True))
        codes |= padded[window] * BITS[corner]
    places = np.argwhere((codes != 0) & (codes != 255))
    areas = np.asarray(_areas_mm2(spacing_mm))[codes[tuple(places.T)]]
    return places * np.asarray(spacing_mm), areas


@lru_cache(maxsize=16)
def _areas_mm2(spacing_mm: tuple[float, float, float]) -> tuple[float, ...]:
    """Area of the surface between eight voxels, for each of the 256 configurations."""
    from skimage.measure import marching_cubes, mesh_surface_area

    areas = [0.0] * 256
    for code in range(1, 255):
        # Inside and outside change places without moving the surface. Marching cubes mesh
        # some configurations and their opposites differently; the rarer value decides.
        fewer = code if code.bit_count() <= 4 else 255 - code
        cube = ((fewer & BITS) != 0).astype(np.float64)
        points, faces, _, _ = marching_cubes(cube, 0.5, spacing=spacing_mm, method="lorensen")
        areas[code] = float(mesh_surface_area(points, faces))
    return tuple(areas)


def _percentile(
    distances_mm: NDArray[np.float64], areas_mm2: NDArray[np.float64], percent: float
) -> float:
    order = np.argsort(distances_mm, kind="stable")
    share = np.cumsum(areas_mm2[order])
    place = int(np.searchsorted(share / share[-1], percent / 100))
    return float(distances_mm[order[min(place, len(order) - 1)]])
