"""A population of gliomas: genotype, person, look and outcome, with known links.

In: a seed and how strongly each target is to show. Out: `PopulationPatient`s, one by one,
and cohorts on disk. `frequencies.tsv` and `effects.tsv` hold every number with its source.
"""

from gliokit.phantom.population.classes import GliomaClass, class_shares
from gliokit.phantom.population.clinic import Clinic
from gliokit.phantom.population.cohort import write_cohort
from gliokit.phantom.population.course import COURSE, Course, PlannedVisit
from gliokit.phantom.population.effect import TARGETS, EffectScale
from gliokit.phantom.population.genotype import Genotype, WhoType
from gliokit.phantom.population.patient_folder import write_population_patient
from gliokit.phantom.population.phenotype import Phenotype
from gliokit.phantom.population.planting import tumour_settings
from gliokit.phantom.population.population import Population, PopulationPatient
from gliokit.phantom.population.scanning import MODALITIES
from gliokit.phantom.population.survival import Outcome
from gliokit.phantom.population.table import effects, frequencies

__all__ = [
    "COURSE",
    "MODALITIES",
    "TARGETS",
    "Clinic",
    "Course",
    "EffectScale",
    "Genotype",
    "GliomaClass",
    "Outcome",
    "Phenotype",
    "PlannedVisit",
    "Population",
    "PopulationPatient",
    "WhoType",
    "class_shares",
    "effects",
    "frequencies",
    "tumour_settings",
    "write_cohort",
    "write_population_patient",
]
