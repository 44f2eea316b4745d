"""Cox's model against published fits, lifelines, statsmodels and by hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gliokit.evaluation.cox import fit_cox
from gliokit.evaluation.cox_likelihood import partial_likelihood, risk_sets
from gliokit.evaluation.proportionality import proportionality_test
from gliokit.evaluation.survival_concordance import harrell_c
from gliokit.evaluation.survival_scores import integrated_brier_score, survival_brier_score

HERE = Path(__file__).resolve().parent
COLUMNS = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
Table = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def rossi() -> Table:
    """Rossi, Berk and Lenihan 1980: weeks, arrest and seven covariates of 432 convicts."""
    with (HERE / "rossi.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    week, arrest = (np.array([float(r[c]) for r in rows]) for c in ("week", "arrest"))
    return week, arrest, np.array([[float(r[c]) for c in COLUMNS] for r in rows])


@pytest.fixture(scope="module")
def oracle() -> dict[str, Any]:
    """Values of lifelines; make_oracle_values.py says how they were made."""
    values: dict[str, Any] = json.loads((HERE / "oracle_values.json").read_text(encoding="utf-8"))
    return values["cox"]


@pytest.mark.parametrize(("ties", "expected"), [("efron", -3.178054), ("breslow", -3.465736)])
def test_partial_likelihood_of_tied_events_by_hand(ties: Any, expected: float) -> None:
    time, event = np.array([1.0, 1, 2, 3]), np.array([True, True, True, False])
    found = partial_likelihood(np.zeros(1), np.ones((4, 1)), risk_sets(time, event), ties)
    assert found.log_likelihood == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_gradient_and_information_are_derivatives_of_the_likelihood(ties: Any) -> None:
    generator = np.random.default_rng(0)
    covariates = generator.normal(size=(30, 2))
    time = generator.integers(1, 8, 30).astype(float)
    sets = risk_sets(time, generator.random(30) < 0.7)
    at, step = np.array([0.3, -0.2]), 1e-5
    found = partial_likelihood(at, covariates, sets, ties)
    for j in range(2):
        move = step * np.eye(2)[j]
        up = partial_likelihood(at + move, covariates, sets, ties)
        down = partial_likelihood(at - move, covariates, sets, ties)
        slope = (up.log_likelihood - down.log_likelihood) / (2 * step)
        assert found.gradient[j] == pytest.approx(slope, rel=1e-6)
        curvature = -(up.gradient - down.gradient) / (2 * step)
        assert found.information[j] == pytest.approx(curvature, rel=1e-6)


def test_rossi_fit_is_the_published_one(rossi: Table, oracle: dict[str, Any]) -> None:
    fit = fit_cox(*rossi)
    assert fit.coefficients == pytest.approx(oracle["coefficients"], abs=1e-6)
    assert fit.standard_errors == pytest.approx(oracle["standard_errors"], abs=1e-6)
    assert fit.p == pytest.approx(oracle["p"], abs=1e-6)
    assert fit.log_likelihood == pytest.approx(-658.74766, abs=1e-5)
    statistic, degrees, p = fit.likelihood_ratio
    assert (statistic, degrees) == (pytest.approx(33.266, abs=1e-3), 7)
    assert p == pytest.approx(2.36e-5, rel=0.01)
    assert harrell_c(*rossi[:2], fit.risk(rossi[2])) == pytest.approx(0.640329, abs=1e-6)
    assert (fit.n, fit.events) == (432, 114)


def test_rossi_fit_with_breslows_ties_is_the_published_one(rossi: Table) -> None:
    expected = [-0.379022, -0.057246, 0.314130, -0.151115, -0.432783, -0.084983, 0.091112]
    assert fit_cox(*rossi, ties="breslow").coefficients == pytest.approx(expected, abs=1e-6)


def test_fit_is_statsmodels_with_many_ties() -> None:
    duration = pytest.importorskip("statsmodels.duration.api")
    generator = np.random.default_rng(2)
    covariates = generator.normal(size=(120, 3))
    times = np.ceil(generator.exponential(np.exp(-covariates[:, 0])) * 5)
    events = generator.random(120) < 0.8
    other = duration.PHReg(times, covariates, status=events, ties="efron").fit()
    fit = fit_cox(times, events, covariates)
    assert fit.coefficients == pytest.approx(other.params, abs=1e-6)
    assert fit.standard_errors == pytest.approx(other.bse, abs=1e-5)


@pytest.mark.parametrize("transform", ["identity", "log"])
def test_proportionality_test_is_lifelines(
    rossi: Table, oracle: dict[str, Any], transform: Any
) -> None:
    fit = fit_cox(*rossi)
    found = proportionality_test(fit, *rossi, transform=transform)
    assert found.chi2 == pytest.approx(oracle["proportionality_chi2"][transform], rel=1e-6)
    assert found.global_chi2 >= found.chi2.max()


def test_proportionality_test_is_the_one_that_fox_prints(rossi: Table) -> None:
    """Fox, Cox Proportional-Hazards Regression for Survival Data (2002), cox.zph of R."""
    week, arrest, covariates = rossi
    chosen = covariates[:, [0, 1, 6]]
    found = proportionality_test(fit_cox(week, arrest, chosen), week, arrest, chosen)
    assert found.chi2 == pytest.approx([0.00507, 6.54147, 0.77288], abs=1e-5)
    assert found.global_chi2 == pytest.approx(7.13046, abs=1e-5)
    assert found.global_p == pytest.approx(0.0679, abs=1e-4)


def test_a_hazard_ratio_that_changes_over_time_is_found() -> None:
    generator = np.random.default_rng(3)
    group = generator.integers(0, 2, 400)
    early, late = (
        generator.exponential(1, 400) / np.where(group, 4, 1),
        generator.exponential(1, 400) * np.where(group, 4, 1),
    )
    times = np.where(early < 0.3, early, 0.3 + late)
    changing = proportionality_test(fit_cox(times, [1] * 400, group), times, [1] * 400, group)
    assert changing.p[0] < 0.001
    steady = generator.exponential(1, 400) / np.where(group, 2, 1)
    held = proportionality_test(fit_cox(steady, [1] * 400, group), steady, [1] * 400, group)
    assert held.p[0] > 0.01


def test_units_of_a_covariate_scale_its_coefficient_alone(rossi: Table) -> None:
    week, arrest, covariates = rossi
    scaled = covariates * np.array([1, 1000, 1, 1, 1, 1, 1e-3])
    fit, other = fit_cox(week, arrest, covariates), fit_cox(week, arrest, scaled)
    assert other.coefficients[1] == pytest.approx(fit.coefficients[1] / 1000)
    assert other.p == pytest.approx(fit.p)
    assert other.survival(scaled[:3], [20]) == pytest.approx(fit.survival(covariates[:3], [20]))


def test_predicted_survival_falls_from_1_and_is_calibrated_on_its_own_data(rossi: Table) -> None:
    week, arrest, covariates = rossi
    fit = fit_cox(week, arrest, covariates)
    at = [0, 10, 20, 30, 40, 50, 60]
    survival = fit.survival(covariates, at)
    assert (survival[:, 0] == 1).all()
    assert (np.diff(survival, axis=1) <= 0).all()
    brier = survival_brier_score(week, arrest, survival[:, 1:6], at[1:6])
    expected = [0.033250, 0.080530, 0.113680, 0.146948, 0.175621]
    assert brier == pytest.approx(expected, abs=2e-5)
    assert integrated_brier_score(at[1:6], brier) == pytest.approx(0.111398, abs=2e-5)


def test_hazard_ratios_have_walds_intervals(rossi: Table) -> None:
    ratio = fit_cox(*rossi).hazard_ratios()[0]
    assert ratio.value == pytest.approx(0.6843, abs=1e-4)
    assert (ratio.low, ratio.high) == pytest.approx((0.4702, 0.9957), abs=1e-4)


@pytest.mark.parametrize(
    ("events", "covariates", "message"),
    [
        ([0, 0, 0, 0], [[1], [2], [3], [4]], "at least one event"),
        ([1, 1, 1, 1], [[2], [2], [2], [2]], "must vary; column 0"),
        ([1, 1, 1, 1], [[1, 2], [3, 6], [2, 4], [4, 8]], "follow from one another"),
        ([1, 1, 1, 1], [[4], [3], [2], [1]], "separate"),
        ([1, 1, 1], [[4], [3], [2], [1]], "one length"),
        ([1, 1, 1, 1], [[4], [3], [2], [np.inf]], "finite"),
    ],
)
def test_what_has_no_fit_is_refused(
    events: list[int], covariates: list[list[float]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        fit_cox([1, 2, 3, 4][: len(events)], events, covariates)


def test_risk_of_other_columns_and_a_test_on_other_data_are_refused(rossi: Table) -> None:
    fit = fit_cox(*rossi)
    with pytest.raises(ValueError, match="7 columns; got 1"):
        fit.risk([1.0])
    with pytest.raises(ValueError, match="those of the fit"):
        proportionality_test(fit, [1, 2], [1, 1], [[1], [2]])
