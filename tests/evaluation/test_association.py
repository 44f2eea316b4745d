"""Tests of association, their adjustment, kappa and equivalence against oracles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gliokit.evaluation.association import fisher, kruskal, mann_whitney
from gliokit.evaluation.equivalence import tost, tost_paired
from gliokit.evaluation.kappa import cohen_kappa
from gliokit.evaluation.multiplicity import adjusted_p

BENJAMINI = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
    0.324, 0.4262, 0.5719, 0.6528, 0.759, 1.0,
]  # fmt: skip
FIRST = [0.84, 0.91, 0.78, 0.88, 0.93, 0.81, 0.86, 0.90]
SECOND = [0.85, 0.90, 0.80, 0.87, 0.92, 0.83, 0.85, 0.91]


def test_fisher_of_the_lady_tasting_tea() -> None:
    found = fisher([[3, 1], [1, 3]])
    assert found.p == pytest.approx(34 / 70)
    assert found.effect.value == 9
    assert found.effect.low < 1 < found.effect.high


def test_fisher_of_too_many_tables_is_drawn_by_seed_and_near_what_r_prints() -> None:
    """The job satisfaction table of R's help page of fisher.test: p = 0.7827."""
    jobs = [[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]]
    found = fisher(jobs, seed=0)
    assert found.test == "fisher, drawn"
    assert found.p == pytest.approx(0.7827, abs=0.01)
    assert found.effect_name == "Cramer's V"
    with pytest.raises(ValueError, match="give a seed"):
        fisher(jobs)


def test_fisher_summed_and_drawn_agree_beyond_two_by_two() -> None:
    from gliokit.evaluation.association import _drawn_p

    table = np.array([[9, 2, 4, 6], [3, 8, 5, 2]])
    found = fisher(table)
    assert found.test == "fisher"
    assert found.p == pytest.approx(_drawn_p(table, seed=1), abs=0.01)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.integers(1, 6), min_size=2, max_size=2), min_size=3, max_size=3))
def test_fisher_of_three_rows_does_not_change_when_turned(table: list[list[int]]) -> None:
    assert fisher(table).p == pytest.approx(fisher(np.transpose(table)).p)
    assert fisher(table).p == pytest.approx(fisher(table[::-1]).p)


def test_fisher_by_the_general_way_is_that_of_two_by_two() -> None:
    from gliokit.evaluation.association import _exact_p

    for table in ([[8, 2], [1, 5]], [[10, 3], [4, 11]], [[0, 5], [5, 0]]):
        assert _exact_p(np.array(table)) == pytest.approx(fisher(table).p)


def test_an_empty_cell_has_a_finite_interval_and_an_empty_row_is_refused() -> None:
    found = fisher([[5, 1], [3, 2]])
    assert math.isfinite(found.effect.high)
    empty = fisher([[5, 0], [3, 2]])
    assert empty.effect.value == math.inf == empty.effect.high
    assert math.isfinite(empty.effect.low)
    with pytest.raises(ValueError, match="none of them empty"):
        fisher([[5, 0], [3, 0]])
    with pytest.raises(ValueError, match="whole counts"):
        fisher([[5, 0.5], [3, 1]])


def test_kruskal_is_scipys_and_epsilon_squared_is_h_over_n_less_1() -> None:
    stats = pytest.importorskip("scipy.stats")
    groups = [[2.9, 3.0, 2.5, 2.6, 3.2], [3.8, 2.7, 4.0, 2.4], [2.8, 3.4, 3.7, 2.2, 2.0]]
    found = kruskal(groups)
    expected = stats.kruskal(*groups)
    assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.statistic == pytest.approx(0.771429, abs=1e-6)
    assert found.effect.value == pytest.approx(0.771429 / 13, abs=1e-6)


def test_groups_without_variation_do_not_differ_and_missing_ones_are_refused() -> None:
    assert kruskal([[1, 1], [1]]).p == mann_whitney([1, 1], [1]).p == 1
    assert mann_whitney([1, 1], [1]).effect.value == 0
    with pytest.raises(ValueError, match="at least 2; got 1"):
        kruskal([[1, 2]])
    with pytest.raises(ValueError, match=r"groups\[1\] must hold at least one value"):
        kruskal([[1, 2], []])


