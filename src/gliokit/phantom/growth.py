"""Tumour cells that divide and wander: the Fisher-Kolmogorov equation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["MOST_ALIGNED", "Growth", "diffuse", "grow", "stable_step_days"]

STABLE_SHARE = 0.9
# A step in which cells divide by no more than this share keeps the splitting accurate.
DIVIDING_SHARE = 0.08
STEPS_BETWEEN = 4
MOST_ALIGNED = 0.47
"""Alignment at which every coefficient of the scheme is still positive: 3.7 times as fast
along fibres as across."""

_NEIGHBOURS = (
    (1, 0, 0), (0, 1, 0), (0, 0, 1),
    (1, 1, 0), (1, -1, 0), (1, 0, 1), (1, 0, -1), (0, 1, 1), (0, 1, -1),
)  # fmt: skip

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


def _weights(diffusion: Array, fibres: Array | None, aligned: Array | None) -> list[Array]:
    """Diffusion towards each neighbour that a tensor asks for, none below 0."""
    if fibres is None or aligned is None:
        return [diffusion, diffusion, diffusion]
    x, y, z = np.moveaxis(fibres, -1, 0)
    along = 3 * np.minimum(aligned, np.float32(MOST_ALIGNED)) * diffusion
    across = diffusion - along / 3
    xy, xz, yz = along * x * y, along * x * z, along * y * z
    straight = [
        across + along * x * x - np.abs(xy) - np.abs(xz),
        across + along * y * y - np.abs(xy) - np.abs(yz),
        across + along * z * z - np.abs(xz) - np.abs(yz),
    ]
    oblique = [part for mixed in (xy, xz, yz) for part in (mixed, -mixed)]
    return [np.maximum(w, 0) for w in (*straight, *oblique)]


def _shifted(offset: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Voxels that have a neighbour there, and those neighbours."""
    here = {1: slice(None, -1), -1: slice(1, None), 0: slice(None)}
    there = {1: slice(1, None), -1: slice(None, -1), 0: slice(None)}
    return tuple(here[o] for o in offset), tuple(there[o] for o in offset)


def _exchange(
    diffusion: Array, fibres: Array | None, aligned: Array | None
) -> tuple[NDArray[np.bool_], csr_matrix]:
    """Voxels that cells can be in, and the matrix of flows between them for unit voxels.

    Between two voxels the harmonic mean of what both let through: 0 next to 0.
    """
    from scipy import sparse

    open_ = diffusion > 0
    number = np.cumsum(open_.ravel(), dtype=np.int32).reshape(open_.shape) - 1
    rows, columns, values = [], [], []
    # Without fibres the six neighbours of the faces alone.
    for offset, weight in zip(_NEIGHBOURS, _weights(diffusion, fibres, aligned), strict=False):
        here, there = _shifted(offset)
        both = weight[here] + weight[there]
        passing = (both > 0) & open_[here] & open_[there]
        through = 2 * weight[here][passing] * weight[there][passing] / both[passing]
        rows.append(number[here][passing])
        columns.append(number[there][passing])
        values.append(through)
    row, column, value = (np.concatenate(part) for part in (rows, columns, values))
    count = int(open_.sum())
    upper = sparse.csr_matrix((value, (row, column)), shape=(count, count), dtype=np.float32)
    flows = upper + upper.T
    out = np.asarray(flows.sum(axis=1)).ravel().astype(np.float32)
    return open_, (flows - sparse.diags(out)).tocsr().astype(np.float32)


def grow(
    seed: Array,
    *,
    diffusion: Array,
    proliferation_per_day: float,
    spacing_mm: float,
    until: Callable[[Array], bool],
    most_days: float,
    fibres: Array | None = None,
    aligned: Array | None = None,
) -> Growth:
    """Cells from a first density, until they are as asked: dc/dt = div(D grad c) + rho c (1 - c).

    Explicit in time for diffusion (finite volumes with a stencil of at most 18 neighbours
    whose coefficients are never negative, so that the density stays between 0 and 1;
    harmonic means between voxels, so that nothing passes where D is 0), exact for division,
    one after the other (Lie splitting).

    With fibres v the tensor is D ((1 - a) I + 3 a v v'), of the same trace: cells run
    (1 + 2 a) / (1 - a) times as fast along v as across.

    Args:
        seed: First density, 0 to 1, three axes (1-D: two axes of one voxel).
        diffusion: D in mm^2/day, shape of `seed`, 0 where no cell can go.
        proliferation_per_day: rho.
        spacing_mm: Size of a voxel, equal along all axes.
        until: Asked after every few steps; stops the growth when true.
        most_days: Stops the growth anyway.
        fibres: Unit vectors v, shape of `seed` and 3; none for the same in all directions.
        aligned: a, 0 to `MOST_ALIGNED`, shape of `seed`; more counts as that.

    References:
        Swanson KR, Alvord EC, Murray JD. Cell Prolif 2000;33:317 (white to grey matter).
        Jbabdi S et al. Magn Reson Med 2005;54:616 (fibres). Weickert J. Anisotropic
        Diffusion in Image Processing. 1998, ch. 3.4 (positive stencils).
    """
    from scipy import sparse

    step = stable_step_days(diffusion, spacing_mm)
    if proliferation_per_day > 0:
        step = min(step, DIVIDING_SHARE / proliferation_per_day)
    open_, flows = _exchange(diffusion, fibres, aligned)
    move = (
        sparse.identity(flows.shape[0], dtype=np.float32) + flows * (step / spacing_mm**2)
    ).tocsr()
    move = move.astype(np.float32)
    decay = np.float32(np.exp(-proliferation_per_day * step))
    density = np.array(seed, dtype=np.float32)
    density[~open_] = 0
    cells, days = density[open_], 0.0
    while days < most_days and not until(cells):
        for _ in range(STEPS_BETWEEN):
            cells = move @ cells
            cells /= cells + (1 - cells) * decay
            days += step
    density[open_] = np.clip(cells, 0, 1)
    return Growth(density, days)


def diffuse(
    source: NDArray[np.bool_],
    *,
    diffusion: Array,
    uptake: float,
    steps: int,
    fibres: Array | None = None,
    aligned: Array | None = None,
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
        fibres, aligned: As in `grow`.

    Returns:
        Relative amount, 0 to 1, float32.
    """
    from scipy import sparse

    scaled = diffusion * np.float32(STABLE_SHARE / 6 / diffusion.max())
    open_, flows = _exchange(scaled, fibres, aligned)
    keep = np.float32(1 - uptake)
    move = ((sparse.identity(flows.shape[0], dtype=np.float32) + flows) * keep).tocsr()
    held = source[open_]
    fluid = held.astype(np.float32)
    for _ in range(steps):
        fluid = move @ fluid
        fluid[held] = 1
    amount = source.astype(np.float32)
    amount[open_] = np.clip(fluid, 0, 1)
    return amount
