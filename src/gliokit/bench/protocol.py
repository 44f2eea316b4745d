"""How patients are split: once, by person, the same for every system."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.cohort import BenchCohort
from gliokit.bench.leaks import check_apart
from gliokit.study import StudyError, UsageError
from gliokit.systems import Inputs, TrainingSet, dealt_folds

__all__ = ["Fold", "Kind", "Protocol", "split", "tested_rows"]

Kind = Literal[
    "hold-out", "k-fold", "leave-one-out", "leave-n-out", "leave-site-out", "cross-dataset"
]
LEAST_OF_A_CLASS = 2
PARTS = 20
"""Of which a hold-out takes some."""
POOLED_BELOW = 10
"""Groups of fewer persons seldom hold two of each class."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """How patients are split.

    Args:
        kind: 'k-fold' is grouped by person and stratified by class, and by stratum where there
            are strata, and so is 'leave-n-out', in groups of at most `leave` persons, each left
            out once; 'leave-one-out' leaves out a person with all rows; 'leave-site-out' a site
            (of joined cohorts: a cohort); 'cross-dataset' is one fold, which learns from all
            other sites or cohorts and tests `test_cohorts`.
        folds: Of 'k-fold'.
        repeats: Of 'k-fold'.
        test_share: Of 'hold-out'.
        seed: Of the deal, 0 or more.
        leave: Of 'leave-n-out'.
        test_cohorts: Of 'cross-dataset', names of joined cohorts, or of sites; one or more.
    """

    kind: Kind = "k-fold"
    folds: int = 5
    repeats: int = 1
    test_share: float = 0.3
    seed: int = 0
    leave: int = 10
    test_cohorts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise UsageError(f"a protocol is one of {', '.join(get_args(Kind))}", found=self.kind)
        if self.folds < 2 or self.repeats < 1 or not 0 < self.test_share < 1 or self.seed < 0:
            raise UsageError(
                "a protocol has 2 folds or more, 1 repeat or more, a share between 0 and 1, a "
                "seed of 0 or more",
                found=(self.folds, self.repeats, self.test_share, self.seed),
            )
        if self.leave < 1:
            raise UsageError("a group that is left out has 1 person or more", source="leave-n-out",
                             found=self.leave)  # fmt: skip
        if (self.kind == "cross-dataset") != bool(self.test_cohorts):
            raise UsageError(
                "the protocol 'cross-dataset', and no other, names one test cohort or more",
                found=f"{self.kind}, {', '.join(self.test_cohorts) or 'none'}",
                way_out="Name it, such as --test-cohort OTHER.csv.",
            )

    @property
    def pooled(self) -> bool:
        """Whether a fold is too small to be judged alone, so that scores of all folds are ranked
        together: where one person is left out, or groups of at most 9 are asked for."""
        grouped = self.kind == "leave-n-out" and self.leave < POOLED_BELOW
        return self.kind == "leave-one-out" or grouped

    @property
    def one_model(self) -> bool:
        """Whether there is one fold, so that no two models learn from each other's patients."""
        return self.kind in ("hold-out", "cross-dataset")

    @property
    def by_site(self) -> bool:
        """Whether nobody of a site or cohort that is tested is learnt from."""
        return self.kind in ("leave-site-out", "cross-dataset")


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """One split.

    Args:
        name: Unique.
        repeat: Of the whole deal.
        training: All that a system may learn from.
        test: Whom it is asked about, without their target.
        test_rows: Their places in the cohort: for the judge alone.
    """

    name: str
    repeat: int
    training: TrainingSet
    test: Inputs
    test_rows: NDArray[np.intp]

    def __post_init__(self) -> None:
        check_apart(self.training.inputs.persons, self.test.persons, fold=self.name)
        check_apart(self.training.inputs.subjects, self.test.subjects, fold=self.name)


def split(cohort: BenchCohort, target: str, protocol: Protocol) -> tuple[Fold, ...]:
    """The folds of a cohort for a target.

    Patients whose target is not known are never tested; they stand in every training fold that
    tests no other row of theirs and, of protocols by site, nobody of their site.

    Raises:
        StudyError: a person on both sides (a site or cohort shares patients with another).
        UsageError: too few patients for the protocol.
    """
    known = np.flatnonzero(cohort.target(target).known)
    persons, sites = np.array(cohort.inputs.persons), np.array(cohort.inputs.sites)
    dealt = _dealt(cohort, cohort.target(target).strata[known], known, protocol)
    folds = []
    for name, repeat, test in dealt:
        learn = np.setdiff1d(known, test)
        blind = np.setdiff1d(np.arange(len(persons)), known)
        blind = blind[~np.isin(persons[blind], persons[test])]
        if protocol.by_site:
            blind = blind[~np.isin(sites[blind], sites[test])]
        rows = np.sort(np.concatenate([learn, blind])).astype(np.intp)
        training = TrainingSet(cohort.inputs.take(rows), cohort.target(target).take(rows))
        folds.append(Fold(name, repeat, training, cohort.inputs.take(test), test))
    return tuple(folds)


