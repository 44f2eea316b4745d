"""The smallest ellipsoid that encloses a set of points, and how much of it a mask fills."""

from __future__ import annotations

from dataclasses import dataclass
from math import gamma, pi

import numpy as np
from numpy.typing import NDArray

from gliokit.study import UsageError

__all__ = ["Ellipsoid", "ellipsoid_volume_ratio", "enclosing_ellipsoid"]

Floats = NDArray[np.float64]

TOLERANCE = 1e-6
"""By how much the volume may exceed the least one, as a share."""

SHARPEN = 8.0
"""The barrier at the points weakens by this from one round to the next."""

NEARER = 0.2
"""No step takes a point nearer to the surface than this share: a point on it can't leave."""

MOST_STEPS = 60
"""Newton steps of one round; a dozen is the rule."""


@dataclass(frozen=True, slots=True, eq=False)
class Ellipsoid:
    """All x with (x - centre)' shape (x - centre) <= 1.

    Args:
        centre: (d,).
        shape: (d, d), symmetric and positive definite.
    """

    centre: Floats
    shape: Floats

    @property
    def half_axes(self) -> Floats:
        """Half-axes, the longest first."""
        return np.asarray(1 / np.sqrt(np.linalg.eigvalsh(self.shape)))

    @property
    def volume(self) -> float:
        """Volume (area in two dimensions), in the unit of the points to the power of d."""
        d = len(self.centre)
        ball = pi ** (d / 2) / gamma(d / 2 + 1)
        return float(ball / np.sqrt(np.linalg.det(self.shape)))


def enclosing_ellipsoid(points: Floats, *, tolerance: float = TOLERANCE) -> Ellipsoid:
    """The ellipsoid of least volume that encloses points.

    Written as all x with |A x + b| <= 1, A symmetric, minus the log of the determinant of A
    is convex, and so is the constraint of every point. Newton's method follows the minima
    of det and a logarithmic barrier at the points while the barrier fades: in 3-D nine
    unknowns, however many points. At the end the ellipsoid is scaled so that the farthest
    point lies on its surface: all points are enclosed.

    Args:
        points: (n, d), not all on one plane or line; only those on the hull matter.
        tolerance: Most excess of its volume over the least one, as a share.

    Raises:
        UsageError: the points lie on a plane (or line), or are not finite.

    References:
        Boyd S, Vandenberghe L. Convex Optimization, 2004; 8.4.1 and 11.3.
        Sun P, Freund RM. Oper Res 2004;52:690. doi:10.1287/opre.1040.0115
    """
    points = np.asarray(points, dtype=np.float64)
    if points.ndim != 2 or not np.isfinite(points).all():
        raise UsageError(
            "an ellipsoid encloses points, (n, d), all finite", found=f"shape {points.shape}"
        )
    middle = points.mean(axis=0)
    scale = _whitening(points - middle)
    white = (points - middle) @ scale
    matrix, shift = _solved(white, tolerance)
    shape = matrix.T @ matrix / (np.linalg.norm(white @ matrix + shift, axis=1) ** 2).max()
    centre = -np.linalg.solve(matrix, shift)
    return Ellipsoid(middle + np.linalg.solve(scale.T, centre), scale @ shape @ scale.T)


def _whitening(centred: Floats) -> Floats:
    """(d, d), to coordinates in which the points spread alike along every axis."""
    if len(centred) <= centred.shape[1]:
        raise UsageError(
            f"an ellipsoid in {centred.shape[1]} dimensions encloses at least "
            f"{centred.shape[1] + 1} points",
            found=len(centred),
        )
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    if values[0] <= 1e-12 * values[-1]:
        raise UsageError(
            "an ellipsoid encloses points that do not all lie on one plane or line",
            found=f"{len(centred)} points on one",
            way_out="Give the corners of voxels, not their centres.",
        )
    return np.asarray(vectors / np.sqrt(values))


