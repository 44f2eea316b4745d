"""The columns of a cohort's tables, and what its data dictionary says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gliokit.phantom.population.course import PlannedVisit
from gliokit.phantom.population.population import PopulationPatient

__all__ = ["PARTICIPANTS", "TRUTH", "TRUTH_VISITS", "VISITS", "Column", "dictionary", "row"]

Role = Literal["name", "target", "input", "treatment", "outcome", "truth"]
YES_NO = {"1": "yes", "0": "no"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Args:
        name: With its unit.
        role: Whether a system is to find it, may be given it, or must never see it. Treatment
            follows the pathology: it may tell survival, and gives a diagnosis away.
        about: What it is.
        unit: '' where it has none.
        levels: Meaning of each value, where they are few.
        value: Of a patient, or of one's visit and its number.
    """

    name: str
    role: Role
    about: str
    value: Callable[[Any], object]
    unit: str = ""
    levels: Mapping[str, str] | None = None


def _of(part: str, name: str) -> Callable[[PopulationPatient], object]:
    return lambda patient: getattr(getattr(patient, part), name)


def _gene(name: str, about: str) -> Column:
    return Column(name, "target", about, _of("genotype", name), levels=YES_NO)


def _look(name: str, about: str, unit: str = "") -> Column:
    return Column(f"planted_{name}", "truth", about, _of("phenotype", name), unit)


PARTICIPANTS = (
    Column("subject_id", "name", "Name of the patient", lambda p: p.subject),
    Column("who_type", "target", "Type, WHO 2021", lambda p: p.genotype.who_type.value),
    Column("grade", "target", "Grade, WHO 2021", _of("genotype", "grade")),
    Column(
        "histological_grade", "target", "Grade by the microscope alone, WHO 2016",
        _of("genotype", "histological_grade"),
    ),
    _gene("idh_mutant", "IDH1 or IDH2 mutated"),
    _gene("codeleted", "1p and 19q lost"),
    _gene("mgmt_methylated", "MGMT promoter methylated"),
    _gene("tert_mutated", "TERT promoter mutated"),
    _gene("atrx_mutated", "ATRX mutated or lost"),
    _gene("tp53_mutated", "TP53 mutated"),
    _gene("egfr_amplified", "EGFR amplified"),
    _gene("pten_altered", "PTEN mutated or deleted"),
    _gene("cdkn2ab_deleted", "CDKN2A/B homozygously deleted"),
    _gene("gain7_loss10", "Gain of chromosome 7 with loss of 10"),
    Column("age_years", "input", "Age at diagnosis", _of("clinic", "age_years"), "years"),
    Column(
        "sex", "input", "Sex", lambda p: p.clinic.sex[0].upper(),
        levels={"F": "female", "M": "male"},
    ),
    Column("kps", "input", "Karnofsky performance", _of("clinic", "kps"), "points"),
    Column("resection", "treatment", "Extent of resection", _of("clinic", "resection")),
    Column(
        "radiotherapy", "treatment", "Radiotherapy after the operation",
        _of("clinic", "radiotherapy"),
        levels=YES_NO,
    ),
    Column(
        "temozolomide", "treatment", "Temozolomide after the operation",
        _of("clinic", "temozolomide"),
        levels=YES_NO,
    ),
    Column(
        "follow_up_days", "outcome", "To death or the end of follow-up",
        _of("outcome", "follow_up_days"), "days",
    ),
    Column(
        "died", "outcome", "Whether death ended the follow-up", _of("outcome", "died"),
        levels=YES_NO,
    ),
    Column(
        "progression_free_days", "outcome", "To progression, death or the end of follow-up",
        _of("outcome", "progression_free_days"), "days",
    ),
    Column(
        "progressed", "outcome", "Whether progression, or death before it, ended that",
        _of("outcome", "progressed"), levels=YES_NO,
    ),
)  # fmt: skip
"""What a hospital would know; the first column names the patient."""

TRUTH = (
    PARTICIPANTS[0],
    Column("shown_class", "truth", "Class that person and look are those of",
           lambda p: p.shown_class),
    _look("lobe", "Lobe that holds the tumour's centre"),
    _look("side", "Hemisphere"),
    _look("multifocal", "More than one centre"),
    _look("whole_ml", "Whole tumour", "mL"),
    _look("core_share", "Core in the whole tumour", "share"),
    _look("enhancement_share", "Enhancing tumour in the core", "share"),
    _look("necrosis_share", "Necrosis in the core", "share"),
    _look("margin_sharpness", "0 lost in its surroundings, 1 sharp"),
    _look("mismatch", "T2-FLAIR mismatch, 0 to 1"),
    _look("heterogeneity", "Of the T2 signal, 0 to 1"),
    _look("calcification", "0 to 1"),
    _look("cortical", "0 deep, 1 at the cortex"),
    _look("rcbv_ratio", "Largest relative blood volume, white matter 1", "ratio"),
    _look("adc_um2_per_ms", "Diffusivity of solid tumour", "um2/ms"),
    _look("proliferation_per_day", "How fast cells divide", "per day"),
    Column("survival_days", "truth", "To death, seen or not", _of("outcome", "survival_days"),
           "days"),
    Column("progression_days", "truth", "To progression, seen or not; not below survival: none",
           _of("outcome", "progression_days"), "days"),
    Column("log_hazard", "truth", "Of death, against the reference patient",
           _of("outcome", "log_hazard")),
)  # fmt: skip
"""What nobody would know; apart, so that no system is given it by mistake."""


OneVisit = tuple[PopulationPatient, int, PlannedVisit]
VISIT_NAMES = (
    Column("subject_id", "name", "Name of the patient", lambda v: v[0].subject),
    Column("visit", "name", "Number of the visit after surgery", lambda v: v[1]),
)
VISITS = (*VISIT_NAMES, Column("day", "input", "Since surgery", lambda v: v[2].day, "days"))
"""What a hospital would know of a visit."""

TRUTH_VISITS = (
    *VISIT_NAMES,
    Column("kind", "truth", "What the visit shows", lambda v: v[2].kind),
    Column(
        "cause", "truth", "Of enhancement that is more than treatment left", lambda v: v[2].cause
    ),
    Column("extent_of_resection", "truth", "Share of the core that surgery took out",
           lambda v: v[0].course.extent_of_resection),
)  # fmt: skip


def row(of: PopulationPatient | OneVisit, columns: tuple[Column, ...]) -> dict[str, str]:
    """Cells of the line of a patient or of a visit, as text."""
    return {column.name: _text(column.value(of)) for column in columns}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def dictionary(columns: tuple[Column, ...]) -> dict[str, dict[str, Any]]:
    """The data dictionary, in the form of BIDS, with the role of each column."""
    said: dict[str, dict[str, Any]] = {}
    for column in columns:
        entry: dict[str, Any] = {"Description": column.about, "Role": column.role}
        if column.unit:
            entry["Units"] = column.unit
        if column.levels is not None:
            entry["Levels"] = dict(column.levels)
        said[column.name] = entry
    return said
