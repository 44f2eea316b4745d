"""Numbers of images and of a segmentation by which a study can be told from others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.fluid import like_fluid
from gliokit.preprocessing import PreparedStudy
from gliokit.study import STRUCTURAL, LabelMap, Modality

__all__ = ["image_signs", "sequences_of", "tumour_signs"]

TAIL_PERCENT = 2.0
EXTREME_PERCENT = 4.0
UPTAKE_PERCENT = 0.5

EVERY = 2
"""Images are looked at on every second voxel along each axis: an eighth of the time."""

LEAST_PART_ML = 0.1

Mask = NDArray[np.bool_]
Values = Mapping[Modality, NDArray[np.float32]]


def image_signs(prepared: PreparedStudy) -> dict[str, float]:
    """Signs of the images alone, in the normalised units of the prepared images.

    `brain_log_ml` is the logarithm of the brain's volume. Of each sequence A: `A_low` and
    `A_high`, its 2nd and 98th percentile; `A_rough`, the logarithm of the mean step from voxel
    to voxel. Of two sequences: `A_B_correlation`; `A_B_uptake`, how much further B less A
    reaches up than down (vessels take up contrast medium in everybody); `A_where_B_low` and
    `A_where_B_high`, the mean of A where B is in its lowest and highest 4 % (fluid is dark in
    T1, bright in T2).

    Args:
        prepared: Any subset of the four sequences; signs of those that are missing are absent.
    """
    brain = prepared.brain
    thin = (slice(None, None, EVERY),) * 3
    inside = brain[thin]
    images = {m: prepared.images[m] for m in STRUCTURAL if m in prepared.images}
    volume_ml = np.count_nonzero(brain) * prepared.grid.voxel_ml
    signs = {"brain_log_ml": math.log(volume_ml)}
    for modality, image in images.items():
        signs[f"{modality}_rough"] = _roughness(image, brain)
    return signs | _signs_of_values({m: image[thin][inside] for m, image in images.items()})


def _signs_of_values(values: Values) -> dict[str, float]:
    signs = {}
    for modality, one in values.items():
        low, high = np.percentile(one, (TAIL_PERCENT, 100 - TAIL_PERCENT))
        signs[f"{modality}_low"], signs[f"{modality}_high"] = float(low), float(high)
        dark, bright = np.percentile(one, (EXTREME_PERCENT, 100 - EXTREME_PERCENT))
        for other, there in values.items():
            if other is not modality:
                signs[f"{other}_where_{modality}_low"] = float(there[one <= dark].mean())
                signs[f"{other}_where_{modality}_high"] = float(there[one >= bright].mean())
    for first, second in combinations(values, 2):
        signs[f"{first}_{second}_correlation"] = _correlation(values[first], values[second])
    for first, second in permutations(values, 2):
        ends = (UPTAKE_PERCENT, 100 - UPTAKE_PERCENT)
        below, above = np.percentile(values[second] - values[first], ends)
        signs[f"{first}_{second}_uptake"] = float(above + below)
    return signs


def sequences_of(sign: str) -> tuple[Modality, ...]:
    """The sequences that a sign is of, in the order of its name."""
    return tuple(Modality(part) for part in sign.split("_") if part in list(Modality))


def _roughness(image: NDArray[np.float32], brain: Mask) -> float:
    thin = (slice(None, None, EVERY), slice(None), slice(None, None, EVERY))
    lines, inside = image[thin], brain[thin]
    both = inside[:, 1:] & inside[:, :-1]
    steps = np.abs(np.diff(lines, axis=1))[both]
    return math.log(float(steps.mean()) + 1e-3) if steps.size else 0.0


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    if not (one.std() and other.std()):
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def tumour_signs(prepared: PreparedStudy, label_map: LabelMap) -> dict[str, float]:
    """Signs of a segmentation; none of a brain without a tumour.

    `core_fluid`, the share of the core that looks like fluid (a cavity, a cyst);
    `core_log_parts`, the logarithm of the number of its parts of 0.1 mL or more (metastases);
    `whole_log_parts`, the same of the whole tumour.

    Args:
        prepared: The study.
        label_map: On its grid, in labels that know WT and TC.
    """
    whole, core = label_map.region("WT"), label_map.region("TC")
    if not whole.any():
        return {}
    signs = {"whole_log_parts": _log_parts(whole, prepared.grid.voxel_ml)}
    if core.any():
        signs["core_log_parts"] = _log_parts(core, prepared.grid.voxel_ml)
        if {Modality.T2, Modality.FLAIR} <= set(prepared.images):
            wet = like_fluid(prepared, whole) & core
            signs["core_fluid"] = float(np.count_nonzero(wet) / np.count_nonzero(core))
    return signs


def _log_parts(region: Mask, voxel_ml: float) -> float:
    parts, _ = ndimage.label(region, np.ones((3, 3, 3)))
    sizes = np.bincount(parts.ravel())[1:] * voxel_ml
    return math.log(max(int(np.count_nonzero(sizes >= LEAST_PART_ML)), 1))
