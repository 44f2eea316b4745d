"""A digital patient at later visits: what changed, and whether tumour cells did it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.aftermath import FOLDS, regions_at
from gliokit.phantom.anatomy import Frame
from gliokit.phantom.body import Body
from gliokit.phantom.chance import Chance
from gliokit.phantom.lesion import Lesion, Start
from gliokit.phantom.patient import DigitalPatient
from gliokit.phantom.regions import folded, highest
from gliokit.phantom.treatment import Surgery, after_radiation, operate, ways_around
from gliokit.phantom.tumour import read_at, regrown
from gliokit.study import UsageError

__all__ = ["CAUSES", "DAYS", "VISITS", "Cause", "FollowUp", "Visit", "follow_up"]

Visit = Literal[
    "postoperative",
    "after_radiotherapy",
    "stable",
    "response",
    "progression",
    "pseudoprogression",
    "radiation_necrosis",
]
VISITS: tuple[Visit, ...] = get_args(Visit)
"""In the order in which a patient may have them."""

Cause = Literal["none", "tumour", "treatment"]

CAUSES: Mapping[Visit, Cause] = MappingProxyType(
    {
        "postoperative": "none",
        "after_radiotherapy": "none",
        "stable": "none",
        "response": "none",
        "progression": "tumour",
        "pseudoprogression": "treatment",
        "radiation_necrosis": "treatment",
    }
)
"""Why there is more enhancement than treatment left."""

DAYS: Mapping[Visit, tuple[float, float]] = MappingProxyType({
    "postoperative": (1, 3),
    "after_radiotherapy": (106, 120),
    "stable": (180, 300),
    "response": (150, 240),
    "pseudoprogression": (110, 180),
    "radiation_necrosis": (330, 600),
})  # fmt: skip
"""Days after surgery, first and last; progression comes when the cells are there."""

RADIATED_DAY = 105.0
# Progression: seen when the dense tumour outside the cavity has grown by this much.
NEW_ML, WATCHED_DAYS, MOST_DAYS = 8.0, 30.0, 2000.0
QUICK_PER_DAY = 0.010
CORE_DENSITY = 0.5
# Growth under treatment, relative to before.
HELD = 0.1
Mask = NDArray[np.bool_]
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class FollowUp:
    """A later visit with its truth.

    Args:
        visit: What was asked.
        patient: Images, labels (with the cavity, RC) and maps at this visit.
        days: Since surgery.
        extent: Share of the core's volume that surgery took out.
        residual_ml: Volume of the core that surgery left.
        cavity: bool, shape of the grid.
        cause: Why there is more enhancement than treatment left: 'tumour' (cells), 'treatment'
            (no cells) or 'none' (there is not more).
        new_tumour: bool: dense tumour (more than half of the most cells) that was not
            there after radiotherapy; empty unless the cause is tumour.
        growth_speed: Of division and movement of the cells between radiotherapy and this visit,
            relative to that before treatment; 0 after surgery.
    """

    visit: Visit
    patient: DigitalPatient
    days: float
    extent: float
    residual_ml: float
    cavity: Mask
    cause: Cause
    new_tumour: Mask
    growth_speed: float


def follow_up(
    patient: DigitalPatient,
    *,
    visit: Visit,
    extent_of_resection: float | None = None,
    day: float | None = None,
    subject: str | None = None,
) -> FollowUp:
    """The same patient at a later visit.

    The same seed, settings and extent give the same cavity at every visit. What enhances is
    labelled ET whatever its cause, as an expert would who doesn't know it. The brain keeps
    the shape that the tumour's mass gave it.

    - postoperative (1 to 3 days): cavity with blood that is bright in T1, what
      the surgeon left, oedema as before;
    - after_radiotherapy: a smaller cavity without blood, less of the rest and of oedema,
      fewer cells in the field;
    - stable, response: the same some months later; less of the rest;
    - progression: the cells that are left grow until the dense tumour is 8 mL larger; it
      is where the density says, along fibres too;
    - pseudoprogression (within three months of radiotherapy) and radiation_necrosis (later,
      with a necrotic inside): enhancing tissue and oedema around the cavity by reaction
      alone; the cells are those after radiotherapy.

    Args:
        patient: With a tumour, before treatment.
        visit: One of `VISITS`.
        extent_of_resection: Share of the core that is taken out, 0 to 1; None for drawn.
        day: Of the visit, since surgery; None for drawn. Of a progression it sets how fast the
            cells grow, so that there are 8 mL more on that day; None leaves their speed as
            it was before treatment.
        subject: Name; that of the patient with the visit's where none is given.

    Raises:
        UsageError: an unknown visit, extent or day; a patient without tumour or one that is
            already a follow-up.

    References:
        Wen PY et al. J Clin Oncol 2010;28:1963 (the terms). Brandsma D et al. Lancet Oncol
        2008;9:453 (pseudoprogression and necrosis).
    """
    from gliokit.phantom.assembly import assemble

    start, before = _checked(patient, visit, extent_of_resection, day)
    body, chance = patient.made.body, patient.made.chance
    surgery = operate(body, before, chance, extent=extent_of_resection)
    density, days, new, speed = _cells(visit, start, before, surgery, body, chance, day)
    cavity = surgery.cavity if visit == "postoperative" else surgery.late_cavity
    # Interpolation from the spacing of growth carries cells over the wall.
    density = np.where(cavity, 0, density).astype(np.float32)
    regions = regions_at(visit, before, surgery, body, chance, new)
    spread = replace(before.spread, density=density)
    seen = assemble(
        patient.made,
        Lesion(spread, regions),
        acquisition=patient.acquisition,
        subject=f"{patient.study.subject}_{visit}" if subject is None else subject,
        visit=visit,
    )
    whole = body.frame.whole
    left = int((surgery.core & ~surgery.cavity).sum()) * body.frame.grid.voxel_ml
    return FollowUp(
        visit=visit, patient=seen, days=days, extent=surgery.extent, residual_ml=left,
        cavity=whole(cavity), cause=CAUSES[visit], new_tumour=whole(new), growth_speed=speed,
    )  # fmt: skip


def _checked(
    patient: DigitalPatient, visit: str, extent: float | None, day: float | None
) -> tuple[Start, Lesion]:
    if visit not in VISITS:
        raise UsageError(f"a visit is one of {', '.join(VISITS)}", source="visit", found=visit)
    if extent is not None and not 0 <= extent <= 1:
        raise UsageError("it lies between 0 and 1", source="extent_of_resection", found=extent)
    if day is not None:
        _check_day(visit, day)
    start, lesion = patient.made.start, patient.made.lesion
    if start is None or lesion is None:
        raise UsageError(
            "a follow-up is of a patient with a tumour",
            source=patient.study.subject,
            found="no tumour",
        )
    if patient.truth.knows("RC"):
        raise UsageError(
            "a follow-up starts from the patient before surgery",
            source=patient.study.subject,
            found="a resection cavity",
            way_out="Give the patient that make_patient made.",
        )
    return start, lesion


def _check_day(visit: str, day: float) -> None:
    """Surgery is before radiotherapy, all else after it."""
    early = visit == "postoperative"
    if not (isfinite(day) and (0 <= day < RADIATED_DAY if early else day > RADIATED_DAY)):
        limit = f"from 0 to {RADIATED_DAY:g}" if early else f"later than {RADIATED_DAY:g}"
        raise UsageError(f"the day of {visit} is {limit}", source="day", found=day)


def _cells(
    visit: Visit, start: Start, before: Lesion, surgery: Surgery, body: Body, chance: Chance,
    day: float | None,
) -> tuple[Array, float, Mask, float]:  # fmt: skip
    """Density of cells, days since surgery, what is new dense tumour, and speed of growth."""
    none = np.zeros(surgery.core.shape, dtype=bool)
    days = float(chance.of(f"day of {visit}").uniform(*DAYS.get(visit, (0, 0))))
    days = days if day is None else day
    density = np.where(surgery.cavity, 0, before.spread.density).astype(np.float32)
    if visit == "postoperative":
        return density, days, none, 0.0
    density = after_radiation(density, surgery, body, chance)
    ways = ways_around(start, body, surgery.late_cavity)
    coarse = read_at(density, body.frame, ways.frame)
    if visit != "progression":
        later = regrown(coarse, ways, start.plan, days=days - RADIATED_DAY, speed=HELD)
        return _fine(later, density, ways.frame, body), days, none, HELD
    days, voxel_ml = RADIATED_DAY, ways.frame.grid.voxel_ml
    # Slow tumours are watched as often in their own time.
    pace = max(1.0, QUICK_PER_DAY / start.plan.proliferation_per_day)
    first = int((coarse > CORE_DENSITY).sum()) * voxel_ml
    while (
        int((coarse > CORE_DENSITY).sum()) * voxel_ml < first + NEW_ML and days < pace * MOST_DAYS
    ):
        coarse = regrown(coarse, ways, start.plan, days=pace * WATCHED_DAYS, speed=1.0)
        days += pace * WATCHED_DAYS
    later = read_at(coarse, ways.frame, body.frame)
    folds = folded(chance.of("recurrence"), FOLDS, body.frame)
    clipped = np.clip(later, 1e-6, 1 - 1e-6)
    open_ = body.anatomy.brain & ~surgery.late_cavity & (body.anatomy.csf < 0.5)
    wanted = int((later[open_] > CORE_DENSITY).sum())
    score = np.log(clipped / (1 - clipped)) + 0.4 * folds
    dense = highest(score, open_, wanted, 1.0, pieces=None)
    # The same cells at another day are cells of another speed: time alone is scaled.
    seen = days if day is None else day
    speed = (days - RADIATED_DAY) / (seen - RADIATED_DAY)
    return later, seen, dense & ~(density > CORE_DENSITY), speed


def _fine(coarse: Array, fine: Array, frame: Frame, body: Body) -> Array:
    """Later cells at the voxels of the body; what was there stays where it was finer."""
    return np.maximum(read_at(coarse, frame, body.frame), fine)
