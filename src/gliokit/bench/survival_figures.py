"""Uno's C and AUCs over time of a cross-validation, beside Harrell's C.

Those censored are made up for by weights from the censoring of each fold's training patients.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.running import Run
from gliokit.bench.scores import Scores
from gliokit.evaluation import (
    Estimate,
    SurvivalCurve,
    censoring_curve,
    cumulative_dynamic_auc,
    drawn_dynamic_auc,
    drawn_interval,
    drawn_uno_c,
    uno_c,
)
from gliokit.evaluation.folds import drawn_weights
from gliokit.systems import SurvivalTarget

__all__ = [
    "AUC_AT",
    "UNO",
    "Horizons",
    "drawn_counts",
    "horizons_of",
    "survival_figures",
    "training_of",
]

UNO, AUC_AT = "uno_c", "auc at day "
"""Names of figures; a day follows the second."""

YEARS_DAYS = (365.0, 730.0)
QUARTILES = (0.25, 0.5, 0.75)
FOLLOWED = 0.9
"""Share of the patients of whom Uno's C needs no longer follow-up."""
JUDGED = 0.8
"""Share of the patients of whom survival curves need no longer follow-up."""
LEAST = 2
"""Of the patients dead by a day, and of those followed beyond it, in every fold."""

Numbers = NDArray[np.float64]
Deaths = NDArray[np.bool_]
Value = Callable[[Numbers, Deaths, Numbers, SurvivalCurve], float]
Drawn = Callable[[Numbers, Deaths, Numbers, SurvivalCurve, Numbers], Numbers]
Asked = tuple[str, Numbers, tuple[Value, Drawn]]
"""A figure's name, weights of the draws, (draws, n), and how it is computed."""


@dataclass(frozen=True, slots=True)
class Horizons:
    """Until when, and when, ranking is judged.

    Args:
        uno_until_days: Deaths before it count for Uno's C: the day until which a tenth
            or more of the patients are followed, of those judged and of every training fold.
        auc_at_days: 1 and 2 years, if in every fold two patients or more are dead by then and two
            or more are followed beyond; else those quartiles of the days of death of which that
            holds.
        years: Whether they are years.
        brier_until_days: Until when survival curves are judged: the day beyond which a fifth or
            more are followed, in every test and training fold, and no later than the last death of
            any training fold, after which no model of it knows more.
    """

    uno_until_days: float
    auc_at_days: tuple[float, ...]
    years: bool
    brier_until_days: float = 0.0


def training_of(run: Run) -> tuple[SurvivalTarget, ...]:
    """Days and deaths of the training patients of each fold.

    Where the scores of all folds are ranked together, those of all patients judged.
    """
    target = run.cohort.target(run.target)
    if not isinstance(target, SurvivalTarget):
        return ()
    if run.ranks_models_together:
        return (target.take(np.flatnonzero(target.known & run.judged)),)
    return tuple(f.training.labelled.survival for f in run.folds)


def horizons_of(target: SurvivalTarget, s: Scores, training: Sequence[SurvivalTarget]) -> Horizons:
    """The same for all systems, since no score is looked at.

    Args:
        target: What is so.
        s: Who is judged in which fold.
        training: As of `training_of`.
    """
    days, died = target.days[s.rows], target.died[s.rows]
    last = min(float(np.quantile(d, FOLLOWED)) for d in (days, *(t.days for t in training)))

    def known(day: float) -> bool:
        parts = [(days[fold == k], died[fold == k]) for fold in s.folds for k in np.unique(fold)]
        return day < min(float(t.days.max()) for t in training) and all(
            min(int((d & (t <= day)).sum()), int((t > day).sum())) >= LEAST for t, d in parts
        )

    until = _brier_until(days, s.folds, training)
    if all(known(day) for day in YEARS_DAYS):
        return Horizons(last, YEARS_DAYS, years=True, brier_until_days=until)
    if not died.any():
        return Horizons(last, (), years=False)
    quartiles = np.unique(np.round(np.quantile(days[died], QUARTILES)))
    told = tuple(float(q) for q in quartiles if known(float(q)))
    return Horizons(last, told, years=False, brier_until_days=until)


