"""Kaplan-Meier, log-rank, concordance and scores over time against worked numbers and oracles."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gliokit.evaluation.decision import survival_net_benefit
from gliokit.evaluation.survival_concordance import (
    drawn_harrell_c,
    drawn_uno_c,
    harrell_c,
    uno_c,
)
from gliokit.evaluation.survival_curve import censoring_curve, kaplan_meier, log_rank
from gliokit.evaluation.survival_scores import (
    cumulative_dynamic_auc,
    drawn_dynamic_auc,
    integrated_brier_score,
    mean_dynamic_auc,
    null_brier_score,
    survival_brier_score,
)

HERE = Path(__file__).resolve().parent
TIMES = [2, 4, 5, 6, 8, 9]
EVENTS = [1, 0, 1, 1, 0, 1]
RISK = [0.9, 0.3, 0.5, 0.7, 0.2, 0.1]
AT = [10, 20, 30, 40, 50]


@pytest.fixture(scope="module")
def oracle() -> dict[str, Any]:
    """Values of lifelines and scikit-survival; make_oracle_values.py says how they were made."""
    values: dict[str, Any] = json.loads((HERE / "oracle_values.json").read_text(encoding="utf-8"))
    return values


@pytest.fixture(scope="module")
def rossi() -> dict[str, np.ndarray]:
    """Rossi, Berk and Lenihan 1980: weeks until arrest of 432 released convicts."""
    with (HERE / "rossi.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def simulated() -> tuple[np.ndarray, np.ndarray]:
    """As in make_oracle_values.py."""
    times = np.array([(37 * k) % 61 // 2 + 1 for k in range(60)])
    events = (np.arange(60) % 3 > 0) | (times == times.max())
    return times + 0.5 * ~events, events


def test_kaplan_meier_by_hand() -> None:
    curve = kaplan_meier(TIMES, EVENTS)
    assert curve.survival == pytest.approx([5 / 6, 5 / 6, 5 / 8, 5 / 12, 5 / 12, 0])
    assert curve.at_risk.tolist() == [6, 5, 4, 3, 2, 1]
    assert curve.at([1, 2, 5.5, 20]) == pytest.approx([1, 5 / 6, 5 / 8, 0])
    assert curve.before([2, 5]) == pytest.approx([1, 5 / 6])
    assert curve.median.value == 6


def test_kaplan_meier_and_its_intervals_are_lifelines(
    rossi: dict[str, np.ndarray], oracle: dict[str, Any]
) -> None:
    curve = kaplan_meier(rossi["week"], rossi["arrest"])
    assert curve.at([20, 52]) == pytest.approx(oracle["curve"]["at_20_and_52"])
    ends = [curve.low[-1], curve.high[-1]]
    assert ends == pytest.approx(oracle["curve"]["last_interval"], abs=1e-6)
    median = kaplan_meier(*simulated()).median
    assert [median.value, median.low, median.high] == oracle["median"]


def test_kaplan_meier_is_statsmodels_with_ties() -> None:
    duration = pytest.importorskip("statsmodels.duration.api")
    times, events = simulated()
    curve = kaplan_meier(times, events)
    other = duration.SurvfuncRight(times, events)
    assert curve.at(other.surv_times) == pytest.approx(other.surv_prob)


def test_median_that_is_not_reached_is_infinite() -> None:
    median = kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0]).median
    assert (median.value, median.high) == (math.inf, math.inf)


def test_without_an_event_everybody_survives() -> None:
    curve = kaplan_meier([3, 5], [0, 0])
    assert curve.survival.tolist() == curve.low.tolist() == [1, 1]
    with pytest.raises(ValueError, match="last follow-up, 5; got 6"):
        curve.at([6])


def test_of_one_patient_the_curve_falls_to_0() -> None:
    assert kaplan_meier([3], [1]).at([2, 3]).tolist() == [1, 0]


def test_censoring_comes_after_the_events_of_its_time() -> None:
    assert censoring_curve(TIMES, EVENTS).before([2, 5, 6]) == pytest.approx([1, 0.8, 0.8])
    assert censoring_curve([1, 1, 2], [1, 0, 1]).at([1]) == pytest.approx([0.5])


def test_log_rank_is_lifelines_and_statsmodels(
    rossi: dict[str, np.ndarray], oracle: dict[str, Any]
) -> None:
    groups = np.minimum(rossi["prio"], 3)
    found = log_rank(rossi["week"], rossi["arrest"], groups)
    assert [found.chi2, found.p] == pytest.approx(oracle["curve"]["log_rank_prio"])
    assert found.degrees == 3
    assert sum(found.expected) == pytest.approx(sum(found.observed)) == 114
    duration = pytest.importorskip("statsmodels.duration.api")
    chi2, p = duration.survdiff(rossi["week"], rossi["arrest"], groups, strata=rossi["fin"])
    stratified = log_rank(rossi["week"], rossi["arrest"], groups, strata=rossi["fin"])
    assert (stratified.chi2, stratified.p) == pytest.approx((chi2, p))


def test_log_rank_of_one_group_or_without_events_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 different ones; got 1"):
        log_rank(TIMES, EVENTS, [0] * 6)
    with pytest.raises(ValueError, match="at least one event"):
        log_rank(TIMES, [0] * 6, [0, 1] * 3)
    with pytest.raises(ValueError, match="at risk together"):
        log_rank([1, 2, 3, 4], [0, 0, 1, 1], [0, 0, 1, 1])


def test_concordance_by_hand() -> None:
    assert harrell_c(TIMES, EVENTS, RISK) == pytest.approx(0.9)
    assert uno_c(TIMES, EVENTS, RISK, tau=7) == pytest.approx(11.25 / 12.8125)
    assert uno_c(TIMES, EVENTS, RISK, tau=8.5) == pytest.approx(0.878049, abs=1e-6)


def test_concordance_of_tied_risks_is_one_half_and_of_turned_ones_the_rest() -> None:
    assert harrell_c(TIMES, EVENTS, [1] * 6) == 0.5
    turned = harrell_c(TIMES, EVENTS, [-r for r in RISK])
    assert harrell_c(TIMES, EVENTS, RISK) + turned == pytest.approx(1)


def test_concordance_is_scikit_survivals(
    rossi: dict[str, np.ndarray], oracle: dict[str, Any]
) -> None:
    risk = 4 * rossi["prio"] - rossi["age"]
    scores = oracle["scores"]
    assert harrell_c(rossi["week"], rossi["arrest"], risk) == pytest.approx(scores["harrell"])
    for tau, expected in zip((26, 40, 51), scores["uno"], strict=True):
        found = uno_c(rossi["week"], rossi["arrest"], risk, tau=tau)
        assert found == pytest.approx(expected)


def test_concordance_of_drawn_samples_is_that_of_each_sample_alone() -> None:
    generator = np.random.default_rng(0)
    n = 60
    times, events = generator.integers(1, 15, n), generator.random(n) < 0.6
    risk = generator.integers(0, 8, n).astype(float)
    rows = generator.integers(0, n, (50, n))
    counts = np.array([np.bincount(r, minlength=n) for r in rows])
    alone = [harrell_c(times[r], events[r], risk[r]) for r in rows]
    np.testing.assert_allclose(
        drawn_harrell_c(times, events, risk, counts), alone, rtol=0, atol=1e-12
    )
    with pytest.raises(ValueError, match="no pair is comparable"):
        drawn_harrell_c(times, events, risk, np.zeros((1, n)))
    with pytest.raises(ValueError, match=r"\(samples, 60\)"):
        drawn_harrell_c(times, events, risk, counts[:, 1:])


def test_uno_and_dynamic_auc_by_hand() -> None:
    # One of three training patients is censored at day 2, so two thirds are left after it.
    curve = censoring_curve([2, 8, 9], [0, 1, 1])
    times, events, risk = [1, 3, 5, 6], [1, 1, 0, 1], [1.0, 3.0, 2.0, 0.0]
    # The death at 1 weighs 1 and wins 1 pair of 3, that at 3 weighs 9/4 and wins 2 of 2.
    assert uno_c(times, events, risk, tau=6, censoring=curve) == pytest.approx(
        (1 + 2 * 9 / 4) / (3 + 2 * 9 / 4)
    )
    # By day 4 two have died: the first wins 1 of 2 with weight 1, the second 2 of 2 with 3/2.
    found = cumulative_dynamic_auc(times, events, risk, [4], censoring=curve)
    assert found == pytest.approx([(1 + 2 * 3 / 2) / (2 * (1 + 3 / 2))])


def test_drawn_scores_over_time_are_those_of_each_sample_alone() -> None:
    generator = np.random.default_rng(0)
    n = 60
    times, events = generator.integers(1, 15, n), generator.random(n) < 0.6
    risk = generator.integers(0, 8, n).astype(float)
    curve = censoring_curve(generator.integers(1, 20, 90), generator.random(90) < 0.6)
    rows = generator.integers(0, n, (50, n))
    counts = np.array([np.bincount(r, minlength=n) for r in rows])
    np.testing.assert_allclose(
        drawn_uno_c(times, events, risk, counts, tau=12, censoring=curve),
        [uno_c(times[r], events[r], risk[r], tau=12, censoring=curve) for r in rows], rtol=1e-12,
    )  # fmt: skip
    np.testing.assert_allclose(
        drawn_dynamic_auc(times, events, risk, 7, counts, censoring=curve),
        [cumulative_dynamic_auc(times[r], events[r], risk[r], [7], censoring=curve)[0]
         for r in rows], rtol=1e-12,
    )  # fmt: skip
    with pytest.raises(ValueError, match="events by 7 and patients after"):
        drawn_dynamic_auc(times, events, risk, 7, np.zeros((1, n)), censoring=curve)
    with pytest.raises(ValueError, match="of one length"):
        drawn_dynamic_auc(times, events, risk, 7, counts[:, 1:], censoring=curve)


def test_uno_beyond_the_censoring_and_pairs_that_can_not_be_compared_are_refused() -> None:
    with pytest.raises(ValueError, match="everybody is censored"):
        uno_c(TIMES, EVENTS, RISK, tau=20, censoring=censoring_curve([1, 3], [0, 0]))
    for times, events in (([3, 4], [0, 0]), ([3], [1])):
        with pytest.raises(ValueError, match="no pair is comparable"):
            harrell_c(times, events, [1.0] * len(times))
    with pytest.raises(ValueError, match="not be negative; got -1"):
        harrell_c([-1, 2], [1, 1], [1, 2])


def test_brier_score_by_hand() -> None:
    survival = np.array([[0.2], [0.7], [0.5], [0.4], [0.8], [0.9]])
    found = survival_brier_score(TIMES, EVENTS, survival, [5.5])
    assert found == pytest.approx([0.144167], abs=1e-6)


def test_brier_scores_are_scikit_survivals(
    rossi: dict[str, np.ndarray], oracle: dict[str, Any]
) -> None:
    risk = 4 * rossi["prio"] - rossi["age"]
    survival = np.exp(-0.005 * np.exp(risk / 20)[:, None] * np.array(AT))
    found = survival_brier_score(rossi["week"], rossi["arrest"], survival, AT)
    assert found == pytest.approx(oracle["scores"]["brier"])
    integrated = integrated_brier_score(AT, found)
    assert integrated == pytest.approx(oracle["scores"]["integrated_brier"])


def test_null_brier_score_without_censoring_is_the_variance_of_the_outcome() -> None:
    assert null_brier_score([1, 2, 3, 4], [1] * 4, [2.5]) == pytest.approx([0.25])


def test_time_dependent_auc_is_scikit_survivals(oracle: dict[str, Any]) -> None:
    times, events = simulated()
    risk = np.array([(23 * k) % 17 - t for k, t in enumerate(times)])
    at = [5, 12, 20, 28]
    found = cumulative_dynamic_auc(times, events, risk, at)
    assert found == pytest.approx(oracle["scores"]["dynamic_auc"])
    assert mean_dynamic_auc(times, events, at, found) == pytest.approx(
        oracle["scores"]["mean_dynamic_auc"]
    )


def test_time_dependent_auc_without_censoring_is_the_auc() -> None:
    found = cumulative_dynamic_auc([1, 2, 3, 4], [1] * 4, [4, 1, 3, 2], [2.5])
    assert found.tolist() == [0.5]


def test_times_without_events_or_patients_are_refused() -> None:
    with pytest.raises(ValueError, match="1 has 0 and 6"):
        cumulative_dynamic_auc(TIMES, EVENTS, RISK, [1])
    with pytest.raises(ValueError, match=r"shape \(6, 2\)"):
        survival_brier_score(TIMES, EVENTS, np.ones((6, 1)), [5, 6])
    with pytest.raises(ValueError, match="between 0 and 1"):
        survival_brier_score(TIMES, EVENTS, np.full((6, 1), 1.2), [5])
    with pytest.raises(ValueError, match="everybody is censored by 4"):
        survival_brier_score([1, 2, 3, 4], [1, 1, 0, 0], np.ones((4, 1)), [4])
    with pytest.raises(ValueError, match="2 ascending times"):
        integrated_brier_score([5], [0.1])


def test_survival_net_benefit_without_censoring_is_that_of_counts() -> None:
    times, risk = [1, 2, 8, 9], [0.9, 0.2, 0.8, 0.1]
    found = survival_net_benefit(times, [1] * 4, risk, at=5, threshold=0.5)
    assert found == pytest.approx(1 / 4 - 1 / 4)
    assert survival_net_benefit(times, [1] * 4, [0.1] * 4, at=5, threshold=0.5) == 0
