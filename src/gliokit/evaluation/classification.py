"""Answers of yes and no against the truth: rates with intervals at a fixed threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gliokit.evaluation import checks
from gliokit.evaluation.estimate import Estimate
from gliokit.evaluation.proportion import wilson_interval

__all__ = ["Confusion", "Rates", "confusion", "rates"]


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of patients by truth and answer."""

    true_positives: int
    false_negatives: int
    true_negatives: int
    false_positives: int

    def __post_init__(self) -> None:
        counts = (
            self.true_positives,
            self.false_negatives,
            self.true_negatives,
            self.false_positives,
        )
        if min(counts) < 0 or sum(counts) == 0:
            raise ValueError(f"counts must not be negative, nor all 0; got {counts}")

    @property
    def n(self) -> int:
        """Of patients."""
        return (
            self.true_positives + self.false_negatives + self.true_negatives + self.false_positives
        )


@dataclass(frozen=True, slots=True)
class Rates:
    """What is read off a table of counts; a rate without patients is NaN."""

    sensitivity: Estimate
    specificity: Estimate
    positive_predictive_value: Estimate
    negative_predictive_value: Estimate
    accuracy: Estimate
    f1: Estimate
    mcc: Estimate


def confusion(labels: ArrayLike, predicted: ArrayLike) -> Confusion:
    """Counts of patients by truth and answer.

    Args:
        labels: (n,), 0 or 1; one class alone is allowed.
        predicted: (n,), 0 or 1: scores at least a threshold that was fixed on training data.

    Raises:
        ValueError: values other than 0 and 1, other lengths.
    """
    truth, said = checks.binary(labels, "labels"), checks.binary(predicted, "predicted")
    checks.same_length(labels=truth, predicted=said)
    return Confusion(
        int((truth & said).sum()),
        int((truth & ~said).sum()),
        int((~truth & ~said).sum()),
        int((~truth & said).sum()),
    )


def rates(table: Confusion, *, level: float = 0.95) -> Rates:
    """Sensitivity, specificity, predictive values, accuracy and F1 with Wilson's, MCC.

    F1 is 2 J / (1 + J) of J = TP / (TP + FP + FN), a share of those whom truth or answer call
    positive, and takes J's interval. MCC has Fisher's z interval with the variance of a
    correlation of two binary variables; one half is added to each count for the interval, as
    at 1 it would have no width. MCC is NaN where truth or answers hold one class alone.

    Source: Wilson, JASA 22 (1927) 209; Matthews, BBA 405 (1975) 442.
    """
    tp, fn = table.true_positives, table.false_negatives
    tn, fp = table.true_negatives, table.false_positives
    overlap = _share(tp, tp + fp + fn, level)
    f1 = [2 * j / (1 + j) for j in (overlap.value, overlap.low, overlap.high)]
    return Rates(
        _share(tp, tp + fn, level),
        _share(tn, tn + fp, level),
        _share(tp, tp + fp, level),
        _share(tn, tn + fn, level),
        _share(tp + tn, table.n, level),
        Estimate(f1[0], f1[1], f1[2], overlap.n, "wilson of the overlap", level),
        _mcc(table, level),
    )


def _share(count: int, n: int, level: float) -> Estimate:
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan, 0, "wilson", level)
    low, high = wilson_interval(count, n, level=level)
    value = count / n
    return Estimate(value, min(low, value), max(high, value), n, "wilson", level)


def _mcc(table: Confusion, level: float) -> Estimate:
    from scipy.stats import norm

    counts = np.array(
        [
            [table.true_positives, table.false_negatives],
            [table.false_positives, table.true_negatives],
        ],
        dtype=np.float64,
    )
    if (counts.sum(0) == 0).any() or (counts.sum(1) == 0).any():
        return Estimate(math.nan, math.nan, math.nan, table.n, "fisher z", level)
    value, _ = _correlation(counts)
    middle, variance = _correlation(counts + 0.5)
    z = float(norm.ppf(0.5 + checks.fraction(level, "level") / 2))
    half = z * math.sqrt(variance) / (1 - middle**2)
    low, high = (math.tanh(math.atanh(middle) + side * half) for side in (-1, 1))
    return Estimate(value, min(low, value), max(high, value), table.n, "fisher z", level)


def _correlation(counts: np.ndarray) -> tuple[float, float]:
    """Correlation of truth and answer and its variance, by its influence function."""
    n = counts.sum()
    share, rate = counts[0].sum() / n, counts[:, 0].sum() / n
    truth = np.array([1 - share, -share]) / math.sqrt(share * (1 - share))
    said = np.array([1 - rate, -rate]) / math.sqrt(rate * (1 - rate))
    product = np.outer(truth, said)
    value = float((counts * product).sum() / n)
    pull = product - value / 2 * (truth[:, None] ** 2 + said[None, :] ** 2)
    return value, float((counts * pull**2).sum() / n**2)
