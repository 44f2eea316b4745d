"""Does the population show what it should: prevalences, AUCs of the look, hazards?

    python benchmarks/population.py

Writes results/phantom/population.json. Every AUC is that of a logistic model on the planted
look, fitted on 2,000 patients and judged on 2,000 others; the four that have an aim, on 10,000
and 10,000 too, since among some hundred chance alone moves them by as much as the aims allow.
The hazard ratio of a large blood volume is set to 2 in 1,000 cohorts, to each of which a Cox
model is fitted with every covariate of the hazard (by `gliokit.evaluation`, whose fit is tested
against lifelines); counted are those whose 95 % interval holds 2.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np
from record import figure, store
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gliokit.evaluation import fit_cox
from gliokit.phantom.population import (
    Population,
    PopulationPatient,
    class_shares,
    frequencies,
)
from gliokit.phantom.population.clinic import AGE_LIMITS_YEARS
from gliokit.phantom.population.phenotype import LOBES

FITTED_SEED, JUDGED_SEED, COX_SEED = 1001, 1002, 50_000
PLANTED, RATIO, LEVEL = "rcbv_above_2.3", 2.0, 0.95
Patients = Sequence[PopulationPatient]
Test = Callable[[PopulationPatient], bool]


def anyone(_: PopulationPatient) -> bool:
    return True


def look(patient: PopulationPatient) -> list[float]:
    """The planted look as numbers."""
    seen = patient.phenotype
    return [
        *(float(seen.lobe == lobe) for lobe in LOBES[1:]),
        float(seen.multifocal),
        np.log(seen.whole_ml),
        seen.core_share,
        float(seen.enhancement_share > 0),
        seen.enhancement_share,
        float(seen.necrosis_share > 0),
        seen.necrosis_share,
        seen.margin_sharpness,
        seen.mismatch,
        seen.heterogeneity,
        seen.calcification,
        seen.cortical,
        np.log(seen.rcbv_ratio),
        seen.adc_um2_per_ms,
    ]


def person(patient: PopulationPatient) -> list[float]:
    """Age, sex, performance, treatment."""
    notes = patient.clinic
    return [
        notes.age_years,
        float(notes.sex == "male"),
        float(notes.kps),
        float(notes.resection == "gross total"),
        float(notes.resection == "biopsy"),
        float(notes.radiotherapy),
        float(notes.temozolomide),
    ]


def auc(
    fitted: Patients,
    judged: Patients,
    target: Test,
    among: Test = anyone,
    seen: Callable[[PopulationPatient], list[float]] = look,
) -> dict[str, Any]:
    """Figure of a logistic model, with the interval of Hanley and McNeil."""
    fitted, judged = ([p for p in ps if among(p)] for ps in (fitted, judged))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(np.array([seen(p) for p in fitted]), [target(p) for p in fitted])
    truth = np.array([target(p) for p in judged])
    area = float(roc_auc_score(truth, model.decision_function(np.array([seen(p) for p in judged]))))
    yes, no = int(truth.sum()), int((~truth).sum())
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (yes - 1) * (q1 - area**2) + (no - 1) * (q2 - area**2)
    half = 1.96 * float(np.sqrt(variance / (yes * no)))
    return figure(area, low=area - half, high=area + half, n=len(judged), unit="AUC")


def idh(patient: PopulationPatient) -> bool:
    return patient.genotype.idh_mutant


def wildtype(patient: PopulationPatient) -> bool:
    return not patient.genotype.idh_mutant


def codeleted(patient: PopulationPatient) -> bool:
    return patient.genotype.codeleted


def methylated(patient: PopulationPatient) -> bool:
    return patient.genotype.mgmt_methylated


def lower_grade(patient: PopulationPatient) -> bool:
    return patient.genotype.histological_grade < 4


def highest_grade(patient: PopulationPatient) -> bool:
    return patient.genotype.histological_grade == 4


def irradiated_wildtype(patient: PopulationPatient) -> bool:
    return patient.clinic.radiotherapy and wildtype(patient)


def pseudo(patient: PopulationPatient) -> bool:
    return any(visit.kind == "pseudoprogression" for visit in patient.course.visits)


def everything(patient: PopulationPatient) -> list[float]:
    return [*look(patient), *person(patient)]


def drawn(n: int, **effects: float) -> tuple[list[PopulationPatient], list[PopulationPatient]]:
    """Patients to fit on, and others to judge on."""
    return (
        list(Population(effects=effects, seed=FITTED_SEED).patients(n)),
        list(Population(effects=effects, seed=JUDGED_SEED).patients(n)),
    )


def aucs(n: int) -> dict[str, Any]:
    """As published, cut, and exaggerated."""
    whole, none = drawn(n), drawn(n, idh=0, mgmt=0)
    half, double = drawn(n, idh=0.5), drawn(n, idh=2)
    uncodeleted = drawn(n, codeletion=0)
    return {
        "idh_auc": auc(*whole, idh),
        "idh_grades_2_3_auc": auc(*whole, idh, lower_grade),
        "idh_grade_4_auc": auc(*whole, idh, highest_grade),
        "codeletion_within_idh_mutant_auc": auc(*whole, codeleted, idh),
        "mgmt_within_idh_wildtype_auc": auc(*whole, methylated, wildtype),
        "mgmt_in_all_auc": auc(*whole, methylated),
        "idh_auc_effect_0": auc(*none, idh),
        "idh_auc_effect_0_with_age_and_all_else": auc(*none, idh, seen=everything),
        "mgmt_auc_effect_0_with_age_and_all_else": auc(*none, methylated, seen=everything),
        "idh_auc_effect_0.5": auc(*half, idh),
        "idh_auc_effect_2": auc(*double, idh),
        "codeletion_within_idh_mutant_auc_effect_0": auc(
            *uncodeleted, codeleted, idh, seen=everything
        ),
    }


def large(fitted: Patients, judged: Patients) -> dict[str, Any]:
    """The figures that have an aim, on many patients."""
    return {
        "idh_auc_of_many": auc(fitted, judged, idh),
        "idh_grades_2_3_auc_of_many": auc(fitted, judged, idh, lower_grade),
        "codeletion_within_idh_mutant_auc_of_many": auc(fitted, judged, codeleted, idh),
        "mgmt_within_idh_wildtype_auc_of_many": auc(fitted, judged, methylated, wildtype),
    }


def prevalences(patients: Patients) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """How far classes and ages are from the table."""
    rows = []
    for glioma_class, share in class_shares().items():
        found = sum(p.genotype.glioma_class == glioma_class for p in patients)
        age = frequencies().entry("age_years", *glioma_class.given)
        ages = [p.clinic.age_years for p in patients if p.shown_class == glioma_class.name]
        assert age.sd is not None
        rows.append(
            {
                "class": glioma_class.name,
                "share_table": round(share, 4),
                "share": round(found / len(patients), 4),
                "age_mean": round(float(np.mean(ages)), 2),
                "age_sd": round(float(np.std(ages)), 2),
                "age_ks_p": round(float(stats.kstest(ages, cut(age.value, age.sd)).pvalue), 4),
            }
        )
    counts = [round(r["share"] * len(patients)) for r in rows]
    expected = np.array([r["share_table"] for r in rows])
    p = stats.chisquare(counts, expected / expected.sum() * sum(counts)).pvalue
    n = len(patients)
    figures = {
        "class_shares_chi_square_p": figure(float(p), n=n, unit="p"),
        "largest_difference_of_a_share": figure(
            max(abs(r["share"] - r["share_table"]) for r in rows), n=n, unit="share"
        ),
        "least_p_of_age_distributions": figure(min(r["age_ks_p"] for r in rows), n=n, unit="p"),
        "idh_mutant_grades_2_3": _share(patients, idh, lower_grade),
        "idh_mutant_grade_4": _share(patients, idh, highest_grade),
        "mgmt_methylated_idh_wildtype": _share(patients, methylated, wildtype),
        "mgmt_methylated_idh_mutant": _share(patients, methylated, idh),
        "survival_idh_wildtype_median": _median_days(patients, wildtype),
        "survival_idh_mutant_median": _median_days(patients, idh),
        "pseudoprogression_irradiated_wildtype": _share(patients, pseudo, irradiated_wildtype),
    }
    return figures, rows


def cut(mean: float, sd: float) -> Callable[[Any], Any]:
    """Distribution function of a normal age, cut at its limits."""
    low, high = (NormalDist(mean, sd).cdf(limit) for limit in AGE_LIMITS_YEARS)
    return lambda ages: (stats.norm.cdf(ages, mean, sd) - low) / (high - low)


def _share(patients: Patients, target: Test, among: Test) -> dict[str, Any]:
    found = [target(p) for p in patients if among(p)]
    return figure(float(np.mean(found)), n=len(found), unit="share")


def _median_days(patients: Patients, among: Test) -> dict[str, Any]:
    days = [p.outcome.survival_days for p in patients if among(p)]
    return figure(float(np.median(days)), n=len(days), unit="days")


def fitted(number: int, patients: int) -> tuple[bool, float, int]:
    """Whether the interval holds the ratio planted in one cohort; its log estimate, deaths."""
    population = Population(seed=COX_SEED + number, hazard_ratios={PLANTED: RATIO})
    cohort = list(population.patients(patients))
    fit = fit_cox(
        [p.outcome.follow_up_days for p in cohort],
        [p.outcome.died for p in cohort],
        [list(p.covariates.values()) for p in cohort],
    )
    place = list(cohort[0].covariates).index(PLANTED)
    ratio = fit.hazard_ratios(level=LEVEL)[place]
    return ratio.low <= RATIO <= ratio.high, float(fit.coefficients[place]), fit.events


def coverage(fits: Sequence[tuple[bool, float, int]], patients: int) -> dict[str, Any]:
    """How often the interval of a planted hazard ratio holds it."""
    held, estimates, events = zip(*fits, strict=True)
    cohorts = len(fits)
    low, high = stats.binomtest(sum(held), cohorts).proportion_ci(method="wilson")
    return {
        "cohorts_that_cover_hazard_ratio_2": figure(
            sum(held), low=low * cohorts, high=high * cohorts, n=cohorts, unit="cohorts"
        ),
        "mean_hazard_ratio": figure(float(np.exp(np.mean(estimates))), n=cohorts, unit="ratio"),
        "patients_a_cohort": figure(patients, n=cohorts, unit="patients"),
        "deaths_a_cohort": figure(float(np.mean(events)), n=cohorts, unit="patients"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=2000)
    parser.add_argument("--many", type=int, default=10_000)
    parser.add_argument("--cohorts", type=int, default=1000)
    parser.add_argument("--cohort-patients", type=int, default=400)
    parser.add_argument("--workers", type=int, default=1, help="processes for the cohorts")
    arguments = parser.parse_args()
    with ProcessPoolExecutor(arguments.workers) as pool:
        one = partial(fitted, patients=arguments.cohort_patients)
        fits = pool.map(one, range(arguments.cohorts), chunksize=10)
        figures = aucs(arguments.patients)
        many, others = drawn(arguments.many)
        figures |= large(many, others)
        shown, rows = prevalences(many)
        figures |= shown
        began = time.process_time()
        list(Population(seed=3).patients(1000))
        figures["microseconds_a_patient"] = figure(
            1000 * (time.process_time() - began), n=1000, unit="us"
        )
        figures |= coverage(list(fits), arguments.cohort_patients)
    figures["seconds_of_this_run"] = figure(sum(os.times()[:4]), n=1, unit="s")
    path = store(
        "phantom/population",
        command=f"python benchmarks/population.py --patients {arguments.patients} "
        f"--many {arguments.many} --cohorts {arguments.cohorts} "
        f"--cohort-patients {arguments.cohort_patients}",
        data=f"{arguments.patients} patients to fit and as many to judge, drawn; "
        f"as many as {arguments.many} for 'of many' and for prevalences; "
        f"{arguments.cohorts} cohorts of "
        f"{arguments.cohort_patients} for Cox regression",
        seed=FITTED_SEED,
        figures=figures,
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
