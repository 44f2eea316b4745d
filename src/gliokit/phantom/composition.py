"""What each voxel of a patient is made of, and the images that this gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.acquisition import Acquisition
from gliokit.phantom.body import Body
from gliokit.phantom.chance import Chance
from gliokit.phantom.imaging import draw_texture, image_of, shown
from gliokit.phantom.regions import Regions
from gliokit.phantom.tissue import Relaxation, Tissue
from gliokit.study import Modality

__all__ = ["contrast_agent", "draw_person_table", "make_images", "mixed"]

# Standard deviation of relaxation times between people, as a share.
NORMAL_SPREAD, LESION_SPREAD = 0.03, 0.06
LESION = frozenset({Tissue.OEDEMA, Tissue.TUMOUR, Tissue.NECROSIS})
BLOOD_MM = (0.4, 1.2)
# Contrast agent in necrosis, as a share of that in living tumour around it.
NECROSIS_LEAK = np.float32(0.08)
# Correlation of T1 and T2, between people and between places: water lengthens both.
TOGETHER = np.float32(0.6)

Array = NDArray[np.float32]


def draw_person_table(
    table: Mapping[Tissue, Relaxation], rng: np.random.Generator
) -> dict[Tissue, Relaxation]:
    """Relaxation times of one person, some per cent from the table's."""
    person = {}
    for tissue, row in table.items():
        spread = LESION_SPREAD if tissue in LESION else NORMAL_SPREAD
        first, second = rng.standard_normal(2)
        t1 = np.exp(spread * first)
        t2 = np.exp(spread * (TOGETHER * first + np.sqrt(1 - TOGETHER**2) * second))
        person[tissue] = replace(row, t1_ms=row.t1_ms * float(t1), t2_ms=row.t2_ms * float(t2))
    return person


def mixed(body: Body, regions: Regions | None) -> dict[Tissue, Array]:
    """Share of each tissue in each voxel of the frame, summing to 1 in the brain.

    Tumour and necrosis displace everything; oedema takes the place of grey and white
    matter alone.
    """
    anatomy, skin = body.anatomy, body.meninges
    core: Array | np.float32 = np.float32(0)
    wet: Array | np.float32 = np.float32(0)
    if regions is not None:
        core, wet = regions.necrosis + regions.tumour, regions.wetness
    around = (1 - core) * anatomy.brain
    own = around * (1 - body.vessels) * (1 - skin)
    shares = {
        Tissue.WHITE_MATTER: anatomy.white * own * (1 - wet),
        Tissue.GREY_MATTER: anatomy.grey * own * (1 - wet),
        Tissue.CSF: anatomy.csf * own,
        Tissue.BLOOD: body.vessels * around * (1 - skin),
        Tissue.MENINGES: skin * around,
    }
    if regions is not None:
        shares[Tissue.OEDEMA] = (anatomy.white + anatomy.grey) * own * wet
        shares[Tissue.TUMOUR] = regions.tumour * anatomy.brain
        shares[Tissue.NECROSIS] = regions.necrosis * anatomy.brain
    return shares


def contrast_agent(regions: Regions, shares: Mapping[Tissue, Array]) -> Array:
    """Contrast agent in the tumour of each voxel, mmol per litre of voxel."""
    return regions.leakage_mm * (shares[Tissue.TUMOUR] + NECROSIS_LEAK * shares[Tissue.NECROSIS])


def make_images(
    body: Body,
    regions: Regions | None,
    shares: Mapping[Tissue, Array],
    *,
    acquisition: Acquisition,
    table: Mapping[Tissue, Relaxation],
    chance: Chance,
) -> dict[Modality, Array]:
    """The four images on the frame, float32, 0 outside the brain.

    Args:
        shares: Of `mixed`.
        table: Relaxation times of this person.
    """
    brain = body.anatomy.brain
    inside = {tissue: share[brain] for tissue, share in shares.items()}
    rng = chance.of("texture")
    first, second = (draw_texture(rng, body.frame, brain) for _ in range(2))
    texture = (first, TOGETHER * first + np.sqrt(1 - TOGETHER**2) * second)
    blood_mm = chance.of("blood").uniform(*BLOOD_MM)
    concentration = {Tissue.BLOOD: np.full(len(first), blood_mm, dtype=np.float32)}
    if regions is not None:
        concentration[Tissue.TUMOUR] = regions.leakage_mm[brain]
        concentration[Tissue.NECROSIS] = NECROSIS_LEAK * regions.leakage_mm[brain]
    images = {}
    for modality, sequence in acquisition.sequences.items():
        signal = shown(
            sequence, inside, table=table, texture=texture, concentration_mm=concentration
        )
        rng = chance.of(f"noise of {modality}")
        images[modality] = image_of(signal, sequence, frame=body.frame, brain=brain, rng=rng)
    return images
