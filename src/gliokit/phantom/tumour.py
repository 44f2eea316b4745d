"""A tumour's cells and fluid in one person's brain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.anatomy import Anatomy, Frame
from gliokit.phantom.growth import MOST_ALIGNED, Growth, diffuse, grow
from gliokit.phantom.settings import TumourPlan

__all__ = [
    "Spread",
    "Ways",
    "radius_mm",
    "read_at",
    "regrown",
    "seeped",
    "shares_of_foci",
    "spread_in",
]

GREY_TO_WHITE = 0.2
# Vasogenic fluid follows white matter more closely than cells do.
FLUID_GREY_TO_WHITE = 0.06
FLUID_REACH_MM, FLUID_STEPS, FLUID_UPTAKE = 50.0, 400, 0.002
CORE_DENSITY = 0.5
# Growth is given up after so many times 1 / rho, far beyond what any brain takes.
MOST_DIVISIONS = 300.0
# Anisotropy of tissue at which cells follow its fibres as closely as they ever do.
FULL_ANISOTROPY = 0.7
# Each further focus holds this share of the one before.
NEXT_FOCUS = 0.55
LATER = 1.3
# Standard deviation of the first cells around a seed point.
SEED_MM = 2.0
# A metastasis displaces: its cells end within this of its border.
METASTASIS_EDGE_MM = 0.6

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """A brain in which a tumour grows.

    Args:
        frame, anatomy: At the spacing of growth.
        fibres: (i, j, k, 3) of unit vectors.
        anisotropy: 0 to 1.
    """

    frame: Frame
    anatomy: Anatomy
    fibres: Array
    anisotropy: Array

    @property
    def tissue(self) -> NDArray[np.bool_]:
        """Where cells can be."""
        return np.asarray((self.anatomy.csf < 0.5) & self.anatomy.brain)

    @property
    def aligned(self) -> Array:
        """How closely cells and fluid follow the fibres, for `grow`."""
        share = np.clip(self.anisotropy / np.float32(FULL_ANISOTROPY), 0, 1)
        return np.asarray(np.float32(MOST_ALIGNED) * share, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """What grew, at the voxel centres of a frame.

    Args:
        density: Tumour cells, 0 to 1, float32.
        fluid: Vasogenic fluid, relative, 0 to 1, float32.
        days: Time of growth.
    """

    density: Array
    fluid: Array
    days: float


def radius_mm(volume_ml: float) -> float:
    """Radius of a sphere."""
    return float((3 * volume_ml * 1000 / (4 * np.pi)) ** (1 / 3))


def shares_of_foci(count: int) -> NDArray[np.float64]:
    """Share of each focus in the whole tumour, the first the largest; they sum to 1."""
    shares = NEXT_FOCUS ** np.arange(count)
    return np.asarray(shares / shares.sum())


def _distance_mm(frame: Frame, place: NDArray[np.float64]) -> Array:
    squared = sum(
        ((frame.at[a] - place[a]) ** 2).reshape([-1 if b == a else 1 for b in range(3)])
        for a in range(3)
    )
    return np.asarray(np.sqrt(squared), dtype=np.float32)


def _grown(places: Sequence[NDArray[np.float64]], ways: Ways, plan: TumourPlan) -> Growth:
    frame, anatomy, tissue = ways.frame, ways.anatomy, ways.tissue
    spacing = frame.grid.spacing_mm[0]
    seed = np.zeros(tissue.shape, dtype=np.float32)
    shares = shares_of_foci(len(places))
    for place, share in zip(places, shares, strict=True):
        # A smaller focus began later: it has fewer cells at the start.
        start = (share / shares[0]) ** LATER * np.exp(
            -(_distance_mm(frame, place) ** 2) / (2 * 2.0**2)
        )
        seed = np.maximum(seed, start.astype(np.float32))
    wander = (anatomy.white + GREY_TO_WHITE * anatomy.grey) * tissue
    core_voxels = plan.whole_ml * plan.core_fraction * 1000 / spacing**3
    most_voxels = 0.5 * int(tissue.sum())
    return grow(
        seed * tissue,
        diffusion=(plan.diffusion_mm2_per_day * wander).astype(np.float32),
        proliferation_per_day=plan.proliferation_per_day,
        spacing_mm=spacing,
        until=lambda c: int((c > CORE_DENSITY).sum()) >= min(core_voxels, most_voxels),
        most_days=MOST_DIVISIONS / plan.proliferation_per_day,
        fibres=ways.fibres,
        aligned=ways.aligned,
    )


def regrown(density: Array, ways: Ways, plan: TumourPlan, *, days: float, speed: float) -> Array:
    """The cells some days later.

    Args:
        density: Before, on the frame of `ways`.
        speed: Of division and movement, relative to the first growth.
    """
    if days <= 0 or not density.any():
        return density
    wander = (ways.anatomy.white + GREY_TO_WHITE * ways.anatomy.grey) * ways.tissue
    grown = grow(
        density * ways.tissue,
        diffusion=(speed * plan.diffusion_mm2_per_day * wander).astype(np.float32),
        proliferation_per_day=speed * plan.proliferation_per_day,
        spacing_mm=ways.frame.grid.spacing_mm[0],
        until=lambda _: False,
        most_days=days,
        fibres=ways.fibres,
        aligned=ways.aligned,
    )
    return grown.density


def _balls(places: Sequence[NDArray[np.float64]], ways: Ways, plan: TumourPlan) -> Growth:
    """Metastases: balls of cells that push the brain aside, and their age by exponential growth."""
    core_ml = plan.whole_ml * plan.core_fraction
    density = np.zeros(ways.tissue.shape, dtype=np.float32)
    for place, share in zip(places, shares_of_foci(len(places)), strict=True):
        beyond = _distance_mm(ways.frame, place) - np.float32(radius_mm(core_ml * share))
        ball = 1 / (1 + np.exp(np.clip(beyond / METASTASIS_EDGE_MM, -30, 30)))
        density = np.maximum(density, ball.astype(np.float32))
    cells_ml = 1e-6
    days = float(np.log(core_ml / cells_ml) / plan.proliferation_per_day)
    return Growth(density * ways.anatomy.brain, days)


def seeped(density: Array, ways: Ways) -> Array:
    """Vasogenic fluid around what is denser than 0.5, on the frame of `ways`."""
    core = density > CORE_DENSITY
    fluid = np.zeros(density.shape, dtype=np.float32)
    if not core.any():
        return fluid
    reach = int(np.ceil(FLUID_REACH_MM / ways.frame.grid.spacing_mm[0]))
    there = np.argwhere(core)
    low, high = np.maximum(there.min(0) - reach, 0), there.max(0) + reach + 1
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    anatomy = ways.anatomy
    open_ = (anatomy.white**2 + FLUID_GREY_TO_WHITE * anatomy.grey) * (ways.tissue | core)
    fluid[box] = diffuse(
        core[box],
        diffusion=open_[box].astype(np.float32),
        uptake=FLUID_UPTAKE,
        steps=FLUID_STEPS,
        fibres=ways.fibres[box],
        aligned=ways.aligned[box],
    )
    return fluid


def spread_in(
    places: Sequence[NDArray[np.float64]], *, ways: Ways, plan: TumourPlan, fine: Frame
) -> Spread:
    """Cells and fluid of a tumour, grown at 2 mm and read at a finer (or coarser) frame.

    Definition: Fisher-Kolmogorov growth along fibres from its foci until the volume denser
    than 0.5 is the asked core (metastases: balls of that volume); then fluid that seeps from
    that core along white matter.

    Args:
        places: Where it starts, millimetres in the box; the first is the largest.
        ways: The brain at 2 mm.
        plan: What it is to be.
        fine: Where the result is wanted.
    """
    growth = (_balls if plan.kind == "metastasis" else _grown)(places, ways, plan)
    fluid = seeped(growth.density, ways)
    return Spread(
        density=read_at(growth.density, ways.frame, fine),
        fluid=read_at(fluid, ways.frame, fine),
        days=growth.days,
    )


def read_at(values: Array, there: Frame, here: Frame) -> Array:
    """Values of one frame at the voxel centres of another, linear between them."""
    from scipy import ndimage

    step = here.grid.spacing_mm[0] / there.grid.spacing_mm[0]
    first = [(here.at[a][0] - there.at[a][0]) / there.grid.spacing_mm[0] for a in range(3)]
    shape = tuple(len(a) for a in here.at)
    read = ndimage.affine_transform(
        values, (step, step, step), offset=first, output_shape=shape, order=1, mode="nearest"
    )
    return np.asarray(read, dtype=np.float32)
