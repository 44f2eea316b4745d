"""Rates at a threshold and McNemar's test against published tables and statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gliokit.evaluation.classification import Confusion, confusion, rates
from gliokit.evaluation.estimate import Estimate
from gliokit.evaluation.mcnemar import mcnemar_counts, mcnemar_test


def test_bae2020_has_these_rates_and_wilsons_intervals() -> None:
    found = rates(Confusion(29, 3, 44, 6))
    for rate, value, low, high, n in (
        (found.sensitivity, 0.90625, 0.7578, 0.9676, 32),
        (found.specificity, 0.88, 0.7620, 0.9438, 50),
        (found.accuracy, 73 / 82, 0.8044, 0.9412, 82),
    ):
        assert (rate.value, rate.low, rate.high) == pytest.approx((value, low, high), abs=1e-4)
        assert rate.n == n


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60))
def test_rates_are_scikit_learns(rows: list[tuple[bool, bool]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    labels, said = (np.array(column) for column in zip(*rows, strict=True))
    found = rates(confusion(labels, said))
    assert found.accuracy.value == pytest.approx(metrics.accuracy_score(labels, said))
    if (labels | said).any():
        assert found.f1.value == pytest.approx(metrics.f1_score(labels, said))
    if len(set(labels)) == len(set(said)) == 2:
        assert found.mcc.value == pytest.approx(metrics.matthews_corrcoef(labels, said))
        assert found.mcc.low <= found.mcc.value <= found.mcc.high


def test_a_rate_without_patients_is_nan_and_says_so() -> None:
    found = rates(confusion([0, 0, 0], [0, 0, 0]))
    assert math.isnan(found.sensitivity.value)
    assert found.sensitivity.n == found.f1.n == 0
    assert math.isnan(found.mcc.value)
    assert found.specificity.value == 1
    assert found.specificity.low == pytest.approx(0.438, abs=1e-3)


def test_a_perfect_table_has_intervals_with_a_width() -> None:
    found = rates(Confusion(5, 0, 5, 0))
    assert found.mcc.value == found.f1.value == 1
    assert 0.1 < found.mcc.low < 0.9
    assert 0.5 < found.f1.low < 0.9


def test_interval_of_mcc_and_f1_cover_the_truth_in_about_95_of_100() -> None:
    generator = np.random.default_rng(0)
    shares = np.array([0.3, 0.1, 0.5, 0.1])
    large = rates(Confusion(*(int(s * 1e6) for s in shares)))
    held = np.zeros(2)
    for _ in range(300):
        found = rates(Confusion(*generator.multinomial(60, shares).tolist()))
        held += [not found.mcc.excludes(large.mcc.value), not found.f1.excludes(large.f1.value)]
    assert (np.abs(held / 300 - 0.95) < 0.04).all()


def test_exchanging_the_classes_exchanges_sensitivity_and_specificity() -> None:
    one, other = rates(Confusion(7, 3, 15, 5)), rates(Confusion(15, 5, 7, 3))
    assert one.sensitivity == other.specificity
    assert one.mcc.value == pytest.approx(other.mcc.value)
    assert one.positive_predictive_value == other.negative_predictive_value


def test_labels_of_other_lengths_or_values_and_empty_tables_are_refused() -> None:
    with pytest.raises(ValueError, match="one length; got labels 2, predicted 3"):
        confusion([0, 1], [0, 1, 1])
    with pytest.raises(ValueError, match=r"0 or 1; got 0\.5"):
        confusion([0, 1], [0.5, 1])
    with pytest.raises(ValueError, match="nor all 0"):
        Confusion(0, 0, 0, 0)
    with pytest.raises(ValueError, match="between low and high"):
        Estimate(0.5, 0.6, 0.7, 3, "wilson")


def test_mcnemar_of_agrestis_approval_table() -> None:
    found = mcnemar_counts(150, 86)
    assert (found.chi2, found.chi2_corrected) == pytest.approx((17.3559, 16.8178), abs=1e-4)
    assert found.p_chi2 == pytest.approx(3.10e-5, rel=2e-3)
    assert found.p_corrected == pytest.approx(4.11e-5, rel=2e-3)
    assert found.p_exact == pytest.approx(3.72e-5, rel=2e-3)


def test_mcnemar_of_few_patients_and_of_none() -> None:
    found = mcnemar_counts(8, 2)
    assert found.p_exact == pytest.approx(0.109375)
    assert (found.chi2_corrected, found.p_corrected) == pytest.approx((2.5, 0.11385), abs=1e-5)
    assert mcnemar_counts(3, 3).p_exact == 1
    assert mcnemar_test([0, 1], [0, 1], [0, 1]).p_exact == 1
    assert math.isnan(mcnemar_counts(0, 0).chi2)


def test_mcnemar_is_statsmodels_and_counts_who_alone_was_right() -> None:
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    generator = np.random.default_rng(1)
    labels, one, other = generator.integers(0, 2, (3, 80))
    found = mcnemar_test(labels, one, other)
    assert found.only_first == ((one == labels) & (other != labels)).sum()
    table = [[0, found.only_first], [found.only_second, 0]]
    assert found.p_exact == pytest.approx(tables.mcnemar(table, exact=True).pvalue)
    plain = tables.mcnemar(table, exact=False, correction=False)
    assert (found.chi2, found.p_chi2) == pytest.approx((plain.statistic, plain.pvalue))


def test_counts_below_0_are_refused() -> None:
    with pytest.raises(ValueError, match="not be negative"):
        mcnemar_counts(-1, 2)
