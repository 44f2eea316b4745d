"""Time to progression and to death by proportional hazards, and what hides them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, isfinite, log

from gliokit.phantom.population.clinic import Clinic
from gliokit.phantom.population.draws import Draws
from gliokit.phantom.population.genotype import Genotype
from gliokit.phantom.population.phenotype import Phenotype
from gliokit.phantom.population.showing import logistic, logit
from gliokit.phantom.population.table import effects
from gliokit.study import UsageError

__all__ = ["Outcome", "covariates", "draw_outcome", "log_hazard_ratios"]

RCBV_HIGH = 2.3
KPS_LOW = 70


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a patient.

    Args:
        follow_up_days: To death, or to the end of follow-up.
        died: Whether death ended it.
        survival_days: To death, seen or not: the truth.
        log_hazard: Against the reference patient, the truth.
        progression_free_days: To progression, death or the end of follow-up.
        progressed: Whether progression, or death before it, ended that.
        progression_days: When the tumour is back, seen or not: the truth, and the day at which
            a follow-up shows it. Where it is not before death, there is none.
    """

    follow_up_days: float
    died: bool
    survival_days: float
    log_hazard: float
    progression_free_days: float
    progressed: bool
    progression_days: float


def covariates(genotype: Genotype, clinic: Clinic, phenotype: Phenotype) -> dict[str, float]:
    """All that the hazard depends on, by the names of the table (`hazard_ratio`)."""
    methylated, temozolomide = genotype.mgmt_methylated, clinic.temozolomide
    return {
        "idh_mutant": float(genotype.idh_mutant),
        "codeleted": float(genotype.codeleted),
        "histological_grade_4": float(genotype.histological_grade == 4),
        "age_per_decade": clinic.age_years / 10,
        "male": float(clinic.sex == "male"),
        "kps_below_70": float(clinic.kps < KPS_LOW),
        "gross_total": float(clinic.resection == "gross total"),
        "biopsy_only": float(clinic.resection == "biopsy"),
        "radiotherapy": float(clinic.radiotherapy),
        "temozolomide": float(temozolomide),
        "mgmt_and_temozolomide": float(methylated and temozolomide),
        "mgmt_alone": float(methylated and not temozolomide),
        "rcbv_above_2.3": float(phenotype.rcbv_ratio > RCBV_HIGH),
        "necrosis_per_tenth": 10 * phenotype.necrosis_share,
    }


def log_hazard_ratios(given: Mapping[str, float] = {}) -> dict[str, float]:
    """Log hazard ratio of each covariate: of the table, or as given.

    Args:
        given: Hazard ratios, above 0, that replace those of the table.

    Raises:
        UsageError: an unknown covariate; a ratio that can't be.
    """
    table = effects()
    names = table.given("hazard_ratio")
    for name, ratio in given.items():
        if name not in names:
            raise UsageError(
                f"a hazard ratio is of one of {', '.join(names)}",
                source="hazard ratio",
                found=name,
            )
        if not (isfinite(ratio) and 0.01 <= ratio <= 100):
            raise UsageError(
                "a hazard ratio lies between 0.01 and 100",
                source=f"hazard ratio {name}",
                found=ratio,
            )
    published = {name: table.value("hazard_ratio", name) for name in names}
    return {name: log(ratio) for name, ratio in {**published, **given}.items()}


def draw_outcome(
    draws: Draws,
    values: Mapping[str, float],
    *,
    log_ratios: Mapping[str, float],
    effect: float = 1.0,
) -> Outcome:
    """Times to progression, to death and to the end of follow-up.

    Definition: cumulative hazard H(t) = log(2) (t / m)^k exp(eta), with the median m and
    the shape k of the reference patient (Weibull) and eta = effect * sum of log ratios times
    what differs from the reference; the time where H reaches an exponential deviate.
    Follow-up ends at a time that is uniform and depends on nothing. Progression comes after
    a share of the time to death, drawn whatever else, and not before the earliest day at which
    it can be told from what radiotherapy does: so it has all links that survival has.

    Args:
        draws: Of the patient.
        values: Covariates.
        log_ratios: Of each.
        effect: 0 cuts the outcome from everything.

    References:
        Wen PY et al. J Clin Oncol 2010;28:1963 (no progression within 12 weeks of radiotherapy).
    """
    table = effects()
    eta = effect * sum(
        ratio * (values[name] - table.value("reference", name))
        for name, ratio in log_ratios.items()
    )
    median = table.value("baseline_median_days", "all")
    shape = table.value("baseline_shape", "all")
    survival = median * (-log(draws["survival"]) * exp(-eta) / log(2)) ** (1 / shape)
    first, last = (table.value("follow_up_days", end) for end in ("shortest", "longest"))
    end = first + draws["follow_up"] * (last - first)
    progression = max(
        survival * _progression_share(draws), table.value("progression_days", "earliest")
    )
    free = min(progression, survival)
    return Outcome(
        follow_up_days=max(round(min(survival, end), 1), 0.1),
        died=survival <= end,
        survival_days=round(survival, 1),
        log_hazard=eta,
        progression_free_days=max(round(min(free, end), 1), 0.1),
        progressed=free <= end,
        progression_days=round(progression, 1),
    )


def _progression_share(draws: Draws) -> float:
    """Of the time to death, that to progression."""
    entry = effects().entry("progression_share", "all")
    assert entry.sd is not None
    return logistic(logit(entry.value) + entry.sd * draws.normal("progression_share"))
