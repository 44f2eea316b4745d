"""Whether the AUC of a cross-validation could be chance: labels shuffled within folds."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation.fold_interval import SHARED_TRAINING
from gliokit.evaluation.folds import checked_folds, members
from gliokit.evaluation.resampling import PermutationTest, permutation_p

__all__ = ["permuted_fold_auc"]

CHANCE = 0.5


def permuted_fold_auc(
    labels: ArrayLike,
    scores: ArrayLike,
    folds: ArrayLike,
    *,
    seed: int,
    permutations: int = 2000,
    shared_training: bool = True,
) -> PermutationTest:
    """The mean of within-fold AUCs among those of labels shuffled within each fold.

    Scores are as they are: no model is fitted again. Models that learnt from the patients of
    each other's folds agree by chance as well, so that without a signal their mean strays further
    from one half than shuffled labels show (`fold_interval`). Its distance from one half is
    therefore divided by the root of 2 before it is looked up, as an interval is widened.

    Args:
        labels: (n,), 0 or 1, both in every fold.
        scores: (n,), finite, of one deal of the folds.
        folds: (n,), the fold in which a patient was tested.
        seed: Of the shuffles.
        permutations: How many, m; p is (b + 1) / (m + 1), b of them reaching the mean.
        shared_training: Whether the models of the folds learnt from each other's patients.

    Raises:
        ValueError: a fold lacks a class, other lengths, scores that are not finite.

    Source: Phipson and Smyth, Stat Appl Genet Mol Biol 9 (2010) 39; Bengio and Grandvalet,
    JMLR 5 (2004) 1089, on folds that depend on each other.
    """
    from scipy.stats import rankdata

    positive, score, fold = checked_folds(labels, scores, folds, least=1)
    where = members(fold[0])
    generator = np.random.default_rng(seed)
    value, null = 0.0, np.zeros(permutations)
    for k in where:
        mine, rank = positive[k], rankdata(score[0][k])
        above, below = int(mine.sum()), int((~mine).sum())
        # To shuffle ranks over labels is to shuffle labels over ranks.
        shuffled = generator.permuted(np.tile(rank, (permutations, 1)), axis=1)
        value += float(_auc(rank[mine].sum(), above, below)) / len(where)
        null += _auc(shuffled[:, :above].sum(axis=1), above, below) / len(where)
    widening = math.sqrt(SHARED_TRAINING) if shared_training else 1.0
    reached = CHANCE + (value - CHANCE) / widening
    return PermutationTest(value, permutation_p(reached, null), permutations)


def _auc(ranks: float | NDArray[np.float64], above: int, below: int) -> float | NDArray[np.float64]:
    """Of the sum of the ranks of the positives."""
    return (ranks - above * (above + 1) / 2) / (above * below)
