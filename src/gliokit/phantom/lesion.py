"""A tumour from its first cell to its regions, in the person that it grows in."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.body import Body, Person
from gliokit.phantom.regions import Regions, draw_regions
from gliokit.phantom.settings import TumourPlan, TumourSettings, drawn
from gliokit.phantom.tumour import (
    GROWTH_SPACING_MM,
    Spread,
    box_to_world,
    check_seed_point,
    draw_seed_point,
    radius_mm,
    side_of,
    spread_in,
    world_to_box,
)
from gliokit.phantom.warp import pushed
from gliokit.study import UsageError

__all__ = ["Lesion", "Start", "grow_lesion", "start_lesion"]

# Reach of the push on the tissue around, in radii of the whole tumour.
MASS_REACH, MOST_PUSH = 1.3, 0.6
# The largest displacement is this share of push * reach (r exp(-r^2) at its highest).
HIGHEST = 0.43


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Where a tumour starts.

    Args:
        plan: What it will be.
        place: In the box, millimetres.
        point_mm: The same in RAS+ millimetres.
        person: With the tissue around pushed aside.
    """

    plan: TumourPlan
    place: NDArray[np.float64]
    point_mm: tuple[float, float, float]
    person: Person


@dataclass(frozen=True, slots=True, eq=False)
class Lesion:
    """What the tumour has become, at the voxels of a frame."""

    spread: Spread
    regions: Regions


def start_lesion(asked: TumourSettings, person: Person) -> Start:
    """Choose where a tumour starts, and make room for it.

    Raises:
        UsageError: the asked point is outside the brain's tissue, or on the other side
            than the one asked.
    """
    plan = drawn(asked, person.chance.of("tumour"))
    frame, anatomy = person.brain_at(GROWTH_SPACING_MM)
    warp, template = person.warp, person.template
    if asked.seed_point_mm is None:
        rng = person.chance.of("seed point")
        place = draw_seed_point(
            anatomy, frame, warp=warp, template=template, side=plan.side, rng=rng
        )
        point_mm = box_to_world(place, frame.grid)
    else:
        point_mm = asked.seed_point_mm
        place = world_to_box(point_mm, frame.grid)
        check_seed_point(place, point_mm, frame, anatomy)
        plan = replace(plan, side=side_of(place, warp, template))
        if asked.side not in (None, plan.side):
            raise UsageError(
                f"the seed point lies on the {plan.side}",
                source="side",
                found=repr(asked.side),
                way_out="Leave one of side and seed_point_mm open.",
            )
    reach_mm = MASS_REACH * radius_mm(plan.whole_ml)
    push = min(plan.mass_effect / (HIGHEST * MASS_REACH), MOST_PUSH)
    warp = pushed(warp, template, centre_mm=place, reach_mm=reach_mm, push=push)
    return Start(plan, place, point_mm, replace(person, warp=warp))


def grow_lesion(start: Start, body: Body) -> Lesion:
    """Grow the tumour at 2 mm and draw its regions at the voxels of the body."""
    coarse, anatomy = start.person.brain_at(GROWTH_SPACING_MM)
    spread = spread_in(
        start.place, coarse=coarse, anatomy=anatomy, plan=start.plan, fine=body.frame
    )
    rng = start.person.chance.of("regions")
    regions = draw_regions(spread, body.anatomy, body.frame, plan=start.plan, rng=rng)
    return Lesion(spread, regions)
