"""A glioma in one person's brain: where it starts, where its cells and its fluid go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.anatomy import Anatomy, Frame
from gliokit.phantom.growth import Growth, diffuse, grow
from gliokit.phantom.settings import Side, TumourPlan
from gliokit.phantom.template import Template
from gliokit.phantom.warp import Warp
from gliokit.study import Grid, UsageError

__all__ = [
    "GROWTH_SPACING_MM",
    "Spread",
    "box_to_world",
    "check_seed_point",
    "draw_seed_point",
    "radius_mm",
    "side_of",
    "spread_in",
    "world_to_box",
]

GROWTH_SPACING_MM = 2.0
# Where a tumour may start: this deep below the surface, this far from the midplane of the
# template, above this level of it (cerebellum and brainstem lie below).
SEED_DEPTH_MM, SEED_OFF_MIDLINE_MM, SEED_BELOW_AC_MM = 10.0, 20.0, 8.0
GREY_TO_WHITE = 0.2
# Vasogenic fluid follows white matter more closely than cells do.
FLUID_GREY_TO_WHITE = 0.06
FLUID_REACH_MM, FLUID_STEPS, FLUID_UPTAKE = 50.0, 400, 0.002
CORE_DENSITY = 0.5
MOST_DAYS = 20_000.0


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """What grew, at the voxel centres of a frame.

    Args:
        density: Tumour cells, 0 to 1, float32.
        fluid: Vasogenic fluid, relative, 0 to 1, float32.
        days: Time of growth.
    """

    density: NDArray[np.float32]
    fluid: NDArray[np.float32]
    days: float


def radius_mm(volume_ml: float) -> float:
    """Radius of a sphere."""
    return float((3 * volume_ml * 1000 / (4 * np.pi)) ** (1 / 3))


def world_to_box(point_mm: tuple[float, float, float], grid: Grid) -> NDArray[np.float64]:
    """World millimetres (RAS+) as millimetres from the corner of the phantom's box."""
    index = np.linalg.solve(grid.affine[:3, :3], np.array(point_mm) - grid.affine[:3, 3])
    return np.asarray((index + 0.5) * grid.spacing_mm)


def box_to_world(place: NDArray[np.float64], grid: Grid) -> tuple[float, float, float]:
    """The way back."""
    x, y, z = grid.to_mm(place / grid.spacing_mm - 0.5)
    return (float(x), float(y), float(z))


def side_of(place: NDArray[np.float64], warp: Warp, template: Template) -> Side:
    """Hemisphere of a point of the box, by the template's midplane."""
    i = warp.indices((place[:1], place[1:2], place[2:]))[0].item()
    return "left" if i > template.midline else "right"


