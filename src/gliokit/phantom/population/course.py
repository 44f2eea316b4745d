"""What happens to a patient after surgery: when the tumour is back, and which visits there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gliokit.phantom.follow_up import CAUSES, DAYS, VISITS, Cause, Visit
from gliokit.phantom.population.clinic import Clinic
from gliokit.phantom.population.draws import Draws
from gliokit.phantom.population.survival import Outcome
from gliokit.phantom.population.table import effects
from gliokit.phantom.treatment import EXTENTS
from gliokit.study import UsageError

__all__ = ["COURSE", "Course", "PlannedVisit", "checked_visits", "draw_course", "visits_of"]

COURSE = "course"
"""Asks for the visits that the patient's own course has, in the place of named ones."""


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit after surgery.

    Args:
        kind: What `gliokit.phantom.follow_up` makes.
        day: Since surgery.
    """

    kind: Visit
    day: float

    @property
    def cause(self) -> Cause:
        """Of what is new in the images: tumour, treatment or none."""
        return CAUSES[self.kind]


@dataclass(frozen=True, slots=True)
class Course:
    """What follows the diagnosis.

    Args:
        extent_of_resection: Share of the core that surgery takes out.
        visits: In the order of their days.
        days: Since surgery, of every kind of visit but the progression, whether he has it or not;
            drawn apart, so that no day tells what another visit is.
    """

    extent_of_resection: float
    visits: tuple[PlannedVisit, ...]
    days: Mapping[Visit, float]


def draw_course(draws: Draws, clinic: Clinic, outcome: Outcome) -> Course:
    """The course that goes with a patient's treatment and outcome.

    Definition: of a gross total resection the extent is 1, of a biopsy 0, of a subtotal one
    drawn. Every patient has a visit after surgery. Who is irradiated has one after that,
    where the tumour is not back before the last day on which it may be; a pseudoprogression in
    the share of the table, where the tumour is not back by then; one that is stable, and
    radiation necrosis in the share of the table, where he is followed so long without
    progression; and one at the day of progression. No visit is later than the follow-up.
    Nothing here depends on the genotype but by treatment and time.

    Args:
        draws: Of the patient.
        clinic: With the treatment.
        outcome: With the day of progression.
    """
    low, high = EXTENTS
    extents = {"gross total": 1.0, "biopsy": 0.0}
    extent = extents.get(clinic.resection, low + (high - low) * draws["extent"])
    table = effects()
    days: dict[Visit, float] = {
        kind: round(first + (last - first) * draws[f"day_{kind}"], 1)
        for kind, (first, last) in DAYS.items()
    }
    kinds: list[Visit] = ["postoperative"]
    if clinic.radiotherapy:
        kinds += ["after_radiotherapy"]
        for kind in ("pseudoprogression", "radiation_necrosis"):
            if draws.happens(kind, table.value(kind, "all")):
                kinds.append(kind)
        kinds.append("stable")
    free = min(outcome.progression_days, outcome.follow_up_days)
    visits = [PlannedVisit(k, days[k]) for k in kinds if DAYS[k][1] < free]
    if clinic.radiotherapy and outcome.progression_days < outcome.follow_up_days:
        visits.append(PlannedVisit("progression", outcome.progression_days))
    return Course(extent, tuple(sorted(visits, key=lambda v: v.day)), days)


def checked_visits(asked: Sequence[str]) -> tuple[str, ...]:
    """The same in the order of `VISITS`, or `COURSE` alone; empty is none.

    Raises:
        UsageError: an unknown visit, one that is named twice, or `COURSE` among others.
    """
    if tuple(asked) == (COURSE,):
        return (COURSE,)
    unknown = [v for v in asked if v not in VISITS]
    if unknown:
        raise UsageError(
            f"visits are '{COURSE}' alone, or of {', '.join(VISITS)}",
            source="visits",
            found=", ".join(unknown),
        )
    if len(set(asked)) < len(asked):
        raise UsageError("each visit is named once", source="visits", found=", ".join(asked))
    return tuple(v for v in VISITS if v in asked)


def visits_of(course: Course, outcome: Outcome, asked: Sequence[str]) -> tuple[PlannedVisit, ...]:
    """The visits asked for, by day: the course's own, or named ones whatever the course is.

    Definition: a named visit is there where the patient is followed to the last day on which it
    may be, the progression where he is followed to the day of his: nobody is seen after death,
    and the day of a visit tells nothing of it.

    Args:
        course, outcome: Of one patient; a named progression is at the day of his.
        asked: As `checked_visits` returns it.
    """
    if tuple(asked) == (COURSE,):
        return course.visits
    days = {**course.days, "progression": outcome.progression_days}
    named = [
        PlannedVisit(v, day)
        for v, day in days.items()
        if v in asked and (DAYS[v][1] if v in DAYS else day) < outcome.follow_up_days
    ]
    return tuple(sorted(named, key=lambda v: v.day))
