"""Several classes by models of two: probabilities, and the same again from disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gliokit.systems import ClassProbabilities, ClassTarget, Inputs, TrainingSet, find_system
from gliokit.systems.system import Fitted


@pytest.fixture(scope="module")
def patients() -> TrainingSet:
    generator, codes = np.random.default_rng(0), np.arange(90) % 3
    values = np.stack([40 + 15 * (codes == 2) + generator.normal(0, 5, 90),
                       generator.integers(0, 2, 90)], axis=1)  # fmt: skip
    inputs = Inputs(tuple(f"p{i}" for i in range(90)), ("age_years", "male"), values)
    return TrainingSet(inputs, ClassTarget("kind", ("astro", "oligo", "rest"), codes))


@pytest.fixture(scope="module")
def fitted(patients: TrainingSet) -> Fitted:
    return find_system("age_sex").fit(patients, budget="smoke", seed=0)


def test_every_class_has_a_probability_that_goes_with_it(
    fitted: Fitted, patients: TrainingSet
) -> None:
    said = fitted.answer(patients.inputs)
    assert isinstance(said, ClassProbabilities)
    assert said.classes == ("astro", "oligo", "rest")
    np.testing.assert_allclose(said.probabilities.sum(axis=1), 1)
    means = [said.probabilities[patients.classes.codes == k, 2].mean() for k in range(3)]
    assert means[2] > 0.6 > 0.3 > max(means[:2])
    assert set(fitted.findings) == set(said.classes)


def test_what_was_saved_answers_the_same(
    fitted: Fitted, patients: TrainingSet, tmp_path: Path
) -> None:
    fitted.save(tmp_path / "model")
    again = find_system("age_sex").load(tmp_path / "model").answer(patients.inputs)
    before = fitted.answer(patients.inputs)
    assert isinstance(again, ClassProbabilities)
    assert isinstance(before, ClassProbabilities)
    np.testing.assert_array_equal(again.probabilities, before.probabilities)
