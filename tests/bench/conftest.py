"""Judged runs of classes, of survival and of places, with all that a page can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from gliokit.bench import (
    BenchCohort,
    Protocol,
    Run,
    content_of,
    judge,
    judge_subgroups,
    run_systems,
)
from gliokit.study import UsageError
from gliokit.systems import ClassProbabilities, Inputs
from tests.bench.finders import Draws, place_cohort
from tests.bench.spies import Broken, Spy, installed
from tests.systems.patients import numbers_patients, volume_patients

DRAWS = 200


@dataclass(frozen=True)
class Judged:
    """A run and its content."""

    run: Run
    content: dict[str, Any]


class Second(Spy):
    """Answers with the second column."""

    def answer(self, patients: Inputs) -> ClassProbabilities:
        columns = (patients.columns[1], patients.columns[0])
        turned = Inputs(patients.subjects, columns, patients.matrix(columns))
        return super().answer(turned)


def class_cohort(n: int = 120) -> BenchCohort:
    """Columns of the baselines after one that tells much and one that tells little."""
    made = numbers_patients(n)
    generator = np.random.default_rng(6)
    codes = np.asarray(made.target.strata)
    told = generator.normal(size=(n, 2)) + np.array([1.5, 0.3]) * codes[:, None]
    values = made.inputs.values.copy()
    values[:, 1] = generator.integers(0, 2, n)
    inputs = Inputs(
        made.inputs.subjects,
        ("much", "little", *made.inputs.columns),
        np.column_stack([told, values]),
        sites=tuple("ab"[i // 2 % 2] if i < n - 2 else "tiny" for i in range(n)),
    )
    strata = tuple("uv"[i // 2 % 2] if i < n - 2 else "rare" for i in range(n))
    return BenchCohort("<made up>", inputs, {"idh": made.target}, strata)


@pytest.fixture(scope="session")
def classes() -> Judged:
    """Three systems of which one fails, baselines, strata, subgroups."""
    with pytest.MonkeyPatch.context() as patch:
        installed(patch, spy=Spy(), second=Second(), broken=Broken())
        run = run_systems(class_cohort(), "idh", ["spy", "second", "broken"], Protocol(folds=3),
                          budget="smoke")  # fmt: skip
        judged, pairs = judge(run, draws=DRAWS)
        strata, unjudged = {}, {}
        for name in ("u", "v", "rare"):
            try:
                strata[name] = judge(run, draws=DRAWS, stratum=name)
            except UsageError as error:
                unjudged[name] = str(error)
        subgroups = judge_subgroups(run, draws=DRAWS)
        return Judged(run, content_of(run, judged, pairs, strata=strata, unjudged=unjudged,
                                      subgroups=subgroups))  # fmt: skip


@pytest.fixture(scope="session")
def survival() -> Judged:
    """One published system and baselines."""
    made = volume_patients(150, log_ratio=6.0)
    whole = BenchCohort("survivors", made.inputs, {"survival": made.target})
    run = run_systems(whole, "survival", ["wan2020"], Protocol(folds=3), budget="smoke")
    judged, pairs = judge(run, draws=400)
    return Judged(run, content_of(run, judged, pairs,
                                  subgroups=judge_subgroups(run, draws=400)))  # fmt: skip


@pytest.fixture(scope="session")
def places() -> Judged:
    """Two systems that draw label maps."""
    with pytest.MonkeyPatch.context() as patch:
        installed(patch, near=Draws(moved=1), far=Draws(moved=4))
        run = run_systems(place_cohort(), "tumour", ["near", "far"], Protocol(folds=2),
                          budget="smoke")  # fmt: skip
        judged, pairs = judge(run, draws=DRAWS)
        return Judged(run, content_of(run, judged, pairs,
                                      subgroups=judge_subgroups(run, draws=DRAWS)))  # fmt: skip
