"""Bootstrap by patient and permutation tests."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.evaluation.resampling import bootstrap_patients, permutation_p, permutation_test
from gliokit.evaluation.roc import auc


def test_bootstrap_of_a_mean_has_the_interval_of_students_mean() -> None:
    values = np.random.default_rng(0).normal(5, 2, 60)
    found = bootstrap_patients(lambda rows: float(values[rows].mean()), np.arange(60), seed=1)
    half = 1.96 * values.std(ddof=1) / np.sqrt(60)
    assert found.value == pytest.approx(values.mean())
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.1)
    assert found.n == 60


def test_rows_of_a_patient_stay_together_so_copies_add_nothing() -> None:
    values = np.random.default_rng(0).normal(size=40)
    once = bootstrap_patients(lambda rows: float(values[rows].mean()), np.arange(40), seed=1)
    thrice = np.repeat(values, 3)
    copied = bootstrap_patients(
        lambda rows: float(thrice[rows].mean()), np.repeat(np.arange(40), 3), seed=1
    )
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high))
    assert copied.n == 40
    as_rows = bootstrap_patients(lambda rows: float(thrice[rows].mean()), np.arange(120), seed=1)
    assert as_rows.high - as_rows.low < 0.7 * (copied.high - copied.low)


def test_strata_keep_the_classes_so_that_an_auc_is_always_defined() -> None:
    labels, scores = np.array([1, 1, 0, 0, 0]), np.array([5, 3, 4, 1, 2])

    def statistic(rows: np.ndarray) -> float:
        if labels[rows].min() == labels[rows].max():
            return float("nan")
        return auc(labels[rows], scores[rows])

    found = bootstrap_patients(
        statistic, ["a", "b", "c", "d", "e"], seed=0, strata=labels, draws=300
    )
    assert found.low < found.value <= found.high
    with pytest.raises(ValueError, match="Give strata"):
        bootstrap_patients(statistic, np.arange(5), seed=0, draws=300)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.arange(10.0)
    one, other, third = (
        bootstrap_patients(
            lambda rows: float(np.median(values[rows])), np.arange(10), seed=s, draws=200
        )
        for s in (1, 1, 2)
    )
    assert one == other
    assert one.n == third.n


def test_one_patient_and_strata_within_a_patient_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 different ones; got 1"):
        bootstrap_patients(lambda rows: 0.0, [7, 7], seed=0)
    with pytest.raises(ValueError, match="constant within a patient"):
        bootstrap_patients(lambda rows: 0.0, [1, 1, 2], seed=0, strata=[0, 1, 1])
    with pytest.raises(ValueError, match="a value a row"):
        bootstrap_patients(lambda rows: 0.0, [1, 1, 2], seed=0, strata=[0, 1])
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        bootstrap_patients(lambda rows: 0.0, [1, 2], seed=0, level=95)


def test_permutation_p_of_no_signal_is_uniform() -> None:
    generator = np.random.default_rng(0)
    labels = np.repeat([0, 1], 10)
    p = []
    for seed in range(150):
        scores = generator.normal(size=20)
        p.append(
            permutation_test(
                lambda y, s=scores: float(s[y].mean()), labels, seed=seed, permutations=99
            ).p
        )
    assert 0.02 <= np.mean(np.array(p) <= 0.05) <= 0.09
    assert np.mean(p) == pytest.approx(0.5, abs=0.06)


def test_permutation_finds_a_signal_and_p_is_never_0() -> None:
    labels = np.repeat([0, 1], 15)
    found = permutation_test(lambda y: auc(y, labels), labels, seed=0, permutations=200)
    assert found.value == 1
    assert found.p == pytest.approx(1 / 201)
    assert permutation_p(0.5, [0.5, 0.4, 0.6]) == 3 / 4


def test_labels_are_shuffled_within_strata_alone() -> None:
    labels = np.array([1, 1, 1, 0, 0, 0])
    found = permutation_test(
        lambda y: float(y[:3].sum()), labels, seed=0, strata=labels, permutations=50
    )
    assert found.p == 1


def test_what_can_not_be_permuted_is_refused() -> None:
    with pytest.raises(ValueError, match="each class"):
        permutation_test(lambda y: 0.0, [1, 1], seed=0)
    with pytest.raises(ValueError, match="null must be finite"):
        permutation_p(0.5, [np.nan])
    with pytest.raises(ValueError, match="value must be finite"):
        permutation_p(np.nan, [0.5])
