"""Whether predicted survival comes true: Brier scores over time of a cross-validation.

Those censored are made up for by weights from the censoring of each fold's training patients, and
each score stands beside that of giving everybody Kaplan and Meier's curve of the same patients.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.scores import Scores
from gliokit.bench.survival_figures import Horizons, drawn_counts, horizons_of
from gliokit.evaluation import (
    Estimate,
    SurvivalCurve,
    censoring_curve,
    drawn_interval,
    gain_interval,
    integrated_brier_score,
    kaplan_meier,
    survival_brier_errors,
)
from gliokit.systems import SurvivalTarget

__all__ = ["BRIER_AT", "INTEGRATED", "LESS", "brier_figures", "kaplan_meier_brier"]

INTEGRATED, LESS, BRIER_AT = "integrated_brier", "integrated_brier_gain", "brier at day "
"""Names of figures; a day follows the last."""

MOMENTS = 101
"""At which the score is taken from day 0 on, evenly."""

Numbers = NDArray[np.float64]
Alive = Callable[[Numbers], Numbers | None]
"""Days (k,) -> predicted survival (repeats, n, k)."""


def brier_figures(
    target: SurvivalTarget,
    s: Scores,
    training: Sequence[SurvivalTarget],
    *,
    shared: bool,
    seed: int,
    draws: int,
) -> dict[str, Estimate]:
    """Means over folds with 95 % intervals by patient bootstrap, as the headline has them.

    Args:
        target: What is so.
        s: What a system said.
        training: As of `training_of`.
        shared: Whether the models of the folds learnt from each other's patients.
        seed, draws: Of the bootstrap.

    Returns:
        The score integrated until `Horizons.brier_until_days` and divided by that time, how much
        lower it is than Kaplan and Meier's on the same draws, and the score at each day of
        `Horizons.auc_at_days`. A figure is left out where the system states no survival until
        then, or where a fold's training patients are all censored before. Empty without curves.
    """
    if s.curves is None:
        return {}
    horizons, found = horizons_of(target, s, training), {}
    died = target.died[s.rows]
    counts = drawn_counts((died, ~died), s.folds[0], seed, draws)
    nobody = [kaplan_meier(t.days, t.died) for t in training]
    for name, moments in _asked(horizons):
        # A fold may not know the censoring, or a system the survival, at that day.
        with suppress(ValueError):
            mine = _errors(target, s, training, moments, s.alive_at)
            found[name] = _estimate(mine, s.folds, counts, shared)
            if name == INTEGRATED:
                theirs = _errors(target, s, training, moments, _same_for_all(s, nobody))
                found[LESS] = _gain(mine, theirs, s.folds, counts, shared)
    return found


def kaplan_meier_brier(
    target: SurvivalTarget,
    s: Scores,
    training: Sequence[SurvivalTarget],
    *,
    shared: bool,
    seed: int,
    draws: int,
) -> dict[str, Estimate]:
    """The same figures, but for the gain, of giving everybody the curve of the training patients.

    Where the scores of all models are ranked together (`training` holds one target, of all
    judged), that curve has seen the patient himself, which favours it a little.

    Arguments as of `brier_figures`; of `s` only who is judged in which fold is looked at.
    """
    horizons, found = horizons_of(target, s, training), {}
    died = target.died[s.rows]
    counts = drawn_counts((died, ~died), s.folds[0], seed, draws)
    alive = _same_for_all(s, [kaplan_meier(t.days, t.died) for t in training])
    for name, moments in _asked(horizons):
        with suppress(ValueError):
            found[name] = _estimate(
                _errors(target, s, training, moments, alive), s.folds, counts, shared
            )
    return found


def _asked(horizons: Horizons) -> list[tuple[str, Numbers]]:
    """Names of figures with the days that each needs."""
    asked = [(f"{BRIER_AT}{d:g}", np.array([d])) for d in horizons.auc_at_days]
    if horizons.brier_until_days <= 0:
        return asked
    return [(INTEGRATED, np.linspace(0.0, horizons.brier_until_days, MOMENTS)), *asked]


def _same_for_all(s: Scores, curves: Sequence[SurvivalCurve]) -> Alive:
    def alive(moments: Numbers) -> Numbers:
        by_fold = np.array([curve.at(moments) for curve in curves])
        return np.asarray(by_fold[s.folds])

    return alive


def _errors(
    target: SurvivalTarget,
    s: Scores,
    training: Sequence[SurvivalTarget],
    moments: Numbers,
    alive: Alive,
) -> Numbers:
    """What each patient adds to the score of his fold, (repeats, n); over several days the mean
    over time, by trapezoids.

    Raises:
        ValueError: survival is not stated, or everybody censored, at some day.
    """
    predicted = alive(moments)
    if predicted is None or not np.isfinite(predicted).all():
        raise ValueError("survival is not stated until then")
    days, died = target.days[s.rows], target.died[s.rows]
    found = np.full(s.folds.shape, math.nan)
    for r, fold in enumerate(s.folds):
        for k in np.unique(fold):
            mine = fold == k
            curve = censoring_curve(training[k].days, training[k].died)
            each = survival_brier_errors(days[mine], died[mine], predicted[r, mine], moments,
                                         censoring=curve)  # fmt: skip
            found[r, mine] = each[:, 0] if moments.size == 1 else _over_time(moments, each)
    return found


def _over_time(moments: Numbers, each: Numbers) -> Numbers:
    return np.array([integrated_brier_score(moments, one) for one in each])


def _estimate(
    errors: Numbers, folds: NDArray[np.int64], counts: NDArray[np.int64], shared: bool
) -> Estimate:
    value, drawn = _means(errors, folds, counts)
    # Weights above 1 can lift the score of few patients beyond 1.
    return drawn_interval(value, drawn, folds.shape[1], shared_training=shared,
                          ends=(0.0, math.inf))  # fmt: skip


def _gain(
    mine: Numbers,
    theirs: Numbers,
    folds: NDArray[np.int64],
    counts: NDArray[np.int64],
    shared: bool,
) -> Estimate:
    value, drawn = _means(theirs - mine, folds, counts)
    return gain_interval(value, drawn, folds.shape[1], shared_training=shared)


def _means(
    errors: Numbers, folds: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[float, Numbers]:
    """The mean over folds of their patients' mean, and the same of each draw, (draws,)."""
    values, drawn = [], []
    for error, fold in zip(errors, folds, strict=True):
        for k in np.unique(fold):
            count = counts[:, fold == k]
            values.append(error[fold == k].mean())
            drawn.append(count @ error[fold == k] / count.sum(axis=1))
    return float(np.mean(values)), np.asarray(np.mean(drawn, axis=0))
