"""The checker of published metrics: true ones pass, known impossible ones are caught."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gliokit.evaluation.classification import Confusion
from gliokit.evaluation.consistency import check_rates, counts_behind, interval_methods


def printed(count: int, n: int, digits: int) -> str:
    return f"{float(Fraction(count, n)):.{digits}f}"


def test_zhuge2020_can_not_hold_together() -> None:
    found = check_rates(".947", ".968", ".971")
    assert found.verdict == "impossible"
    assert found.prevalence is None
    assert check_rates("0.947", "0.968", "0.971", n=285, positives=75).verdict == "impossible"


def test_zhuge2020s_other_triple_needs_22_to_27_percent_positives() -> None:
    found = check_rates("0.935", "0.972", "0.963")
    assert found.verdict == "possible"
    assert found.prevalence == pytest.approx((0.22, 0.27), abs=0.01)
    assert check_rates("0.935", "0.972", "0.963", n=285, positives=210).verdict != "impossible"


def test_bae2020_comes_from_one_table_with_metastasis_positive() -> None:
    found = check_rates("90.6 %", "88.0 %", "89.0 %", n=82, positives=50)
    assert found.verdict == "consistent"
    assert found.tables == (Confusion(29, 3, 44, 6),)


def test_gao2020_are_averages() -> None:
    found = check_rates(".947", ".817", ".903", n=146, positives=96)
    assert found.verdict == "no counts"
    assert found.prevalence is not None
    low, high = found.prevalence
    assert low < 0.662 < high


def test_ying2025_has_necrosis_as_the_positive_class_and_no_counts() -> None:
    found = check_rates(".78", ".94", ".91", n=234, positives=192)
    assert found.verdict == "no counts"
    assert found.prevalence is not None
    assert found.prevalence[0] <= 42 / 234 <= found.prevalence[1]
    assert found.prevalence[1] < 192 / 234


@pytest.mark.parametrize(
    ("share", "n", "counts"),
    [(".899", 69, (62,)), (".9066", 68, ()), (".868", 68, (59,)), ("94.73 %", 247, ())],
)
def test_counts_behind_published_accuracies(share: str, n: int, counts: tuple[int, ...]) -> None:
    assert counts_behind(share, n) == counts


def test_digits_that_were_cut_off_pass_where_this_is_allowed() -> None:
    assert counts_behind(".8985", 69, cut=True) == (62,)
    assert counts_behind("94.73 %", 247, cut=True) == (234,)
    assert check_rates(".947", ".968", ".971", cut=True).verdict == "impossible"


@settings(max_examples=150, deadline=None)
@given(
    positives=st.integers(1, 60),
    negatives=st.integers(1, 60),
    hit=st.floats(0, 1),
    passed=st.floats(0, 1),
    digits=st.integers(1, 4),
    known=st.booleans(),
)
def test_true_metrics_pass(
    positives: int, negatives: int, hit: float, passed: float, digits: int, known: bool
) -> None:
    hits, passes = round(hit * positives), round(passed * negatives)
    n = positives + negatives
    triple = (
        printed(hits, positives, digits),
        printed(passes, negatives, digits),
        printed(hits + passes, n, digits),
    )
    found = check_rates(*triple, n=n, positives=positives if known else None)
    assert found.verdict == "consistent"
    if len(found.tables) < 1000:
        assert Confusion(hits, positives - hits, passes, negatives - passes) in found.tables
    assert check_rates(*triple).verdict == "possible"


@settings(max_examples=60, deadline=None)
@given(st.integers(50, 90), st.integers(50, 90), st.integers(2, 9))
def test_an_accuracy_beyond_both_rates_is_impossible(one: int, other: int, beyond: int) -> None:
    accuracy = max(one, other) + beyond
    found = check_rates(f"{one} %", f"{other} %", f"{accuracy} %")
    assert found.verdict == "impossible"


def test_every_table_rounds_to_what_was_printed() -> None:
    found = check_rates("0.8", "0.7", "0.7", n=60)
    assert len(found.tables) > 1
    for table in found.tables:
        assert printed(table.true_positives, table.true_positives + table.false_negatives, 1) == (
            "0.8"
        )
        assert table.n == 60


def test_bae2020s_intervals_are_walds() -> None:
    assert interval_methods(29, 32, "80.5 %", "100 %") == ("wald",)
    assert interval_methods(29, 32, ".758", ".968") == ("wilson",)
    assert interval_methods(1, 29, ".0009", ".1776") == ("clopper-pearson",)


@pytest.mark.parametrize(
    ("rates", "keywords", "message"),
    [
        (("high", "0.9", "0.9"), {}, "printed like"),
        (("1.2", "0.9", "0.9"), {}, "must not exceed 1"),
        (("0.9", "0.9", "0.9"), {"positives": 3}, "between 0 and n; got 3 of None"),
        (("0.9", "0.9", "0.9"), {"n": 3, "positives": 3}, "between 0 and n; got 3 of 3"),
        (("0.9", "0.9", "0.9"), {"n": 0}, "at least 1"),
    ],
)
def test_what_can_not_be_checked_is_refused(
    rates: tuple[str, str, str], keywords: dict[str, int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        check_rates(*rates, **keywords)
