"""The AUC of a cross-validation, and whether it is better than chance or than a baseline.

The mean of the AUCs within folds: scores of different folds come from different models and are
never ranked together. Its interval is drawn over patients and then widened, see `fold_interval`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation.delong import hanley_mcneil_variance, score_interval
from gliokit.evaluation.estimate import Estimate
from gliokit.evaluation.fold_interval import (
    LEVEL,
    SHARED_TRAINING,
    drawn_interval,
    gain_interval,
    gain_words,
)
from gliokit.evaluation.folds import checked_folds, drawn_means, mean_auc, members
from gliokit.evaluation.roc import auc

__all__ = [
    "CrossValidatedAuc",
    "Gain",
    "cross_validated_auc",
    "cross_validated_gain",
    "fold_aucs",
]

CHANCE = 0.5


@dataclass(frozen=True, slots=True)
class CrossValidatedAuc:
    """Mean of the AUCs within folds with its interval, and the AUC of each fold.

    Attributes:
        mean: With its 95 % interval.
        per_fold: (repeats, folds).
    """

    mean: Estimate
    per_fold: NDArray[np.float64]

    @property
    def excludes_chance(self) -> bool:
        """Whether the one-sided 97.5 % lower bound lies above one half."""
        return self.mean.low > CHANCE


@dataclass(frozen=True, slots=True)
class Gain:
    """What a model gains over the best of the baselines, on the same patients.

    Attributes:
        difference: Of AUC, or of another figure of which more is better, with its 95 % interval.
        baseline: The name of the best one.
    """

    difference: Estimate
    baseline: str

    @property
    def better(self) -> bool:
        """Whether the lower bound of the gain lies above 0."""
        return self.difference.low > 0

    @property
    def words(self) -> str:
        """What a table says, as of `gain_words`: nothing where the model is better."""
        return gain_words(self.difference)


def fold_aucs(labels: ArrayLike, scores: ArrayLike, folds: ArrayLike) -> NDArray[np.float64]:
    """The AUC within each fold, in the order of the folds' sorted names.

    Args:
        labels: (n,), 0 or 1.
        scores: (n,), finite, each from the model that has not seen the patient.
        folds: (n,), the fold in which a patient was tested.

    Raises:
        ValueError: a fold lacks a class, other lengths, scores that are not finite.
    """
    positive, score, fold = checked_folds(labels, scores, folds, least=1)
    return np.array([auc(positive[k], score[0][k]) for k in members(fold[0])])


def cross_validated_auc(
    labels: ArrayLike,
    scores: ArrayLike,
    folds: ArrayLike,
    *,
    seed: int,
    draws: int = 2000,
    shared_training: bool = True,
) -> CrossValidatedAuc:
    """The mean of within-fold AUCs with a 95 % interval by bootstrap over patients.

    Patients are drawn by random weights, once for all repeats; the spread of the weights makes
    the variance right in classes as small as those of the folds. Where all draws agree since
    every fold is perfect, or turned round, the interval inverts the variance of Hanley and
    McNeil. Scores that rank nobody have an AUC of one half whoever is drawn, and no interval:
    its ends are NaN.

    Args:
        labels: (n,), 0 or 1.
        scores: (n,), or (repeats, n) of a repeated cross-validation.
        folds: The shape of scores: the fold in which a patient was tested.
        seed: Of the draws.
        draws: Of the bootstrap.
        shared_training: Whether the models of the folds learnt from each other's patients, as
            in a cross-validation; False for one fitted model judged within strata.

    Raises:
        ValueError: fewer than two of a class in a fold (take fewer folds), other shapes, scores
            that are not finite.

    Source: Rubin, Annals of Statistics 9 (1981) 130, for the bootstrap by weights; Bengio and
    Grandvalet, JMLR 5 (2004) 1089, on folds that depend on each other.
    """
    positive, score, fold = checked_folds(labels, scores, folds, least=2)
    per_fold = np.array(
        [
            [auc(positive[k], one[k]) for k in members(where)]
            for one, where in zip(score, fold, strict=True)
        ]
    )
    value = float(per_fold.mean())
    drawn = drawn_means(positive, score[:, None], fold, seed=seed, draws=draws)[0]
    mean = drawn_interval(value, drawn, positive.size, shared_training=shared_training)
    if math.isnan(mean.low) and not _all_tied(score, fold):
        mean = _by_variance(value, positive, fold[0], shared_training=shared_training)
    return CrossValidatedAuc(mean, per_fold)


def cross_validated_gain(
    labels: ArrayLike,
    scores: ArrayLike,
    baselines: Mapping[str, ArrayLike],
    folds: ArrayLike,
    *,
    seed: int,
    draws: int = 2000,
    shared_training: bool = True,
) -> Gain:
    """What a model gains over the best baseline, with a 95 % interval by bootstrap over patients.

    The best baseline is the one of the highest mean of within-fold AUCs on these patients: a
    choice that favours the baseline. Model and baseline meet the same draws. Where all draws
    agree the interval is that of the AUC less one half if the baseline ties all patients, 0 to 0
    if the gain is 0, and else is not defined: its ends are NaN.

    Args:
        labels: (n,), 0 or 1.
        scores: (n,) or (repeats, n).
        baselines: Scores of each baseline by name, the shape of scores; constant ones are
            allowed (majority) and have an AUC of one half.
        folds: The shape of scores.
        seed: Of the draws.
        draws: Of the bootstrap.
        shared_training: As of `cross_validated_auc`.

    Raises:
        ValueError: as of `cross_validated_auc`; no baseline.
    """
    if not baselines:
        raise ValueError("baselines must hold at least one; got none")
    positive, score, fold = checked_folds(labels, scores, folds, least=2)
    means, checked = {}, {}
    for name, other in baselines.items():
        checked[name] = checked_folds(labels, other, folds, least=2)[1]
        means[name] = mean_auc(positive, checked[name], fold)
    best = max(means, key=lambda name: means[name])
    value = mean_auc(positive, score, fold) - means[best]
    both = np.stack([score, checked[best]], axis=1)
    model, baseline = drawn_means(positive, both, fold, seed=seed, draws=draws)
    found = gain_interval(value, model - baseline, positive.size, shared_training=shared_training)
    if math.isnan(found.low) and _all_tied(checked[best], fold):
        mean = _by_variance(value + CHANCE, positive, fold[0], shared_training=shared_training)
        found = replace(mean, value=value, low=mean.low - CHANCE, high=mean.high - CHANCE)
    return Gain(found, best)


def _all_tied(scores: NDArray[np.float64], folds: NDArray[np.int64]) -> bool:
    """Whether no patient scores above another of the same fold: an AUC of one half, always."""
    return not any(
        np.ptp(score[k]) for score, where in zip(scores, folds, strict=True) for k in members(where)
    )


def _by_variance(
    value: float,
    positive: NDArray[np.bool_],
    fold: NDArray[np.int64],
    *,
    shared_training: bool,
) -> Estimate:
    """The interval that inverts the variance of an AUC, for where draws tell nothing."""
    from scipy.stats import norm

    sizes = [(int(positive[k].sum()), int((~positive[k]).sum())) for k in members(fold)]
    widening = SHARED_TRAINING if shared_training else 1.0

    def variance(at: float) -> float:
        return widening * sum(hanley_mcneil_variance(at, *s) for s in sizes) / len(sizes) ** 2

    low, high = score_interval(value, variance, float(norm.ppf(0.5 + LEVEL / 2)))
    return Estimate(value, low, high, positive.size, "hanley-mcneil over folds")
