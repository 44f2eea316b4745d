"""The values that systems are handed: no target, no patient twice, nothing that is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gliokit.study import StudyError, UsageError
from gliokit.systems import (
    ClassTarget,
    Images,
    Inputs,
    Needs,
    PaperFigure,
    SurvivalTarget,
    SystemCard,
    TrainingSet,
    check_needs,
    check_training_needs,
    dealt_folds,
    find_system,
    list_systems,
    missing_inputs,
    registry,
)
from gliokit.systems.storing import load_estimator
from tests.systems.patients import feature_patients


def inputs(n: int = 4, columns: tuple[str, ...] = ("a", "b")) -> Inputs:
    return Inputs(tuple(f"p{i}" for i in range(n)), columns, np.ones((n, len(columns))))


def test_a_target_among_the_inputs_is_refused() -> None:
    with pytest.raises(StudyError, match="never among the inputs"):
        TrainingSet(inputs(columns=("a", "idh")), ClassTarget("idh", ("0", "1"), [0, 1, 0, 1]))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Inputs(("p", "p"), ("a",), np.ones((2, 1))),
        lambda: Inputs(("p", "q"), ("a", "a"), np.ones((2, 2))),
        lambda: Inputs(("p",), ("a",), np.array([[np.inf]])),
        lambda: Inputs(("p",), ("a",), np.ones((2, 1))),
        lambda: ClassTarget("t", ("0", "1"), [0, 2]),
        lambda: ClassTarget("t", ("0",), [0]),
        lambda: SurvivalTarget("s", [0.0], [True]),
        lambda: ClassTarget.of_words("t", ["yes", "maybe"], ("no", "yes")),
    ],
)
def test_values_that_can_not_be_are_refused(make: object) -> None:
    with pytest.raises(StudyError):
        make()  # type: ignore[operator]


def test_values_of_patients_can_not_be_changed_by_a_system() -> None:
    with pytest.raises(ValueError, match="read-only"):
        inputs().values[0, 0] = 2


def test_what_is_missing_is_listed_by_patient() -> None:
    values = np.array([[1.0, np.nan], [1.0, 2.0], [np.nan, np.nan]])
    three = Inputs(("p0", "p1", "p2"), ("age_years", "male"), values)
    needs = Needs(("age_years", "male", "kps"), sequences=("t1c",))
    images = Images(frozenset({"t1c"}), frozenset(), lambda: None)  # type: ignore[arg-type,return-value]
    seen = Inputs(three.subjects, three.columns, values, images=(images, None, images))
    assert missing_inputs(needs, seen) == {
        "p0": ("column 'kps'", "male"),
        "p1": ("column 'kps'", "t1c"),
        "p2": ("column 'kps'", "age_years", "male"),
    }
    with pytest.raises(StudyError, match=r"p0: column 'kps', male; p1: .*t1c"):
        check_needs("x", needs, seen, ClassTarget("t", ("0", "1"), [0, 1, 0]))
    assert not missing_inputs(Needs(("age_years",), gaps_allowed=True), three)


def test_regions_and_any_sequence_are_asked_for() -> None:
    images = Images(frozenset({"t2"}), frozenset({"WT"}), lambda: None)  # type: ignore[arg-type,return-value]
    one = Inputs(("p",), (), np.ones((1, 0)), images=(images,))
    assert not missing_inputs(Needs(any_sequence=("t1c", "t2"), regions=("WT",)), one)
    found = missing_inputs(Needs(any_sequence=("t1c", "flair"), regions=("TC",)), one)
    assert found == {"p": ("one of t1c, flair", "region TC")}


def test_regions_to_learn_from_are_asked_of_the_patients_learnt_from_alone() -> None:
    bare = Images(frozenset({"t2"}), frozenset(), lambda: None)  # type: ignore[arg-type,return-value]
    drawn = replace(bare, regions=frozenset({"WT"}))
    two = Inputs(("p", "q"), (), np.ones((2, 0)), images=(bare, drawn))
    needs = Needs(sequences=("t2",), training_regions=("WT",))
    assert not missing_inputs(needs, two)
    check_training_needs("x", needs, two.take([1]))
    with pytest.raises(StudyError, match="p: region WT"):
        check_training_needs("x", needs, two)
    assert [i and i.regions for i in two.without_regions().images] == [frozenset(), frozenset()]


def test_a_class_that_is_too_small_is_refused() -> None:
    target = ClassTarget("t", ("no", "yes"), [0, 0, 0, 1])
    with pytest.raises(StudyError, match="yes 1"):
        check_needs("x", Needs(least_per_class=2), inputs(), target)


@settings(max_examples=40, deadline=None)
@given(
    persons=st.lists(st.integers(0, 14), min_size=20, max_size=60),
    folds=st.integers(2, 5),
    seed=st.integers(0, 99),
)
def test_a_person_lies_in_one_fold_and_folds_are_even(
    persons: list[int], folds: int, seed: int
) -> None:
    names = [f"p{i}" for i in persons]
    if len(set(names)) < folds:
        with pytest.raises(UsageError):
            dealt_folds(names, np.zeros(len(names)), folds, seed=seed)
        return
    strata = np.array(persons) % 2
    fold = dealt_folds(names, strata, folds, seed=seed)
    of_person = {name: fold[i] for i, name in enumerate(names)}
    assert all(of_person[name] == fold[i] for i, name in enumerate(names))
    sizes = np.bincount(list(of_person.values()), minlength=folds)
    assert sizes.max() - sizes.min() <= 1
    for stratum in (0, 1):
        of_stratum = [f for name, f in of_person.items() if int(name[1:]) % 2 == stratum]
        counts = np.bincount(of_stratum, minlength=folds)
        assert counts.max() - counts.min() <= 1


def test_inner_folds_keep_a_person_together() -> None:
    patients = feature_patients(40)
    pairs = tuple(f"person{i // 2}" for i in range(40))
    twice = TrainingSet(
        Inputs(patients.inputs.subjects, patients.inputs.columns, patients.inputs.values, pairs),
        patients.target,
    )
    judged = []
    for learn, judge in twice.inner_folds(4, seed=0):
        assert not {pairs[i] for i in learn} & {pairs[i] for i in judge}
        judged += list(judge)
    assert sorted(judged) == list(range(40))


def test_a_card_without_paper_or_choices_is_refused() -> None:
    with pytest.raises(UsageError, match="names its paper"):
        SystemCard("a2020", "t", "", "classification", "x", "F1")
    with pytest.raises(UsageError, match="says what was chosen"):
        SystemCard("a2020", "t", "c", "classification", "x", "F2")
    with pytest.raises(UsageError, match="lies in its interval"):
        PaperFigure("AUC", 0.5, 0.6, 0.7)
    assert not PaperFigure("AUC", 0.5, mark="recall").printable


class _Entry:
    def __init__(self, name: str, maker: object) -> None:
        self.name, self.maker = name, maker

    def load(self) -> object:
        return self.maker


def test_another_package_adds_a_system_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        _Entry("author2026", lambda: find_system("majority")),
        _Entry("wrong2026", lambda: 3),
        _Entry("qian2019", lambda: find_system("majority")),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: entries)
    assert {"author2026", "wrong2026"} <= set(list_systems())
    assert find_system("author2026").card.id == "majority"
    assert find_system("qian2019").card.id == "qian2019"
    with pytest.raises(UsageError, match="card, needs, fit and load"):
        find_system("wrong2026")
    with pytest.raises(UsageError, match="author2026"):
        find_system("nobody1999")


def test_an_estimator_of_foreign_types_is_refused(tmp_path: Path) -> None:
    from skops.io import dump

    dump(_Entry("a", 1), tmp_path / "model.skops")
    with pytest.raises(StudyError, match="scikit-learn alone"):
        load_estimator(tmp_path)
