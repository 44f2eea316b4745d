"""How well scores put positives above negatives: ROC, precision and recall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks

__all__ = [
    "PrecisionRecallCurve",
    "RocCurve",
    "auc",
    "average_precision",
    "precision_recall_curve",
    "roc_curve",
    "youden_threshold",
]


@dataclass(frozen=True, slots=True)
class RocCurve:
    """Rates of those called positive at each threshold (score >= threshold), from none to all."""

    false_positive_rate: NDArray[np.float64]
    sensitivity: NDArray[np.float64]
    threshold: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PrecisionRecallCurve:
    """Precision and recall at each threshold (score >= threshold), from the highest down."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    threshold: NDArray[np.float64]


def auc(labels: ArrayLike, scores: ArrayLike) -> float:
    """The chance that a positive scores above a negative; a tie counts one half.

    Args:
        labels: (n,), 0 or 1, both present.
        scores: (n,), finite, higher for positive.

    Raises:
        ValueError: one class only, other lengths, scores that are not finite.

    Source: Hanley and McNeil, Radiology 143 (1982) 29.
    """
    from scipy.stats import rankdata

    positive, score = _checked(labels, scores)
    m = int(positive.sum())
    n = positive.size - m
    above = rankdata(score)[positive].sum() - m * (m + 1) / 2
    return float(above / (m * n))


def roc_curve(labels: ArrayLike, scores: ArrayLike) -> RocCurve:
    """The ROC curve; equal scores share one point. Arguments and errors as of `auc`."""
    positive, score = _checked(labels, scores)
    hits, alarms, threshold = _counts(positive, score)
    return RocCurve(
        np.concatenate([[0.0], alarms / (~positive).sum()]),
        np.concatenate([[0.0], hits / positive.sum()]),
        np.concatenate([[np.inf], threshold]),
    )


def precision_recall_curve(labels: ArrayLike, scores: ArrayLike) -> PrecisionRecallCurve:
    """Precision over recall; equal scores share one point. Arguments and errors as of `auc`."""
    positive, score = _checked(labels, scores)
    hits, alarms, threshold = _counts(positive, score)
    return PrecisionRecallCurve(hits / (hits + alarms), hits / positive.sum(), threshold)


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under precision over recall, by steps without interpolation (AUPRC).

    Chance gives about the share of positives, not one half. Arguments and errors as of `auc`.

    Source: Davis and Goadrich, ICML 2006, on why precision is not interpolated linearly.
    """
    curve = precision_recall_curve(labels, scores)
    return float(np.sum(np.diff(curve.recall, prepend=0.0) * curve.precision))


def youden_threshold(labels: ArrayLike, scores: ArrayLike) -> float:
    """The threshold (score >= it) of the highest sensitivity + specificity - 1.

    To be fixed on the training data. Of equal ones the highest is taken. Arguments and errors
    as of `auc`.

    Source: Youden, Cancer 3 (1950) 32.
    """
    curve = roc_curve(labels, scores)
    best = 1 + int(np.argmax((curve.sensitivity - curve.false_positive_rate)[1:]))
    return float(curve.threshold[best])


def _checked(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    positive, score = checks.both_classes(labels, "labels"), checks.finite(scores, "scores")
    checks.same_length(labels=positive, scores=score)
    return positive, score


def _counts(
    positive: NDArray[np.bool_], score: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """True and false positives at each distinct score, from the highest down."""
    order = np.argsort(-score, kind="stable")
    score, positive = score[order], positive[order]
    last = np.append(np.flatnonzero(np.diff(score)), score.size - 1)
    hits = np.cumsum(positive)[last].astype(np.float64)
    return hits, last + 1 - hits, score[last]
