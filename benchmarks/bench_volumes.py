"""Ratios of compartments against survival: TCGA and digital patients.

    python benchmarks/bench_volumes.py TCGA

TCGA holds TCGA_GBM_radiomicFeatures.csv (volumes of expert-corrected masks) and
TCGA-CDR_Liu2018_GBM_LGG.csv (survival). BraTS has necrosis and non-enhancing core as one
label, so that the two ratios of the paper sum to 1 there and one of them is left out. Digital
patients have all parts. Writes results/bench/volumes.json.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from bench_mgmt import lines, number
from bench_rows import figures_of, rows_of
from record import figure, store

from gliokit.bench import BenchCohort, Protocol, judge, run_systems
from gliokit.phantom.population import Population, WhoType
from gliokit.systems import Inputs, SurvivalTarget, TrainingSet, find_system

COLUMNS = ("whole_ml", "core_ml", "enhancing_ml", "necrosis_ml", "age_years", "male")
SYSTEMS = ("wan2020", "wan2020:discrete-time")
SEED, DIGITAL = 0, 300


def tcga(folder: Path) -> BenchCohort:
    """Volumes in mL by patient, overall survival by Liu."""
    volumes = lines(folder / "TCGA_GBM_radiomicFeatures.csv", "ID")
    outcome = lines(folder / "TCGA-CDR_Liu2018_GBM_LGG.csv", "bcr_patient_barcode")
    rows, days, died, subjects = [], [], [], []
    for name, row in volumes.items():
        after = outcome.get(name)
        if after is None or not number(after["OS.time"]) > 0:
            continue
        parts = [number(row[f"VOLUME_{p}"]) / 1000 for p in ("WT", "TC", "ET", "NET")]
        rows.append([*np.nan_to_num(parts), number(after["age_at_initial_pathologic_diagnosis"]),
                     float(after["gender"] == "MALE")])  # fmt: skip
        subjects.append(name)
        days.append(number(after["OS.time"]))
        died.append(number(after["OS"]) == 1)
    inputs = Inputs(tuple(subjects), COLUMNS, np.array(rows))
    target = SurvivalTarget("survival", np.array(days), np.array(died))
    return BenchCohort("TCGA", inputs, {"survival": target})


def digital(n: int) -> BenchCohort:
    """IDH-wildtype glioblastomas of the population."""
    people = []
    for patient in Population(seed=SEED).patients(20 * n):
        if patient.genotype.who_type is WhoType.GLIOBLASTOMA:
            people.append(patient)
        if len(people) == n:
            break
    rows = []
    for p in people:
        look, core = p.phenotype, p.phenotype.whole_ml * p.phenotype.core_share
        rows.append([look.whole_ml, core, core * look.enhancement_share,
                     core * look.necrosis_share, p.clinic.age_years,
                     float(p.clinic.sex == "male")])  # fmt: skip
    inputs = Inputs(tuple(p.subject for p in people), COLUMNS, np.array(rows))
    target = SurvivalTarget(
        "survival",
        np.array([max(float(p.outcome.follow_up_days), 1.0) for p in people]),
        np.array([p.outcome.died for p in people]),
    )
    return BenchCohort("digital", inputs, {"survival": target})


def hazard_ratios(cohort: BenchCohort) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Of all patients in one model; ratios per 0.1, the rest per unit."""
    training = TrainingSet(cohort.inputs, cohort.targets["survival"])
    findings = find_system("wan2020").fit(training, budget="small", seed=SEED).findings
    figures = {}
    for f in findings["hazard_ratios"]:
        step, said = (0.1, "hazard ratio per 0.1") if "_to_core" in f["feature"] else \
            (1.0, "hazard ratio per unit")  # fmt: skip
        value, low, high = (f[k] ** step for k in ("value", "low", "high"))
        figures[f"{cohort.name}: {f['feature']}"] = figure(value, low=low, high=high, n=f["n"],
                                                           unit=said)  # fmt: skip
    rows = [{"cohort": cohort.name, "feature": f["feature"], "p": round(f["p"], 5),
             "q": round(f["p_adjusted"], 5)} for f in findings["hazard_ratios"]]  # fmt: skip
    rows.append({"cohort": cohort.name, "left_out": findings["left_out"],
                 "events": findings["events"]})  # fmt: skip
    return figures, rows


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tcga", type=Path)
    args = parser.parse_args()
    figures: dict[str, Any] = {}
    rows: list[dict[str, Any]] = []
    for cohort in (tcga(args.tcga), digital(DIGITAL)):
        more, said = hazard_ratios(cohort)
        run = run_systems(cohort, "survival", SYSTEMS, Protocol(seed=SEED), progress=print)
        judged, pairs = judge(run, seed=SEED)
        figures |= more
        figures |= {f"{cohort.name}: {k}": v for k, v in
                    figures_of(run, judged, pairs, "Harrell's C").items()}  # fmt: skip
        rows += said + [{"cohort": cohort.name, **row} for row in rows_of(run, judged, pairs)]
    store(
        "bench/volumes",
        command="python benchmarks/bench_volumes.py TCGA",
        data="101 glioblastomas of TCGA (Bakas 2017, Liu 2018) and 300 digital IDH-wildtype "
        "glioblastomas; hazard ratios of all patients in one model, C by 5 folds",
        seed=SEED,
        figures=figures,
        rows=rows,
    )
    for name, found in figures.items():
        print(name, found)


if __name__ == "__main__":
    main()
