"""Selectors find what is planted, on the training fold alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_selection import f_classif

from gliokit.systems.scaling import Scaling, fit_scaling
from gliokit.systems.selectors import SELECTORS, select_features
from tests.systems.patients import feature_patients


def table(signal: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    patients = feature_patients(80, 30, signal=signal)
    values = patients.inputs.values
    return fit_scaling(values)(values), np.asarray(patients.target.strata)


@pytest.mark.parametrize("rule", SELECTORS)
def test_a_planted_feature_is_among_the_first(rule: str) -> None:
    x, y = table()
    chosen = select_features(rule, x, y, 5, seed=0)
    assert len(set(chosen) & {0, 1, 2}) >= 2, rule
    assert len(set(chosen.tolist())) == chosen.size


@pytest.mark.parametrize("rule", ["lasso", "elastic-net", "l1-svm", "correlation"])
def test_noise_alone_still_gives_a_feature(rule: str) -> None:
    x, y = table(signal=0.0)
    assert select_features(rule, x, y, 5, seed=0).size >= 1


def test_anova_ranks_as_scikit_learn_does() -> None:
    x, y = table(0.7)
    theirs = np.argsort(-f_classif(x, y)[0], kind="stable")[:6]
    assert select_features("anova", x, y, 6, seed=0).tolist() == theirs.tolist()


def test_correlated_copies_are_chosen_once() -> None:
    x, y = table()
    doubled = np.hstack([x, x[:, :3]])
    chosen = select_features("correlation", doubled, y, 10, seed=0)
    assert all(not ({i, 30 + i} <= set(chosen.tolist())) for i in range(3))


def test_scaling_fills_gaps_and_leaves_constants_at_0() -> None:
    values = np.array([[1.0, 7.0, np.nan], [3.0, 7.0, np.nan], [np.nan, 7.0, np.nan]])
    scaling = fit_scaling(values)
    scaled = scaling(values)
    assert np.isfinite(scaled).all()
    assert scaled[2, 0] == 0
    assert not scaled[:, 1:].any()
    again = Scaling.from_json(scaling.to_json())
    np.testing.assert_array_equal(again(values), scaled)
