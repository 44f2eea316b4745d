"""Numbers of the baselines `volume` and `signs`, measured from images with drawn regions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.geometry import lesions
from gliokit.measurement.signs import edge_sharpness
from gliokit.preprocessing import PreparedStudy, label_map_on, prepare
from gliokit.study import Grid, LabelMap, Modality, StudyError
from gliokit.systems.inputs import Images

__all__ = ["CORE", "LOOKED_FOR", "MEASURED", "MEASURED_FOR", "measured_signs"]

MEASURED_FOR = ("volume", "signs")
"""Baselines that are given these numbers; no system is."""

LOOKED_FOR = {
    "whole_ml": "region WT",
    "margin_sharpness": "an edge in t2 or flair",
    "heterogeneity": "t2 or flair",
    "enhancement_share": "regions ET and TC, or t1c",
    "multifocal": "region WT",
}
"""What each number is measured from."""

MEASURED = tuple(LOOKED_FOR)
CORE = frozenset({"ET", "TC"})
LEAST_FOCUS_ML = 1.0
NEAR_MM, FAR_MM = 3.0, 10.0
NOISE = 3.0
"""Robust standard deviations above the tissue around a tumour from which a voxel enhances."""

Mask = NDArray[np.bool_]
Image = NDArray[np.float32]


def measured_signs(subject: str, images: Images, *, core_drawn: bool) -> dict[str, float]:
    """The whole tumour's volume and the classical signs of one patient.

    Definition, NaN where it can't be measured:

    - `whole_ml`: volume of region WT on the grid that it is drawn on.
    - `multifocal`: 1 where WT has two connected parts or more of 1 mL or more, else 0.
    - `margin_sharpness`: share of the step of T2 (else FLAIR, whose step a mismatch spoils) across
      WT's edge that lies within 1 mm of it (`measurement.signs.edge_sharpness`), from 0 to 1: 1
      for a knife's edge, .25 for a ramp. Voxels of several mm tell little of it.
    - `heterogeneity`: interquartile range of T2 (else FLAIR) in WT (IBSI SALO); 1 is half the
      distance between the 10th and the 90th percentile of the brain. What parts of the tumour
      differ by is in it.
    - `enhancement_share`: volume of ET over that of TC where both are drawn, 0 without a core.
      Else the share of WT in which T1C lies three robust standard deviations (1.48 times the
      median absolute deviation) above the median of the tissue 3 to 10 mm around it. A cohort
      is measured in one of these ways alone, or who drew would tell patients apart.

    Intensities are on the prepared grid of 1 mm, normalised in the brain.

    Args:
        subject: Name of the patient.
        images: With region WT.
        core_drawn: Whether ET and TC are drawn in all patients of the cohort.

    Raises:
        StudyError: a region is not drawn; an image can't be read or prepared.
    """
    drawn = images.open_label_map() if images.open_label_map is not None else None
    regions = ("WT", *(sorted(CORE) if core_drawn else ()))
    if drawn is None or not all(map(drawn.knows, regions)):
        raise StudyError(f"regions are drawn: {', '.join(regions)}", source=subject,
                         found="no regions" if drawn is None else ", ".join(drawn.labels.regions)
                         )  # fmt: skip
    found = dict.fromkeys(MEASURED, math.nan) | _of_mask(drawn, core_drawn=core_drawn)
    whole = drawn.region("WT")
    wanted = {Modality.FLAIR, Modality.T2} | (set() if core_drawn else {Modality.T1C})
    study = images.open_study()
    volumes = {m: v for m, v in study.volumes.items() if m in wanted}
    if not whole.any() or not volumes:
        return found
    prepared = prepare(replace(study, volumes=volumes), whole_head=images.whole_head)
    return found | _of_images(
        prepared, label_map_on(drawn, prepared).region("WT"), core_drawn=core_drawn
    )


def _of_mask(drawn: LabelMap, *, core_drawn: bool) -> dict[str, float]:
    whole, least = drawn.region("WT"), LEAST_FOCUS_ML / drawn.grid.voxel_ml
    foci = sum(np.count_nonzero(part) >= least for part, _ in lesions(whole, drawn.grid))
    found = {"whole_ml": int(whole.sum()) * drawn.grid.voxel_ml, "multifocal": float(foci > 1)}
    if core_drawn:
        core = int(drawn.region("TC").sum())
        found["enhancement_share"] = float(drawn.region("ET").sum() / core) if core else 0.0
    return found


def _of_images(prepared: PreparedStudy, whole: Mask, *, core_drawn: bool) -> dict[str, float]:
    there, found = prepared.images, {}
    image = there.get(Modality.T2, there.get(Modality.FLAIR))
    if image is not None:
        sharpness = edge_sharpness(image, whole, prepared.brain, prepared.grid)
        # A step within noise gives a share of any size.
        found["margin_sharpness"] = math.nan if sharpness is None else min(max(sharpness, 0.0), 1.0)
        low, high = np.percentile(image[whole], (25, 75)) if whole.any() else (math.nan,) * 2
        found["heterogeneity"] = float(high - low)
    if not core_drawn and Modality.T1C in there:
        found["enhancement_share"] = _share_above(
            there[Modality.T1C], whole, prepared.brain, prepared.grid
        )
    return found


def _share_above(image: Image, whole: Mask, brain: Mask, grid: Grid) -> float:
    """The share of a mask that is brighter than the tissue around it; NaN without such tissue."""
    from scipy import ndimage

    away = ndimage.distance_transform_edt(~whole, sampling=grid.spacing_mm)
    around = image[brain & (away >= NEAR_MM) & (away <= FAR_MM)]
    if not around.size or not whole.any():
        return math.nan
    middle = float(np.median(around))
    spread = 1.4826 * float(np.median(np.abs(around - middle)))
    return float((image[whole] > middle + NOISE * spread).mean())
