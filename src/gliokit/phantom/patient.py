"""A digital patient: four images, and all that made them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.acquisition import Acquisition, draw_acquisition
from gliokit.phantom.body import Body, Person
from gliokit.phantom.chance import Chance
from gliokit.phantom.composition import draw_person_table
from gliokit.phantom.lesion import Lesion, Start, grow_lesion, start_lesion
from gliokit.phantom.settings import BrainSettings, Side, TumourPlan, TumourSettings
from gliokit.phantom.template import load_template
from gliokit.phantom.tissue import Relaxation, Tissue, relaxation
from gliokit.phantom.truth import TruthMaps
from gliokit.phantom.warp import draw_warp
from gliokit.study import LabelMap, Modality, Study, UsageError, Volume

__all__ = ["DigitalPatient", "Making", "TumourTruth", "make_patient"]

SPACING_LIMITS_MM = (0.8, 5.0)
# Of the ventricles' walls at an atrophy (or size) of 0 and of 1.
WIDENING_MM = (-1.5, 4.5)

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class TumourTruth:
    """What is known of a tumour.

    Args:
        plan: What was asked, and what was drawn where nothing was.
        seed_point_mm: Where it (the largest focus) started, RAS+ millimetres.
        side: Hemisphere that it started in.
        days: Time of growth.
        density: Tumour cells as a share of the most, float32 on the patient's grid; beyond
            what any image shows too.
        leakage_mm: Contrast agent in the tumour of each voxel, mmol/L, float32.
        seed_points_mm: Of all foci, the largest first.
        place_as_asked: Whether they are as deep and as far apart as asked; a brain that has no
            such place has them elsewhere in the lobe and side asked for.
    """

    plan: TumourPlan
    seed_point_mm: tuple[float, float, float]
    side: Side
    days: float
    density: Array
    leakage_mm: Array
    seed_points_mm: tuple[tuple[float, float, float], ...]
    place_as_asked: bool


@dataclass(frozen=True, slots=True, eq=False)
class Making:
    """What a patient was made from, for those who go on from it (`follow_up`).

    Args:
        chance: Of this patient.
        person: The shape that the body was cut from.
        body: The brain on its voxels, with the room that the tumour took.
        start: Where the tumour started; None without one.
        lesion: What it became before any treatment; None without one.
        table: Relaxation times of this person.
    """

    chance: Chance
    person: Person
    body: Body
    start: Start | None
    lesion: Lesion | None
    table: Mapping[Tissue, Relaxation]


@dataclass(frozen=True, slots=True, eq=False)
class DigitalPatient:
    """A patient that was made, with the truth.

    Args:
        seed: What all was drawn from.
        study: T1, T1C, T2 and FLAIR without skull, exactly 0 outside the brain.
        acquired: The same four as the scanner gave them: native slices, noise outside.
        truth: Labels of BraTS; with a resection cavity after surgery. NCR is necrosis and
            living tumour without enhancement.
        brain: bool, shape of the grid.
        tissue: Share of each tissue in each voxel, float32, summing to 1 in the brain.
        maps: These and more as maps: cells, leakage, oedema, vessels, fibres, lobes.
        tumour: What is known of the tumour; None without one.
        volumes_ml: Of the brain and of NCR, ED, ET, TC, WT.
        acquisition: The scanner's protocol.
        made: What it was made from.
    """

    seed: int
    study: Study
    acquired: Mapping[Modality, Volume]
    truth: LabelMap
    brain: NDArray[np.bool_]
    tissue: Mapping[Tissue, Array]
    maps: TruthMaps
    tumour: TumourTruth | None
    volumes_ml: Mapping[str, float]
    acquisition: Acquisition
    made: Making


def make_patient(
    *,
    seed: int,
    spacing_mm: float = 1.0,
    tumour: TumourSettings | None = TumourSettings(),
    brain: BrainSettings | None = None,
    field_t: float = 3.0,
    site: str | None = None,
    motion: float = 0.0,
    subject: str | None = None,
) -> DigitalPatient:
    """Make a digital glioma patient.

    The same seed gives the same voxels, and the same patient at any voxel size but for
    noise and detail below a voxel. Without a tumour, brain and scanner are those that the
    seed's patient has with one.

    Args:
        seed: 0 or more; all that is not asked for is drawn from it.
        spacing_mm: Voxel size, 0.8 to 5 mm, on a box of 240 x 240 x 155 mm (LPS).
        tumour: What is asked of the tumour; None for a brain without one.
        brain: What is asked of the brain; None for drawn.
        field_t: Field strength, 1.5 or 3 tesla.
        site: Name of a hospital: patients of one name share a scanner's protocol; None for
            a protocol of the patient's own.
        motion: How restless the patient is, 0 to 1.
        subject: Name; 'digital-<seed>' where none is given.

    Raises:
        UsageError: a seed, voxel size or field that can't be; a seed point outside the
            brain.
    """
    from gliokit.phantom.assembly import assemble

    _check(seed, spacing_mm, motion)
    chance = Chance(seed)
    table = draw_person_table(relaxation(field_t), chance.of("relaxation"))
    template = load_template()
    low, high = WIDENING_MM
    brain = BrainSettings() if brain is None else brain
    ventricles = brain.atrophy if brain.ventricles is None else brain.ventricles
    warp = draw_warp(
        chance.of("shape"),
        template,
        widening_mm=None if ventricles is None else low + (high - low) * ventricles,
        brain_ml=brain.volume_ml,
    )
    person = Person(warp, template, chance, brain.atrophy)
    start = None if tumour is None else start_lesion(tumour, person)
    person = person if start is None else start.person
    body = person.body_at(spacing_mm)
    lesion = None if start is None else grow_lesion(start, body)
    rng = chance.of("scanner")
    if site is not None:
        rng = np.random.default_rng(zlib.crc32(f"site {site}".encode()))
    return assemble(
        Making(chance, person, body, start, lesion, table),
        lesion,
        acquisition=draw_acquisition(rng, field_t=field_t, motion=motion),
        subject=f"digital-{seed:05d}" if subject is None else subject,
    )


def _check(seed: int, spacing_mm: float, motion: float) -> None:
    if seed < 0:
        raise UsageError("a seed is a whole number, 0 or more", source="seed", found=seed)
    low, high = SPACING_LIMITS_MM
    if not low <= spacing_mm <= high:
        raise UsageError(
            f"digital patients have voxels of {low:g} to {high:g} mm",
            source="spacing_mm",
            found=spacing_mm,
            way_out="Choose 1.0 for the form of BraTS, 2.0 to 4.0 to be quick.",
        )
    if not 0 <= motion <= 1:
        raise UsageError("it lies between 0 and 1", source="motion", found=motion)
