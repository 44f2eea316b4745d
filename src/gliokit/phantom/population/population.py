"""Patients drawn from the population, one by one, each from its own chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gliokit.phantom.population.clinic import Clinic, draw_clinic
from gliokit.phantom.population.course import Course, draw_course
from gliokit.phantom.population.draws import draws_of, image_seed
from gliokit.phantom.population.effect import EffectScale, shown_class
from gliokit.phantom.population.genotype import Genotype, draw_genotype
from gliokit.phantom.population.phenotype import Phenotype, draw_phenotype
from gliokit.phantom.population.showing import Showing
from gliokit.phantom.population.survival import (
    Outcome,
    covariates,
    draw_outcome,
    log_hazard_ratios,
)
from gliokit.phantom.population.table import effects, frequencies
from gliokit.study import UsageError

__all__ = ["MOST_PATIENTS", "Population", "PopulationPatient"]

MOST_PATIENTS = 1_000_000


@dataclass(frozen=True, slots=True)
class PopulationPatient:
    """One patient: genotype, person, look, outcome.

    Args:
        subject: Name, `sub-000041` for the one of index 41.
        index: Place in the population.
        image_seed: For `gliokit.phantom.make_patient`.
        genotype: The targets.
        clinic: Age, sex, performance, treatment.
        phenotype: What is planted in the images.
        outcome: Progression and survival.
        course: Extent of the resection and the visits after it.
        shown_class: The class that person and look are drawn from; the patient's own
            where all effects are 1.
        covariates: Of the hazard.
    """

    subject: str
    index: int
    image_seed: int
    genotype: Genotype
    clinic: Clinic
    phenotype: Phenotype
    outcome: Outcome
    course: Course
    shown_class: str
    covariates: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Population:
    """Adult diffuse gliomas with known links between genotype, look and outcome.

    The same seed gives the same patients, however many and in whatever order; changing one
    effect leaves all other chance as it was.

    Args:
        effects: Scale of the link of each target (`EffectScale`): 0 none, 1 as published,
            up to 5. What is not named is 1, or 0 below one that is 0.
        seed: 0 or more.
        hazard_ratios: Of covariates of the hazard, in place of the table's.

    Raises:
        UsageError: an effect, a seed or a ratio that can't be.
    """

    effects: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    hazard_ratios: Mapping[str, float] = field(default_factory=dict)
    scale: EffectScale = field(init=False)
    log_ratios: Mapping[str, float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise UsageError("a seed is a whole number, 0 or more", source="seed", found=self.seed)
        object.__setattr__(self, "effects", MappingProxyType(dict(self.effects)))
        object.__setattr__(self, "hazard_ratios", MappingProxyType(dict(self.hazard_ratios)))
        object.__setattr__(self, "scale", EffectScale.of(self.effects))
        object.__setattr__(self, "log_ratios", log_hazard_ratios(self.hazard_ratios))

    def patient(self, index: int) -> PopulationPatient:
        """The patient of an index, 0 or more.

        Raises:
            UsageError: an index that can't be.
        """
        if not 0 <= index < MOST_PATIENTS:
            raise UsageError(
                f"an index of a patient lies between 0 and {MOST_PATIENTS - 1}",
                source="index",
                found=index,
            )
        draws = draws_of(self.seed, index)
        genotype = draw_genotype(draws, mgmt_effect=self.scale.mgmt)
        shown = shown_class(genotype.glioma_class, draws, self.scale)
        clinic = draw_clinic(draws, Showing(shown, self.scale, frequencies()))
        phenotype = draw_phenotype(draws, Showing(shown, self.scale, effects()))
        values = covariates(genotype, clinic, phenotype)
        outcome = draw_outcome(
            draws, values, log_ratios=self.log_ratios, effect=self.scale.survival
        )
        return PopulationPatient(
            subject=f"sub-{index:06d}",
            index=index,
            image_seed=image_seed(self.seed, index),
            genotype=genotype,
            clinic=clinic,
            phenotype=phenotype,
            outcome=outcome,
            course=draw_course(draws, clinic, outcome),
            shown_class=shown.name,
            covariates=MappingProxyType(values),
        )

    def patients(self, n: int, *, start: int = 0) -> Iterator[PopulationPatient]:
        """The first `n` patients, or those from an index on.

        Raises:
            UsageError: a number that can't be.
        """
        check_number(n, start)
        return (self.patient(index) for index in range(start, start + n))


def check_number(n: int, start: int = 0) -> None:
    """Refuse a number of patients that can't be."""
    if not 1 <= n <= MOST_PATIENTS - start:
        raise UsageError(f"a cohort has 1 to {MOST_PATIENTS} patients", source="n", found=n)
