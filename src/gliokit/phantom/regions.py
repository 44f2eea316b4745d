"""From cells and fluid to what an expert would draw: NCR, ED, ET."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.anatomy import Anatomy, Frame
from gliokit.phantom.fields import smooth_field
from gliokit.phantom.settings import TumourPlan
from gliokit.phantom.tumour import Spread
from gliokit.study import BRATS

__all__ = ["Regions", "draw_regions"]

# Irregularity: blob sizes and amplitudes of the fields that move each border.
CORE_FOLDS = ((16.0, 0.75), (8.0, 0.45))
NECROSIS_FOLDS_MM = ((12.0, 2.5), (6.0, 1.5))
OEDEMA_FOLDS = ((14.0, 0.5), (7.0, 0.3))
LEAKAGE_FOLDS = ((12.0, 0.35), (4.0, 0.35))
RIM_MM = 2.0
GREY_RESISTS = np.float32(1.6)
# Share of a voxel that its neighbours' region takes at a border, as a blur.
BORDER_MM, OEDEMA_BORDER_MM = 0.7, 1.3
LEAKAGE_MM = (0.06, 0.20)

Mask = NDArray[np.bool_]
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """A tumour's parts at the voxels of a frame.

    Args:
        labels: uint8 in the scheme BRATS.
        necrosis, tumour: Shares of each voxel, float32.
        wetness: Share of the grey and white matter around them that is oedema, float32.
        leakage_mm: Contrast agent in the living tumour of each voxel, mmol/L, float32.
    """

    labels: NDArray[np.uint8]
    necrosis: Array
    tumour: Array
    wetness: Array
    leakage_mm: Array


def _folds(rng: np.random.Generator, folds: tuple[tuple[float, float], ...], frame: Frame) -> Array:
    parts = [a * smooth_field(rng, length_mm=length, at=frame.at) for length, a in folds]
    return np.asarray(sum(parts), dtype=np.float32)


def _highest(score: Array, among: Mask, volume_ml: float, voxel_ml: float) -> Mask:
    """The asked volume of voxels with the highest score, in one piece, without holes."""
    from scipy import ndimage

    wanted = min(round(volume_ml / voxel_ml), int(among.sum()))
    chosen = np.zeros(score.shape, dtype=bool)
    if wanted < 1:
        return chosen
    inside = score[among]
    bound = np.partition(inside, len(inside) - wanted)[len(inside) - wanted]
    chosen[among] = inside >= bound
    parts, count = ndimage.label(chosen)
    if count > 1:
        sizes = np.bincount(parts.ravel())
        sizes[0] = 0
        chosen = parts == int(sizes.argmax())
    return chosen


def _blurred(mask: Mask, border_mm: float, spacing_mm: float) -> Array:
    from scipy import ndimage

    soft = ndimage.gaussian_filter(mask.astype(np.float32), border_mm / spacing_mm, truncate=3)
    return np.asarray(soft, dtype=np.float32)


def draw_regions(
    spread: Spread,
    anatomy: Anatomy,
    frame: Frame,
    *,
    plan: TumourPlan,
    rng: np.random.Generator,
) -> Regions:
    """Regions of the asked volumes, with irregular borders.

    Definition: the core (TC) holds the voxels of highest logit(density) + folds; the
    necrosis (NCR) those of the core that lie deepest below its surface, and at least 2 mm
    (oxygen comes from the rim); the rest of the core enhances (ET); the oedema (ED) those
    outside the core of highest log(fluid + density) + folds, grey matter less. Each border
    is a share of a voxel, not a step.

    Args:
        spread: On the frame.
        anatomy: On the frame.
        plan: What it is to be.
        rng: Draws the folds, the same at every voxel size.
    """
    from scipy import ndimage

    voxel_ml, spacing = frame.grid.voxel_ml, frame.grid.spacing_mm[0]
    core_folds, necrosis_folds, oedema_folds = (
        _folds(rng, folds, frame) for folds in (CORE_FOLDS, NECROSIS_FOLDS_MM, OEDEMA_FOLDS)
    )
    tissue = anatomy.brain & (anatomy.csf < 0.5)
    density = np.clip(spread.density, 1e-6, 1 - 1e-6)
    core_ml = plan.whole_ml * plan.core_fraction
    core = _highest(np.log(density / (1 - density)) + core_folds, tissue, core_ml, voxel_ml)
    core = ndimage.binary_fill_holes(core) & anatomy.brain
    depth_mm = ndimage.distance_transform_edt(core) * spacing
    necrosis = _highest(
        (depth_mm + necrosis_folds).astype(np.float32),
        core & (depth_mm > max(RIM_MM, spacing)),
        core_ml * plan.necrotic_fraction,
        voxel_ml,
    )
    fluid = np.log(spread.fluid + 0.3 * spread.density + 1e-4) + oedema_folds
    fluid -= GREY_RESISTS * anatomy.grey
    fluid[core] = 1e3
    whole = _highest(fluid, tissue | core, plan.whole_ml, voxel_ml)
    oedema = whole & ~core

    labels = np.zeros(core.shape, dtype=np.uint8)
    labels[oedema] = BRATS.values["ED"]
    labels[core] = BRATS.values["ET"]
    labels[necrosis] = BRATS.values["NCR"]
    soft_core, soft_necrosis = (_blurred(m, BORDER_MM, spacing) for m in (core, necrosis))
    soft_necrosis = np.minimum(soft_necrosis, soft_core)
    # Fluid around the whole tumour, so that no dry gap opens between oedema and core.
    wet = _blurred(whole, OEDEMA_BORDER_MM, spacing)
    level = np.clip(0.88 + 0.10 * core_folds + 0.06 * np.log10(spread.fluid + 1e-3), 0.35, 1.0)
    return Regions(
        labels=labels,
        necrosis=soft_necrosis,
        tumour=soft_core - soft_necrosis,
        wetness=(wet * level).astype(np.float32),
        leakage_mm=_leakage(rng, frame),
    )


def _leakage(rng: np.random.Generator, frame: Frame) -> Array:
    """Contrast agent that leaks into living tumour: patchy around a level of its own."""
    low, high = LEAKAGE_MM
    most = np.float32(np.exp(rng.uniform(np.log(low), np.log(high))))
    patches = np.exp(_folds(rng, LEAKAGE_FOLDS, frame))
    return np.asarray(most * patches, dtype=np.float32)
