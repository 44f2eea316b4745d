"""What every system must hold, ours and anybody's."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gliokit.systems import (
    BASELINES,
    SYSTEMS,
    ClassProbabilities,
    Risk,
    SurvivalCurves,
    SurvivalTarget,
    System,
    TrainingSet,
    find_system,
    load_fitted,
)
from tests.systems.digital import digital_patients
from tests.systems.patients import feature_patients, numbers_patients, volume_patients

# Those that find places are held to the same in test_slice_systems.py and test_place_prior.py.
NAMES = tuple(n for n in SYSTEMS if find_system(n).card.task in ("classification", "survival"))


IMAGES = ("liang2018", "liang2018:transfer")


def patients_for(name: str) -> TrainingSet:
    if name in BASELINES:
        return numbers_patients()
    if name in IMAGES:
        pytest.importorskip("torch", reason="torch is not installed (extra 'train')")
        return with_idh(digital_patients(8, target="high_grade"))
    return volume_patients() if name.startswith("wan2020") else feature_patients()


def with_idh(patients: TrainingSet) -> TrainingSet:
    """The same with a column of IDH that is not the target, known but for one."""
    inputs = patients.inputs
    idh = np.roll(np.arange(len(inputs)) % 2, 1).astype(float)
    idh[2] = np.nan
    columns = (*inputs.columns, "idh_mutant")
    values = np.column_stack([inputs.values, idh])
    return TrainingSet(replace(inputs, columns=columns, values=values), patients.target)


def numbers(answer: ClassProbabilities | Risk) -> np.ndarray:
    if isinstance(answer, SurvivalCurves):
        return np.column_stack([answer.risk, answer.survival])
    return answer.risk if isinstance(answer, Risk) else answer.probabilities


@pytest.mark.parametrize("name", NAMES)
def test_a_system_learns_answers_and_is_the_same_by_seed_and_after_saving(
    name: str, tmp_path: Path
) -> None:
    system, patients = find_system(name), patients_for(name)
    half = np.arange(len(patients.inputs)) < len(patients.inputs) // 2
    learn, unseen = patients.take(np.flatnonzero(half)), patients.inputs.take(np.flatnonzero(~half))
    fitted = system.fit(learn, budget="smoke", seed=3)
    said = fitted.answer(unseen)
    assert said.subjects == unseen.subjects
    again = find_system(name).fit(learn, budget="smoke", seed=3).answer(unseen)
    np.testing.assert_array_equal(numbers(said), numbers(again))
    fitted.save(tmp_path / "saved")
    loaded = load_fitted(tmp_path / "saved")
    np.testing.assert_allclose(numbers(loaded.answer(unseen)), numbers(said), rtol=1e-12)
    assert json.dumps(dict(fitted.findings), allow_nan=False)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "majority"])
def test_an_answer_does_not_depend_on_who_else_is_asked(name: str) -> None:
    patients = patients_for(name)
    fitted = find_system(name).fit(patients, budget="smoke", seed=0)
    alone = numbers(fitted.answer(patients.inputs.take([7])))
    among = numbers(fitted.answer(patients.inputs))[[7]]
    np.testing.assert_allclose(alone, among, rtol=1e-9)
    assert np.ptp(numbers(fitted.answer(patients.inputs)).astype(float), axis=0).max() > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_patient_without_a_known_target_changes_nothing(name: str) -> None:
    patients = patients_for(name)
    target = patients.target
    if isinstance(target, SurvivalTarget):
        days = target.days.copy()
        days[-1] = np.nan
        blind: object = SurvivalTarget(target.name, days, target.died)
    else:
        codes = target.codes.copy()
        codes[-1] = -1
        blind = type(target)(target.name, target.classes, codes)
    whole = TrainingSet(patients.inputs, blind)  # type: ignore[arg-type]
    less = patients.take(np.arange(len(target) - 1))
    one, other = (find_system(name).fit(t, budget="smoke", seed=0) for t in (whole, less))
    said = [numbers(f.answer(patients.inputs)) for f in (one, other)]
    np.testing.assert_array_equal(*said)


@pytest.mark.parametrize("name", tuple(SYSTEMS))
def test_a_card_says_what_it_must(name: str) -> None:
    system = find_system(name)
    assert isinstance(system, System)
    assert name.partition(":")[0] == system.card.id
    assert system.card.state == ("baseline" if name in BASELINES else "working")
    if system.card.state == "working":
        assert system.card.doubts
        assert all(f.printable for f in system.card.figures)


def test_listing_systems_and_reading_cards_loads_nothing_heavy() -> None:
    code = (
        "import sys; from gliokit.systems import *; [find_system(n).card for n in list_systems()];"
        "print([m for m in ('torch', 'sklearn', 'pandas', 'skops') if m in sys.modules])"
    )
    ending = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ending.stdout.strip() == "[]", ending.stderr