def _brier_until(
    days: Numbers, folds: NDArray[np.int64], training: Sequence[SurvivalTarget]
) -> float:
    """In whole days; 0 where a training fold holds no death."""
    parts = [days[fold == k] for fold in folds for k in np.unique(fold)]
    followed = min(float(np.quantile(d, JUDGED)) for d in (*parts, *(t.days for t in training)))
    last_deaths = [float(t.days[t.died].max(initial=0.0)) for t in training]
    return float(np.floor(min(followed, *last_deaths)))


def survival_figures(
    target: SurvivalTarget,
    s: Scores,
    training: Sequence[SurvivalTarget],
    *,
    shared: bool,
    seed: int,
    draws: int,
) -> dict[str, Estimate]:
    """Means over folds with 95 % intervals by patient bootstrap, as the headline has them.

    A figure that is not defined in a fold is left out; of one that is not defined in some draw
    there is no interval.

    Args:
        target: What is so.
        s: What a system said.
        training: As of `training_of`.
        shared: Whether the models of the folds learnt from each other's patients.
        seed, draws: Of the bootstrap.
    """
    days, died = target.days[s.rows], target.died[s.rows]
    curves = [censoring_curve(t.days, t.died) for t in training]
    horizons = horizons_of(target, s, training)
    found: dict[str, Estimate] = {}
    parts = [
        (fold == k, score, curves[k])
        for score, fold in zip(s.ranked, s.folds, strict=True)
        for k in np.unique(fold)
    ]
    counted = drawn_counts((died, ~died), s.folds[0], seed, draws).astype(np.float64)
    asked: list[Asked] = [(UNO, counted, _uno(horizons.uno_until_days))]
    for day in horizons.auc_at_days:
        weights = _weights_at(day, days, died, s.folds, seed=seed, draws=draws)
        asked.append((f"{AUC_AT}{day:g}", weights, _auc_at(day)))
    for name, weights, (value, drawn) in asked:
        # A fold may hold no pair that can be compared.
        with suppress(ValueError):
            mean = float(np.mean([value(days[k], died[k], r[k], c) for k, r, c in parts]))
            found[name] = Estimate(mean, math.nan, math.nan, days.size, "none: draws lack pairs")
            means = [drawn(days[k], died[k], r[k], c, weights[:, k]) for k, r, c in parts]
            found[name] = drawn_interval(
                mean, np.mean(means, axis=0), days.size, shared_training=shared
            )
    return found


def _weights_at(
    day: float, days: Numbers, died: Deaths, folds: NDArray[np.int64], *, seed: int, draws: int
) -> Numbers:
    """Weights of patients, (draws, n), right for folds that hold few who are dead by a day."""
    gone, there = died & (days <= day), days > day
    weights = drawn_weights((gone, there), folds, seed=seed, draws=draws)
    weights[:, ~gone & ~there] = 1.0
    return weights


def drawn_counts(
    groups: Sequence[NDArray[np.bool_]], fold: NDArray[np.int64], seed: int, draws: int
) -> NDArray[np.int64]:
    """How often each patient is drawn, (draws, n), within folds and groups.

    Args:
        groups: Masks (n,) that share out the patients.
        fold: (n,).
        seed, draws: Of the bootstrap.
    """
    generator = np.random.default_rng(seed)
    parts = [np.flatnonzero((fold == k) & group) for k in np.unique(fold) for group in groups]
    counts = np.zeros((draws, fold.size), dtype=np.int64)
    for row in counts:
        for part in parts:
            if part.size:
                np.add.at(row, generator.choice(part, part.size), 1)
    return counts


def _uno(tau: float) -> tuple[Value, Drawn]:
    def value(days: Numbers, died: Deaths, risk: Numbers, curve: SurvivalCurve) -> float:
        return uno_c(days, died, risk, tau=tau, censoring=curve)

    def drawn(
        days: Numbers, died: Deaths, risk: Numbers, curve: SurvivalCurve, counts: Numbers
    ) -> Numbers:
        return drawn_uno_c(days, died, risk, counts, tau=tau, censoring=curve)

    return value, drawn


def _auc_at(day: float) -> tuple[Value, Drawn]:
    def value(days: Numbers, died: Deaths, risk: Numbers, curve: SurvivalCurve) -> float:
        return float(cumulative_dynamic_auc(days, died, risk, [day], censoring=curve)[0])

    def drawn(
        days: Numbers, died: Deaths, risk: Numbers, curve: SurvivalCurve, counts: Numbers
    ) -> Numbers:
        return drawn_dynamic_auc(days, died, risk, day, counts, censoring=curve)

    return value, drawn
