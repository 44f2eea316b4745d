"""From a network's own doubt to intervals of volume and diameters, and to an expected Dice.

The error of a volume is log((V + 1 mL) / (v + 1 mL)), V by the expert and v found; that of a
diameter has 5 mm in place of 1 mL. It is divided by 0.1 plus the region's spread. Conformal
quantiles of that ratio, over patients that were not learnt from, give the interval. The added
millilitre and millimetres let a region be absent on either side; nothing is fitted, so that few
patients suffice. From 19 patients on a level of 90 % has 5 % on either side; fewer can't tell so
rare an error, and there both sides share the quantile of the error's size. With n patients no
level above n / (n + 1) can be had. A region's volume ends where that of the one around it does.

Dice is expected on a straight line of the region's trust, the mean of `expected_dice`,
`stage_agreement` and `flip_agreement`, as far as they are known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gliokit.evaluation import conformal_quantile
from gliokit.measurement.doubt import Doubt, Interval, RegionDoubt
from gliokit.measurement.schema import Measurements, RegionFigures
from gliokit.segmentation.calibration import Calibration, RegionCalibration
from gliokit.segmentation.looks import RegionLook

__all__ = [
    "LOW_DICE",
    "RegionCase",
    "Sizes",
    "calibrate_region",
    "doubt_of",
    "expected_dice",
    "interval",
    "region_doubts",
    "relative_error",
    "sizes_of",
    "tails",
    "trust",
]

ADDED_ML, ADDED_MM = 1.0, 5.0
LEAST_SPREAD = 0.1
NESTED = ("WT", "TC", "ET")

LOW_DICE = 0.74
"""Below what two experts reach with one another, 0.74 to 0.85 by region.

Source: Menze BH et al. IEEE Trans Med Imaging 2015;34:1993. doi:10.1109/TMI.2014.2377694
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Volume and RANO diameters of a region; 0 where it is empty.

    The diameters are None for a region that RANO has none of.
    """

    volume_ml: float
    longest_mm: float | None = None
    perpendicular_mm: float | None = None

    @property
    def known(self) -> dict[str, tuple[float, float]]:
        """Name of each size that there is -> size, and what is added to it for the error."""
        every = {
            "volume": (self.volume_ml, ADDED_ML),
            "longest": (self.longest_mm, ADDED_MM),
            "perpendicular": (self.perpendicular_mm, ADDED_MM),
        }
        return {n: (value, added) for n, (value, added) in every.items() if value is not None}


@dataclass(frozen=True, slots=True)
class RegionCase:
    """One region of a patient whom an expert has outlined too."""

    look: RegionLook
    found: Sizes
    expert: Sizes
    dice: float


def sizes_of(figures: RegionFigures) -> Sizes:
    """The sizes of a measured region that has RANO's diameters where `targets` are counted."""
    if figures.targets is None:
        return Sizes(figures.volume_ml)
    across = figures.bidimensional
    if across is None:
        return Sizes(figures.volume_ml, 0.0, 0.0)
    return Sizes(figures.volume_ml, across.longest_mm, across.perpendicular_mm)


def trust(look: RegionLook) -> float:
    """Mean of what is known of the agreement of a region's looks, 0 to 1."""
    known = (look.expected_dice, look.stage_agreement, look.flip_agreement)
    return float(np.mean([value for value in known if value is not None]))


def relative_error(expert: float, found: float, added: float, look: RegionLook) -> float:
    """The error of a size in units of the region's spread: above 0 where too little was found."""
    return math.log((expert + added) / (found + added)) / _width(look)


def tails(errors: Sequence[float], *, level: float) -> tuple[float, float]:
    """How far below and above nothing a new error may lie, with a probability of `level`.

    Args:
        errors: With their signs.
        level: Shared by both sides; n / (n + 1) at most, else both are infinite.
    """
    side = (1 + level) / 2
    below, above = (conformal_quantile([s * e for e in errors], level=side) for s in (-1, 1))
    if math.isinf(below):
        both = conformal_quantile([abs(e) for e in errors], level=level)
        return both, both
    return below, above


