"""A tumour from its first cell to its regions, in the person that it grows in."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.body import Body, Person
from gliokit.phantom.places import (
    GROWTH_SPACING_MM,
    box_to_world,
    check_seed_point,
    draw_places,
    side_of,
    world_to_box,
)
from gliokit.phantom.regions import Regions, draw_regions
from gliokit.phantom.settings import TumourPlan, TumourSettings, drawn
from gliokit.phantom.tumour import Spread, radius_mm, shares_of_foci, spread_in
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
        places: Of its foci, in the box, millimetres; the first is the largest.
        points_mm: The same in RAS+ millimetres.
        person: With the tissue around pushed aside.
        as_asked: Whether the brain had places as deep and as far apart as asked; else they lie
            elsewhere in the lobe and side asked for.
    """

    plan: TumourPlan
    places: tuple[NDArray[np.float64], ...]
    points_mm: tuple[tuple[float, float, float], ...]
    person: Person
    as_asked: bool


@dataclass(frozen=True, slots=True, eq=False)
class Lesion:
    """What the tumour has become, at the voxels of a frame."""

    spread: Spread
    regions: Regions


def start_lesion(asked: TumourSettings, person: Person) -> Start:
    """Choose where a tumour starts, and make room for it.

    Raises:
        UsageError: the asked point is outside the brain's tissue, or on the other side
            than the one asked; or this brain has no such place.
    """
    plan = drawn(asked, person.chance.of("tumour"))
    frame, anatomy = person.brain_at(GROWTH_SPACING_MM)
    warp, template = person.warp, person.template
    first = None
    if asked.seed_point_mm is not None:
        first = world_to_box(asked.seed_point_mm, frame.grid)
        check_seed_point(first, asked.seed_point_mm, frame, anatomy)
        plan = replace(plan, side=side_of(first, warp, template))
        if asked.side not in (None, plan.side):
            raise UsageError(
                f"the seed point lies on the {plan.side}",
                source="side",
                found=repr(asked.side),
                way_out="Leave one of side and seed_point_mm open.",
            )
    places, as_asked = draw_places(
        anatomy, frame, warp=warp, template=template, plan=plan, first=first,
        rng=person.chance.of("seed point"),
    )  # fmt: skip
    points = [box_to_world(p, frame.grid) for p in places]
    if asked.seed_point_mm is not None:
        points[0] = asked.seed_point_mm
    push = min(plan.mass_effect / (HIGHEST * MASS_REACH), MOST_PUSH)
    for place, share in zip(places, shares_of_foci(len(places)), strict=True):
        reach_mm = MASS_REACH * radius_mm(plan.whole_ml * share)
        warp = pushed(warp, template, centre_mm=place, reach_mm=reach_mm, push=push)
    return Start(plan, tuple(places), tuple(points), replace(person, warp=warp), as_asked)


def grow_lesion(start: Start, body: Body) -> Lesion:
    """Grow the tumour at 2 mm and draw its regions at the voxels of the body."""
    spread = spread_in(start.places, ways=start.person.ways(), plan=start.plan, fine=body.frame)
    rng = start.person.chance.of("regions")
    regions = draw_regions(spread, body.anatomy, body.frame, plan=start.plan, rng=rng)
    return Lesion(spread, regions)
