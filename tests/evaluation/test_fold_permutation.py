"""Labels shuffled within folds: p values that can be counted by hand, and how often they err."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gliokit.evaluation.fold_auc import fold_aucs
from gliokit.evaluation.fold_permutation import permuted_fold_auc

SHUFFLES = 4000


def one_pair_a_fold(folds: int, right: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Folds of one positive and one negative each, in some of which the positive is above."""
    labels = np.tile([0, 1], folds)
    scores = np.tile([0.0, 1.0], folds)
    scores[2 * right :] *= -1
    return labels, scores, np.repeat(np.arange(folds), 2)


def test_one_fitted_model_has_the_share_of_shuffles_that_reach_its_auc() -> None:
    found = permuted_fold_auc(*one_pair_a_fold(16, 12), seed=0, permutations=SHUFFLES,
                              shared_training=False)  # fmt: skip
    assert found.value == 0.75
    at_least_12_of_16 = sum(math.comb(16, k) for k in range(12, 17)) / 2**16  # 0.0384
    assert found.p == pytest.approx(at_least_12_of_16, abs=0.01)


def test_folds_that_share_training_are_looked_up_nearer_to_one_half() -> None:
    # 12 of 16 lie 4 above 8; 4 / 1.414 is reached by 11 and more.
    found = permuted_fold_auc(*one_pair_a_fold(16, 12), seed=0, permutations=SHUFFLES)
    at_least_11_of_16 = sum(math.comb(16, k) for k in range(11, 17)) / 2**16  # 0.1051
    assert found.p == pytest.approx(at_least_11_of_16, abs=0.015)


def test_p_is_b_and_1_of_m_and_1_and_never_0() -> None:
    labels = np.tile([0, 1], 30)
    found = permuted_fold_auc(labels, labels, np.arange(60) // 20, seed=0, permutations=99)
    assert (found.value, found.p, found.permutations) == (1.0, 0.01, 99)
    tied = permuted_fold_auc(labels, np.ones(60), np.arange(60) // 20, seed=0, permutations=99)
    assert (tied.value, tied.p) == (0.5, 1.0)


def test_scores_of_different_folds_are_never_ranked_together() -> None:
    labels, scores, folds = one_pair_a_fold(6, 5)
    moved = scores + 1000 * folds
    one, other = (permuted_fold_auc(labels, s, folds, seed=3) for s in (scores, moved))
    assert one == other
    assert one.value == pytest.approx(fold_aucs(labels, scores, folds).mean())


def test_a_fold_of_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="each fold must hold at least 1 of each class"):
        permuted_fold_auc([0, 1, 1, 1], [1, 2, 3, 4], [0, 0, 1, 1], seed=0)


def test_a_cross_validation_without_a_signal_is_seldom_found() -> None:
    """Centroids of 5 features, which agree between folds by chance: 1 in 20 is what p promises."""
    generator = np.random.default_rng(5)
    found: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(150):
        labels, fold = np.tile([0, 1], 20), np.repeat(np.arange(5), 8)
        table, scores = generator.normal(size=(40, 5)), np.empty(40)
        for k in range(5):
            seen, into = table[fold != k], labels[fold != k]
            scores[fold == k] = table[fold == k] @ (
                seen[into == 1].mean(0) - seen[into == 0].mean(0)
            )
        for shared, ps in found.items():
            ps.append(permuted_fold_auc(labels, scores, fold, seed=seed, permutations=199,
                                        shared_training=shared).p)  # fmt: skip
    widened, plain = (float(np.mean(np.array(found[s]) <= 0.05)) for s in (True, False))
    assert widened <= 0.08
    assert plain >= 0.09
