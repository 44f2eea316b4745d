"""What the answers are worth: one row a system, and the pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.running import Run
from gliokit.bench.survival_judge import cross_validated_c, cross_validated_c_gain
from gliokit.evaluation import (
    Estimate,
    brier_score,
    calibration_line,
    confusion,
    cross_validated_auc,
    cross_validated_gain,
    rates,
)
from gliokit.study import UsageError
from gliokit.systems import BASELINES, ClassTarget, SurvivalTarget

__all__ = ["Judgement", "Pair", "Scores", "judge", "scores_by_system"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One system.

    Args:
        headline: Mean AUC within folds, or Harrell's C.
        per_fold: Of every fold.
        gain: Over the best baseline; None for a baseline, and where no baseline ran.
        best_baseline: Which that is.
        words: 'not better than baseline' or ''.
        figures: The others, by name.
    """

    system: str
    headline: Estimate
    per_fold: tuple[float, ...]
    gain: Estimate | None
    best_baseline: str
    words: str
    figures: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Pair:
    """What one system gains over another, on the same folds."""

    one: str
    other: str
    difference: Estimate

    @property
    def within_noise(self) -> bool:
        """Whether the interval holds 0."""
        return not self.difference.excludes(0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores, folds (repeats, n) and thresholds of one system for the rows tested."""

    rows: NDArray[np.intp]
    scores: NDArray[np.float64]
    folds: NDArray[np.int64]
    thresholds: NDArray[np.float64]


def scores_by_system(run: Run) -> dict[str, Scores]:
    """Of every system that answered; all have the same rows and folds."""
    names = [f.name for f in run.folds]
    repeats = 1 + max(f.repeat for f in run.folds)
    rows = np.unique(np.concatenate([f.test_rows for f in run.folds]))
    place = {int(row): i for i, row in enumerate(rows)}
    found = {}
    for system in run.systems:
        score, threshold = np.full((2, repeats, rows.size), np.nan)
        fold = np.zeros((repeats, rows.size), dtype=np.int64)
        for p in run.predictions:
            if p.system == system:
                at = (p.repeat, place[p.row])
                score[at], threshold[at], fold[at] = p.score, p.threshold, names.index(p.fold)
        if run.protocol.pooled:
            fold[:] = 0
            if system == "majority":
                # A share that each left-out patient lowers ranks them the wrong way round.
                score[:] = 0.5
        found[system] = Scores(rows, score, fold, threshold)
    return found


def judge(
    run: Run, *, seed: int = 0, draws: int = 2000, stratum: str = ""
) -> tuple[tuple[Judgement, ...], tuple[Pair, ...]]:
    """All systems that answered, and every pair of those that are no baselines.

    Args:
        run: What they said.
        seed: Of the draws.
        draws: Of each bootstrap; of survival a quarter of them.
        stratum: Judge the patients of this stratum alone.

    Raises:
        UsageError: too few patients of a class in a fold, or no system answered.
    """
    found = scores_by_system(run)
    if not found:
        raise UsageError("a system has answered on every fold",
                         found="; ".join(f"{k}: {v}" for k, v in run.failures.items()))  # fmt: skip
    if stratum:
        found = {name: _within(s, run, stratum) for name, s in found.items()}
    methods = _Methods.of(run, seed, draws)
    try:
        baselines = {n: found[n].scores for n in BASELINES if n in found}
        judged = tuple(_judged(methods, n, found[n], baselines) for n in found)
        rivals = [n for n in found if n not in BASELINES]
        pairs = tuple(
            Pair(a, b, methods.gain(found[a], {b: found[b].scores})[0])
            for i, a in enumerate(rivals)
            for b in rivals[i + 1 :]
        )
    except ValueError as error:
        raise UsageError("the folds are large enough to be judged", found=error,
                         way_out="Take fewer folds, or more patients.") from error  # fmt: skip
    return judged, pairs


def _within(scores: Scores, run: Run, stratum: str) -> Scores:
    kept = np.array([run.cohort.strata[row] == stratum for row in scores.rows])
    return Scores(scores.rows[kept], scores.scores[:, kept], scores.folds[:, kept],
                  scores.thresholds[:, kept])  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Methods:
    """How a target is judged: of a whole system, and of one over others."""

    headline: Callable[[Scores], tuple[Estimate, tuple[float, ...]]]
    gain: Callable[[Scores, Mapping[str, NDArray[np.float64]]], tuple[Estimate, str, str]]
    figures: Callable[[Scores], dict[str, Estimate]]

    @classmethod
    def of(cls, run: Run, seed: int, draws: int) -> _Methods:
        target = run.cohort.target(run.target)
        shared = run.protocol.kind != "hold-out"
        if isinstance(target, SurvivalTarget):
            return _of_survival(target, shared, seed, max(draws // 4, 100))
        return _of_classes(target, shared, seed, draws)


def _of_classes(target: ClassTarget, shared: bool, seed: int, draws: int) -> _Methods:
    def headline(s: Scores) -> tuple[Estimate, tuple[float, ...]]:
        found = cross_validated_auc(target.codes[s.rows], s.scores, s.folds, seed=seed,
                                    draws=draws, shared_training=shared)  # fmt: skip
        return found.mean, tuple(found.per_fold.ravel().tolist())

    def gain(s: Scores, others: Mapping[str, NDArray[np.float64]]) -> tuple[Estimate, str, str]:
        found = cross_validated_gain(target.codes[s.rows], s.scores, others, s.folds, seed=seed,
                                     draws=draws, shared_training=shared)  # fmt: skip
        return found.difference, found.baseline, found.words

    def figures(s: Scores) -> dict[str, Estimate]:
        labels, p = target.codes[s.rows], s.scores[0]
        said = rates(confusion(labels, (p >= s.thresholds[0]).astype(int)))
        found = {"sensitivity": said.sensitivity, "specificity": said.specificity,
                 "accuracy": said.accuracy}  # fmt: skip
        value = brier_score(labels, p)
        found["brier"] = Estimate(value, value, value, labels.size, "value alone")
        varies = any(np.ptp(p[s.folds[0] == k]) > 0 for k in np.unique(s.folds[0]))
        if varies and p.min() > 0 and p.max() < 1:
            # Scores that separate the classes have no finite slope: the figure is left out.
            with suppress(ValueError):
                found["calibration_slope"] = calibration_line(labels, p).slope
        return found

    return _Methods(headline, gain, figures)


def _of_survival(target: SurvivalTarget, shared: bool, seed: int, draws: int) -> _Methods:
    def headline(s: Scores) -> tuple[Estimate, tuple[float, ...]]:
        return cross_validated_c(target.days[s.rows], target.died[s.rows], s.scores, s.folds,
                                 seed=seed, draws=draws, shared_training=shared)  # fmt: skip

    def gain(s: Scores, others: Mapping[str, NDArray[np.float64]]) -> tuple[Estimate, str, str]:
        return cross_validated_c_gain(
            target.days[s.rows], target.died[s.rows], s.scores, others, s.folds,
            seed=seed, draws=draws, shared_training=shared,
        )  # fmt: skip

    return _Methods(headline, gain, lambda s: {})


def _judged(
    methods: _Methods,
    name: str,
    scores: Scores,
    baselines: Mapping[str, NDArray[np.float64]],
) -> Judgement:
    headline, per_fold = methods.headline(scores)
    gain, best, words = None, "", ""
    if name not in BASELINES and baselines:
        gain, best, words = methods.gain(scores, baselines)
    return Judgement(name, headline, per_fold, gain, best, words, methods.figures(scores))
