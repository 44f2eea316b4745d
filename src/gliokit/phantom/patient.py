"""A digital patient: four images, and all that made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.acquisition import Acquisition, draw_acquisition
from gliokit.phantom.body import Body, Person
from gliokit.phantom.chance import Chance
from gliokit.phantom.composition import contrast_agent, draw_person_table, make_images, mixed
from gliokit.phantom.lesion import Lesion, Start, grow_lesion, start_lesion
from gliokit.phantom.settings import Side, TumourPlan, TumourSettings
from gliokit.phantom.template import load_template
from gliokit.phantom.tissue import Tissue, relaxation
from gliokit.phantom.warp import draw_warp
from gliokit.study import BRATS, LabelMap, Study, UsageError, Volume

__all__ = ["DigitalPatient", "TumourTruth", "make_patient"]

SPACING_LIMITS_MM = (0.8, 5.0)

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class TumourTruth:
    """What is known of a tumour.

    Args:
        plan: What was asked, and what was drawn where nothing was.
        seed_point_mm: Where it started, RAS+ millimetres.
        side: Hemisphere that it started in.
        days: Time of growth.
        density: Tumour cells as a share of the most, float32 on the patient's grid; beyond
            what any image shows too.
        leakage_mm: Contrast agent in the tumour of each voxel, mmol/L, float32.
    """

    plan: TumourPlan
    seed_point_mm: tuple[float, float, float]
    side: Side
    days: float
    density: Array
    leakage_mm: Array


@dataclass(frozen=True, slots=True, eq=False)
class DigitalPatient:
    """A patient that was made, with the truth.

    Args:
        seed: What all was drawn from.
        study: T1, T1C, T2 and FLAIR without skull, exactly 0 outside the brain.
        truth: Labels of BraTS. NCR is necrosis alone here: no living tumour without
            enhancement is simulated yet.
        brain: bool, shape of the grid.
        tissue: Share of each tissue in each voxel, float32, summing to 1 in the brain.
        tumour: What is known of the tumour; None without one.
        volumes_ml: Of the brain and of NCR, ED, ET, TC, WT.
        acquisition: The scanner's protocol.
    """

    seed: int
    study: Study
    truth: LabelMap
    brain: NDArray[np.bool_]
    tissue: Mapping[Tissue, Array]
    tumour: TumourTruth | None
    volumes_ml: Mapping[str, float]
    acquisition: Acquisition


def make_patient(
    *,
    seed: int,
    spacing_mm: float = 1.0,
    tumour: TumourSettings | None = TumourSettings(),
    field_t: float = 3.0,
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
        field_t: Field strength, 1.5 or 3 tesla.
        subject: Name; 'digital-<seed>' where none is given.

    Raises:
        UsageError: a seed, voxel size or field that can't be; a seed point outside the
            brain.
    """
    _check(seed, spacing_mm)
    chance = Chance(seed)
    table = draw_person_table(relaxation(field_t), chance.of("relaxation"))
    template = load_template()
    person = Person(draw_warp(chance.of("shape"), template), template, chance)
    start = None if tumour is None else start_lesion(tumour, person)
    body = (person if start is None else start.person).body_at(spacing_mm)
    lesion = None if start is None else grow_lesion(start, body)
    regions = None if lesion is None else lesion.regions
    shares = mixed(body, regions)
    acquisition = draw_acquisition(chance.of("scanner"), field_t=field_t)
    images = make_images(body, regions, shares, acquisition=acquisition, table=table, chance=chance)
    grid, whole, brain = body.frame.grid, body.frame.whole, body.anatomy.brain
    labels = np.zeros(brain.shape, np.uint8) if regions is None else regions.labels
    truth = LabelMap(grid, whole(labels), BRATS)
    volumes = {
        modality: Volume.from_array(modality, grid, whole(image), source="digital patient")
        for modality, image in images.items()
    }
    return DigitalPatient(
        seed=seed,
        study=Study(f"digital-{seed:05d}" if subject is None else subject, volumes),
        truth=truth,
        brain=whole(brain),
        tissue=MappingProxyType({tissue: whole(share) for tissue, share in shares.items()}),
        tumour=_known(start, lesion, body, shares),
        volumes_ml=MappingProxyType(_volumes_ml(truth, brain)),
        acquisition=acquisition,
    )


def _check(seed: int, spacing_mm: float) -> None:
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


def _known(
    start: Start | None, lesion: Lesion | None, body: Body, shares: Mapping[Tissue, Array]
) -> TumourTruth | None:
    if start is None or lesion is None:
        return None
    whole, anatomy = body.frame.whole, body.anatomy
    return TumourTruth(
        plan=start.plan,
        seed_point_mm=start.point_mm,
        side=start.plan.side,
        days=lesion.spread.days,
        density=whole(lesion.spread.density * (1 - anatomy.csf) * anatomy.brain),
        leakage_mm=whole(contrast_agent(lesion.regions, shares)),
    )


def _volumes_ml(truth: LabelMap, brain: NDArray[np.bool_]) -> dict[str, float]:
    voxel_ml = truth.grid.voxel_ml
    volumes = {"brain": int(brain.sum()) * voxel_ml}
    for name, value in truth.labels.values.items():
        volumes[name] = int((truth.data == value).sum()) * voxel_ml
    volumes["TC"] = volumes["NCR"] + volumes["ET"]
    volumes["WT"] = volumes["TC"] + volumes["ED"]
    return volumes