def draw_seed_point(
    anatomy: Anatomy,
    frame: Frame,
    *,
    warp: Warp,
    template: Template,
    side: Side,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """A point in the cerebral white matter of one side, millimetres in the box."""
    indices = warp.indices(frame.at)
    off = indices[0] - np.float32(template.midline)
    may = (
        (anatomy.white > 0.8)
        & (anatomy.depth_mm > SEED_DEPTH_MM)
        & ((off if side == "left" else -off) > SEED_OFF_MIDLINE_MM)
        & (indices[2] > template.ac_level - SEED_BELOW_AC_MM)
    )
    places = np.argwhere(may)
    chosen = places[int(rng.random() * len(places))]
    return np.array([frame.at[axis][chosen[axis]] for axis in range(3)])


def check_seed_point(
    place: NDArray[np.float64], point_mm: tuple[float, float, float], frame: Frame, anatomy: Anatomy
) -> None:
    """Refuse a tumour that starts outside the brain or in its fluid."""
    index = tuple(int(np.abs(frame.at[a] - place[a]).argmin()) for a in range(3))
    near = all(abs(frame.at[a][index[a]] - place[a]) <= GROWTH_SPACING_MM for a in range(3))
    tissue = float(anatomy.white[index] + anatomy.grey[index]) if near else 0.0
    if tissue < 0.5:
        raise UsageError(
            "a tumour starts in grey or white matter",
            source="seed_point_mm",
            found=f"{tuple(round(c, 1) for c in point_mm)}, {tissue:.0%} brain tissue",
            way_out="Give a point inside this patient's brain (RAS+ mm), or None to draw one.",
        )


def _grown(place: NDArray[np.float64], frame: Frame, anatomy: Anatomy, plan: TumourPlan) -> Growth:
    spacing = frame.grid.spacing_mm[0]
    squared = sum(
        ((frame.at[a] - place[a]) ** 2).reshape([-1 if b == a else 1 for b in range(3)])
        for a in range(3)
    )
    seed = np.exp(-np.asarray(squared) / (2 * 2.0**2)).astype(np.float32)
    tissue = (anatomy.csf < 0.5) & anatomy.brain
    wander = (anatomy.white + GREY_TO_WHITE * anatomy.grey) * tissue
    core_voxels = plan.whole_ml * plan.core_fraction * 1000 / spacing**3
    most_voxels = 0.5 * int(tissue.sum())
    return grow(
        seed * tissue,
        diffusion=np.float32(plan.diffusion_mm2_per_day) * wander.astype(np.float32),
        proliferation_per_day=plan.proliferation_per_day,
        spacing_mm=spacing,
        until=lambda c: int((c > CORE_DENSITY).sum()) >= min(core_voxels, most_voxels),
        most_days=MOST_DAYS,
    )


def _seeped(density: NDArray[np.float32], frame: Frame, anatomy: Anatomy) -> NDArray[np.float32]:
    core = density > CORE_DENSITY
    reach = int(np.ceil(FLUID_REACH_MM / frame.grid.spacing_mm[0]))
    there = np.argwhere(core)
    low, high = np.maximum(there.min(0) - reach, 0), there.max(0) + reach + 1
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    tissue = (anatomy.csf < 0.5) & anatomy.brain
    ways = ((anatomy.white**2 + FLUID_GREY_TO_WHITE * anatomy.grey) * tissue)[box]
    fluid = np.zeros(density.shape, dtype=np.float32)
    fluid[box] = diffuse(
        core[box],
        diffusion=ways.astype(np.float32),
        uptake=FLUID_UPTAKE,
        steps=FLUID_STEPS,
    )
    return fluid


def spread_in(
    place: NDArray[np.float64],
    *,
    coarse: Frame,
    anatomy: Anatomy,
    plan: TumourPlan,
    fine: Frame,
) -> Spread:
    """Cells and fluid of a tumour, grown at 2 mm and read at a finer (or coarser) frame.

    Definition: Fisher-Kolmogorov growth from a point until the volume denser than 0.5 is the
    asked core; then fluid that seeps from that core along white matter.

    Args:
        place: Where it starts, millimetres in the box.
        coarse: Frame of `anatomy`, 2 mm.
        plan: What it is to be.
        fine: Where the result is wanted.
    """
    growth = _grown(place, coarse, anatomy, plan)
    fluid = _seeped(growth.density, coarse, anatomy)
    return Spread(
        density=read_at(growth.density, coarse, fine),
        fluid=read_at(fluid, coarse, fine),
        days=growth.days,
    )


def read_at(values: NDArray[np.float32], there: Frame, here: Frame) -> NDArray[np.float32]:
    """Values of one frame at the voxel centres of another, linear between them."""
    from scipy import ndimage

    step = here.grid.spacing_mm[0] / there.grid.spacing_mm[0]
    first = [(here.at[a][0] - there.at[a][0]) / there.grid.spacing_mm[0] for a in range(3)]
    shape = tuple(len(a) for a in here.at)
    read = ndimage.affine_transform(
        values, (step, step, step), offset=first, output_shape=shape, order=1, mode="nearest"
    )
    return np.asarray(read, dtype=np.float32)
