"""Liang 2018 sees the tumour's box alone, learns, transfers, and answers without torch."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from gliokit.evaluation import auc  # noqa: E402
from gliokit.study import StudyError  # noqa: E402
from gliokit.systems import Inputs, TrainingSet, check_needs, find_system  # noqa: E402
from gliokit.systems import liang2018 as room  # noqa: E402
from gliokit.systems.liang2018 import PLANS, Plan, liang2018, liang2018_transfer  # noqa: E402
from tests.systems.answers import numbers_of  # noqa: E402
from tests.systems.digital import digital_patients  # noqa: E402

torch.set_num_threads(1)

CHILD = """
import sys
sys.modules["torch"] = None
from pathlib import Path
import numpy as np
from gliokit.systems import load_fitted
from tests.systems.answers import numbers_of
from tests.systems.digital import digital_patients
np.save(sys.argv[2], numbers_of(load_fitted(Path(sys.argv[1])).answer(digital_patients().inputs)))
"""


def test_a_fitted_system_answers_where_torch_can_not_be_imported(tmp_path: Path) -> None:
    fitted = liang2018().fit(digital_patients(), budget="smoke", seed=0)
    fitted.save(tmp_path / "saved")
    ending = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path / "saved"), str(tmp_path / "said.npy")],
        cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True,
    )  # fmt: skip
    assert ending.returncode == 0, ending.stderr
    said = numbers_of(fitted.answer(digital_patients().inputs))
    np.testing.assert_allclose(np.load(tmp_path / "said.npy"), said, rtol=1e-6)


def test_it_finds_what_is_planted_in_patients_it_has_not_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(PLANS, "smoke", Plan(16, 2, (2, 2), 60, 2))
    learn, unseen = digital_patients(24, seed=1), digital_patients(12, seed=2)
    said = liang2018().fit(learn, budget="smoke", seed=0).answer(unseen.inputs)
    assert auc(unseen.classes.codes, said.probabilities[:, 1]) > 0.9  # type: ignore[union-attr]


def test_the_box_is_about_the_tumour_and_the_sequences_are_those_of_the_training_patients() -> None:
    patients = digital_patients(lacking="t2")
    box = room._boxes(patients.inputs, ("t2", "flair"), 8, 2)
    assert box.shape == (8, 2, 8, 8, 8)
    assert not box[0, 0].any()
    middle = box[:, 1, 2:6, 2:6, 2:6].mean(axis=(1, 2, 3))
    rim = np.delete(box[:, 1], np.s_[1:7], axis=3).mean(axis=(1, 2, 3))
    assert (middle > rim + 0.3).all()
    images = tuple(replace(i, sequences=frozenset({"flair", "t1"}))
                   for i in patients.inputs.images if i is not None)  # fmt: skip
    assert room._shared_sequences(replace(patients.inputs, images=images)) == ("t1", "flair")


def test_transfer_learns_from_idh_of_the_training_fold_and_looks_at_none_afterwards() -> None:
    made = digital_patients(target="high_grade")

    def patients(idh: np.ndarray) -> TrainingSet:
        values = np.column_stack([made.inputs.values, idh])
        columns = (*made.inputs.columns, "idh_mutant")
        return TrainingSet(replace(made.inputs, columns=columns, values=values), made.target)

    one = np.array([0.0, 0, 1, 1, 0, 0, 1, 1])
    said = []
    for idh in (one, one[::-1].copy()):
        fitted = liang2018_transfer().fit(patients(idh), budget="smoke", seed=0)
        assert fitted.findings["transfer"]
        said.append(numbers_of(fitted.answer(patients(one).inputs)))
        other = fitted.answer(patients(np.full(8, np.nan)).inputs)
        np.testing.assert_array_equal(said[-1], numbers_of(other))
    assert not np.array_equal(*said)
    with pytest.raises(StudyError, match="0 of 8 mutated"):
        liang2018_transfer().fit(patients(np.zeros(8)), budget="smoke", seed=0)


def test_the_shares_of_the_classes_are_put_back() -> None:
    rows = [0, 2, 4, 6, 1]
    patients = digital_patients().take(rows)
    said = liang2018().fit(patients, budget="smoke", seed=0).answer(patients.inputs)
    assert said.threshold == pytest.approx(0.2)  # type: ignore[union-attr]
    assert said.probabilities[:, 1].mean() < 0.4  # type: ignore[union-attr]


def test_a_patient_without_a_drawn_tumour_is_named_before_anything_runs() -> None:
    patients = digital_patients()
    images = tuple(replace(i, regions=frozenset()) if n == 3 else i  # type: ignore[type-var]
                   for n, i in enumerate(patients.inputs.images))  # fmt: skip
    system = find_system("liang2018")
    bare = replace(patients.inputs, images=images)
    with pytest.raises(StudyError, match="d03: region WT"):
        check_needs("liang2018", system.needs, bare, patients.target)
    with pytest.raises(StudyError, match="has images"):
        system.fit(
            TrainingSet(
                Inputs(patients.inputs.subjects, ("x",), np.zeros((8, 1))), patients.target
            ),
            budget="smoke", seed=0,
        )  # fmt: skip
