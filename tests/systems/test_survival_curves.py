"""Answers of survival curves: what they refuse, and that Cox and discrete time answer them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gliokit.evaluation import fit_cox
from gliokit.study import StudyError
from gliokit.systems import Inputs, Risk, SurvivalCurves, TrainingSet, find_system, load_fitted
from gliokit.systems.contract import check_contract
from gliokit.systems.tabular import MOST_DAYS, fit_risk_model
from gliokit.systems.wan2020 import Wan2020
from tests.systems.patients import volume_patients

NAMES = ("wan2020", "wan2020:discrete-time")
RISK = np.array([0.0, 1.0])
DAYS = np.array([100.0, 200.0])
SURVIVAL = np.array([[0.9, 0.8], [0.5, 0.5]])


@pytest.mark.parametrize(
    ("days", "survival", "rule"),
    [
        (np.array([200.0, 100.0]), SURVIVAL, "above 0 and rise"),
        (np.array([100.0, 100.0]), SURVIVAL, "above 0 and rise"),
        (np.array([0.0, 100.0]), SURVIVAL, "above 0 and rise"),
        (np.array([100.0, np.nan]), SURVIVAL, "above 0 and rise"),
        (np.array([100.0, np.inf]), SURVIVAL, "above 0 and rise"),
        (np.zeros(0), np.zeros((2, 0)), "above 0 and rise"),
        (DAYS, SURVIVAL[:1], "for each patient and day"),
        (DAYS, SURVIVAL + 0.2, "0 to 1 and do not rise"),
        (DAYS, SURVIVAL - 0.6, "0 to 1 and do not rise"),
        (DAYS, SURVIVAL[:, ::-1], "0 to 1 and do not rise"),
        (DAYS, np.where(SURVIVAL == 0.8, np.nan, SURVIVAL), "0 to 1 and do not rise"),
    ],
)
def test_curves_that_can_not_be_are_refused(
    days: np.ndarray, survival: np.ndarray, rule: str
) -> None:
    with pytest.raises(StudyError, match=rule):
        SurvivalCurves(("a", "b"), "survival", RISK, days, survival)


def test_a_curve_is_a_risk_and_held_to_it() -> None:
    assert isinstance(SurvivalCurves(("a", "b"), "s", RISK, DAYS, SURVIVAL), Risk)
    with pytest.raises(StudyError, match="finite risk"):
        SurvivalCurves(("a", "b"), "s", RISK[:1], DAYS, SURVIVAL)


@pytest.mark.parametrize("name", NAMES)
def test_curves_hold_the_contract_and_come_back_after_saving(name: str, tmp_path: Path) -> None:
    made = volume_patients(120)
    check_contract(find_system(name), made, tmp_path / "fitted")
    said = load_fitted(tmp_path / "fitted").answer(made.inputs)
    assert isinstance(said, SurvivalCurves)
    assert said.days[-1] <= made.survival.days[made.survival.died].max()


def test_the_curves_of_cox_are_breslows(tmp_path: Path) -> None:
    made = volume_patients(90)
    learn, asked = made.take(range(60)), made.take(range(60, 90))
    columns = ("age_years", "whole_ml")
    model = fit_risk_model("s", learn, columns)
    scaled = model.scaling(learn.inputs.matrix(columns))
    fit = fit_cox(learn.survival.days, learn.survival.died, scaled)
    said = model.answer(asked.inputs)
    assert isinstance(said, SurvivalCurves)
    told = fit.survival(model.scaling(asked.inputs.matrix(columns)), said.days)
    np.testing.assert_allclose(said.survival, told, rtol=1e-12)
    np.testing.assert_array_equal(said.days, fit.baseline_times)


def test_of_many_deaths_a_hundred_days_are_kept_with_the_first_and_the_last() -> None:
    made = volume_patients(300)
    said = fit_risk_model("s", made, ("age_years",)).answer(made.inputs)
    deaths = made.survival.days[made.survival.died]
    assert isinstance(said, SurvivalCurves)
    assert said.days.size == MOST_DAYS
    assert (said.days[0], said.days[-1]) == (deaths.min(), deaths.max())


def test_on_average_curves_say_what_happened() -> None:
    made = volume_patients(600, log_ratio=5.0)
    learn, asked = made.take(range(300)), made.take(range(300, 600))
    for name in NAMES:
        said = find_system(name).fit(learn, budget="small", seed=0).answer(asked.inputs)
        assert isinstance(said, SurvivalCurves)
        day = float(np.median(asked.survival.days[asked.survival.died]))
        alive = [np.interp(day, said.days, s) for s in said.survival]
        late = asked.survival.days > day
        known = late | asked.survival.died
        assert np.mean(alive) == pytest.approx(late[known].mean(), abs=0.1)
        order = np.argsort(said.risk)
        assert np.mean(np.array(alive)[order[:100]]) > np.mean(np.array(alive)[order[-100:]])


def test_a_model_without_a_baseline_answers_risks_as_before(tmp_path: Path) -> None:
    made = volume_patients(60)
    fitted = find_system("wan2020").fit(made, budget="smoke", seed=0)
    fitted.save(tmp_path / "old")
    path = tmp_path / "old" / "fitted.json"
    content = json.loads(path.read_text())
    del content["days"], content["baseline"]
    path.write_text(json.dumps(content))
    said = load_fitted(tmp_path / "old").answer(made.inputs)
    assert not isinstance(said, SurvivalCurves)
    np.testing.assert_array_equal(said.risk, fitted.answer(made.inputs).risk)  # type: ignore[union-attr]
    flat = Inputs(made.inputs.subjects, ("one",), np.ones((60, 1)))
    alone = fit_risk_model("s", TrainingSet(flat, made.target), ("one",)).answer(flat)
    assert not isinstance(alone, SurvivalCurves)


class Forgets:
    """Curves that depend on who else is asked."""

    def __init__(self, fitted: object) -> None:
        self.fitted, self.findings = fitted, {}

    def answer(self, patients: Inputs) -> SurvivalCurves:
        said = self.fitted.answer(patients)  # type: ignore[attr-defined]
        return replace(said, survival=said.survival * (1 - 1 / (len(patients) + 1)))


def test_the_contract_sees_curves_that_depend_on_who_else_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fit = Wan2020.fit
    monkeypatch.setattr(Wan2020, "fit", lambda self, *a, **k: Forgets(fit(self, *a, **k)))
    with pytest.raises(StudyError, match="who else is asked"):
        check_contract(find_system("wan2020"), volume_patients(120), tmp_path / "f")
