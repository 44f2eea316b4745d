"""Tumour cells that divide and wander: the Fisher-Kolmogorov equation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Growth", "diffuse", "grow", "stable_step_days"]

STABLE_SHARE = 0.9
# Cells thinner than this change nothing that any image or region shows.
EDGE_DENSITY = 1e-6
EDGE_MARGIN = 4

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """What grew.

    Args:
        density: Tumour cells as a share of the most that a voxel holds, 0 to 1.
        days: Time that the growth took.
    """

    density: Array
    days: float


def stable_step_days(diffusion: Array, spacing_mm: float) -> float:
    """The longest step that the explicit scheme bears: h^2 / (6 D)."""
    return STABLE_SHARE * spacing_mm**2 / (6 * max(float(diffusion.max()), 1e-12))


def _conductances(diffusion: Array) -> list[Array]:
    """Diffusion through the face between neighbours: the harmonic mean, 0 next to 0."""
    faces = []
    for axis in range(3):
        lower = np.moveaxis(diffusion, axis, 0)[:-1]
        upper = np.moveaxis(diffusion, axis, 0)[1:]
        both = lower + upper
        faces.append(np.where(both > 0, 2 * lower * upper / np.where(both > 0, both, 1), 0))
    return [f.astype(np.float32) for f in faces]


def _spread(density: Array, faces: list[Array], out: Array) -> Array:
    """Sum of the flows into each voxel, for voxels of unit size; no flow out of the box."""
    out.fill(0)
    for axis, face in enumerate(faces):
        along, into = np.moveaxis(density, axis, 0), np.moveaxis(out, axis, 0)
        flow = face * (along[1:] - along[:-1])
        into[:-1] += flow
        into[1:] -= flow
    return out


def _active(density: Array) -> tuple[slice, slice, slice]:
    """The box in which anything can change within the next steps."""
    slices = []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        there = np.flatnonzero(density.max(axis=others) > EDGE_DENSITY)
        low = max(int(there[0]) - EDGE_MARGIN, 0)
        slices.append(slice(low, int(there[-1]) + EDGE_MARGIN + 1))
    return (slices[0], slices[1], slices[2])


def grow(
    seed: Array,
    *,
    diffusion: Array,
    proliferation_per_day: float,
    spacing_mm: float,
    until: Callable[[Array], bool],
    most_days: float,
) -> Growth:
    """Cells from a first density, until they are as asked: dc/dt = div(D grad c) + rho c (1 - c).

    Explicit in time for diffusion (finite volumes, harmonic means between voxels, so that
    nothing passes where D is 0), exact for division, one after the other (Lie splitting).
    The box that is worked on follows the front.

    Args:
        seed: First density, 0 to 1, three axes (1-D: two axes of one voxel).
        diffusion: D in mm^2/day, shape of `seed`, 0 where no cell can go.
        proliferation_per_day: rho.
        spacing_mm: Size of a voxel, equal along all axes.
        until: Asked after every few steps; stops the growth when true.
        most_days: Stops the growth anyway.

    References:
        Swanson KR, Alvord EC, Murray JD. Cell Prolif 2000;33:317 (white to grey matter).
        Jbabdi S et al. Magn Reson Med 2005;54:616.
    """
    density = np.array(seed, dtype=np.float32)
    step = stable_step_days(diffusion, spacing_mm)
    weight = np.float32(step / spacing_mm**2)
    decay = np.float32(np.exp(-proliferation_per_day * step))
    days = 0.0
    while days < most_days and not until(density):
        box = _active(density)
        inside = density[box]
        faces = _conductances(diffusion[box])
        flows = np.empty_like(inside)
        for _ in range(EDGE_MARGIN):
            inside += weight * _spread(inside, faces, flows)
            inside /= inside + (1 - inside) * decay
            days += step
    return Growth(density, days)


def diffuse(
    source: NDArray[np.bool_], *, diffusion: Array, uptake: float, steps: int
) -> NDArray[np.float32]:
    """A fluid that seeps from a region and is taken up on its way.

    Runs dp/dt = div(D grad p) - uptake p with p = 1 held in the source, for `steps` stable
    steps on voxels of unit size; a steady state is not needed, only a front that follows
    the tissue.

    Args:
        source: Where the fluid leaks.
        diffusion: Shape of `source`, relative; 0 where nothing goes.
        uptake: Share that is lost in a step.
        steps: How many.

    Returns:
        Relative amount, 0 to 1, float32.
    """
    amount = source.astype(np.float32)
    faces = _conductances(diffusion * np.float32(STABLE_SHARE / 6 / diffusion.max()))
    flows = np.empty_like(amount)
    for _ in range(steps):
        amount += _spread(amount, faces, flows)
        amount *= np.float32(1 - uptake)
        amount[source] = 1
    return amount
