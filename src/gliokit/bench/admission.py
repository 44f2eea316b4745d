"""What must hold before anything runs: systems of one task, and folds that can be judged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gliokit.bench.cohort import BenchCohort
from gliokit.bench.protocol import Fold
from gliokit.study import UsageError
from gliokit.systems import (
    BASELINES,
    ClassTarget,
    MaskTarget,
    SurvivalTarget,
    check_needs,
    find_system,
    missing_inputs,
)
from gliokit.systems.card import Task

__all__ = ["PLACE_TASKS", "admitted_systems", "check_sizes", "task_of"]

PLACE_TASKS: tuple[Task, ...] = ("segmentation", "voxel map", "detection")
"""What finds places in an image: judged by a drawn region."""

LEAST_TESTED = 2


def task_of(cohort: BenchCohort, target: str, systems: Sequence[str]) -> Task:
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


def admitted_systems(
    cohort: BenchCohort, target: str, systems: Sequence[str], task: Task
) -> tuple[list[str], dict[str, str]]:
    """Systems to run, asked ones first; and baselines that can't, with what they lack.

    Raises:
        UsageError: a skeleton, or a system of another task.
        StudyError: patients lack what a system needs.
    """
    found = cohort.target(target)
    place = isinstance(found, MaskTarget)
    for name in systems:
        system = find_system(name)
        if system.card.state == "skeleton":
            raise UsageError("the bench compares systems that work", source=name,
                             found="a skeleton, which claims nothing")  # fmt: skip
        if system.card.task != task and (place or system.card.state != "baseline"):
            raise UsageError(
                f"target '{target}' asks for systems of {task}", source=name,
                found=system.card.task,
                way_out="A place is asked for by NAME=REGION, such as tumour=WT."
                if system.card.task in PLACE_TASKS and not place else None,
            )  # fmt: skip
        check_needs(name, system.needs, cohort.inputs, found)
    names, not_run = list(dict.fromkeys(systems)), {}
    for name in () if place else BASELINES:
        lacks = missing_inputs(find_system(name).needs, cohort.inputs)
        if lacks:
            not_run[name] = ", ".join(next(iter(lacks.values())))
        elif name not in names:
            names.append(name)
    return names, not_run


def check_sizes(cohort: BenchCohort, target: str, folds: Sequence[Fold], *, pooled: bool) -> None:
    """Refuse folds that can't be judged, before hours are spent.

    Raises:
        UsageError: fewer than two patients of a class, or deaths, in a fold that is judged alone;
            of a place in the image fewer than two patients in all.
    """
    found = cohort.target(target)
    strata, tested = found.strata, [f.test_rows for f in folds]
    places = [np.concatenate(tested)] if pooled or isinstance(found, MaskTarget) else tested
    wanted = range(len(found.classes)) if isinstance(found, ClassTarget) else (1,)
    if isinstance(found, MaskTarget):
        wanted = (0,)
    least = min(int((strata[rows] == k).sum()) for rows in places for k in wanted)
    if least < LEAST_TESTED:
        raise UsageError(
            f"a test fold holds {LEAST_TESTED} patients of each class, or deaths, or more",
            source=target,
            found=least,
            way_out="Take fewer folds, or leave out one patient at a time.",
        )
