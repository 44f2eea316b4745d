"""Subgroups: who is in them, where age is cut, and by what they are judged."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.bench import BenchCohort
from gliokit.bench.subgroups import judge_subgroups, subgroups_of
from gliokit.evaluation import auc
from gliokit.systems import ClassTarget, Inputs
from tests.bench.conftest import DRAWS, Judged


def cohort(age: np.ndarray, male: np.ndarray, sites: tuple[str, ...] = ()) -> BenchCohort:
    subjects = tuple(f"p{i}" for i in range(age.size))
    inputs = Inputs(subjects, ("age_years", "male"), np.column_stack([age, male]), sites=sites)
    return BenchCohort("c", inputs, {"k": ClassTarget("k", ("0", "1"), np.arange(age.size) % 2)})


@pytest.mark.parametrize(
    ("ages", "cut"),
    [((50, 60, 70, 80), "65"), ((70, 72, 74, 80, 81, 64), "73"), ((30, 40, 50, 60), "45")],
    ids=["65 where both sides are there", "median of the old", "median of the young"],
)
def test_age_is_cut_at_65_or_at_the_median(ages: tuple[int, ...], cut: str) -> None:
    found = subgroups_of(cohort(np.array(ages, float), np.ones(len(ages))))
    assert [(s.trait, s.value) for s in found] == [("age", f"below {cut}"),
                                                   ("age", f"{cut} or above")]  # fmt: skip
    assert (found[0].kept ^ found[1].kept).all()


def test_who_lacks_a_trait_is_in_none_of_its_groups() -> None:
    age = np.array([50, np.nan, 70, 80.0])
    male = np.array([0, 1, np.nan, 1.0])
    found = {f"{s.trait} {s.value}": s.kept.tolist() for s in
             subgroups_of(cohort(age, male, ("a", "b", "", "a")))}  # fmt: skip
    assert found["sex female"] == [True, False, False, False]
    assert found["sex male"] == [False, True, False, True]
    assert not any(kept[1] for name, kept in found.items() if name.startswith("age"))
    assert found["site a"] == [True, False, False, True]
    assert "site " not in found


def test_a_trait_that_does_not_vary_has_no_groups() -> None:
    assert not subgroups_of(cohort(np.full(4, np.nan), np.zeros(4), ("a",) * 4))


def test_a_subgroup_is_judged_by_the_headline_of_its_patients(classes: Judged) -> None:
    judged = {(s.subgroup.trait, s.subgroup.value): s for s in
              judge_subgroups(classes.run, draws=DRAWS)}  # fmt: skip
    women = judged["sex", "female"]
    inputs, codes = classes.run.cohort.inputs, np.asarray(classes.run.cohort.target("idh").strata)
    female = inputs.column("male") == 0
    assert (women.patients, women.events) == (female.sum(), (female & (codes == 1)).sum())
    within = []
    for fold in classes.run.folds:
        rows = fold.test_rows[female[fold.test_rows]]
        within.append(auc(codes[rows], inputs.column("much")[rows]))
    assert women.systems["spy"].value == pytest.approx(np.mean(within))
    assert women.systems["spy"].low < women.systems["spy"].value


def test_a_subgroup_too_small_says_why_and_the_others_are_judged(classes: Judged) -> None:
    judged = {s["value"]: s for s in classes.content["subgroups"]}
    assert not judged["tiny"]["systems"]
    assert "large enough" in judged["tiny"]["reason"]
    assert set(judged["a"]["systems"]) == set(classes.run.systems)
    assert judged["tiny"]["patients"] == 2