def tested_rows(folds: Sequence[Fold], patients: int) -> NDArray[np.bool_]:
    """(patients,), who is in a test fold; the others are only learnt from."""
    tested = np.zeros(patients, dtype=np.bool_)
    tested[np.concatenate([f.test_rows for f in folds])] = True
    return tested


def _dealt(
    cohort: BenchCohort, classes: NDArray[np.int64], known: NDArray[np.intp], protocol: Protocol
) -> list[tuple[str, int, NDArray[np.intp]]]:
    persons = [cohort.inputs.persons[i] for i in known]
    sites = [cohort.inputs.sites[i] for i in known]
    if protocol.kind == "leave-site-out":
        return _by_site(sites, classes, known)
    if protocol.kind == "cross-dataset":
        return [_across(sites, known, protocol.test_cohorts)]
    if protocol.kind == "leave-one-out":
        names = np.array(persons)
        return [(f"without {name}", 0, known[names == name]) for name in dict.fromkeys(persons)]
    strata = _within(classes, [cohort.strata[i] for i in known] if cohort.strata else [])
    if protocol.kind == "hold-out":
        parts = min(PARTS, len(set(persons)))
        fold = dealt_folds(persons, strata, parts, seed=protocol.seed)
        test = fold < max(1, round(protocol.test_share * parts))
        return [("hold-out", 0, known[test])]
    if protocol.kind == "leave-n-out":
        groups = _groups(len(set(persons)), protocol.leave)
        fold = dealt_folds(persons, strata, groups, seed=protocol.seed)
        return [(f"without group {k + 1}", 0, known[fold == k]) for k in range(groups)]
    dealt = []
    for repeat in range(protocol.repeats):
        fold = dealt_folds(persons, strata, protocol.folds, seed=protocol.seed + repeat)
        dealt += [
            (f"repeat {repeat + 1}, fold {k + 1}", repeat, known[fold == k])
            for k in range(protocol.folds)
        ]
    return dealt


def _groups(persons: int, leave: int) -> int:
    """How many groups of at most so many persons.

    Raises:
        UsageError: there is nobody left to learn from.
    """
    if leave >= persons:
        raise UsageError(f"a group that is left out is smaller than all persons, {persons}",
                         source="leave-n-out", found=leave)  # fmt: skip
    return math.ceil(persons / leave)


def _within(classes: NDArray[np.int64], strata: Sequence[str]) -> NDArray[np.int64]:
    """Class by stratum, where there are strata: each is judged alone, and dealt so."""
    if not strata:
        return classes
    names, place = np.unique(np.array(strata), return_inverse=True)
    return np.asarray(classes * names.size + place.reshape(-1), dtype=np.int64)


def _by_site(
    sites: Sequence[str], strata: NDArray[np.int64], known: NDArray[np.intp]
) -> list[tuple[str, int, NDArray[np.intp]]]:
    """Sites that can be judged alone; the others are only learnt from."""
    names = np.array(sites)
    if len(set(sites)) < 2 or "" in sites:
        raise StudyError("to leave out a site, every patient has one and there are two or more",
                         found=", ".join(sorted(set(sites) - {""})) or "none",
                         way_out="Name the column of sites (--site), or give several cohorts, "
                         "each a site.")  # fmt: skip
    dealt = []
    for site in sorted(set(sites)):
        mask = names == site
        counts = [int((strata[mask] == k).sum()) for k in np.unique(strata)]
        if min(counts) >= LEAST_OF_A_CLASS:
            dealt.append((f"without {site}", 0, known[mask]))
    if not dealt:
        raise UsageError("a site has two patients of each class or more", found="no such site")
    return dealt


def _across(
    sites: Sequence[str], known: NDArray[np.intp], test_cohorts: Sequence[str]
) -> tuple[str, int, NDArray[np.intp]]:
    """Some cohorts against all others; only rows with a known target are given."""
    there, tested = set(sites), set(test_cohorts)
    if not tested <= there or not there - tested or "" in there:
        raise UsageError(
            "test cohorts are some of several, each with patients whose target is known, and "
            "every patient is of one",
            source=", ".join(test_cohorts),
            found=", ".join(sorted(there - {""})) or "no cohort or site",
            way_out="Give several cohorts (--cohort), of which --test-cohort names some.",
        )
    return f"on {', '.join(test_cohorts)}", 0, known[np.isin(np.array(sites), test_cohorts)]
