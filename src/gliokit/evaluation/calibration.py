"""Whether a probability of 30 % comes true in 30 of 100."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.estimate import Estimate
from gliokit.evaluation.logistic import logistic_fit

__all__ = [
    "BrierParts",
    "CalibrationLine",
    "ReliabilityCurve",
    "brier_parts",
    "brier_score",
    "calibration_line",
    "expected_calibration_error",
    "reliability_curve",
]

CLIP = 1e-6


@dataclass(frozen=True, slots=True)
class CalibrationLine:
    """Logistic regression of the outcome on the logit of the predicted probability.

    Attributes:
        slope: 1 is right; below it the predictions are too extreme.
        intercept: Of that regression; 0 is right where the slope is 1.
        in_the_large: The intercept where the slope is held at 1; above 0 the outcome is more
            common than predicted.
        observed_to_expected: Positives over the sum of the probabilities.
    """

    slope: Estimate
    intercept: Estimate
    in_the_large: Estimate
    observed_to_expected: float


@dataclass(frozen=True, slots=True)
class BrierParts:
    """The Brier score of binned predictions: reliability - resolution + uncertainty.

    What predictions vary within bins is `within`, so that the parts sum to `score`, that of the
    predictions as they are.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float


@dataclass(frozen=True, slots=True)
class ReliabilityCurve:
    """Mean prediction and share of positives, with Wilson's interval, of each bin in use."""

    predicted: NDArray[np.float64]
    observed: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    count: NDArray[np.int64]


def calibration_line(
    labels: ArrayLike, probability: ArrayLike, *, level: float = 0.95
) -> CalibrationLine:
    """Slope, intercept and calibration in the large, with Wald's intervals.

    Probabilities closer to 0 or 1 than one in a million count as that.

    Args:
        labels: (n,), 0 or 1, both present.
        probability: (n,), not all the same.
        level: Of the intervals.

    Raises:
        ValueError: one class, one probability alone, probabilities that separate the classes
            perfectly (the slope is infinite), values outside.

    Source: Cox, Biometrika 45 (1958) 562; Van Calster et al., BMC Med 17 (2019) 230.
    """
    from scipy.special import logit
    from scipy.stats import norm

    positive, chance = _checked(labels, probability)
    checks.both_classes(positive, "labels")
    score = logit(np.clip(chance, CLIP, 1 - CLIP))
    if np.ptp(score) == 0:
        raise ValueError("probability must vary; all are the same, and a slope is not defined")
    z = float(norm.ppf(0.5 + checks.fraction(level, "level") / 2))
    line = logistic_fit(np.column_stack([np.ones(score.size), score]), positive)
    shift = logistic_fit(np.ones((score.size, 1)), positive, offset=score)
    found = [
        Estimate(b, b - z * e, b + z * e, score.size, "wald", level)
        for b, e in (
            *zip(line.coefficients.tolist(), line.standard_errors.tolist(), strict=True),
            (float(shift.coefficients[0]), float(shift.standard_errors[0])),
        )
    ]
    return CalibrationLine(found[1], found[0], found[2], float(positive.sum() / chance.sum()))


def brier_score(labels: ArrayLike, probability: ArrayLike) -> float:
    """Mean squared distance of probability and outcome. Arguments as of `brier_parts`.

    Source: Brier, Monthly Weather Review 78 (1950) 1.
    """
    positive, chance = _checked(labels, probability)
    return float(((chance - positive) ** 2).mean())


def brier_parts(labels: ArrayLike, probability: ArrayLike, *, bins: int = 10) -> BrierParts:
    """The parts of the Brier score, over bins of equal width.

    Args:
        labels: (n,), 0 or 1; one class alone is allowed.
        probability: (n,), from 0 to 1.
        bins: Of equal width.

    Raises:
        ValueError: no bin, other lengths, values outside.

    Source: Murphy, J Appl Meteorol 12 (1973) 595; Stephenson et al., Weather Forecast 23 (2008)
    752, for the variation within bins.
    """
    positive, chance = _checked(labels, probability)
    count, predicted, observed, code = _binned(positive, chance, bins)
    n, base = chance.size, float(positive.mean())
    weight = count / n
    reliability = float(weight @ (predicted - observed) ** 2)
    resolution = float(weight @ (observed - base) ** 2)
    uncertainty = base * (1 - base)
    score = float(((chance - positive) ** 2).mean())
    inside = chance - predicted[code]
    within = float((inside**2).mean() - 2 * (inside * (positive - observed[code])).mean())
    return BrierParts(score, reliability, resolution, uncertainty, within)


def expected_calibration_error(
    labels: ArrayLike, probability: ArrayLike, *, bins: int = 10
) -> float:
    """Mean distance of prediction and share of positives, over bins of equal width.

    It grows with the number of bins and shrinks with the number of patients: compare only at
    the same of both. Arguments and errors as of `brier_parts`.

    Source: Naeini et al., AAAI 2015.
    """
    positive, chance = _checked(labels, probability)
    count, predicted, observed, _ = _binned(positive, chance, bins)
    return float(count / chance.size @ np.abs(predicted - observed))


def reliability_curve(
    labels: ArrayLike, probability: ArrayLike, *, bins: int = 10, level: float = 0.95
) -> ReliabilityCurve:
    """The share of positives over the mean prediction, of each bin that holds a patient.

    Arguments and errors as of `brier_parts`.
    """
    from gliokit.evaluation.proportion import wilson_interval

    positive, chance = _checked(labels, probability)
    count, predicted, observed, _ = _binned(positive, chance, bins)
    ends = np.array(
        [
            wilson_interval(round(share * n), n, level=level)
            for share, n in zip(observed, count.tolist(), strict=True)
        ]
    )
    return ReliabilityCurve(predicted, observed, ends[:, 0], ends[:, 1], count)


def _checked(
    labels: ArrayLike, probability: ArrayLike
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    positive = checks.binary(labels, "labels")
    chance = checks.probabilities(probability, "probability")
    checks.same_length(labels=positive, probability=chance)
    return positive, chance


def _binned(
    positive: NDArray[np.bool_], chance: NDArray[np.float64], bins: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Count, mean prediction and share of positives of the bins in use; each patient's bin."""
    if bins < 1:
        raise ValueError(f"bins must be at least 1; got {bins}")
    place = np.minimum(np.floor(chance * bins), bins - 1).astype(np.int64)
    _, code = np.unique(place, return_inverse=True)
    count = np.bincount(code)
    predicted = np.bincount(code, weights=chance) / count
    observed = np.bincount(code, weights=positive) / count
    return count, predicted, observed, code
