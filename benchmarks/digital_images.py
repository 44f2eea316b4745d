"""Images of a bench's digital patients, made once in a folder."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from gliokit.bench import BenchCohort, images_of
from gliokit.phantom.population import Population
from gliokit.phantom.population.patient_folder import PATIENT, write_population_patient
from gliokit.study import Patient, read_brats_labels, read_study

__all__ = ["SPACING_MM", "with_digital_images"]

SPACING_MM = 4.0


def with_digital_images(
    cohort: BenchCohort, target: str, folder: Path, *, effect: float, seed: int
) -> BenchCohort:
    """A cohort of `digital_cohort` with the patients' images.

    Args:
        cohort: Of the same target, effect and seed.
        target: Whose effect is planted.
        folder: Gets a folder a patient; those that are there are not made again.
        effect: How strongly it shows.
        seed: Of the population.
    """
    population = Population({target: effect}, seed=seed)
    images = []
    for subject in cohort.inputs.subjects:
        place = folder / subject
        if not (place / PATIENT).is_file():
            patient = population.patient(int(subject.rpartition("-")[2]))
            if patient.subject != subject:
                raise ValueError(f"{subject} is {patient.subject} of the population")
            write_population_patient(place, patient, spacing_mm=SPACING_MM)
        opened = Patient(
            subject, {}, partial(read_study, place, subject=subject),
            partial(read_brats_labels, place),
        )  # fmt: skip
        images.append(images_of(opened))
    return replace(cohort, inputs=replace(cohort.inputs, images=tuple(images)))
