"""Volume, area and vertices of the triangle mesh about a mask (IBSI 1, 3.1).

The mesh runs halfway between voxels inside and outside. What a cube of eight voxels adds to it
hangs only on which of them are inside: 256 cases, meshed once, then counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["Mesh", "mesh_of"]

_CORNERS = tuple((i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1))


@dataclass(frozen=True)
class Mesh:
    """`vertices` (n, 3) in mm from the centre of the box's first voxel: those of them that
    can lie on the convex hull."""

    volume_mm3: float
    area_mm2: float
    vertices: NDArray[np.float64]


def mesh_of(mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float]) -> Mesh:
    """The mesh about a mask of at least one voxel.

    Args:
        mask: (i, j, k); beyond its box is outside.
        spacing_mm: Size of a voxel.
    """
    cubes = _cubes(np.pad(mask, 1))
    volumes, fluxes, areas = _cases(spacing_mm)
    depths = cubes.shape[2]
    keys = cubes.astype(np.intp) * depths + np.arange(depths)
    counts = np.bincount(keys.ravel(), minlength=256 * depths).reshape(256, depths)
    each = counts.sum(axis=1)
    # A cube k slices up adds its flux through z times that height to the closed volume.
    height = counts @ (np.arange(depths) * spacing_mm[2])
    return Mesh(
        volume_mm3=float(volumes @ each + fluxes @ height),
        area_mm2=float(areas @ each),
        vertices=_outer_vertices(mask) * spacing_mm,
    )


def _cubes(padded: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Which of its eight voxels are inside, as a number, for every cube."""
    ni, nj, nk = (n - 1 for n in padded.shape)
    bits = padded.view(np.uint8)
    cubes = np.zeros((ni, nj, nk), np.uint8)
    for n, (i, j, k) in enumerate(_CORNERS):
        cubes |= bits[i : i + ni, j : j + nj, k : k + nk] << np.uint8(n)
    return cubes


@lru_cache(maxsize=64)
def _cases(
    spacing_mm: tuple[float, float, float],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of each of the 256 cubes: its volume by flux through z from its own first corner, that
    flux, and its area."""
    from skimage.measure import marching_cubes

    table = np.zeros((3, 256))
    for case in range(1, 255):
        cube = np.array([case >> n & 1 for n in range(8)], np.float32).reshape(2, 2, 2)
        vertices, faces, _, _ = marching_cubes(cube, 0.5, spacing=spacing_mm)
        corners = vertices[faces].astype(np.float64)
        normal = np.cross(corners[:, 2] - corners[:, 0], corners[:, 1] - corners[:, 0]) / 2
        z = corners[:, :, 2].mean(axis=1)
        table[:, case] = z @ normal[:, 2], normal[:, 2].sum(), np.linalg.norm(normal, axis=1).sum()
    return table[0], table[1], table[2]


def _outer_vertices(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Vertices in voxels: first and last along i of every line of edges.

    Those between have a vertex on either side and can't lie on the hull.
    """
    found = []
    for axis in range(3):
        widths = [(1, 1) if a == axis else (0, 0) for a in range(3)]
        edges = np.diff(np.pad(mask, widths).view(np.int8), axis=axis) != 0
        j, k = np.nonzero(edges.any(axis=0))
        lines = edges[:, j, k]
        for i in (lines.argmax(axis=0), len(lines) - 1 - lines[::-1].argmax(axis=0)):
            points = np.stack([i, j, k], axis=1).astype(np.float64)
            points[:, axis] -= 0.5
            found.append(points)
    return np.unique(np.concatenate(found), axis=0)
