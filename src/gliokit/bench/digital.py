"""Cohorts of digital patients as tables: the planted look, age and sex, and what is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from gliokit.bench.cohort import BenchCohort
from gliokit.phantom.population import Population, PopulationPatient
from gliokit.phantom.population.phenotype import LOBES
from gliokit.study import UsageError
from gliokit.systems import ClassTarget, Inputs, SurvivalTarget, Target

__all__ = ["DIGITAL_TARGETS", "DigitalTarget", "digital_cohort"]

LOOKS = ("whole_ml", "core_share", "enhancement_share", "necrosis_share", "margin_sharpness",
         "mismatch", "heterogeneity", "calcification", "cortical", "rcbv_ratio",
         "adc_um2_per_ms")  # fmt: skip
VOLUMES = ("core_ml", "enhancing_ml", "necrosis_ml")
COLUMNS = (*LOOKS, *VOLUMES, *(f"lobe_{lobe}" for lobe in LOBES), "multifocal", "age_years",
           "male")  # fmt: skip
MOST_PATIENTS = 5000
# The rarest who are asked about are one in seven of the population.
LOOKED_THROUGH = 40

Patients = list[PopulationPatient]


@dataclass(frozen=True, slots=True)
class DigitalTarget:
    """A question about digital patients.

    Args:
        about: Who they are, in words.
        among: Whether a patient is one of them.
        target: What is to be found, of those who are.
    """

    about: str
    among: Callable[[PopulationPatient], bool]
    target: Callable[[Patients], Target]


def _classes(
    name: str, classes: tuple[str, str], positive: Callable[[PopulationPatient], bool]
) -> Callable[[Patients], Target]:
    def target(patients: Patients) -> Target:
        return ClassTarget(name, classes, np.array([int(positive(p)) for p in patients]))

    return target


def _survival(patients: Patients) -> Target:
    days = np.array([p.outcome.follow_up_days for p in patients], dtype=np.float64)
    return SurvivalTarget("survival", days, np.array([p.outcome.died for p in patients]))


def _lower(patient: PopulationPatient) -> bool:
    return patient.genotype.histological_grade < 4


DIGITAL_TARGETS: Mapping[str, DigitalTarget] = MappingProxyType(
    {
        "idh": DigitalTarget(
            "gliomas of grades 2 and 3",
            _lower,
            _classes("idh", ("wildtype", "mutant"), lambda p: p.genotype.idh_mutant),
        ),
        "codeletion": DigitalTarget(
            "IDH-mutant gliomas",
            lambda p: p.genotype.idh_mutant,
            _classes("codeletion", ("intact", "codeleted"), lambda p: p.genotype.codeleted),
        ),
        "grade": DigitalTarget(
            "IDH-mutant gliomas of grades 2 and 3",
            lambda p: p.genotype.idh_mutant and _lower(p),
            _classes("grade", ("2", "3"), lambda p: p.genotype.histological_grade == 3),
        ),
        "mgmt": DigitalTarget(
            "IDH-wildtype gliomas",
            lambda p: not p.genotype.idh_mutant,
            _classes("mgmt", ("unmethylated", "methylated"), lambda p: p.genotype.mgmt_methylated),
        ),
        "survival": DigitalTarget(
            "IDH-wildtype gliomas", lambda p: not p.genotype.idh_mutant, _survival
        ),
    }
)
"""By the name of the effect that is planted. IDH is asked within grades 2 and 3, where it is a
question; MGMT shows nothing within IDH-wildtype gliomas at any effect."""


def digital_cohort(target: str, patients: int, *, effect: float, seed: int) -> BenchCohort:
    """The first patients of a population whom a question is about.

    Their inputs are what is planted, as if measured without error: what a study needs with
    real measurements is more.

    Args:
        target: Of `DIGITAL_TARGETS`.
        patients: 2 to 5,000.
        effect: How strongly the target shows: 0 not, 1 as published, up to 5.
        seed: Of the population; the first patients of a larger cohort are the same.

    Raises:
        UsageError: no such target, effect or number.
    """
    if target not in DIGITAL_TARGETS:
        raise UsageError(f"digital patients have a target of {', '.join(DIGITAL_TARGETS)}",
                         source="target", found=target)  # fmt: skip
    if not 2 <= patients <= MOST_PATIENTS:
        raise UsageError(f"a digital cohort has 2 to {MOST_PATIENTS} patients", found=patients)
    asked = DIGITAL_TARGETS[target]
    population = Population({target: effect}, seed=seed)
    found = list(_first(population, asked.among, patients))
    inputs = Inputs(tuple(p.subject for p in found), COLUMNS, np.array([_row(p) for p in found]))
    return BenchCohort(f"digital {asked.about}", inputs, {target: asked.target(found)})


def _first(
    population: Population, among: Callable[[PopulationPatient], bool], n: int
) -> Iterator[PopulationPatient]:
    for patient in population.patients(LOOKED_THROUGH * n + 1000):
        if among(patient):
            yield patient
            n -= 1
        if n == 0:
            return


def _row(patient: PopulationPatient) -> list[float]:
    look = patient.phenotype
    core_ml = look.whole_ml * look.core_share
    return [
        *(float(getattr(look, name)) for name in LOOKS),
        core_ml,
        core_ml * look.enhancement_share,
        core_ml * look.necrosis_share,
        *(float(look.lobe == lobe) for lobe in LOBES),
        float(look.multifocal),
        patient.clinic.age_years,
        float(patient.clinic.sex == "male"),
    ]
