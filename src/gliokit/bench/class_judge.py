"""How classes are judged: AUC within folds, what a threshold does, calibration."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.scores import Headline, Scores, Yardstick
from gliokit.evaluation import (
    Estimate,
    Gain,
    average_precision,
    bootstrap_patients,
    brier_score,
    calibration_line,
    confusion,
    cross_validated_auc,
    cross_validated_gain,
    expected_calibration_error,
    rates,
    widened,
)
from gliokit.systems import ClassTarget

__all__ = ["class_yardstick"]

RATES = ("sensitivity", "specificity", "accuracy", "f1", "mcc")


def class_yardstick(target: ClassTarget, shared: bool, seed: int, draws: int) -> Yardstick:
    """Of a target of two classes.

    Args:
        target: What is so.
        shared: Whether the models of the folds learnt from each other's patients.
        seed, draws: Of the bootstraps.
    """

    def headline(s: Scores) -> Headline:
        found = cross_validated_auc(target.codes[s.rows], s.ranked, s.folds, seed=seed,
                                    draws=draws, shared_training=shared)  # fmt: skip
        return Headline(found.mean, tuple(found.per_fold.ravel().tolist()))

    def gain(s: Scores, others: Mapping[str, Scores]) -> Gain:
        return cross_validated_gain(
            target.codes[s.rows], s.ranked, {n: o.ranked for n, o in others.items()}, s.folds,
            seed=seed, draws=draws, shared_training=shared,
        )  # fmt: skip

    def figures(s: Scores) -> dict[str, Estimate]:
        labels, p = target.codes[s.rows], s.scores[0]
        said = rates(confusion(labels, (p >= s.thresholds[0]).astype(int)))
        found = {name: getattr(said, name) for name in RATES}
        found["auprc"] = _auprc(labels, s, seed, max(draws // 4, 100), shared)
        found["brier"] = _alone(brier_score(labels, p), labels.size)
        found["calibration_error"] = _alone(expected_calibration_error(labels, p), labels.size)
        varies = s.ranks and any(np.ptp(p[s.folds[0] == k]) > 0 for k in np.unique(s.folds[0]))
        if varies and p.min() > 0 and p.max() < 1:
            # Scores that separate the classes have no finite slope: the figure is left out.
            with suppress(ValueError):
                line = calibration_line(labels, p)
                found["calibration_slope"] = line.slope
                found["calibration_in_the_large"] = line.in_the_large
        return found

    return Yardstick(headline, gain, figures)


def _auprc(labels: NDArray[np.int64], s: Scores, seed: int, draws: int, shared: bool) -> Estimate:
    """Mean within folds, of patients drawn within fold and class."""

    def mean(rows: NDArray[np.intp]) -> float:
        return float(np.mean([
            average_precision(labels[mine], score[mine])
            for score, fold in zip(s.ranked, s.folds, strict=True)
            for mine in (rows[fold[rows] == k] for k in np.unique(fold))
        ]))  # fmt: skip

    strata = 2 * s.folds[0] + labels
    try:
        found = bootstrap_patients(mean, np.arange(labels.size), seed=seed, strata=strata,
                                   draws=draws)  # fmt: skip
    except ValueError:  # of repeats, a draw may leave a fold of another deal without a class
        return _alone(mean(np.arange(labels.size)), labels.size)
    return widened(found) if shared else found


def _alone(value: float, n: int) -> Estimate:
    return Estimate(value, value, value, n, "value alone")
