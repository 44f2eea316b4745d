"""Smooth random fields that are the same at every voxel size."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["Positions", "evaluate", "lattice_positions", "lattice_shape", "smooth_field"]

Positions = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""Voxel centres along each array axis, in millimetres from the corner of the box."""

BOX_MM = (240.0, 240.0, 155.0)
"""Edges of the box that every digital patient lies in, which is that of BraTS."""

_BEFORE = 1
# Standard deviation of a cubic B-spline sum with unit normal coefficients, three axes.
_SPLINE_SD = (151.0 / 315.0) ** 1.5


def lattice_shape(step_mm: float) -> tuple[int, int, int]:
    """Nodes of a lattice that covers the box with the margin that a cubic spline needs."""
    i, j, k = (math.ceil(edge / step_mm) + 4 for edge in BOX_MM)
    return (i, j, k)


def lattice_positions(step_mm: float) -> Positions:
    """Where the nodes of a lattice lie, in millimetres from the corner of the box."""
    i, j, k = (
        ((np.arange(n) - _BEFORE) * step_mm).astype(np.float64) for n in lattice_shape(step_mm)
    )
    return (i, j, k)


def _taps(length: int, position: NDArray[np.float64]) -> list[tuple[NDArray[np.intp], object]]:
    """Nodes that a position depends on, and their cubic B-spline weights."""
    node = np.floor(position).astype(np.intp)
    t = position - node
    weights = (
        (1 - t) ** 3 / 6,
        (3 * t**3 - 6 * t**2 + 4) / 6,
        (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
        t**3 / 6,
    )
    return [
        (np.clip(node + offset, 0, length - 1), weight.astype(np.float32))
        for offset, weight in zip((-1, 0, 1, 2), weights, strict=True)
    ]


def evaluate(
    coefficients: NDArray[np.float32], *, step_mm: float, at: Positions
) -> NDArray[np.float32]:
    """A cubic B-spline field at voxel centres.

    Args:
        coefficients: (..., a, b, c), one for each node of the lattice of `step_mm`.
        step_mm: Distance between nodes.
        at: Where to evaluate.

    Returns:
        float32 (..., i, j, k). Beyond the lattice the outermost nodes hold.
    """
    field = np.asarray(coefficients, dtype=np.float32)
    # The last axis first: it is the cheapest while the others are still coarse.
    for axis in (-1, -2, -3):
        length = field.shape[axis]
        broadcast = [-1] + [1] * (-axis - 1)
        fine: NDArray[np.float32] | None = None
        for nodes, weight in _taps(length, at[axis] / step_mm + _BEFORE):
            part = field.take(nodes, axis) * np.reshape(weight, broadcast)  # type: ignore[call-overload]
            fine = part if fine is None else fine + part
        assert fine is not None
        field = fine
    return field


def smooth_field(
    rng: np.random.Generator, *, length_mm: float, at: Positions
) -> NDArray[np.float32]:
    """A smooth random field of mean 0 and standard deviation about 1.

    A cubic B-spline with independent normal coefficients on a lattice of `length_mm`,
    fixed to the box: the same generator gives the same field at any voxel size.

    Args:
        rng: Draws the coefficients, as many for every voxel size.
        length_mm: Size of the field's blobs.
        at: Where to evaluate.
    """
    drawn = rng.standard_normal(lattice_shape(length_mm), dtype=np.float32)
    return evaluate(drawn / np.float32(_SPLINE_SD), step_mm=length_mm, at=at)
