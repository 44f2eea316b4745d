"""What each voxel of a patient is made of, and the images that this gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.acquisition import Acquisition
from gliokit.phantom.body import Body
from gliokit.phantom.chance import Chance
from gliokit.phantom.imaging import Picture, draw_texture, image_of, shown
from gliokit.phantom.regions import Regions
from gliokit.phantom.tissue import Relaxation, Tissue
from gliokit.study import Modality

__all__ = ["draw_person_table", "leaking", "make_images", "mixed"]

# Standard deviation of relaxation times between people, as a share.
NORMAL_SPREAD, LESION_SPREAD = 0.03, 0.06
LESION = frozenset({Tissue.OEDEMA, Tissue.TUMOUR, Tissue.NECROSIS, Tissue.MYXOID, Tissue.REACTION})
# How much places in a tumour differ at a heterogeneity of 0 and of 1, relative to the table.
UNEVEN = (0.4, 1.6)
BLOOD_MM = (0.4, 1.2)
# Contrast agent by tissue, as a share of what the barrier's openness lets through.
LEAKS = {
    Tissue.TUMOUR: np.float32(1),
    Tissue.REACTION: np.float32(1),
    Tissue.NECROSIS: np.float32(0.05),
    Tissue.MYXOID: np.float32(0.1),
}
# Correlation of T1 and T2, between people and between places: water lengthens both.
TOGETHER = np.float32(0.5)

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

    The parts of a tumour displace everything; oedema takes the place of grey and white
    matter alone.
    """
    anatomy, skin = body.anatomy, body.meninges
    core: Array | np.float32 = np.float32(0)
    dry: Array | np.float32 = np.float32(1)
    if regions is not None:
        core, dry = sum(regions.parts.values(), np.float32(0)), 1 - regions.wetness
    around = (1 - core) * anatomy.brain
    own = around * (1 - body.vessels) * (1 - skin)
    surface = anatomy.grey * own * dry
    shares = {
        Tissue.WHITE_MATTER: anatomy.white * own * dry,
        Tissue.GREY_MATTER: surface * (1 - anatomy.nuclei - anatomy.pallidum),
        Tissue.DEEP_GREY: surface * anatomy.nuclei,
        Tissue.PALLIDUM: surface * anatomy.pallidum,
        Tissue.CSF: anatomy.csf * own,
        Tissue.BLOOD: body.vessels * around * (1 - skin),
        Tissue.MENINGES: skin * around,
    }
    if regions is not None:
        shares[Tissue.OEDEMA] = (anatomy.white + anatomy.grey) * own * regions.wetness
        for tissue, share in regions.parts.items():
            shares[tissue] = share * anatomy.brain
    return shares


def leaking(shares: Mapping[Tissue, Array], regions: Regions | None) -> Array:
    """How open the barrier is in each voxel, 0 to 1: openness by share of what leaks."""
    open_ = np.zeros_like(shares[Tissue.CSF])
    if regions is None:
        return open_
    for tissue, share in LEAKS.items():
        if tissue in shares:
            open_ += share * regions.openness * shares[tissue]
    return open_


def make_images(
    body: Body,
    regions: Regions | None,
    shares: Mapping[Tissue, Array],
    *,
    acquisition: Acquisition,
    table: Mapping[Tissue, Relaxation],
    chance: Chance,
    visit: str = "",
) -> dict[Modality, Picture]:
    """The four images on the frame, 0 outside the brain, and as the scanner gave them.

    Args:
        shares: Of `mixed`.
        table: Relaxation times of this person.
        visit: Names the chance of the noise.
    """
    brain = body.anatomy.brain
    inside = {tissue: share[brain] for tissue, share in shares.items()}
    rng = chance.of("texture")
    first, second = (draw_texture(rng, body.frame, brain) for _ in range(2))
    texture = (first, TOGETHER * first + np.sqrt(1 - TOGETHER**2) * second)
    blood_mm = chance.of("blood").uniform(*BLOOD_MM)
    concentration = {Tissue.BLOOD: np.full(len(first), blood_mm, dtype=np.float32)}
    if regions is not None:
        open_ = regions.openness[brain] * np.float32(regions.agent_mm)
        concentration.update({tissue: share * open_ for tissue, share in LEAKS.items()})
        uneven = UNEVEN[0] + (UNEVEN[1] - UNEVEN[0]) * regions.heterogeneity
        table = {
            tissue: replace(row, spread=row.spread * uneven) if tissue in LESION else row
            for tissue, row in table.items()
        }
    images = {}
    for modality, sequence in acquisition.sequences.items():
        signal = shown(
            sequence, inside, table=table, texture=texture, concentration_mm=concentration
        )
        rng = chance.of(f"noise of {modality}{visit}")
        images[modality] = image_of(signal, sequence, frame=body.frame, brain=brain, rng=rng)
    return images
