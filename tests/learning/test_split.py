"""Patients that a run never sees."""

import numpy as np
import pytest

from gliokit.learning.split import folds, hold_out, keep_back
from gliokit.study import Cohort, Patient, UsageError

NAMES = [f"p{n:02d}" for n in range(30)]
STRATA = ["a"] * 20 + ["b"] * 10


def shuffled(seed: int) -> tuple[list[str], list[str]]:
    order = np.random.default_rng(seed).permutation(30)
    return [NAMES[i] for i in order], [STRATA[i] for i in order]


def test_held_out_patients_come_from_every_collection_whatever_the_order() -> None:
    kept = hold_out(NAMES, STRATA, count=6, seed=3)
    assert len([n for n in kept if STRATA[NAMES.index(n)] == "a"]) == 4
    assert kept == hold_out(*shuffled(0), count=6, seed=3)
    assert kept != hold_out(NAMES, STRATA, count=6, seed=4)
    with pytest.raises(UsageError, match="held out"):
        hold_out(NAMES, STRATA, count=30, seed=0)


def test_every_patient_is_in_one_fold_and_every_fold_has_both_collections() -> None:
    parts = folds(NAMES, STRATA, count=4, seed=3)
    assert sorted(n for part in parts for n in part) == NAMES
    assert [len(part) for part in parts] == [8, 8, 7, 7]
    for part in parts:
        assert 2 <= sum(STRATA[NAMES.index(n)] == "b" for n in part) <= 3
    assert parts == folds(*shuffled(1), count=4, seed=3)


def test_the_first_fold_is_what_is_held_out_by_number() -> None:
    assert folds(NAMES, STRATA, count=5, seed=3)[0] == hold_out(NAMES, STRATA, count=6, seed=3)


def test_a_cohort_keeps_back_a_number_or_a_fold_but_not_both() -> None:
    def never() -> None:
        raise AssertionError("nothing is read")

    patients = tuple(
        Patient(n, {"collection": s}, never, never)  # type: ignore[arg-type]
        for n, s in zip(NAMES, STRATA, strict=True)
    )
    cohort = Cohort(patients, ("collection",), None)  # type: ignore[arg-type]
    assert keep_back(cohort) == ()
    assert keep_back(cohort, fold=(2, 5), seed=3) == folds(NAMES, STRATA, count=5, seed=3)[1]
    with pytest.raises(UsageError, match="not by both"):
        keep_back(cohort, count=3, fold=(2, 5))
    with pytest.raises(UsageError, match="from 1 to 5"):
        keep_back(cohort, fold=(6, 5))
    with pytest.raises(UsageError, match="2 to 30 folds"):
        keep_back(cohort, fold=(1, 31))


def test_all_scans_of_a_person_are_kept_back_together() -> None:
    def never() -> None:
        raise AssertionError("nothing is read")

    def cohort_of(rows: list[tuple[str, str, str]]) -> Cohort:
        patients = tuple(
            Patient(n, {"collection": c, "patient": p}, never, never)  # type: ignore[arg-type]
            for n, p, c in rows
        )
        return Cohort(patients, ("collection", "patient"), None)  # type: ignore[arg-type]

    one = [(f"s{n:02d}a", f"P{n}", "x") for n in range(10)]
    two = [(f"s{n:02d}b", f"P{n}", "x") for n in range(0, 10, 2)]
    both = cohort_of(one + two)
    parts = [keep_back(both, fold=(k, 5), seed=1) for k in range(1, 6)]
    assert sorted(s for part in parts for s in part) == sorted(n for n, *_ in one + two)
    for part in parts:
        assert len({s[:3] for s in part}) == 2  # persons
        assert all(s[:3] + "b" in part for s in part if int(s[1:3]) % 2 == 0)
    # Who has one scan is drawn as if nobody had more.
    single = cohort_of(one)
    for k, part in enumerate(parts, start=1):
        assert keep_back(single, fold=(k, 5), seed=1) == tuple(s for s in part if s.endswith("a"))
    assert len({s[:3] for s in keep_back(both, count=3)}) == 3


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match=r"site: .*column of the table; found columns age"):
        keep_back(Cohort((), ("age",), None), stratify_by="site")  # type: ignore[arg-type]
