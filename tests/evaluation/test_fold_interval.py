"""Intervals of draws: widened where training is shared, none where nothing can be told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gliokit.evaluation import (
    NOT_BETTER,
    NOT_DECIDED,
    Estimate,
    cross_validated_auc,
    cross_validated_gain,
    drawn_interval,
    gain_interval,
    gain_words,
    widened,
)

LABELS = np.arange(40) % 2
FOLDS = np.arange(40) // 2 % 4
NOISE = np.random.default_rng(0).normal(size=40)


def test_shared_training_widens_by_the_root_of_two_within_what_can_be() -> None:
    drawn = np.linspace(0.6, 0.9, 1001)
    alone = drawn_interval(0.75, drawn, 9, shared_training=False)
    shared = drawn_interval(0.75, drawn, 9, shared_training=True)
    for end in ("low", "high"):
        apart = getattr(alone, end) - 0.75
        assert getattr(shared, end) == pytest.approx(0.75 + math.sqrt(2) * apart)
    assert widened(Estimate(0.9, 0.7, 0.99, 9, "x")).high == 1.0


def test_draws_that_agree_give_no_interval_and_a_gain_of_nothing_is_nothing() -> None:
    assert math.isnan(drawn_interval(1.0, np.ones(100), 9, shared_training=True).low)
    found = gain_interval(0.0, np.zeros(100), 9, shared_training=True)
    assert (found.low, found.high) == (0, 0)
    assert math.isnan(gain_interval(0.5, np.full(100, 0.5), 9, shared_training=True).low)


def test_a_gain_without_an_interval_is_neither_better_nor_not_better() -> None:
    assert gain_words(Estimate(0.5, math.nan, math.nan, 9, "none")) == NOT_DECIDED
    assert gain_words(Estimate(0.0, 0.0, 0.0, 9, "none")) == NOT_BETTER
    assert gain_words(Estimate(0.3, 0.1, 0.5, 9, "x")) == ""


def test_a_perfect_model_gains_over_tied_scores_what_its_auc_has_above_one_half() -> None:
    found = cross_validated_gain(LABELS, LABELS, {"majority": np.zeros(40)}, FOLDS, seed=0)
    alone = cross_validated_auc(LABELS, LABELS, FOLDS, seed=0).mean
    assert found.difference.low == pytest.approx(alone.low - 0.5)
    assert found.difference.low > 0
    assert found.words == ""


def test_a_perfect_model_over_one_that_is_always_wrong_is_not_decided() -> None:
    found = cross_validated_gain(LABELS, LABELS, {"wrong": -LABELS}, FOLDS, seed=0)
    assert found.difference.value == 1
    assert math.isnan(found.difference.low)
    assert not found.better
    assert found.words == NOT_DECIDED


def test_two_perfect_models_are_not_better_than_each_other() -> None:
    found = cross_validated_gain(LABELS, LABELS, {"other": 3 * LABELS}, FOLDS, seed=0)
    assert found.words == NOT_BETTER


def test_a_perfect_model_is_better_than_noise() -> None:
    assert cross_validated_gain(LABELS, LABELS, {"noise": NOISE}, FOLDS, seed=0).words == ""
