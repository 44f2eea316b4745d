"""Grids of pipelines: chosen within the training fold, stable where they must be."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.evaluation import auc
from gliokit.systems import Inputs, TrainingSet, find_system
from gliokit.systems.classifiers import CLASSIFIERS
from gliokit.systems.grid import Grid, Trial, try_grid
from gliokit.systems.qian2019 import Qian2019, choose
from gliokit.systems.selectors import SELECTORS
from tests.systems.patients import feature_patients


def trial(name: str, *aucs: float) -> Trial:
    return Trial(name, "svm", np.array(aucs), np.zeros(2))


def test_the_paper_grid_is_of_84_pipelines() -> None:
    grid = Qian2019().grid("paper")
    assert len(grid.selectors) * len(grid.classifiers) == 84
    assert (grid.folds, grid.repeats) == (10, 10)


def test_an_unstable_pipeline_is_passed_over_for_a_stable_one() -> None:
    unstable, stable = trial("a", 1.0, 0.91, 1.0, 1.0), trial("b", 0.96, 0.95, 0.97, 0.96)
    assert unstable.mean > stable.mean
    shaky = trial("c", 1.0, 0.85, 1.0, 1.0)
    assert choose((shaky, stable)) == (stable, 1)
    assert choose((trial("d", 0.7, 0.7), trial("e", 0.8, 0.8)))[1] == 0
    assert choose((trial("d", 0.7, 0.7), trial("e", 0.8, 0.8)))[0].selector == "e"


@pytest.mark.parametrize(
    ("selectors", "classifiers"),
    [(tuple(SELECTORS), ("logistic",)), (("anova",), tuple(CLASSIFIERS))],
    ids=["selectors", "classifiers"],
)
def test_every_part_of_the_grid_finds_a_strong_signal(
    selectors: tuple[str, ...], classifiers: tuple[str, ...]
) -> None:
    patients = feature_patients(48, 8, signal=2.5)
    grid = Grid(selectors, classifiers, 5, 2)
    trials = try_grid(patients, patients.inputs.columns, grid, seed=0)
    assert len(trials) == len(selectors) * len(classifiers)
    assert min(t.mean for t in trials) > 0.8


def test_selection_within_the_fold_leaves_noise_at_chance() -> None:
    # Out-of-fold AUCs of 24 pure-noise tables of 400 columns: chosen before the split their
    # mean is above .8, chosen within it one half.
    found = []
    for seed in range(24):
        noise = feature_patients(60, 400, signal=0.0, seed=seed)
        trials = try_grid(noise, noise.inputs.columns, Grid(("anova",), ("logistic",), 10, 3),
                          seed=seed)  # fmt: skip
        found.append(trials[0].mean)
    assert abs(np.mean(found) - 0.5) < 0.06


def test_a_fixed_pipeline_finds_the_signal_in_new_patients() -> None:
    learn, unseen = feature_patients(80, seed=1), feature_patients(80, seed=2)
    fitted = find_system("qian2019:lasso-svm").fit(learn, budget="smoke", seed=0)
    said = fitted.answer(unseen.inputs)
    assert auc(unseen.target.strata, said.probabilities[:, 1]) > 0.85
    assert fitted.findings["pipeline"] == "lasso+svm"


def test_shuffled_labels_leave_the_network_near_chance() -> None:
    generator, found = np.random.default_rng(0), []
    unseen = feature_patients(80, seed=2)
    for seed in range(6):
        learn = feature_patients(80, seed=seed)
        codes = generator.permutation(learn.target.strata)
        target = type(learn.classes)("kind", ("no", "yes"), codes)
        shuffled = TrainingSet(
            Inputs(learn.inputs.subjects, learn.inputs.columns, learn.inputs.values), target
        )
        fitted = find_system("bae2020").fit(shuffled, budget="smoke", seed=seed)
        found.append(auc(unseen.target.strata, fitted.answer(unseen.inputs).probabilities[:, 1]))
    assert 0.25 < np.mean(found) < 0.75
