"""Cross-validated AUCs: chance is not mistaken for skill, and skill is found."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.evaluation import NOT_BETTER
from gliokit.evaluation.fold_auc import (
    cross_validated_auc,
    cross_validated_gain,
    fold_aucs,
)

FOLDS = 5


def cohort(n: int, *, seed: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """Labels, 40 % positive, and stratified folds."""
    generator = np.random.default_rng(seed)
    labels = generator.permutation(np.arange(n) < 0.4 * n).astype(int)
    folds = np.empty(n, int)
    for value in (0, 1):
        rows = generator.permutation(np.flatnonzero(labels == value))
        folds[rows] = np.arange(rows.size) % FOLDS
    return labels, folds, generator


def centroid_scores(features: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Scores of a rule that each fold learns from the other folds."""
    scores = np.empty(labels.size)
    for k in np.unique(folds):
        train, test = folds != k, folds == k
        known, seen = labels[train], features[train]
        scores[test] = features[test] @ (seen[known == 1].mean(0) - seen[known == 0].mean(0))
    return scores


def test_without_a_signal_chance_is_excluded_in_at_most_five_of_a_hundred_cohorts() -> None:
    excluded = 0
    for seed in range(200):
        labels, folds, generator = cohort(60, seed=seed)
        scores = centroid_scores(generator.normal(size=(60, 10)), labels, folds)
        found = cross_validated_auc(labels, scores, folds, seed=seed, draws=100)
        excluded += found.excludes_chance
    assert excluded / 200 <= 0.05


def test_without_a_signal_the_mean_varies_twice_as_much_as_over_independent_folds() -> None:
    means = []
    for seed in range(250):
        labels, folds, generator = cohort(60, seed=seed)
        scores = centroid_scores(generator.normal(size=(60, 10)), labels, folds)
        means.append(fold_aucs(labels, scores, folds).mean())
    # 24 positives and 36 negatives: folds of 4 or 5 and 7 or 8.
    independent = sum(
        (m + n + 1) / (12 * m * n) for m, n in zip((5, 5, 5, 5, 4), (8, 7, 7, 7, 7), strict=True)
    )
    assert 1.4 < np.var(means) / (independent / FOLDS**2) < 2.6


def test_a_planted_signal_excludes_chance() -> None:
    labels, folds, generator = cohort(100, seed=0)
    features = generator.normal(size=(100, 10))
    features[:, 0] += 2 * labels
    found = cross_validated_auc(labels, centroid_scores(features, labels, folds), folds, seed=0)
    assert found.excludes_chance
    assert found.mean.low < found.mean.value < found.mean.high
    assert found.per_fold.shape == (1, FOLDS)


def test_scores_of_different_folds_are_never_ranked_together() -> None:
    labels, folds, generator = cohort(60, seed=3)
    scores = generator.normal(size=60)
    shifted = scores + 100 * folds
    assert (
        cross_validated_auc(labels, scores, folds, seed=1).mean
        == cross_validated_auc(labels, shifted, folds, seed=1).mean
    )


def test_the_bootstrap_spreads_as_the_variance_within_folds_says() -> None:
    labels, folds, generator = cohort(60, seed=4)
    scores = generator.normal(size=60) + labels
    variance = 0.0
    for k in range(FOLDS):
        one, other = (scores[(folds == k) & (labels == value)] for value in (1, 0))
        wins = (one[:, None] > other).astype(float)
        variance += wins.mean(1).var(ddof=1) / one.size + wins.mean(0).var(ddof=1) / other.size
    error = np.sqrt(variance) / FOLDS
    found = cross_validated_auc(labels, scores, folds, seed=0, shared_training=False).mean
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(error, rel=0.15)


def test_repeats_are_averaged_and_patients_stay_one() -> None:
    labels, folds, generator = cohort(60, seed=5)
    scores = generator.normal(size=60) + labels
    once = cross_validated_auc(labels, scores, folds, seed=0)
    thrice = cross_validated_auc(labels, np.tile(scores, (3, 1)), np.tile(folds, (3, 1)), seed=0)
    assert thrice.mean.value == pytest.approx(once.mean.value)
    assert thrice.mean.low == pytest.approx(once.mean.low)
    assert (thrice.mean.n, thrice.per_fold.shape) == (60, (3, FOLDS))


def test_interval_of_perfect_folds_has_a_width_though_all_draws_agree() -> None:
    labels, folds, _ = cohort(40, seed=6)
    found = cross_validated_auc(labels, labels * 1.0, folds, seed=0)
    assert found.mean.value == 1.0
    assert found.mean.high - found.mean.low > 0.1
    assert found.excludes_chance


def test_scores_that_rank_nobody_have_one_half_and_no_interval() -> None:
    labels, folds, _ = cohort(40, seed=6)
    for scores in (np.zeros(40), folds * 0.1):  # of each fold another share
        found = cross_validated_auc(labels, scores, folds, seed=0)
        assert found.mean.value == 0.5
        assert np.isnan([found.mean.low, found.mean.high]).all()
        assert not found.excludes_chance


def test_without_a_gain_the_words_are_not_better_than_baseline() -> None:
    labels, folds, generator = cohort(100, seed=7)
    age = generator.normal(size=100) + labels
    noise = generator.normal(size=100)
    for scores in (noise, age):
        gain = cross_validated_gain(
            labels, scores, {"majority": np.zeros(100), "age": age}, folds, seed=0
        )
        assert gain.baseline == "age"
        assert gain.words == NOT_BETTER


def test_a_planted_signal_makes_the_words_disappear() -> None:
    labels, folds, generator = cohort(150, seed=8)
    age = generator.normal(size=150) + 0.5 * labels
    gain = cross_validated_gain(
        labels, generator.normal(size=150) + 3 * labels, {"age": age}, folds, seed=0
    )
    assert gain.better
    assert gain.words == ""


def test_gain_is_the_difference_of_the_means_of_fold_aucs() -> None:
    labels, folds, generator = cohort(60, seed=9)
    one, other = generator.normal(size=(2, 60))
    gain = cross_validated_gain(labels, one, {"other": other}, folds, seed=0)
    means = [fold_aucs(labels, scores, folds).mean() for scores in (one, other)]
    assert gain.difference.value == pytest.approx(means[0] - means[1])


def test_leave_one_out_and_thin_folds_are_refused_with_a_way_out() -> None:
    labels, scores = [0, 1, 0, 1], [1, 2, 3, 4]
    with pytest.raises(ValueError, match="fold 0 holds 0 positive and 1 negative"):
        fold_aucs(labels, scores, [0, 1, 2, 3])
    with pytest.raises(ValueError, match="at least 2 of each class; fold a"):
        cross_validated_auc(labels, scores, ["a", "a", "b", "b"], seed=0)
    with pytest.raises(ValueError, match="one shape"):
        cross_validated_auc(labels, scores, [[0, 0, 1, 1]] * 2, seed=0)
    with pytest.raises(ValueError, match="draws must be at least 100"):
        cross_validated_auc(labels, scores, [0] * 4, seed=0, draws=5)
    with pytest.raises(ValueError, match="baselines must hold"):
        cross_validated_gain(labels, scores, {}, [0] * 4, seed=0)
