"""Patients, their targets, and which is which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from gliokit.study import Identities, StudyError, family_of
from gliokit.systems import ClassTarget, Inputs, MaskTarget, SurvivalTarget
from gliokit.systems.target import AnyTarget

__all__ = ["BenchCohort", "joined", "with_identities"]

MGMT = "mgmt"
"""In the name of a target that collections code each in its own way."""


@dataclass(frozen=True, slots=True, eq=False)
class BenchCohort:
    """Inputs and targets of the same patients, kept apart.

    Args:
        name: Of the cohort.
        inputs: What systems may see.
        targets: By name; none of them is an input.
        strata: (n,) words that patients are judged within, such as the grade; empty for none.
        collections: (n,) where each person's name is from, '' where not known; empty for none.
        grades: (n,) of the tumour, '' where not known, by which a class is confounded; empty for
            none.
    """

    name: str
    inputs: Inputs
    targets: Mapping[str, AnyTarget]
    strata: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, target in self.targets.items():
            if name != target.name or len(target) != len(self.inputs):
                raise StudyError("a target has its own name and a place for each patient",
                                 source=self.name, found=name)  # fmt: skip
        both = sorted(set(self.targets) & set(self.inputs.columns))
        if both:
            raise StudyError("a target is never among the inputs", source=self.name,
                             found=", ".join(both))  # fmt: skip
        if self.strata and len(self.strata) != len(self.inputs):
            raise StudyError("every patient has a stratum", source=self.name)
        if self.grades and len(self.grades) != len(self.inputs):
            raise StudyError("every patient has a grade, or ''", source=self.name)
        object.__setattr__(self, "collections", self.collections or ("",) * len(self.inputs))
        if len(self.collections) != len(self.inputs):
            raise StudyError("every patient has a collection", source=self.name)

    def target(self, name: str) -> AnyTarget:
        """A target by name.

        Raises:
            StudyError: there is none.
        """
        if name not in self.targets:
            raise StudyError(
                f"the cohort has a target '{name}'",
                source=self.name,
                found=", ".join(self.targets) or "none",
            )
        return self.targets[name]

    def take(self, rows: ArrayLike) -> BenchCohort:
        """The patients of some row numbers."""
        chosen = np.asarray(rows, dtype=np.intp)
        return BenchCohort(
            self.name,
            self.inputs.take(chosen),
            {name: t.take(chosen) for name, t in self.targets.items()},
            tuple(self.strata[i] for i in chosen) if self.strata else (),
            tuple(self.collections[i] for i in chosen),
            tuple(self.grades[i] for i in chosen) if self.grades else (),
        )


def with_identities(cohort: BenchCohort, identities: Identities) -> BenchCohort:
    """The cohort with each patient's person as the tables know it, or by name and collection."""
    persons = identities.persons(cohort.inputs.persons, cohort.collections)
    return replace(cohort, inputs=replace(cohort.inputs, persons=persons), collections=())


def joined(cohorts: Sequence[BenchCohort], name: str) -> BenchCohort:
    """Several cohorts as one, each a site of its own; columns that all have.

    Raises:
        StudyError: two cohorts of one name, no common target, no common column though not all
            have images, a subject that two cohorts have, targets of other classes or codings.
    """
    names = [c.name for c in cohorts]
    if len(set(names)) < len(names):
        raise StudyError("cohorts to be joined have a name each, since each is a site",
                         source=name, found=", ".join(names),
                         way_out="Name their folders or files differently.")  # fmt: skip
    first = cohorts[0]
    columns = tuple(c for c in first.inputs.columns if all(c in o.inputs.columns for o in cohorts))
    shared = [t for t in first.targets if all(t in o.targets for o in cohorts)]
    images = all(any(c.inputs.images) for c in cohorts)
    if not (columns or images) or not shared:
        raise StudyError("cohorts to be joined share columns, or have images, and share a target",
                         source=name)  # fmt: skip
    inputs = Inputs(
        tuple(s for c in cohorts for s in c.inputs.subjects),
        columns,
        np.concatenate([c.inputs.matrix(columns) for c in cohorts]),
        tuple(p for c in cohorts for p in c.inputs.persons),
        tuple(c.name for c in cohorts for _ in c.inputs.subjects),
        tuple(i for c in cohorts for i in c.inputs.images),
    )
    for target in shared:
        _check_codings(cohorts, target)
    targets = {t: _joined_target([c.targets[t] for c in cohorts]) for t in shared}
    strata = all(c.strata for c in cohorts)
    return BenchCohort(
        name,
        inputs,
        targets,
        tuple(s for c in cohorts for s in c.strata) if strata else (),
        tuple(w for c in cohorts for w in c.collections),
        tuple(g for c in cohorts for g in c.grades) if all(c.grades for c in cohorts) else (),
    )


def _check_codings(cohorts: Sequence[BenchCohort], target: str) -> None:
    """Refuse classes of one name that are told in two ways.

    Collections tell MGMT methylation each in its own way (27 patients of UCSF-PDGM are positive
    there and 0 in the table of BraTS 2021): where no coding is stated, it is the collection's.
    """
    said = {}
    for cohort in cohorts:
        found = cohort.targets[target]
        if not isinstance(found, ClassTarget):
            return
        families = {family_of(s) for s in cohort.inputs.subjects} if MGMT in target.lower() else ()
        said[cohort.name] = found.coding or ", ".join(sorted(families))
    if len(set(said.values())) > 1:
        raise StudyError(
            "a target is coded alike in every cohort", source=target,
            found="; ".join(f"{name}: {how or 'not stated'}" for name, how in said.items()),
            way_out="Bring them to one coding, and say so in the data dictionary of each table: "
            "entry 'Coding' of the target's column.",
        )  # fmt: skip


def _joined_target(targets: Sequence[AnyTarget]) -> AnyTarget:
    first = targets[0]
    if isinstance(first, ClassTarget):
        classes = [t for t in targets if isinstance(t, ClassTarget) and t.classes == first.classes]
        if len(classes) == len(targets):
            codes = np.concatenate([t.codes for t in classes])
            return ClassTarget(first.name, first.classes, codes, first.coding)
    elif isinstance(first, MaskTarget):
        masks = [t for t in targets if isinstance(t, MaskTarget) and t.region == first.region]
        if len(masks) == len(targets):
            drawn = tuple(opener for t in masks for opener in t.open_masks)
            return MaskTarget(first.name, first.region, drawn)
    else:
        times = [t for t in targets if isinstance(t, SurvivalTarget)]
        if len(times) == len(targets):
            days = np.concatenate([t.days for t in times])
            return SurvivalTarget(first.name, days, np.concatenate([t.died for t in times]))
    raise StudyError("a target is coded alike in every cohort", source=first.name)
