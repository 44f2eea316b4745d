"""Images of a table reach the systems, and what is not right about them is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gliokit.bench import (
    BenchCohort,
    Columns,
    Protocol,
    need_images,
    read_bench_cohort,
    run_systems,
    with_images,
)
from gliokit.study import StudyError, UsageError
from gliokit.systems import ClassTarget, LabelMaps, Needs, SystemCard, TrainingSet
from gliokit.systems.pictures import training_picture
from tests.bench.spies import Spy, installed
from tests.systems.digital import digital_patients, write_digital_cohort

LOOKS = Needs(sequences=("flair",), regions=("WT",), least_per_class=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight patients as `gliokit phantom cohort` writes them, the first without T2."""
    return write_digital_cohort(
        tmp_path_factory.mktemp("cohort") / "eight", digital_patients(lacking="t2")
    )


def read(folder: Path) -> BenchCohort:
    return read_bench_cohort(folder, Columns("idh_mutant", ("age_years",)))


class Blind(Spy):
    """Learns from what is drawn, and looks for a drawing when it is asked."""

    def fit(self, training, *, budget, seed):  # type: ignore[no-untyped-def]
        assert all(i and i.open_label_map for i in training.inputs.images)
        return super().fit(training, budget=budget, seed=seed)

    def answer(self, patients):  # type: ignore[no-untyped-def]
        assert all(i and not i.regions and i.open_label_map is None for i in patients.images)
        return super().answer(patients)


class Looks(Spy):
    """Answers with the volume of the whole tumour."""

    def answer(self, patients):  # type: ignore[no-untyped-def]
        said = super().answer(patients)
        for i in range(len(patients)):
            assert training_picture(patients, i, ("flair",), regions=("WT",)).regions["WT"].any()
        return said


def test_what_is_drawn_in_a_test_patient_is_seen_only_by_a_system_that_needs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learns = Needs(sequences=("flair",), training_regions=("WT",), least_per_class=1)
    installed(monkeypatch, blind=Blind(needs=learns), looks=Looks(needs=LOOKS))
    made = digital_patients()
    whole = BenchCohort("c", made.inputs, {made.target.name: made.target})
    run = run_systems(whole, made.target.name, ["blind", "looks"], Protocol(folds=2),
                      budget="smoke")  # fmt: skip
    assert not run.failures
    assert {"blind", "looks"} <= set(run.systems)
    bare = replace(whole, inputs=whole.inputs.without_regions())
    with pytest.raises(StudyError, match=r"what system 'blind' needs.*region WT"):
        run_systems(bare, made.target.name, ["blind"], Protocol(folds=2), budget="smoke")


def test_a_cohort_folder_gives_its_images_and_what_each_patient_has(folder: Path) -> None:
    whole = with_images(read(folder), folder)
    first, second, *_ = whole.inputs.images
    assert first is not None
    assert second is not None
    assert first.sequences == {"t1", "t1c", "flair"}
    assert second.sequences == {"t1", "t1c", "t2", "flair"}
    assert first.regions == {"WT", "TC", "ET"}
    made = digital_patients(lacking="t2").inputs
    found = training_picture(whole.inputs, 1, ("flair",), regions=("WT",))
    expected = training_picture(made, 1, ("flair",), regions=("WT",))
    np.testing.assert_allclose(found.image, expected.image, atol=1e-3)
    np.testing.assert_array_equal(found.regions["WT"], expected.regions["WT"])
    assert len({i.content for i in whole.inputs.images if i is not None}) == 8


def test_a_patient_without_a_needed_sequence_is_named_before_anything_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Looks(needs=replace(LOOKS, sequences=("t2",)))
    installed(monkeypatch, looks=spy)
    assert need_images(["age_sex", "looks"])
    assert not need_images(["age_sex", "majority"])
    with pytest.raises(StudyError, match="d00: t2"):
        run_systems(with_images(read(folder), folder), "idh_mutant", ["looks"], Protocol(folds=2))
    assert not spy.seen


def test_a_system_sees_the_images_of_its_folds_and_a_changed_image_is_run_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Looks(needs=LOOKS)
    installed(monkeypatch, looks=spy)
    whole = with_images(read(folder), folder)

    def run(cohort: BenchCohort) -> int:
        before = len(spy.seen)
        made = run_systems(
            cohort, "idh_mutant", ["looks"], Protocol(folds=2), budget="smoke", kept=tmp_path,
            allowed=("age_years",),
        )  # fmt: skip
        assert not made.failures
        return len(spy.seen) - before

    assert run(whole) == 2
    assert run(whole) == 0
    first, *rest = whole.inputs.images
    assert first is not None
    images = (replace(first, content="another"), *rest)
    assert run(replace(whole, inputs=replace(whole.inputs, images=images))) == 2


def test_skeletons_and_systems_of_another_task_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = digital_patients()
    whole = BenchCohort("d", made.inputs, {"idh_mutant": made.target})
    for task, state, message in (
        ("classification", "skeleton", "claims nothing"),
        ("segmentation", "working", "NAME=REGION"),
        ("detection", "working", "NAME=REGION"),
    ):
        card = SystemCard("spy", "A spy", "Nobody", task, "", "F1", state=state)  # type: ignore[arg-type]
        installed(monkeypatch, looks=Looks(card=card))
        with pytest.raises(UsageError, match=message):
            run_systems(whole, "idh_mutant", ["looks"], Protocol(folds=2))


def test_an_answer_of_another_kind_is_a_failure_of_that_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Draws(Spy):
        def answer(self, patients):  # type: ignore[no-untyped-def]
            maps = tuple(i.open_label_map() for i in patients.images)
            return LabelMaps(patients.subjects, maps)

    installed(monkeypatch, draws=Draws(needs=LOOKS))
    made = digital_patients()
    whole = BenchCohort("d", made.inputs, {"idh_mutant": made.target})
    run = run_systems(whole, "idh_mutant", ["draws"], Protocol(folds=2), budget="smoke")
    assert "the answer is LabelMaps" in run.failures["draws"]


def test_a_table_of_other_patients_is_refused(folder: Path) -> None:
    made = TrainingSet(
        replace(read(folder).inputs, subjects=tuple("abcdefgh"), persons=tuple("abcdefgh")),
        ClassTarget("idh_mutant", ("0", "1"), np.arange(8) % 2),
    )
    whole = BenchCohort("c", made.inputs, {"idh_mutant": made.target})
    with pytest.raises(StudyError, match="none of a, b, c"):
        with_images(whole, folder)
