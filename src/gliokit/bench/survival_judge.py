"""How survival is judged: Harrell's C of a cross-validation, and the gain in it over baselines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.scores import Headline, Scores, Yardstick
from gliokit.bench.survival_brier import brier_figures
from gliokit.bench.survival_figures import drawn_counts, survival_figures
from gliokit.evaluation import (
    Estimate,
    Gain,
    drawn_harrell_c,
    drawn_interval,
    gain_interval,
    harrell_c,
)
from gliokit.systems import SurvivalTarget

__all__ = ["cross_validated_c", "cross_validated_c_gain", "survival_yardstick"]

Numbers = NDArray[np.float64]


def survival_yardstick(
    target: SurvivalTarget,
    training: Sequence[SurvivalTarget],
    shared: bool,
    seed: int,
    draws: int,
) -> Yardstick:
    """Of a survival time; `training` as of `training_of`, the others as of `class_yardstick`."""

    def headline(s: Scores) -> Headline:
        found, per_fold = cross_validated_c(
            target.days[s.rows], target.died[s.rows], s.ranked, s.folds,
            seed=seed, draws=draws, shared_training=shared,
        )  # fmt: skip
        return Headline(found, per_fold)

    def gain(s: Scores, others: Mapping[str, Scores]) -> Gain:
        return cross_validated_c_gain(
            target.days[s.rows], target.died[s.rows], s.ranked,
            {n: o.ranked for n, o in others.items()}, s.folds,
            seed=seed, draws=draws, shared_training=shared,
        )  # fmt: skip

    def figures(s: Scores) -> dict[str, Estimate]:
        return {
            **survival_figures(target, s, training, shared=shared, seed=seed, draws=draws),
            **brier_figures(target, s, training, shared=shared, seed=seed, draws=draws),
        }

    return Yardstick(headline, gain, figures)


def cross_validated_c(
    days: Numbers,
    died: NDArray[np.bool_],
    scores: Numbers,
    folds: NDArray[np.int64],
    *,
    seed: int,
    draws: int,
    shared_training: bool,
) -> tuple[Estimate, tuple[float, ...]]:
    """The mean of C within folds with a 95 % interval by patient bootstrap, and C of each fold.

    Patients are drawn within folds, those who died and the others apart, the same for all
    repeats of which the first one says the folds. Risks of different folds come from different
    models and are never ranked together.

    Args:
        days, died: (n,).
        scores, folds: (repeats, n), risks.
        seed, draws: Of the bootstrap.
        shared_training: Whether the models of the folds learnt from each other's patients.

    Raises:
        ValueError: a fold without a pair that can be compared.
    """
    per_fold = _per_fold(days, died, scores, folds)
    counts = drawn_counts((died, ~died), folds[0], seed, draws)
    drawn = _drawn_means(days, died, scores, folds, counts)
    found = drawn_interval(
        float(np.mean(per_fold)), drawn, days.size, shared_training=shared_training
    )
    return found, tuple(per_fold)


def cross_validated_c_gain(
    days: Numbers,
    died: NDArray[np.bool_],
    scores: Numbers,
    baselines: Mapping[str, Numbers],
    folds: NDArray[np.int64],
    *,
    seed: int,
    draws: int,
    shared_training: bool,
) -> Gain:
    """The gain in C over the best baseline.

    Arguments as of `cross_validated_c`; model and baseline meet the same draws.
    """
    means = {n: float(np.mean(_per_fold(days, died, s, folds))) for n, s in baselines.items()}
    best = max(means, key=lambda name: means[name])
    value = float(np.mean(_per_fold(days, died, scores, folds))) - means[best]
    counts = drawn_counts((died, ~died), folds[0], seed, draws)
    model, baseline = (
        _drawn_means(days, died, s, folds, counts) for s in (scores, baselines[best])
    )
    gain = gain_interval(value, model - baseline, days.size, shared_training=shared_training)
    return Gain(gain, best)


def _parts(
    scores: Numbers, folds: NDArray[np.int64]
) -> Iterator[tuple[Numbers, NDArray[np.bool_]]]:
    """The scores of each repeat with the places of each of its folds."""
    for score, fold in zip(scores, folds, strict=True):
        for k in np.unique(fold):
            yield score, fold == k


def _per_fold(
    days: Numbers, died: NDArray[np.bool_], scores: Numbers, folds: NDArray[np.int64]
) -> list[float]:
    return [harrell_c(days[k], died[k], score[k]) for score, k in _parts(scores, folds)]


def _drawn_means(
    days: Numbers,
    died: NDArray[np.bool_],
    scores: Numbers,
    folds: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> Numbers:
    """The mean over folds of each draw, (draws,)."""
    found = [
        drawn_harrell_c(days[k], died[k], score[k], counts[:, k])
        for score, k in _parts(scores, folds)
    ]
    return np.asarray(np.mean(found, axis=0))