def test_mann_whitneys_effect_runs_from_minus_1_to_1() -> None:
    found = mann_whitney([5, 6, 7], [1, 2, 3])
    assert found.effect.value == 1
    assert -1 < found.effect.low < 1
    assert mann_whitney([1, 2, 3], [5, 6, 7]).effect.value == -1
    assert found.p == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("method", "rejected"), [("bonferroni", 3), ("holm", 3), ("benjamini-hochberg", 4)]
)
def test_benjamini_and_hochbergs_example(method: Any, rejected: int) -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    found = adjusted_p(BENJAMINI, method)
    assert (found <= 0.05).sum() == rejected
    name = {"benjamini-hochberg": "fdr_bh"}.get(method, method)
    assert found == pytest.approx(multitest.multipletests(BENJAMINI, method=name)[1])


def test_adjusted_p_of_four_tests_in_any_order() -> None:
    p = [0.01, 0.04, 0.03, 0.005]
    assert adjusted_p(p, "holm") == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert adjusted_p(p, "benjamini-hochberg") == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert adjusted_p(BENJAMINI, "benjamini-hochberg") == pytest.approx(
        [0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06386, 0.06386, 0.0645, 0.0765,
         0.486, 0.5812, 0.714875, 0.753231, 0.813214, 1],
        abs=1e-4,
    )  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjustment_never_lowers_p_and_one_test_stays_as_it_is(p: list[float]) -> None:
    for method in ("bonferroni", "holm", "benjamini-hochberg"):
        found = adjusted_p(p, method)  # type: ignore[arg-type]
        assert (found >= np.array(p) - 1e-15).all()
        assert found.max() <= 1
        assert adjusted_p(p[:1], method).tolist() == p[:1]  # type: ignore[arg-type]


def test_p_outside_and_unknown_methods_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjusted_p([1.2], "holm")
    with pytest.raises(ValueError, match="method must be"):
        adjusted_p([0.2], "sidak")  # type: ignore[arg-type]


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_is_statsmodels(weights: Any) -> None:
    inter = pytest.importorskip("statsmodels.stats.inter_rater")
    generator = np.random.default_rng(0)
    first = generator.integers(0, 4, 80)
    second = np.where(generator.random(80) < 0.6, first, generator.integers(0, 4, 80))
    table = np.zeros((4, 4))
    np.add.at(table, (first, second), 1)
    name = {"none": None, "linear": "linear", "quadratic": "quadratic"}[weights]
    expected = inter.cohens_kappa(table, wt=name)
    found = cohen_kappa(first, second, weights=weights)
    assert found.value == pytest.approx(expected.kappa)
    assert (found.low, found.high) == pytest.approx((expected.kappa_low, expected.kappa_upp))


def test_kappa_at_its_ends() -> None:
    assert cohen_kappa([0, 1, 2], [0, 1, 2]).value == 1
    assert cohen_kappa([0, 1, 0, 1], [1, 0, 1, 0]).value == -1
    assert math.isnan(cohen_kappa([1, 1], [1, 1]).value)
    with pytest.raises(ValueError, match="whole"):
        cohen_kappa([0.5, 1], [1, 1])
    with pytest.raises(ValueError, match="weights must be"):
        cohen_kappa([0, 1], [1, 1], weights="cubic")  # type: ignore[arg-type]


def test_tost_of_paired_dice() -> None:
    found = tost_paired(FIRST, SECOND, margin=0.02)
    assert found.difference.value == pytest.approx(-0.0025)
    assert (found.p_lower, found.p_upper) == pytest.approx((0.00458373, 0.00126800), abs=1e-8)
    assert (found.difference.low, found.difference.high) == pytest.approx(
        (-0.011802, 0.006802), abs=1e-6
    )
    assert found.equivalent


@pytest.mark.parametrize("margin", [0.005, 0.01, 0.012, 0.05])
def test_tost_is_statsmodels_and_equivalence_is_the_interval_within_the_margin(
    margin: float,
) -> None:
    weightstats = pytest.importorskip("statsmodels.stats.weightstats")
    found = tost_paired(FIRST, SECOND, margin=margin)
    other = weightstats.ttost_paired(np.array(FIRST), np.array(SECOND), -margin, margin)
    assert found.p == pytest.approx(other[0])
    within = -margin < found.difference.low and found.difference.high < margin
    assert found.equivalent == within


def test_tost_without_variation_and_of_one_patient() -> None:
    assert tost_paired([1, 2], [1, 2], margin=0.1).p == 0
    assert tost(0.3, 0.0, margin=0.1, n=5).p == 1
    with pytest.raises(ValueError, match="at least 2 patients"):
        tost_paired([1], [1], margin=0.1)
    with pytest.raises(ValueError, match="margin must be above 0"):
        tost_paired([1, 2], [1, 3], margin=0)
    with pytest.raises(ValueError, match="must be finite"):
        tost(math.nan, 1.0, margin=1, n=3)
