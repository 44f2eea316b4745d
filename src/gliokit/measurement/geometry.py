"""Size and form of one mask.

A voxel is a box, not a point: diameters reach from outer edge to outer edge. Everything is
taken in the patient's millimetres by the grid's affine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.study import Grid

__all__ = [
    "centroid_mm",
    "grid_of_box",
    "lesions",
    "longest_diameter_mm",
    "outer_corners",
    "surface_area_mm2",
]

Point = tuple[float, float, float]


def lesions(mask: NDArray[np.bool_], grid: Grid) -> list[tuple[NDArray[np.bool_], Grid]]:
    """The 26-connected components of a mask, the largest first; equal ones in array order.

    Args:
        mask: Of the grid's shape.
        grid: Where it lies.

    Returns:
        Each component in its own box, and the grid of that box.
    """
    from scipy import ndimage

    labelled, count = ndimage.label(mask, structure=np.ones((3, 3, 3)))
    sizes = np.bincount(labelled.ravel(), minlength=count + 1)[1:]
    boxes = ndimage.find_objects(labelled)
    return [
        (labelled[boxes[n]] == n + 1, grid_of_box(boxes[n], grid))
        for n in np.argsort(-sizes, kind="stable")
    ]


def grid_of_box(box: tuple[slice, ...], grid: Grid) -> Grid:
    """The part of a grid that a box of array slices cuts out."""
    affine = grid.affine.copy()
    affine[:3, 3] = grid.to_mm(np.array([s.start for s in box], dtype=np.float64))
    shape = tuple(s.stop - s.start for s in box)
    return Grid(shape, affine)


def centroid_mm(mask: NDArray[np.bool_], grid: Grid) -> Point:
    """Mean of the voxel centres, RAS+ millimetres.

    Args:
        mask: Of the grid's shape; at least one voxel.
        grid: Where it lies.
    """
    x, y, z = grid.to_mm(np.argwhere(mask).mean(axis=0))
    return (float(x), float(y), float(z))


def longest_diameter_mm(mask: NDArray[np.bool_], grid: Grid) -> float:
    """The largest distance of two points of a mask, from outer edge to outer edge.

    Exact: of all corners of its voxels, those on their convex hull are compared in pairs.

    Args:
        mask: Of the grid's shape; at least one voxel.
        grid: Where it lies.
    """
    from scipy.spatial import ConvexHull
    from scipy.spatial.distance import pdist

    corners = grid.to_mm(outer_corners(mask))
    vertices = corners[ConvexHull(corners).vertices]
    return float(pdist(vertices).max())


def outer_corners(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Corners of the first and last voxel of every line along i: they hold the hull.

    Args:
        mask: bool (i, j, k), at least one voxel.

    Returns:
        (n, 3), indices; voxel centres are whole numbers.
    """
    j, k = np.nonzero(mask.any(axis=0))
    lines = mask[:, j, k]
    first = lines.argmax(axis=0) - 0.5
    last = mask.shape[0] - 1 - lines[::-1].argmax(axis=0) + 0.5
    ends = np.concatenate([np.stack([e, j, k], axis=1) for e in (first, last)])
    shifts = [(0, a, b) for a in (-0.5, 0.5) for b in (-0.5, 0.5)]
    return np.unique(np.concatenate([ends + s for s in shifts]), axis=0)


def surface_area_mm2(mask: NDArray[np.bool_], grid: Grid) -> float:
    """Area of the triangle mesh halfway between the mask and its background.

    The mesh follows the voxels' steps: of a ball it is about a tenth too large.

    Args:
        mask: Of the grid's shape; an empty mask has no surface, 0.
        grid: Where it lies.

    Source: Image Biomarker Standardisation Initiative, surface area (C0JK); mesh by
        Lewiner et al., J Graph Tools 8 (2003) 1.
    """
    from scipy import ndimage
    from skimage.measure import marching_cubes, mesh_surface_area

    if not mask.any():
        return 0.0
    box = ndimage.find_objects(mask.astype(np.uint8))[0]
    padded = np.pad(mask[box], 1).astype(np.float32)
    vertices, faces, _, _ = marching_cubes(padded, 0.5)
    return float(mesh_surface_area(vertices @ grid.affine[:3, :3].T, faces))
