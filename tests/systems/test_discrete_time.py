"""Survival in intervals of time: what counts, the likelihood's optimum, hazards that cross."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.evaluation import fit_cox, harrell_c
from gliokit.systems import Inputs, SurvivalTarget, TrainingSet, find_system
from gliokit.systems.discrete_time import (
    RIDGE_OF_LEVELS,
    fit_discrete_time_model,
    interval_ends,
    intervals_lived,
    restricted_mean_days,
)
from tests.systems.patients import volume_patients

ENDS = np.array([100.0, 200.0, 400.0])


def patients(days: np.ndarray, died: np.ndarray, *columns: np.ndarray) -> TrainingSet:
    values = np.column_stack(columns) if columns else np.zeros((days.size, 1))
    subjects = tuple(f"p{i}" for i in range(days.size))
    names = tuple("xyz"[: values.shape[1]])
    return TrainingSet(Inputs(subjects, names, values), SurvivalTarget("survival", days, died))


def crossing(n: int = 600) -> TrainingSet:
    """Two halves of patients: one dies early or not at all, the other late; y tells nothing."""
    generator = np.random.default_rng(3)
    x = np.arange(n) % 2.0
    early = generator.exponential(np.where(x == 1, 200, 800), n)
    late = 300 + generator.exponential(np.where(x == 1, 1500, 250), n)
    days = np.minimum(np.where(early < 300, early, late), 1000) + 1
    return patients(days, days < 1001, x, generator.normal(size=n))


@pytest.mark.parametrize(
    ("days", "died", "at_risk", "fell"),
    [
        (50, True, [1, 0, 0], [1, 0, 0]),
        (100, True, [1, 0, 0], [1, 0, 0]),
        (101, True, [1, 1, 0], [0, 1, 0]),
        (400, True, [1, 1, 1], [0, 0, 1]),
        (500, True, [1, 1, 1], [0, 0, 0]),
        (49, False, [0, 0, 0], [0, 0, 0]),
        (50, False, [1, 0, 0], [0, 0, 0]),
        (299, False, [1, 1, 0], [0, 0, 0]),
        (300, False, [1, 1, 1], [0, 0, 0]),
        (900, False, [1, 1, 1], [0, 0, 0]),
    ],
)
def test_an_interval_counts_until_death_or_where_half_of_it_was_lived(
    days: float, died: bool, at_risk: list[int], fell: list[int]
) -> None:
    found = intervals_lived(np.array([float(days)]), np.array([died]), ENDS)
    assert (found.at_risk[0].tolist(), found.died[0].tolist()) == (at_risk, fell)


def test_intervals_end_with_deaths_and_hold_five_or_more() -> None:
    days = np.arange(1.0, 41.0)
    died = np.arange(40) % 2 == 1  # days 2, 4, ... 40
    ends = interval_ends(days, died)
    assert ends.tolist() == [10.0, 20.0, 30.0, 40.0]
    assert interval_ends(days, died, most=2).tolist() == [20.0, 40.0]
    assert interval_ends(days[:8], died[:8]).tolist() == [8.0]
    assert interval_ends(np.repeat([5.0, 9.0], 20), np.ones(40, dtype=bool)).tolist() == [5.0, 9.0]


def test_mean_days_lived_are_the_area_under_survival() -> None:
    hazards = np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 0.0], [1.0, 0.3, 0.9]])
    # Of the first: survival 1, .5, .25, .25: 75 + 37.5 + 50.
    np.testing.assert_allclose(restricted_mean_days(hazards, ENDS), [162.5, 400.0, 50.0])


def test_without_covariates_hazards_are_deaths_over_those_at_risk() -> None:
    generator = np.random.default_rng(0)
    days, died = generator.uniform(1, 900, 400), generator.random(400) < 0.7
    made = patients(days, died)
    found = fit_discrete_time_model("s", made, ("x",))
    lived = intervals_lived(days, died, found.ends)
    rates = lived.died.sum(axis=0) / lived.at_risk.sum(axis=0)
    np.testing.assert_allclose(found.hazards(made.inputs)[7], rates, atol=1e-3)


def test_person_periods_are_fitted_as_scikit_learn_fits_them() -> None:
    from sklearn.linear_model import LogisticRegression

    made = crossing(200)
    found = fit_discrete_time_model("s", made, ("x", "y"))
    scaled = found.scaling(made.inputs.values)
    lived = intervals_lived(made.survival.days, made.survival.died, found.ends)
    k, weight = found.ends.size, RIDGE_OF_LEVELS**-0.5
    rows, labels = [], []
    for i, j in zip(*np.nonzero(lived.at_risk), strict=True):
        time = -1 + 2 * j / (k - 1)
        rows.append([*(weight * np.eye(k)[j]), *scaled[i], *(time * scaled[i])])
        labels.append(lived.died[i, j])
    model = LogisticRegression(C=1.0, fit_intercept=False, tol=1e-10, max_iter=5000)
    told = model.fit(np.array(rows), np.array(labels)).coef_[0]
    np.testing.assert_allclose(found.levels, weight * told[:k], atol=1e-4)
    np.testing.assert_allclose([*found.effects, *found.changes], told[k:], atol=1e-4)


def test_hazards_that_cross_are_found_where_cox_sees_hardly_any_effect() -> None:
    made = crossing()
    cox = fit_cox(made.survival.days, made.survival.died, made.inputs.values)
    told = fit_discrete_time_model("s", made, ("x", "y")).findings["discrete_time"]
    spread = 0.5  # of x
    assert abs(cox.coefficients[0]) < 0.5
    assert told["first"]["x"] / spread > 1.0
    assert told["last"]["x"] / spread < -1.0
    assert abs(told["first"]["y"]) < 0.3


def test_who_dies_earlier_has_the_higher_risk_as_of_cox() -> None:
    made = volume_patients(400, log_ratio=5.0)
    learn, test = made.take(range(200)), made.take(range(200, 400))
    found = {}
    for name in ("wan2020", "wan2020:discrete-time"):
        risk = find_system(name).fit(learn, budget="small", seed=0).answer(test.inputs).risk
        found[name] = harrell_c(test.survival.days, test.survival.died, risk)
    assert min(found.values()) > 0.65
    assert abs(found["wan2020"] - found["wan2020:discrete-time"]) < 0.05


def test_no_death_is_refused_and_a_death_alone_is_not() -> None:
    days, died = np.arange(1.0, 21.0), np.zeros(20, dtype=bool)
    with pytest.raises(ValueError, match="one death or more"):
        fit_discrete_time_model("s", patients(days, died), ("x",))
    died[3] = True
    x = np.random.default_rng(0).normal(size=20)
    found = fit_discrete_time_model("s", patients(days, died, x), ("x",))
    assert found.ends.tolist() == [4.0]
    assert np.isfinite(found.answer(patients(days, died, x).inputs).risk).all()
