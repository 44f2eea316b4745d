"""What the images show at a visit after treatment, and its labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.body import Body
from gliokit.phantom.chance import Chance
from gliokit.phantom.lesion import Lesion
from gliokit.phantom.regions import Regions, blurred, folded, highest, wet_around
from gliokit.phantom.tissue import Tissue
from gliokit.phantom.treatment import Surgery, field_of
from gliokit.study import BRATS_POSTOPERATIVE

__all__ = ["FOLDS", "REACTION_ML", "regions_at"]

FOLDS = ((10.0, 1.2), (5.0, 0.8))
REACTION_ML = {"pseudoprogression": (6.0, 20.0), "radiation_necrosis": (10.0, 30.0)}
REACTION_MM = 14.0
# Of the enhancing rest and of the oedema before surgery, what is seen later.
REST = {"after_radiotherapy": 0.8, "stable": 0.8, "response": 0.3}
WET = {
    "postoperative": 1.0, "after_radiotherapy": 0.6, "stable": 0.5, "response": 0.25,
    "progression": 0.8, "pseudoprogression": 1.0, "radiation_necrosis": 1.0,
}  # fmt: skip
RADIATED_WHITE = np.float32(0.12)
BLOOD_MM = 2.0

Mask = NDArray[np.bool_]
Array = NDArray[np.float32]


def regions_at(
    visit: str, before: Lesion, surgery: Surgery, body: Body, chance: Chance, new: Mask
) -> Regions:
    """What the images show at a visit, and its labels."""
    spacing = body.frame.grid.spacing_mm[0]
    old, early = before.regions, visit == "postoperative"
    cavity = surgery.cavity if early else surgery.late_cavity
    soft_cavity = blurred(cavity, 0.5, spacing)
    rest = surgery.core & ~surgery.cavity
    share = REST.get(visit, 1.0)
    kept = highest(surgery.folds, rest, share * int(rest.sum()), 1.0, pieces=None)
    reaction, dead = _reaction(visit, surgery, body, chance)
    taken = cavity | new | reaction
    soft_rest = blurred(kept & ~taken, 0.6, spacing)
    parts = {t: np.minimum(s, soft_rest) * (1 - soft_cavity) for t, s in old.parts.items()}
    total = np.float32(sum(parts.values()))
    for tissue, mask in (
        (Tissue.REACTION, reaction & ~dead), (Tissue.NECROSIS, dead), (Tissue.TUMOUR, new)
    ):  # fmt: skip
        if mask.any():
            fill = np.minimum(blurred(mask, 0.6, spacing) * (1 - soft_cavity), 1 - total)
            fill = np.clip(fill, 0, None)
            parts[tissue] = parts.get(tissue, np.float32(0)) + fill
            total = total + fill
    blood = _blood(cavity, surgery.folds, spacing) * soft_cavity if early else 0 * soft_cavity
    room = np.clip(1 - total, 0, 1)
    parts[Tissue.CAVITY] = np.minimum(soft_cavity - blood, room)
    if early:
        parts[Tissue.HAEMORRHAGE] = parts.get(Tissue.HAEMORRHAGE, np.float32(0)) + np.minimum(
            blood, room - parts[Tissue.CAVITY]
        )
    wet, oedema = _wetness(visit, before, surgery, body, active=new | reaction, cavity=cavity)
    scheme = BRATS_POSTOPERATIVE
    labels = np.zeros(cavity.shape, dtype=np.uint8)
    labels[oedema] = scheme.values["ED"]
    labels[kept] = old.labels[kept]
    labels[new | reaction] = scheme.values["ET"]
    labels[dead] = scheme.values["NCR"]
    labels[cavity] = scheme.values["RC"]
    enhancing = blurred(new | reaction, 0.6, spacing)
    open_ = np.maximum(old.openness, enhancing * np.float32(0.6))
    if enhancing.any():
        patches = np.exp(0.3 * folded(chance.of(f"leak {visit}"), FOLDS, body.frame))
        open_ = np.maximum(old.openness, np.clip(0.6 * patches, 0.2, 1) * enhancing)
    return replace(
        old, labels=labels, scheme=scheme, parts=parts, wetness=wet,
        openness=open_.astype(np.float32),
    )  # fmt: skip


def _reaction(visit: str, surgery: Surgery, body: Body, chance: Chance) -> tuple[Mask, Mask]:
    """Tissue that reacts to radiation around the cavity, and its dead inside."""
    from scipy import ndimage

    none = np.zeros(surgery.core.shape, dtype=bool)
    if visit not in REACTION_ML:
        return none, none
    rng = chance.of(visit)
    volume_ml = float(rng.uniform(*REACTION_ML[visit]))
    folds = folded(rng, FOLDS, body.frame)
    grid, anatomy = body.frame.grid, body.anatomy
    middle = surgery.late_cavity if surgery.late_cavity.any() else surgery.core
    away_mm = ndimage.distance_transform_edt(~middle) * grid.spacing_mm[0]
    near = (away_mm > 0) & (away_mm < REACTION_MM) & anatomy.brain & (anatomy.csf < 0.5)
    score = (folds - away_mm / 4 + 1.2 * anatomy.white).astype(np.float32)
    reaction = highest(score, near & ~surgery.late_cavity, volume_ml, grid.voxel_ml, pieces=None)
    if visit == "pseudoprogression":
        return reaction, none
    depth_mm = ndimage.distance_transform_edt(reaction) * grid.spacing_mm[0]
    bubbles = (folds[...] + depth_mm / 3).astype(np.float32)
    inside = reaction & (depth_mm > max(1.5, grid.spacing_mm[0]))
    return reaction, highest(bubbles, inside, 0.4 * int(reaction.sum()), 1.0, pieces=None)


def _blood(cavity: Mask, folds: Array, spacing_mm: float) -> Array:
    """Share of blood in a fresh cavity: along its wall in places, and settled at its back."""
    from scipy import ndimage

    depth_mm = ndimage.distance_transform_edt(cavity) * spacing_mm
    wall = np.clip((BLOOD_MM - depth_mm) / BLOOD_MM + 0.4, 0, 1) * (folds > -0.5)
    back = np.flatnonzero(cavity.any(axis=(0, 2)))
    if len(back) == 0:
        return np.zeros(cavity.shape, dtype=np.float32)
    j = np.arange(cavity.shape[1]).reshape(1, -1, 1)
    # The second axis points backwards: blood settles in a patient who lies.
    level = back[-1] - 0.15 * (back[-1] - back[0])
    settled = np.clip((j - level) * spacing_mm / 3, 0, 1)
    return np.asarray(np.maximum(0.8 * wall, 0.7 * settled) * cavity, dtype=np.float32)


def _wetness(
    visit: str, before: Lesion, surgery: Surgery, body: Body, *, active: Mask, cavity: Mask
) -> tuple[Array, Mask]:
    """Oedema at a visit: the rest of the old, and new around what is active.

    The brain that comes back into a shrinking cavity is the wettest, and labelled so.
    """
    from scipy import ndimage

    spacing, voxel_ml = body.frame.grid.spacing_mm[0], body.frame.grid.voxel_ml
    tissue = body.anatomy.brain & (body.anatomy.csf < 0.5)
    fluid = np.log(before.spread.fluid + 1e-4) - 1.6 * body.anatomy.grey
    around = surgery.whole | surgery.core
    wanted = WET[visit] * int((surgery.whole & ~surgery.core).sum()) * voxel_ml
    among = tissue & around & ~cavity
    oedema = highest(fluid.astype(np.float32), among, wanted, voxel_ml, pieces=None)
    if active.any():
        near = ndimage.distance_transform_edt(~active) * spacing
        reach = (4 + 6 * body.anatomy.white + surgery.folds).astype(np.float32)
        oedema |= (near < reach) & tissue & ~cavity
    wet = wet_around(
        oedema | active | cavity, before.spread.fluid, 0.1 * surgery.folds,
        spacing_mm=spacing, border_mm=1.2,
    )  # fmt: skip
    if visit != "postoperative":
        wet = np.maximum(wet, RADIATED_WHITE * field_of(surgery.whole, spacing))
    return wet.astype(np.float32), oedema & ~active
