"""The figures of many patients' segmentations, each with its interval."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gliokit.evaluation.bootstrap import bootstrap_mean
from gliokit.evaluation.proportion import wilson_interval
from gliokit.evaluation.segmentation_case import CaseFigures, RegionFigures

__all__ = ["SummaryFigure", "summarise_segmentations"]

ENOUGH_ML = 1.0
"""Below this a few voxels decide the Dice of a region."""


@dataclass(frozen=True, slots=True)
class SummaryFigure:
    """One figure over `n` patients with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int
    unit: str

    def as_json(self) -> dict[str, float | int | str]:
        """In the form of a stored run's figures, rounded to four decimals."""
        return {
            "value": round(self.value, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "n": self.n,
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True)
class _Mean:
    """A mean over the patients of whom something holds."""

    name: str
    unit: str
    value: Callable[[RegionFigures], float | None]
    holds: Callable[[RegionFigures], bool] = lambda _: True


MEANS = (
    _Mean("dice", "Dice", lambda f: f.dice),
    _Mean("dice_from_1_ml", "Dice", lambda f: f.dice, lambda f: f.reference_ml >= ENOUGH_ML),
    _Mean("hd95_mm", "mm", lambda f: f.hd95_brats_mm),
    _Mean("hd95_found_mm", "mm", lambda f: f.hd95_mm, lambda f: f.hd95_mm is not None),
    _Mean("surface_dice_1mm", "surface Dice", lambda f: f.surface_dice_1mm),
    _Mean("volume_error_ml", "mL", lambda f: abs(f.volume_error_ml)),
    _Mean("volume_bias_ml", "mL", lambda f: f.volume_error_ml),
    _Mean("lesion_dice", "Dice", lambda f: f.lesion_dice),
    _Mean("lesion_hd95_mm", "mm", lambda f: f.lesion_hd95_mm),
    _Mean("falsely_found_ml", "mL", lambda f: f.predicted_ml, lambda f: f.reference_ml == 0),
)


def summarise_segmentations(
    cases: Sequence[CaseFigures], groups: Sequence[str] = (), *, seed: int = 0
) -> dict[str, SummaryFigure]:
    """Means with 95 % bootstrap intervals, for all patients and for each group.

    A figure is named by region and figure, of a group with its name behind:
    `et_dice`, `et_dice_brats_africa`. Of each region there are

    - `dice`, and `dice_from_1_ml` over patients whose reference holds 1 mL or more;
    - `hd95_mm` with the 374 mm of BraTS where one mask alone is empty, and
      `hd95_found_mm` over patients who have the distance;
    - `surface_dice_1mm`;
    - `volume_error_ml`, the mean absolute error, and `volume_bias_ml`, the mean error;
    - `lesion_dice` and `lesion_hd95_mm` of BraTS 2023;
    - `falsely_found_ml`, the mean volume found in patients who don't have the region;
    - `presence_right`, the share of patients in whom the region is found exactly if it
      is there, with Wilson's interval.

    A figure that no patient stands behind is absent.

    Args:
        cases: One a patient, at least one.
        groups: Group of each patient, such as a collection; none, one for all.
        seed: Of the bootstrap.

    Raises:
        ValueError: no case, or not a group for every case.
    """
    if not cases:
        raise ValueError("cases must hold at least one patient; got none")
    if groups and len(groups) != len(cases):
        raise ValueError(f"groups must hold one for each of {len(cases)} cases; got {len(groups)}")
    summary = _summarise(cases, "", seed)
    names = sorted(set(groups))
    if len(names) < 2:
        return summary
    for name in names:
        members = [c for c, g in zip(cases, groups, strict=True) if g == name]
        summary |= _summarise(members, "_" + _slug(name), seed)
    return summary


def _summarise(cases: Sequence[CaseFigures], ending: str, seed: int) -> dict[str, SummaryFigure]:
    regions = dict.fromkeys(name for case in cases for name in case.regions)
    return {
        f"{region.lower()}_{name}{ending}": figure
        for region in regions
        for name, figure in _of_region([c.regions for c in cases], region, seed)
    }


def _of_region(
    cases: Sequence[Mapping[str, RegionFigures]], region: str, seed: int
) -> Iterator[tuple[str, SummaryFigure]]:
    figures = [case[region] for case in cases if region in case]
    for mean in MEANS:
        values: list[Any] = [mean.value(f) for f in figures if mean.holds(f)]
        if values:
            value, low, high = bootstrap_mean(values, seed=seed)
            yield mean.name, SummaryFigure(value, low, high, len(values), mean.unit)
    right, n = sum(f.presence_right for f in figures), len(figures)
    yield "presence_right", SummaryFigure(right / n, *wilson_interval(right, n), n, "share")


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "unnamed"