def interval(
    found: float, added: float, quantiles: tuple[float, float], look: RegionLook
) -> Interval:
    """Where an expert's figure is expected; from 0 upwards.

    Where all known errors lie on one side, what was found may lie outside.
    """
    below, above = (math.exp(q * _width(look)) for q in quantiles)
    low, high = (found + added) / below - added, (found + added) * above - added
    return Interval(low=max(low, 0.0), high=max(high, 0.0))


def _width(look: RegionLook) -> float:
    return LEAST_SPREAD + look.spread


def calibrate_region(cases: Sequence[RegionCase], *, level: float) -> RegionCalibration:
    """What the doubt of one region means, from patients that were not learnt from.

    Args:
        cases: At least two; all with the same sizes.
        level: Of the intervals; n / (n + 1) at most, else they are infinitely wide.
    """
    quantiles: dict[str, tuple[float, float]] = {}
    for name, (_, added) in cases[0].expert.known.items():
        errors = [
            relative_error(c.expert.known[name][0], c.found.known[name][0], added, c.look)
            for c in cases
        ]
        quantiles[name] = tails(errors, level=level)
    slope, intercept = _line([trust(c.look) for c in cases], [c.dice for c in cases])
    return RegionCalibration(
        dice_intercept=intercept,
        dice_slope=slope,
        volume=quantiles["volume"],
        longest=quantiles.get("longest"),
        perpendicular=quantiles.get("perpendicular"),
    )


def _line(trusts: Sequence[float], dices: Sequence[float]) -> tuple[float, float]:
    """Least squares; level where more trust did not go with more Dice."""
    x, y = np.asarray(trusts), np.asarray(dices)
    spread = float(np.var(x))
    slope = max(float(np.mean((x - x.mean()) * (y - y.mean()))) / spread, 0.0) if spread else 0.0
    return slope, float(y.mean() - slope * x.mean())


def expected_dice(look: RegionLook, read: RegionCalibration) -> float:
    """The Dice with an expert's outline that a region's trust lets expect, 0 to 1."""
    return float(np.clip(read.dice_intercept + read.dice_slope * trust(look), 0, 1))


def doubt_of(
    figures: Measurements,
    looks: Mapping[str, RegionLook] | None,
    calibration: Calibration | None,
    *,
    quality: str,
) -> Doubt | None:
    """Intervals and expected Dice of an automatic segmentation.

    None where the method can't tell how sure it is, or nobody has found what that means.

    Args:
        figures: Of the automatic segmentation.
        looks: Of the same.
        calibration: Of the model.
        quality: That it was made with.
    """
    if looks is None or calibration is None or quality not in calibration.qualities:
        return None
    known = calibration.qualities[quality]
    return Doubt(
        level=calibration.level,
        patients=calibration.patients,
        regions=region_doubts(
            {name: sizes_of(region) for name, region in figures.regions.items()}, looks, known
        ),
    )


def region_doubts(
    found: Mapping[str, Sizes],
    looks: Mapping[str, RegionLook],
    known: Mapping[str, RegionCalibration],
) -> dict[str, RegionDoubt]:
    """The doubt of every region; each lies within the one before it, WT, TC and ET."""
    doubts: dict[str, RegionDoubt] = {}
    most_ml = math.inf
    for name in NESTED:
        if name in found and name in looks and name in known:
            doubts[name] = _region_doubt(found[name], looks[name], known[name], most_ml)
            most_ml = doubts[name].volume_ml.high
    return doubts


def _region_doubt(
    found: Sizes, look: RegionLook, read: RegionCalibration, most_ml: float
) -> RegionDoubt:
    quantiles = {
        "volume": read.volume,
        "longest": read.longest,
        "perpendicular": read.perpendicular,
    }
    ends = {
        name: interval(value, added, both, look)
        for name, (value, added) in found.known.items()
        if (both := quantiles[name]) is not None
    }
    within = ends["volume"]
    ends["volume"] = Interval(low=min(within.low, most_ml), high=min(within.high, most_ml))
    return RegionDoubt(
        expected_dice=expected_dice(look, read),
        volume_ml=ends["volume"],
        longest_mm=ends.get("longest"),
        perpendicular_mm=ends.get("perpendicular"),
    )
