"""How often systems exclude chance on digital patients, with and without a link to IDH.

    python benchmarks/bench_digital.py [--seeds 20] [--patients 240]

Each seed is a cohort of IDH-wildtype and IDH-mutant gliomas of grades 2 and 3, with what is
planted in their images as a table of features: the best that measurements could be. At effect 0
nothing goes with IDH; at 1 it does as published. Judged by 5 folds. Writes
results/bench/digital.json.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from record import figure, store

from gliokit.bench import BenchCohort, Protocol, judge, run_systems
from gliokit.evaluation import wilson_interval
from gliokit.phantom.population import Population, PopulationPatient
from gliokit.phantom.population.phenotype import LOBES
from gliokit.systems import ClassTarget, Inputs

SYSTEMS = ("qian2019:lasso-svm", "age_sex", "signs")
NUMBERS = ("whole_ml", "core_share", "enhancement_share", "necrosis_share", "margin_sharpness",
           "mismatch", "heterogeneity", "calcification", "cortical", "rcbv_ratio",
           "adc_um2_per_ms")  # fmt: skip


def row(patient: PopulationPatient) -> list[float]:
    """The planted look, age and sex."""
    look = patient.phenotype
    return [
        *(float(getattr(look, name)) for name in NUMBERS),
        *(float(look.lobe == lobe) for lobe in LOBES),
        float(look.multifocal),
        patient.clinic.age_years,
        float(patient.clinic.sex == "male"),
    ]


def cohort(effect: float, seed: int, patients: int) -> BenchCohort:
    """The first gliomas of grades 2 and 3 of a population."""
    found: list[PopulationPatient] = []
    for patient in Population({"idh": effect}, seed=seed).patients(100 * patients):
        if patient.genotype.histological_grade < 4:
            found.append(patient)
        if len(found) == patients:
            break
    columns = (*NUMBERS, *(f"lobe_{lobe}" for lobe in LOBES), "multifocal", "age_years", "male")
    inputs = Inputs(tuple(p.subject for p in found), columns, np.array([row(p) for p in found]))
    codes = np.array([int(p.genotype.idh_mutant) for p in found])
    return BenchCohort("digital", inputs, {"idh": ClassTarget("idh", ("0", "1"), codes)})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--patients", type=int, default=240)
    args = parser.parse_args()
    figures: dict[str, Any] = {}
    rows = []
    for effect in (0.0, 1.0):
        excluded = {name: 0 for name in SYSTEMS}
        means: dict[str, list[float]] = {name: [] for name in SYSTEMS}
        for seed in range(args.seeds):
            run = run_systems(
                cohort(effect, seed, args.patients), "idh", SYSTEMS, Protocol(seed=seed)
            )
            judged = {j.system: j for j in judge(run, seed=seed, draws=400)[0]}
            for name in SYSTEMS:
                excluded[name] += judged[name].headline.low > 0.5
                means[name].append(judged[name].headline.value)
            rows.append({"effect": effect, "seed": seed, **{
                name: [round(judged[name].headline.value, 4), round(judged[name].headline.low, 4)]
                for name in SYSTEMS}})  # fmt: skip
            print(rows[-1])
        for name in SYSTEMS:
            share = excluded[name] / args.seeds
            low, high = wilson_interval(excluded[name], args.seeds)
            figures[f"{name}, effect {effect:g}: excludes chance"] = figure(
                share, low=min(low, share), high=max(high, share), n=args.seeds,
                unit="share of cohorts",
            )  # fmt: skip
            figures[f"{name}, effect {effect:g}: mean AUC"] = figure(
                float(np.mean(means[name])), n=args.seeds, unit="AUC"
            )
    store(
        "bench/digital",
        command=f"python benchmarks/bench_digital.py --seeds {args.seeds} "
        f"--patients {args.patients}",
        data=f"{args.seeds} cohorts of {args.patients} digital gliomas of grades 2 and 3 at each "
        "effect, planted look as features, IDH, 5 folds",
        seed=0,
        figures=figures,
        rows=rows,
    )


if __name__ == "__main__":
    main()
