"""Ratios of compartments: hazard ratios, what follows from the rest, what can't be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gliokit.study import StudyError
from gliokit.systems import Inputs, find_system
from gliokit.systems.wan2020 import inflation
from tests.systems.patients import VOLUMES, volume_patients


def hazard_ratios(**settings: float | bool) -> dict[str, dict[str, float]]:
    patients = volume_patients(1000, **settings)  # type: ignore[arg-type]
    found = find_system("wan2020").fit(patients, budget="smoke", seed=0).findings
    return {f["feature"]: f for f in found["hazard_ratios"]}


def test_a_planted_hazard_ratio_lies_in_its_interval_and_the_rest_is_not_found() -> None:
    found = hazard_ratios(log_ratio=2.0)
    enhancing = found["enhancing_to_core"]
    assert enhancing["low"] < math.exp(2.0) < enhancing["high"]
    assert enhancing["p_adjusted"] < 0.001
    assert found["necrosis_to_core"]["p_adjusted"] > 0.05
    assert all(f["p_adjusted"] >= f["p"] for f in found.values())


def test_ratios_that_sum_to_one_do_not_stand_in_one_model() -> None:
    patients = volume_patients(300, sums_to_one=True)
    findings = find_system("wan2020").fit(patients, budget="smoke", seed=0).findings
    assert findings["left_out"] == ["necrosis_to_core"]
    assert {f["feature"] for f in findings["hazard_ratios"]} == {
        "enhancing_to_core", "age_years", "log_whole_ml",
    }  # fmt: skip


def test_variance_inflation_agrees_with_the_inverse_of_the_correlations() -> None:
    x = np.random.default_rng(0).normal(size=(200, 3))
    x[:, 2] += 2 * x[:, 0]
    expected = np.diag(np.linalg.inv(np.corrcoef(x.T)))
    np.testing.assert_allclose(inflation(x), expected, rtol=1e-9)
    assert np.isinf(inflation(np.hstack([x, x[:, :1] + x[:, 1:2]]))[3])


def test_parts_larger_than_their_whole_are_refused() -> None:
    patients = volume_patients()
    wrong = patients.inputs.values.copy()
    wrong[4, 2] = wrong[4, 1] * 1.5
    inputs = Inputs(patients.inputs.subjects, VOLUMES, wrong)
    fitted = find_system("wan2020").fit(patients, budget="smoke", seed=0)
    with pytest.raises(StudyError, match="p004"):
        fitted.answer(inputs)
