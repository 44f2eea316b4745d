"""Calibration, recalibration and decision curves against oracles, by hand and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gliokit.evaluation.calibration import (
    brier_parts,
    brier_score,
    calibration_line,
    expected_calibration_error,
    reliability_curve,
)
from gliokit.evaluation.decision import decision_curve, net_benefit
from gliokit.evaluation.recalibration import fit_isotonic, fit_platt, fit_temperature


def cohort(n: int, *, seed: int, slope: float = 1, shift: float = 0) -> tuple[np.ndarray, ...]:
    """Labels of a logistic truth, and predictions whose logits are (truth - shift) / slope."""
    generator = np.random.default_rng(seed)
    truth = generator.normal(0, 1.5, n)
    labels = (generator.random(n) < 1 / (1 + np.exp(-truth))).astype(int)
    return labels, 1 / (1 + np.exp(-(truth - shift) / slope)), truth


def test_a_planted_slope_and_intercept_are_found() -> None:
    labels, probability, _ = cohort(20_000, seed=0, slope=0.5, shift=0.4)
    line = calibration_line(labels, probability)
    assert not line.slope.excludes(0.5)
    assert not line.intercept.excludes(0.4)
    assert line.slope.high - line.slope.low < 0.1
    assert line.in_the_large.value > 0
    assert line.observed_to_expected > 1


def test_calibration_line_is_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.api")
    labels, probability, _ = cohort(200, seed=1, slope=0.7)
    logit = np.log(probability / (1 - probability))
    fit = api.Logit(labels, api.add_constant(logit)).fit(disp=0)
    line = calibration_line(labels, probability)
    assert [line.intercept.value, line.slope.value] == pytest.approx(fit.params)
    assert line.slope.low == pytest.approx(fit.conf_int()[1][0], abs=1e-6)
    shift = api.GLM(labels, np.ones(200), offset=logit, family=api.families.Binomial()).fit()
    assert line.in_the_large.value == pytest.approx(shift.params[0])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=40),
    st.integers(1, 12),
)
def test_parts_of_the_brier_score_sum_to_it(rows: list[tuple[int, float]], bins: int) -> None:
    labels, probability = zip(*rows, strict=True)
    parts = brier_parts(labels, probability, bins=bins)
    total = parts.reliability - parts.resolution + parts.uncertainty + parts.within
    assert total == pytest.approx(parts.score, abs=1e-12)
    assert parts.score == pytest.approx(np.mean((np.array(probability) - labels) ** 2))
    assert min(parts.reliability, parts.resolution, parts.uncertainty) >= 0


def test_brier_score_by_hand_and_without_variation_within_bins() -> None:
    assert brier_score([1, 0, 1], [0.9, 0.2, 0.6]) == pytest.approx((0.01 + 0.04 + 0.16) / 3)
    parts = brier_parts([1, 0, 0, 0], [0.3, 0.3, 0.3, 0.3])
    assert parts.within == pytest.approx(0)
    assert parts.reliability == pytest.approx(0.05**2)
    assert (parts.resolution, parts.uncertainty) == pytest.approx((0, 3 / 16))


def test_expected_calibration_error_by_hand() -> None:
    labels, probability = [1, 0, 1, 1], [0.1, 0.1, 0.9, 0.9]
    assert expected_calibration_error(labels, probability) == pytest.approx(0.5 * 0.4 + 0.5 * 0.1)


def test_reliability_curve_has_the_bins_in_use_with_wilsons_intervals() -> None:
    curve = reliability_curve([1, 0, 1, 1], [0.1, 0.15, 1.0, 0.95])
    assert curve.count.tolist() == [2, 2]
    assert curve.predicted == pytest.approx([0.125, 0.975])
    assert curve.observed.tolist() == [0.5, 1]
    assert (curve.low < curve.observed).all()
    assert curve.high[1] == 1


@pytest.mark.parametrize(
    ("labels", "probability", "message"),
    [
        ([1, 1], [0.2, 0.4], "each class"),
        ([0, 1], [0.5, 0.5], "must vary"),
        ([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], "separate"),
        ([0, 1], [0.5, 1.5], "between 0 and 1; got 0.5 to 1.5"),
        ([0, 1], [0.5], "one length"),
    ],
)
def test_what_has_no_calibration_line_is_refused(
    labels: list[int], probability: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        calibration_line(labels, probability)


def test_platt_undoes_a_slope_and_is_finite_for_separated_classes() -> None:
    labels, _, truth = cohort(20_000, seed=2)
    curve = fit_platt(labels, 10 + 3 * truth)
    assert curve.slope == pytest.approx(1 / 3, rel=0.05)
    assert curve([10.0])[0] == pytest.approx(0.5, abs=0.02)
    apart = fit_platt([0, 0, 1, 1], [1, 2, 3, 4])
    assert apart([2.5])[0] == pytest.approx(0.5)
    assert np.isfinite(apart.slope)


def test_platt_is_scikit_learns() -> None:
    calibration = pytest.importorskip("sklearn.calibration")
    labels, _, truth = cohort(150, seed=3)
    other = calibration._SigmoidCalibration().fit(truth, labels)
    assert fit_platt(labels, truth)(truth) == pytest.approx(other.predict(truth), abs=1e-4)


def test_isotonic_is_scikit_learns_with_ties() -> None:
    isotonic = pytest.importorskip("sklearn.isotonic")
    labels, _, truth = cohort(300, seed=4)
    scores = np.round(truth, 1)
    other = isotonic.IsotonicRegression(out_of_bounds="clip").fit(scores, labels)
    at = np.linspace(-6, 6, 50)
    assert fit_isotonic(labels, scores)(at) == pytest.approx(other.predict(at))


def test_temperature_is_found_for_two_and_for_three_classes() -> None:
    labels, _, truth = cohort(20_000, seed=5)
    assert fit_temperature(labels, 2.5 * truth).temperature == pytest.approx(2.5, rel=0.05)
    generator = np.random.default_rng(6)
    logits = generator.normal(0, 1, (20_000, 3))
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    classes = (generator.random((20_000, 1)) > chances.cumsum(1)).sum(1)
    fit = fit_temperature(classes, 2 * logits)
    assert fit.temperature == pytest.approx(2, rel=0.05)
    assert fit(2 * logits).sum(1) == pytest.approx(np.ones(20_000))


def test_recalibration_keeps_the_order_and_lowers_the_brier_score_of_others() -> None:
    labels, _, truth = cohort(2000, seed=7)
    others, wrong, logits = cohort(2000, seed=8, slope=0.3)
    for fit in (fit_platt, fit_isotonic, fit_temperature):
        curve = fit(labels, truth / 0.3)
        better = curve(logits / 0.3)
        assert brier_score(others, better) < brier_score(others, wrong)
        assert (np.diff(better[np.argsort(logits)]) >= 0).all()


def test_what_can_not_be_recalibrated_is_refused() -> None:
    for fit in (fit_platt, fit_isotonic):
        with pytest.raises(ValueError, match="must vary"):
            fit([0, 1], [1, 1])
        with pytest.raises(ValueError, match="each class"):
            fit([1, 1], [1, 2])
    with pytest.raises(ValueError, match="no temperature"):
        fit_temperature([0, 0, 1, 1], [-1, -2, 1, 2])
    with pytest.raises(ValueError, match="classes from 0 to 2; got 0 to 3"):
        fit_temperature([0, 3], [[1, 2, 3], [1, 2, 3]])


def test_net_benefit_of_published_counts() -> None:
    assert net_benefit(80, 50, 1000, 0.1) == pytest.approx(0.074444, abs=1e-6)
    assert net_benefit(30, 10, 100, 0.2) == pytest.approx(0.275)


def test_treating_everybody_is_the_model_of_constant_risk_and_0_at_the_prevalence() -> None:
    labels = [1] * 2 + [0] * 8
    curve = decision_curve(labels, [0.9] * 10, [0.1, 0.2])
    assert curve.everybody == pytest.approx([0.111111, 0], abs=1e-6)
    assert curve.model == pytest.approx(curve.everybody)
    perfect = decision_curve(labels, np.array(labels) * 1.0, [0.1, 0.5, 0.9])
    assert perfect.model == pytest.approx([0.2] * 3)


def test_thresholds_and_counts_outside_are_refused() -> None:
    with pytest.raises(ValueError, match="threshold must lie between 0 and 1; got 1"):
        decision_curve([0, 1], [0.1, 0.2], [1.0])
    with pytest.raises(ValueError, match="at most n together"):
        net_benefit(8, 5, 10, 0.5)
