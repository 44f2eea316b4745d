"""What must hold before anything runs: systems of one task, and folds that can be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.automatic import Automatic, check_unseen
from gliokit.bench.cohort import BenchCohort
from gliokit.bench.harmonised import harmonised, harmonised_columns
from gliokit.bench.leaks import check_aliases, check_resolved
from gliokit.bench.measured import Measured
from gliokit.bench.protocol import Fold, Protocol, split, tested_rows
from gliokit.study import Identities, UsageError
from gliokit.systems import (
    BASELINES,
    ClassTarget,
    MaskTarget,
    SurvivalTarget,
    check_needs,
    check_training_needs,
    find_system,
    missing_inputs,
)
from gliokit.systems.card import Task
from gliokit.systems.measured_signs import MEASURED_FOR

__all__ = ["PLACE_TASKS", "Admitted", "admit"]

PLACE_TASKS: tuple[Task, ...] = ("segmentation", "voxel map", "detection")
"""What finds places in an image: judged by a drawn region."""

LEAST_TESTED = 2


@dataclass(frozen=True, slots=True)
class Admitted:
    """What may run.

    Args:
        task: What is judged.
        systems: Those asked for, then the baselines.
        not_run: Baselines that can't, with what they lack.
        folds: Of the protocol.
        allowed: Inputs let in by name, and how well they tell the target by themselves.
        measured: The same folds as the baselines see them that are given measured columns.
        harmonised: Columns whose differences of sites are taken out in a fold or more.
    """

    task: Task
    systems: tuple[str, ...]
    not_run: dict[str, str]
    folds: tuple[Fold, ...]
    allowed: dict[str, float]
    measured: tuple[Fold, ...]
    harmonised: tuple[str, ...] = ()

    def folds_of(self, system: str) -> tuple[Fold, ...]:
        """The folds as a system sees them."""
        return self.measured if system in MEASURED_FOR else self.folds


def admit(
    cohort: BenchCohort,
    target: str,
    systems: Sequence[str],
    protocol: Protocol,
    *,
    allowed: Sequence[str] = (),
    measured: Measured | None = None,
    identities: Identities | None = None,
    models: Sequence[Automatic] = (),
    harmonise: Sequence[str] = (),
) -> Admitted:
    """Everything that can be refused before hours are spent.

    Args:
        cohort: With each patient's person.
        target: One of its targets.
        systems: Names; the baselines come by themselves.
        protocol: How patients are split.
        allowed: Inputs that may tell the target by themselves.
        measured: What baselines see besides; the cohort's inputs by default.
        identities: Tables of who is who.
        models: Whose masks or features the cohort holds.
        harmonise: Patterns of columns, as of `gliokit.bench.harmonised`.

    Raises:
        StudyError: an input tells the target, patients lack what a system needs, a patient is on
            two sides of a split, or is judged by masks of a model that learnt from him.
        UsageError: a system that is not there, a skeleton or of another task; a fold that can't be
            judged, or whose sites can't be harmonised.
    """
    let_in = check_aliases(cohort.inputs, cohort.target(target), allowed=allowed)
    task = _task_of(cohort, target, systems)
    seen = measured or Measured(cohort.inputs)
    names, not_run = _admitted_systems(cohort, target, systems, task, seen)
    folds = _folds(cohort, target, protocol, harmonise)
    _check_sizes(cohort, target, folds, task, pooled=protocol.pooled)
    for fold in folds:
        check_resolved(fold.training.inputs.persons, fold.test.persons, fold=fold.name,
                       identities=identities)  # fmt: skip
    for name in names:
        _check_training(name, folds)
    _check_models(cohort, models, tested_rows(folds, len(cohort.inputs)), identities)
    whole = replace(cohort, inputs=seen.inputs)
    given = _folds(whole, target, protocol, harmonise) if measured else folds
    columns = dict.fromkeys(
        c for f in given if harmonise for c in harmonised_columns(f.training.inputs, harmonise)
    )
    return Admitted(task, tuple(names), not_run, folds, let_in, given, tuple(columns))


def _folds(
    cohort: BenchCohort, target: str, protocol: Protocol, harmonise: Sequence[str]
) -> tuple[Fold, ...]:
    folds = split(cohort, target, protocol)
    return tuple(harmonised(f, harmonise) for f in folds) if harmonise else folds


def _task_of(cohort: BenchCohort, target: str, systems: Sequence[str]) -> Task:
    """What is judged; of a place in the image it is what the first system does.

    Raises:
        UsageError: a place, and no system that finds places.
    """
    found = cohort.target(target)
    if isinstance(found, SurvivalTarget):
        return "survival"
    if isinstance(found, ClassTarget):
        return "classification"
    task = find_system(systems[0]).card.task if systems else "classification"
    if task not in PLACE_TASKS:
        raise UsageError(
            f"target '{target}' asks for systems of {', '.join(PLACE_TASKS)}",
            source=systems[0] if systems else target, found=task if systems else "no system",
        )  # fmt: skip
    return task


def _admitted_systems(
    cohort: BenchCohort, target: str, systems: Sequence[str], task: Task, seen: Measured
) -> tuple[list[str], dict[str, str]]:
    """Systems to run, asked ones first; and baselines that can't, with what they lack.

    Raises:
        UsageError: a skeleton, or a system of another task.
        StudyError: patients lack what a system needs.
    """
    found = cohort.target(target)
    place = isinstance(found, MaskTarget)
    # A baseline of classes answers survival too.
    of_baselines: Task = task if place else "classification"
    for name in systems:
        system = find_system(name)
        if system.card.state == "skeleton":
            raise UsageError("the bench compares systems that work", source=name,
                             found="a skeleton, which claims nothing")  # fmt: skip
        fits = of_baselines if system.card.state == "baseline" else task
        if system.card.task != fits:
            raise UsageError(
                f"target '{target}' asks for systems of {task}", source=name,
                found=system.card.task,
                way_out="A place is asked for by NAME=REGION, such as tumour=WT."
                if system.card.task in PLACE_TASKS and not place else None,
            )  # fmt: skip
        check_needs(name, system.needs, seen.seen_by(name, cohort), found)
    names, not_run = list(dict.fromkeys(systems)), {}
    for name in (n for n in BASELINES if find_system(n).card.task == of_baselines):
        lacks = missing_inputs(find_system(name).needs, seen.seen_by(name, cohort))
        if lacks:
            not_run[name] = ", ".join(map(seen.lacking, next(iter(lacks.values()))))
        elif name not in names:
            names.append(name)
    return names, not_run


def _check_models(
    cohort: BenchCohort,
    models: Sequence[Automatic],
    tested: NDArray[np.bool_],
    identities: Identities | None,
) -> None:
    persons = [p for p, asked in zip(cohort.inputs.persons, tested, strict=True) if asked]
    for model in models:
        check_unseen(model, cohort.inputs.subjects, tested)
        check_resolved(model.persons, persons, fold=f"masks by {model.model}",
                       identities=identities)  # fmt: skip


def _check_training(system: str, folds: Sequence[Fold]) -> None:
    needs = find_system(system).needs
    if needs.training_regions:
        for fold in folds:
            check_training_needs(system, needs, fold.training.labelled.inputs)


def _check_sizes(
    cohort: BenchCohort, target: str, folds: Sequence[Fold], task: Task, *, pooled: bool
) -> None:
    """Refuse folds that can't be judged.

    Raises:
        UsageError: fewer than two patients of a class, or deaths, in a fold that is judged alone;
            of a place what `_check_places` refuses.
    """
    found = cohort.target(target)
    if isinstance(found, MaskTarget):
        _check_places(cohort.inputs.persons, found, folds, task, pooled=pooled)
        return
    tested = [f.test_rows for f in folds]
    places = [np.concatenate(tested)] if pooled else tested
    wanted = range(len(found.classes)) if isinstance(found, ClassTarget) else (1,)
    least = min(int((found.strata[rows] == k).sum()) for rows in places for k in wanted)
    if least < LEAST_TESTED:
        raise UsageError(
            f"a test fold holds {LEAST_TESTED} patients of each class, or deaths, or more",
            source=target,
            found=least,
            way_out="Take fewer folds, or more patients.",
        )


def _check_places(
    persons: Sequence[str], target: MaskTarget, folds: Sequence[Fold], task: Task, *, pooled: bool
) -> None:
    """Refuse too few patients to be judged: of label maps all count, of others those in whom the
    region has a voxel; of detections in each fold that is judged alone.

    Raises:
        UsageError: fewer than two.
    """
    tested = [f.test_rows for f in folds if f.repeat == 0]
    alone = task == "detection" and not pooled
    places = tested if alone else [np.concatenate(tested)]
    counted = [
        {persons[i] for i in rows
         if task == "segmentation" or target.label_map(i).region(target.region).any()}
        for rows in places
    ]  # fmt: skip
    least = min(map(len, counted))
    if least < LEAST_TESTED:
        drawn = "" if task == "segmentation" else f" in whom region {target.region} is not empty"
        raise UsageError(
            f"{'each test fold' if alone else 'the test'} holds {LEAST_TESTED} patients or more"
            f"{drawn}",
            source=target.name,
            found=least,
            way_out="Take fewer folds, or more patients.",
        )
