"""Where tumours start in one person's brain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.anatomy import Anatomy, Frame
from gliokit.phantom.atlas import LOBES
from gliokit.phantom.settings import Side, TumourPlan
from gliokit.phantom.template import Template
from gliokit.phantom.warp import Warp
from gliokit.study import Grid, UsageError

__all__ = [
    "GROWTH_SPACING_MM",
    "box_to_world",
    "check_seed_point",
    "draw_places",
    "side_of",
    "world_to_box",
]

GROWTH_SPACING_MM = 2.0
# Where a tumour may start: this deep below the surface, at a cortical preference of 0 and 1,
# this far from the midplane of the template, above this level of it (cerebellum and brainstem
# lie below).
DEEP_MM, CORTICAL_MM = (10.0, 60.0), (3.0, 11.0)
SEED_OFF_MIDLINE_MM, SEED_BELOW_AC_MM = 20.0, 8.0
# Other foci of a glioma lie near the first; metastases anywhere, and apart.
NEAR_MM, APART_MM = (22.0, 60.0), 25.0
METASTASIS_DEPTH_MM = (6.0, 25.0)


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


def draw_places(
    anatomy: Anatomy,
    frame: Frame,
    *,
    warp: Warp,
    template: Template,
    plan: TumourPlan,
    first: NDArray[np.float64] | None,
    rng: np.random.Generator,
) -> tuple[list[NDArray[np.float64]], bool]:
    """Starts of all foci, millimetres in the box, the first the largest; and whether as asked.

    A brain that has no such place in the lobe and side asked for, by its depth, has the tumour
    elsewhere in their tissue; further foci that find no place by their distance lie in any
    tissue apart from the others.

    Args:
        first: Of the first focus, where it is not to be drawn.

    Raises:
        UsageError: this brain has no tissue in the lobe and side.
    """
    tissue = (anatomy.white + anatomy.grey > 0.5) & (anatomy.csf < 0.5)
    centres = np.stack(np.meshgrid(*frame.at, indexing="ij"))
    as_asked = True
    if first is None:
        may = _candidates(anatomy, frame, warp=warp, template=template, plan=plan)
        if not may.any():
            as_asked, may = False, tissue & _asked_part(anatomy, frame, warp, template, plan)
        first = _one_of(may, centres, rng, plan)
    places = [first]
    for _ in range(plan.foci - 1):
        away_mm = np.min(
            [np.linalg.norm(centres - p.reshape(3, 1, 1, 1), axis=0) for p in places], axis=0
        )
        if plan.kind == "glioma":
            near = (away_mm > NEAR_MM[0]) & (away_mm < NEAR_MM[1])
            there = (anatomy.white > 0.7) & (anatomy.depth_mm > DEEP_MM[0] / 2) & near
        else:
            there = _junction(anatomy) & (away_mm > APART_MM)
        if not there.any():
            as_asked, there = False, tissue & (away_mm > NEAR_MM[0])
        places.append(_one_of(there, centres, rng, plan))
    return places, as_asked


def _asked_part(
    anatomy: Anatomy, frame: Frame, warp: Warp, template: Template, plan: TumourPlan
) -> NDArray[np.bool_]:
    """The side and the lobe of a plan."""
    off = warp.indices(frame.at)[0] - np.float32(template.midline)
    sided = (off if plan.side == "left" else -off) > 0
    if plan.lobe is None:
        return np.asarray(sided)
    return np.asarray(sided & (anatomy.lobes == LOBES.index(plan.lobe) + 1))


def _junction(anatomy: Anatomy) -> NDArray[np.bool_]:
    """Between grey and white matter, where metastases lodge."""
    low, high = METASTASIS_DEPTH_MM
    mixed = (anatomy.white > 0.25) & (anatomy.grey > 0.15)
    return np.asarray(mixed & (anatomy.depth_mm > low) & (anatomy.depth_mm < high))


def _candidates(
    anatomy: Anatomy, frame: Frame, *, warp: Warp, template: Template, plan: TumourPlan
) -> NDArray[np.bool_]:
    indices = warp.indices(frame.at)
    off = indices[0] - np.float32(template.midline)
    sided = (off if plan.side == "left" else -off) > 0
    if plan.kind == "metastasis":
        may = _junction(anatomy) & sided
    else:
        low, high = (d + plan.cortical * (c - d) for d, c in zip(DEEP_MM, CORTICAL_MM, strict=True))
        # The nearer to the cortex, the less of it must be white matter.
        may = (anatomy.white > 0.8 - 0.4 * plan.cortical) & (anatomy.csf < 0.2)
        may &= sided & (anatomy.depth_mm > low) & (anatomy.depth_mm < high)
    if plan.lobe is not None:
        return np.asarray(may & (anatomy.lobes == LOBES.index(plan.lobe) + 1))
    if plan.kind == "metastasis":
        return np.asarray(may)
    may &= (np.abs(off) > SEED_OFF_MIDLINE_MM) & (indices[2] > template.ac_level - SEED_BELOW_AC_MM)
    return np.asarray(may)


def _one_of(
    may: NDArray[np.bool_],
    centres: NDArray[np.float64],
    rng: np.random.Generator,
    plan: TumourPlan,
) -> NDArray[np.float64]:
    there = np.flatnonzero(may)
    if len(there) == 0:
        raise UsageError(
            "the brain has a place where such a tumour can start",
            source="lobe",
            found=f"{plan.lobe or 'anywhere'}, {plan.foci} foci, cortical {plan.cortical:g}",
            way_out="Ask for fewer foci, another lobe, or leave `cortical` open.",
        )
    chosen = there[int(rng.random() * len(there))]
    return np.asarray(centres.reshape(3, -1)[:, chosen])


def check_seed_point(
    place: NDArray[np.float64], point_mm: tuple[float, float, float], frame: Frame, anatomy: Anatomy
) -> None:
    """Refuse a tumour that starts outside the brain or in its fluid."""
    index = tuple(int(np.abs(frame.at[a] - place[a]).argmin()) for a in range(3))
    near = all(abs(frame.at[a][index[a]] - place[a]) <= GROWTH_SPACING_MM for a in range(3))
    share = anatomy.white + anatomy.grey
    tissue = float(share[index]) if near else 0.0
    # `not >=` refuses NaN too.
    if not tissue >= 0.5:
        raise UsageError(
            "a tumour starts in grey or white matter",
            source="seed_point_mm",
            found=f"{tuple(round(c, 1) for c in point_mm)}, {tissue:.0%} brain tissue",
            way_out="Give a point inside this patient's brain (RAS+ mm), such as "
            f"{_nearest(share * (anatomy.depth_mm > DEEP_MM[0]), place, frame)}, "
            "or leave it open to draw one.",
        )


def _nearest(tissue: NDArray[np.float32], place: NDArray[np.float64], frame: Frame) -> str:
    """The nearest point of plain tissue, as X,Y,Z."""
    there = np.argwhere(tissue > 0.9)
    centres = np.stack([frame.at[axis][there[:, axis]] for axis in range(3)], axis=1)
    # Of a place that is no number any point is the nearest.
    away = np.linalg.norm(centres - np.nan_to_num(place), axis=1)
    return ",".join(f"{c:.0f}" for c in box_to_world(centres[away.argmin()], frame.grid))
