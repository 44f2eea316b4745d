"""Patients in the folds of a cross-validation, checked, ranked within folds and drawn again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.roc import auc

__all__ = [
    "checked_folds",
    "drawn_means",
    "drawn_weights",
    "mean_auc",
    "members",
    "weighted_means",
]


def members(fold: NDArray[np.int64]) -> list[NDArray[np.bool_]]:
    """Masks of the patients of each fold, of folds counted from 0."""
    return [fold == k for k in range(int(fold.max()) + 1)]


def checked_folds(
    labels: ArrayLike, scores: ArrayLike, folds: ArrayLike, *, least: int
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.int64]]:
    """Labels (n,), scores (repeats, n) and folds (repeats, n), the latter counted from 0.

    Raises:
        ValueError: other shapes, fewer than `least` of a class in a fold, repeats of different
            numbers of folds, scores that are not finite.
    """
    positive = checks.both_classes(labels, "labels", least=least)
    rows = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    score = checks.finite(rows, "scores", ndim=2)
    names = np.atleast_2d(np.asarray(folds))
    if names.shape != score.shape or score.shape[1] != positive.size:
        raise ValueError(
            "scores and folds must have one shape, with a column for each label; "
            f"got scores {score.shape}, folds {names.shape}, {positive.size} labels"
        )
    coded = np.stack([np.unique(row, return_inverse=True)[1].reshape(-1) for row in names])
    if len({int(row.max()) for row in coded}) > 1:
        raise ValueError("folds must be as many in each repeat")
    for where, row in zip(coded, names, strict=True):
        for k in members(where):
            sizes = int(positive[k].sum()), int((~positive[k]).sum())
            if min(sizes) < least:
                raise ValueError(
                    f"each fold must hold at least {least} of each class; fold {row[k][0]} holds "
                    f"{sizes[0]} positive and {sizes[1]} negative. Take fewer folds, "
                    "stratified by class"
                )
    return positive, score, coded.astype(np.int64)


def mean_auc(
    positive: NDArray[np.bool_], scores: NDArray[np.float64], folds: NDArray[np.int64]
) -> float:
    """The mean over folds and repeats of AUCs within folds."""
    each = [
        auc(positive[k], score[k])
        for score, where in zip(scores, folds, strict=True)
        for k in members(where)
    ]
    return float(np.mean(each))


def drawn_means(
    positive: NDArray[np.bool_],
    scores: NDArray[np.float64],
    folds: NDArray[np.int64],
    *,
    seed: int,
    draws: int,
) -> NDArray[np.float64]:
    """Means of weighted within-fold AUCs, (models, draws), of scores (repeats, models, n)."""
    weights = drawn_weights((positive, ~positive), folds, seed=seed, draws=draws)
    return weighted_means(weights, positive, scores, folds)


def drawn_weights(
    classes: Sequence[NDArray[np.bool_]], folds: NDArray[np.int64], *, seed: int, draws: int
) -> NDArray[np.float64]:
    """Weights of patients, (draws, n), that make the variance right in classes as small as those
    of the folds.

    Args:
        classes: Masks (n,) that share out the patients.
        folds: (repeats, n), counted from 0.
        seed, draws: At least 100 draws.

    Raises:
        ValueError: fewer draws.
    """
    if draws < 100:
        raise ValueError(f"draws must be at least 100; got {draws}")
    generator = np.random.default_rng(seed)
    weights = np.empty((draws, folds.shape[1]))
    for member in classes:
        smallest = float(np.median([member[k].sum() for where in folds for k in members(where)]))
        # A mean of m patients under such weights varies by s2 / m, s2 the unbiased variance.
        shape = max((smallest - 2) / smallest, 0.05)
        weights[:, member] = generator.gamma(shape, size=(draws, int(member.sum())))
    return np.maximum(weights, 1e-300)


def weighted_means(
    weights: NDArray[np.float64],
    positive: NDArray[np.bool_],
    scores: NDArray[np.float64],
    folds: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Means over folds and repeats of weighted AUCs, (models, draws).

    Args:
        weights: (draws, n).
        positive: (n,).
        scores: (repeats, models, n).
        folds: (repeats, n), counted from 0.
    """
    means = np.zeros((scores.shape[1], len(weights)))
    count = 0
    for models, where in zip(scores, folds, strict=True):
        for k in members(where):
            above, below = _normed(weights[:, k & positive]), _normed(weights[:, k & ~positive])
            for mean, score in zip(means, models, strict=True):
                one, other = score[k & positive][:, None], score[k & ~positive]
                wins = (one > other) + 0.5 * (one == other)
                mean += np.einsum("bn,bn->b", above @ wins, below)
            count += 1
    return means / count


def _normed(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    total: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return total
