"""Headlines within groups of patients: by sex, by age, by site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.cohort import BenchCohort
from gliokit.bench.judging import headlines
from gliokit.bench.running import Run
from gliokit.evaluation import Estimate
from gliokit.study import UsageError
from gliokit.systems import ClassTarget
from gliokit.systems.target import AnyTarget

__all__ = ["JudgedSubgroup", "Subgroup", "Trait", "judge_subgroups", "subgroups_of"]

Trait = Literal["sex", "age", "site"]

AGE_YEARS = 65.0
LEAST_SHARE = 0.25
"""Of patients on either side of 65 years; with fewer the median divides them."""


@dataclass(frozen=True, slots=True, eq=False)
class Subgroup:
    """Some patients of a cohort.

    Args:
        trait: What they have in common.
        value: 'female' or 'male'; 'below N' or 'N or above', in years; a site's name.
        kept: (n,) of the cohort.
    """

    trait: Trait
    value: str
    kept: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class JudgedSubgroup:
    """What the systems are worth in a subgroup.

    Args:
        subgroup: Who.
        patients: Rows that are judged.
        events: Of these, the positive class or deaths; of several classes the smallest one; of a
            place in the image 0.
        systems: Headline by system; empty where it can't be judged.
        only_trained: Rows that are learnt from and never judged.
        reason: Why it can't be judged; '' where it can.
    """

    subgroup: Subgroup
    patients: int
    events: int
    systems: Mapping[str, Estimate]
    only_trained: int = 0
    reason: str = ""


def subgroups_of(cohort: BenchCohort) -> tuple[Subgroup, ...]:
    """Subgroups that the cohort's own columns tell: 'male', 'age_years', sites.

    Age is cut at 65 years where a quarter of the patients or more lie on either side, else at
    the median. Who lacks a trait is in none of its groups; a trait with one group has none.
    """
    inputs, found = cohort.inputs, []
    if "male" in inputs.columns:
        male = inputs.column("male")
        found += [Subgroup("sex", "female", male == 0), Subgroup("sex", "male", male == 1)]
    if "age_years" in inputs.columns:
        age = inputs.column("age_years")
        if np.isfinite(age).any():
            cut = _age_cut(age)
            found += [Subgroup("age", f"below {cut:g}", age < cut),
                      Subgroup("age", f"{cut:g} or above", age >= cut)]  # fmt: skip
    sites = np.array(inputs.sites)
    found += [Subgroup("site", str(s), sites == s) for s in np.unique(sites) if s]
    groups = [s for s in found if s.kept.any()]
    per_trait = [s.trait for s in groups]
    return tuple(s for s in groups if per_trait.count(s.trait) > 1)


def _age_cut(age: NDArray[np.float64]) -> float:
    known = age[np.isfinite(age)]
    older = float((known >= AGE_YEARS).mean())
    if LEAST_SHARE <= older <= 1 - LEAST_SHARE:
        return AGE_YEARS
    return round(float(np.median(known)), 1)


def judge_subgroups(run: Run, *, seed: int = 0, draws: int = 1000) -> tuple[JudgedSubgroup, ...]:
    """The headline of every system in each subgroup, by the same measure as in all patients.

    Args:
        run: What the systems said.
        seed, draws: As of `judge`.
    """
    target, tested, judged = run.cohort.target(run.target), run.judged, []
    for subgroup in subgroups_of(run.cohort):
        mine = subgroup.kept & tested
        counts = int(mine.sum()), _events(target, mine)
        learnt = int((subgroup.kept & target.known & ~tested).sum())
        try:
            found = headlines(run, subgroup.kept, seed=seed, draws=draws)
            judged.append(JudgedSubgroup(subgroup, *counts, found, learnt))
        except UsageError as error:
            judged.append(JudgedSubgroup(subgroup, *counts, {}, learnt, str(error)))
    return tuple(judged)


def _events(target: AnyTarget, mine: NDArray[np.bool_]) -> int:
    if isinstance(target, ClassTarget) and len(target.classes) > 2:
        return int(np.bincount(target.codes[mine], minlength=len(target.classes)).min())
    return int((target.strata[mine] == 1).sum())
