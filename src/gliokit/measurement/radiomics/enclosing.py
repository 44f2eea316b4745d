"""Boxes and ellipsoids about a region: their volumes and areas."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["box_size", "ellipsoid_area", "ellipsoid_volume", "oriented_box_size"]

Points = NDArray[np.float64]


def box_size(sides: Points) -> tuple[float, float]:
    """Volume and area of a box of three sides."""
    a, b, c = map(float, sides)
    return a * b * c, 2 * (a * b + a * c + b * c)


def ellipsoid_volume(half_axes: Points) -> float:
    """Volume of an ellipsoid of three half-axes."""
    return 4 / 3 * math.pi * float(np.prod(half_axes))


def ellipsoid_area(half_axes: Points) -> float:
    """Area of an ellipsoid as IBSI defines it: a series of Legendre polynomials, 20 terms.

    It is exact for a ball; for other ellipsoids it differs from the true area by some
    percent, and the reference values with it.

    Args:
        half_axes: The longest first; the last may be 0.
    """
    a, b, c = map(float, half_axes)
    if a == 0:
        return 0.0
    alpha2, beta2 = 1 - (b / a) ** 2, 1 - (c / a) ** 2
    # term n is (alpha beta)^n P_n((alpha^2 + beta^2) / (2 alpha beta)), also where that is 0 / 0.
    half, product = (alpha2 + beta2) / 2, alpha2 * beta2
    before, term, total = 0.0, 1.0, 0.0
    for n in range(21):
        total += term / (1 - 4 * n * n)
        before, term = term, ((2 * n + 1) * half * term - n * product * before) / (n + 1)
    return 4 * math.pi * a * b * total


def oriented_box_size(points: Points) -> tuple[float, float]:
    """Volume and area of the smallest box with a side on a face of the points' hull.

    The smallest of all boxes touches an edge of the hull with each of two sides (O'Rourke
    1985, doi:10.1007/BF00991005), so that it can be slightly smaller than this one.

    Args:
        points: Corners of the convex hull, (n, 3), not all in one plane.
    """
    from scipy.spatial import ConvexHull

    hull = ConvexHull(points)
    areas = _triangle_areas(points[hull.simplices])
    normals = np.unique(np.round(hull.equations[:, :3], 9), axis=0)
    heights = np.ptp(points @ normals.T, axis=0)
    # No box over a face is smaller than the shadow of the hull on it times its height: most
    # faces need no closer look.
    shadows = np.abs(normals @ hull.equations[:, :3].T) @ areas / 2
    least = heights * shadows
    best, size = math.inf, (math.nan, math.nan)
    for n in np.argsort(least):
        if least[n] >= best:
            break
        sides = _least_rectangle(_shadow(points, normals[n]))
        volume, area = box_size(np.array([heights[n], *sides]))
        if volume < best:
            best, size = volume, (volume, area)
    return size


def _triangle_areas(corners: Points) -> Points:
    return np.asarray(
        np.linalg.norm(
            np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
        )
        / 2
    )


def _shadow(points: Points, normal: Points) -> Points:
    """Points along two axes at right angles to a normal, (n, 2)."""
    least = np.eye(3)[np.argmin(np.abs(normal))]
    first = np.cross(normal, least)
    first /= np.linalg.norm(first)
    return np.asarray(points @ np.stack([first, np.cross(normal, first)], axis=1))


def _least_rectangle(points: Points) -> tuple[float, float]:
    """Sides of the rectangle of least area about points: one lies on an edge of their hull."""
    from scipy.spatial import ConvexHull

    corners = points[ConvexHull(points).vertices]
    edges = np.roll(corners, -1, axis=0) - corners
    along = edges / np.linalg.norm(edges, axis=1)[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    lengths, widths = np.ptp(corners @ along.T, axis=0), np.ptp(corners @ across.T, axis=0)
    n = int(np.argmin(lengths * widths))
    return float(lengths[n]), float(widths[n])