def _solved(points: Floats, tolerance: float) -> tuple[Floats, Floats]:
    """A and b of the ellipsoid |A x + b| <= 1 of least volume around points."""
    n, d = points.shape
    basis = _symmetric_basis(d)
    lifted = np.concatenate(
        [np.einsum("kab,nb->nak", basis, points), np.broadcast_to(np.eye(d), (n, d, d))], axis=2
    )
    squares = np.einsum("nak,nal->nkl", lifted, lifted).reshape(n, -1)
    size = lifted.shape[2]
    unknown = np.zeros(size)
    unknown[: len(basis)] = np.einsum("kaa->k", basis) / (
        1.5 * np.linalg.norm(points, axis=1).max() * np.einsum("kab->k", basis**2)
    )
    weight = 1.0
    while True:
        unknown = _centred(unknown, weight, basis, lifted, squares)
        if n / weight <= tolerance:
            matrix = np.einsum("k,kab->ab", unknown[: len(basis)], basis)
            return matrix, unknown[len(basis) :]
        weight *= SHARPEN
        # A point that steps have all but reached would drown all others in the next round.
        unknown = unknown * (1 - 0.5 / weight)


def _symmetric_basis(d: int) -> Floats:
    """(d (d + 1) / 2, d, d), matrices that span the symmetric ones."""
    matrices = []
    for a in range(d):
        for b in range(a, d):
            one = np.zeros((d, d))
            one[a, b] = one[b, a] = 1.0
            matrices.append(one)
    return np.array(matrices)


def _centred(
    unknown: Floats, weight: float, basis: Floats, lifted: Floats, squares: Floats
) -> Floats:
    """Newton's method on -weight log det A - sum log(1 - |A x + b|^2), from inside."""
    size = lifted.shape[2]
    for _ in range(MOST_STEPS):
        value, gap, matrix, reached = _barrier(unknown, weight, basis, lifted)
        pulls = np.einsum("nak,na->nk", lifted, reached)
        inverse = np.linalg.inv(matrix)
        turned = np.einsum("ab,kbc->kac", inverse, basis)
        slope = 2 * pulls.T @ (1 / gap)
        slope[: len(basis)] -= weight * np.einsum("kaa->k", turned)
        curve = 2 * ((1 / gap) @ squares).reshape(size, size)
        curve += 4 * (pulls / gap[:, None] ** 2).T @ pulls
        curve[: len(basis), : len(basis)] += weight * np.einsum("kab,lba->kl", turned, turned)
        step = -np.linalg.solve(curve, slope)
        fall = float(-slope @ step)
        if fall < 1e-8:
            break
        share = 1.0
        while share > 1e-12:
            tried, left, *_ = _barrier(unknown + share * step, weight, basis, lifted)
            if tried <= value - 0.1 * share * fall and (left >= NEARER * gap).all():
                break
            share /= 2
        else:
            break
        unknown = unknown + share * step
    return unknown


def _barrier(
    unknown: Floats, weight: float, basis: Floats, lifted: Floats
) -> tuple[float, Floats, Floats, Floats]:
    """The barrier function (infinite outside), 1 - |y|^2 of the points, A, and y = A x + b."""
    matrix = np.einsum("k,kab->ab", unknown[: len(basis)], basis)
    reached = lifted @ unknown
    gap = 1 - np.einsum("na,na->n", reached, reached)
    if gap.min() <= 0 or np.linalg.eigvalsh(matrix)[0] <= 0:
        return np.inf, gap, matrix, reached
    value = -weight * float(np.linalg.slogdet(matrix)[1]) - float(np.log(gap).sum())
    return value, gap, matrix, reached


def ellipsoid_volume_ratio(volume: float, corners: Floats) -> float:
    """Bounding-ellipsoid volume ratio (BEVR): a volume over that of its smallest ellipsoid.

    Between 0 and 1; 1 for an ellipsoid, 2 / (pi root 3) for a box, of whatever sides. No
    linear map of the points changes it: the size of the voxels does not matter, so that it
    can be taken where it is unknown.

    Args:
        volume: Of the mask, in the unit of the points to the power of d.
        corners: (n, d), corners of the mask's voxels, so that one slice has a volume too.

    Raises:
        UsageError: as in `enclosing_ellipsoid`.

    References:
        Mazurowski MA et al. J Neurooncol 2017;133:27. doi:10.1007/s11060-017-2420-1
        Buda M, Saha A, Mazurowski MA. Comput Biol Med 2019;109:218.
        doi:10.1016/j.compbiomed.2019.05.002
    """
    from scipy.spatial import ConvexHull

    hull = corners[ConvexHull(corners).vertices]
    return volume / enclosing_ellipsoid(hull).volume
