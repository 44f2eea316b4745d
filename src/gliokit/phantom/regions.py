"""From cells and fluid to what an expert would draw: NCR, ED, ET."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.anatomy import Anatomy, Frame
from gliokit.phantom.fields import smooth_field
from gliokit.phantom.settings import TumourPlan
from gliokit.phantom.tissue import Tissue
from gliokit.phantom.tumour import Spread
from gliokit.study import BRATS, Labels

__all__ = ["Regions", "blurred", "draw_regions", "folded", "highest", "openness", "wet_around"]

# Irregularity: blob sizes and amplitudes of the fields that move each border.
CORE_FOLDS = ((16.0, 0.75), (8.0, 0.45))
NECROSIS_FOLDS = ((12.0, 2.5), (6.0, 1.5))
OEDEMA_FOLDS = ((14.0, 0.3), (7.0, 0.15))
LEAKAGE_FOLDS = ((12.0, 0.35), (4.0, 0.35))
SPOT_FOLDS, GRAIN_FOLDS = ((9.0, 1.0), (4.0, 0.5)), ((5.0, 1.0), (3.0, 1.0))
METASTASIS_FOLDS = np.float32(0.35)
RIM_MM, MYXOID_RIM_MM = 2.0, 4.0
GREY_RESISTS = np.float32(1.6)
# Experts draw the border of an oedema smoother than the tissue beneath it is.
DRAWN_MM = 1.5
# Share of a voxel that its neighbours' region takes at a border, as a blur: at a margin
# sharpness of 0 and of 1.
BORDER_MM, OEDEMA_BORDER_MM = (1.1, 0.4), (1.6, 0.9)
LEAKAGE_MM = (0.03, 0.13)
OPEN_LEVEL = np.float32(0.55)
# Share of the core that calcium and blood take at 1.
CALCIUM_SHARE, BLOOD_SHARE = 0.16, 0.33

Mask = NDArray[np.bool_]
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """A tumour's parts at the voxels of a frame.

    Args:
        labels: uint8 in `scheme`.
        scheme: What the labels mean.
        parts: Shares of each voxel that displace everything that was there, float32.
        wetness: Share of the grey and white matter around them that is oedema, float32.
        openness: How open the barrier is in living tumour and reacting tissue, 0 to 1.
        agent_mm: Contrast agent where it is fully open, mmol/L.
        heterogeneity: How much places in the tumour differ, 0 to 1.
    """

    labels: NDArray[np.uint8]
    scheme: Labels
    parts: Mapping[Tissue, Array]
    wetness: Array
    openness: Array
    agent_mm: float
    heterogeneity: float


def folded(rng: np.random.Generator, folds: tuple[tuple[float, float], ...], frame: Frame) -> Array:
    """A random field of several blob sizes (mm) and amplitudes, the same at any voxel size."""
    parts = [a * smooth_field(rng, length_mm=length, at=frame.at) for length, a in folds]
    return np.asarray(sum(parts), dtype=np.float32)


def highest(
    score: Array, among: Mask, volume_ml: float, voxel_ml: float, *, pieces: int | None = 1
) -> Mask:
    """The asked volume of voxels with the highest score, in so many pieces (None: any)."""
    from scipy import ndimage

    wanted = min(round(volume_ml / voxel_ml), int(among.sum()))
    chosen = np.zeros(score.shape, dtype=bool)
    if wanted < 1:
        return chosen
    inside = score[among]
    bound = np.partition(inside, len(inside) - wanted)[len(inside) - wanted]
    chosen[among] = inside >= bound
    if pieces is None:
        return chosen
    parts, count = ndimage.label(chosen)
    if count > pieces:
        sizes = np.bincount(parts.ravel())
        sizes[0] = 0
        chosen = np.isin(parts, np.argsort(sizes)[-pieces:])
    return chosen


def blurred(mask: Mask, border_mm: float, spacing_mm: float) -> Array:
    """A mask with soft borders."""
    from scipy import ndimage

    soft = ndimage.gaussian_filter(mask.astype(np.float32), border_mm / spacing_mm, truncate=3)
    return np.asarray(soft, dtype=np.float32)


def openness(rng: np.random.Generator, frame: Frame) -> tuple[Array, float]:
    """How open the barrier is, patchy, 0 to 1; and contrast agent where it is fully open."""
    low, high = LEAKAGE_MM
    most = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    patches = OPEN_LEVEL * np.exp(folded(rng, LEAKAGE_FOLDS, frame))
    return np.minimum(patches, 1).astype(np.float32), most / float(OPEN_LEVEL)


def wet_around(
    whole: Mask, fluid: Array, folds: Array, *, spacing_mm: float, border_mm: float
) -> Array:
    """Wetness of a region of oedema: fluid around the whole tumour, so that no dry gap opens."""
    wet = blurred(whole, border_mm, spacing_mm)
    level = np.clip(0.90 + 0.05 * folds + 0.05 * np.log10(fluid + 1e-3), 0.35, 1.0)
    return np.asarray(wet * level, dtype=np.float32)


def _between(ends: tuple[float, float], sharpness: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * sharpness


def _spots(field: Array, among: Mask, share: float, spacing_mm: float) -> Array:
    """Soft blobs that fill a share of a region."""
    spots = highest(field, among, share * int(among.sum()), 1.0, pieces=None)
    return blurred(spots, 0.5, spacing_mm)


def draw_regions(
    spread: Spread, anatomy: Anatomy, frame: Frame, *, plan: TumourPlan, rng: np.random.Generator
) -> Regions:
    """Regions of the asked volumes, with irregular borders.

    Definition: the core (TC) holds the voxels of highest logit(density) + folds; necrosis
    those of the core that lie deepest below its surface, and at least 2 mm (oxygen comes from
    the rim); of the living rest the asked share enhances (ET), where a patchy field and the
    nearness of necrosis (hypoxia opens vessels) are highest; necrosis and what does not
    enhance have the label NCR; the oedema (ED) holds those outside the core of highest
    log(fluid + density) + folds, grey matter less, smoothed by 1.5 mm. Each border is a share
    of a voxel, not a step. Myxoid tissue, calcium and blood take their shares of the core.

    Args:
        spread: On the frame.
        anatomy: On the frame.
        plan: What it is to be.
        rng: Draws the folds, the same at every voxel size.
    """
    from scipy import ndimage

    voxel_ml, spacing = frame.grid.voxel_ml, frame.grid.spacing_mm[0]
    core_folds, necrosis_folds, oedema_folds, spots, grains, vessels = (
        folded(rng, f, frame)
        for f in (
            CORE_FOLDS, NECROSIS_FOLDS, OEDEMA_FOLDS, SPOT_FOLDS, GRAIN_FOLDS, LEAKAGE_FOLDS
        )
    )  # fmt: skip
    open_, agent_mm = openness(rng, frame)
    tissue = anatomy.brain & ((anatomy.csf < 0.5) | (spread.density > 0.6))
    density = np.clip(spread.density, 1e-6, 1 - 1e-6)
    core_ml = plan.whole_ml * plan.core_fraction
    uneven = core_folds * METASTASIS_FOLDS if plan.kind == "metastasis" else core_folds
    core = highest(
        np.log(density / (1 - density)) + uneven, tissue, core_ml, voxel_ml, pieces=plan.foci
    )
    core = ndimage.binary_fill_holes(core) & anatomy.brain
    depth_mm = (ndimage.distance_transform_edt(core) * spacing).astype(np.float32)
    dead = highest(
        depth_mm + necrosis_folds,
        core & (depth_mm > max(RIM_MM, spacing)),
        core_ml * plan.necrotic_fraction,
        voxel_ml,
        pieces=2 * plan.foci if plan.foci > 1 else 1,
    )
    living = core & ~dead
    enhancing = highest(
        2 * vessels + 0.15 * np.minimum(depth_mm, 10),
        living,
        plan.enhancement_share * int(living.sum()) * voxel_ml,
        voxel_ml,
        pieces=None,
    )
    fluid = np.log(spread.fluid + 0.3 * spread.density + 1e-4) + oedema_folds
    fluid -= GREY_RESISTS * anatomy.grey
    fluid = ndimage.gaussian_filter(fluid, DRAWN_MM / spacing, truncate=3)
    fluid[core] = 1e3
    pieces = 1 if plan.foci == 1 else plan.foci
    whole = highest(fluid, tissue | core, plan.whole_ml, voxel_ml, pieces=pieces)
    oedema = whole & ~core

    labels = np.zeros(core.shape, dtype=np.uint8)
    labels[oedema] = BRATS.values["ED"]
    labels[core] = BRATS.values["NCR"]
    labels[enhancing] = BRATS.values["ET"]
    border_mm = _between(BORDER_MM, plan.margin_sharpness)
    soft_core = blurred(core, border_mm, spacing)
    parts = _parts(plan, core, dead, depth_mm, (grains, spots), soft_core, spacing)
    open_ *= blurred(enhancing, BORDER_MM[1], spacing) / np.maximum(
        blurred(living, BORDER_MM[1], spacing), 1e-3
    ).clip(max=1)
    oedema_border_mm = _between(OEDEMA_BORDER_MM, plan.margin_sharpness)
    return Regions(
        labels=labels,
        scheme=BRATS,
        parts=parts,
        wetness=wet_around(
            whole, spread.fluid, core_folds, spacing_mm=spacing, border_mm=oedema_border_mm
        ),
        openness=np.clip(open_, 0, 1).astype(np.float32),
        agent_mm=agent_mm,
        heterogeneity=plan.heterogeneity,
    )


def _parts(
    plan: TumourPlan,
    core: Mask,
    dead: Mask,
    depth_mm: Array,
    fields: tuple[Array, Array],
    soft_core: Array,
    spacing_mm: float,
) -> dict[Tissue, Array]:
    """What the core is made of; the shares sum to `soft_core`."""
    necrosis = np.minimum(blurred(dead, BORDER_MM[1] + 0.3, spacing_mm), soft_core)
    left = soft_core - necrosis
    parts = {Tissue.NECROSIS: necrosis}
    calcium = _spots(fields[0], core & ~dead, CALCIUM_SHARE * plan.calcification, spacing_mm)
    bleeding = _spots(fields[1], core, BLOOD_SHARE * plan.haemorrhage, spacing_mm)
    inner = blurred(core & (depth_mm > MYXOID_RIM_MM), 1.2, spacing_mm)
    for tissue, share in (
        (Tissue.CALCIUM, calcium),
        (Tissue.HAEMORRHAGE, bleeding),
        (Tissue.MYXOID, np.float32(plan.mismatch) * inner),
    ):
        if share.any():
            parts[tissue] = np.minimum(share, left)
            left = left - parts[tissue]
    parts[Tissue.TUMOUR] = left
    return parts
