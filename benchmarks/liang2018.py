"""Liang 2018 on lower-grade gliomas: IDH, and grade after it.

    python benchmarks/liang2018.py DATA --keep FOLDER [--target grade] [--budget paper] [--store]
    python benchmarks/liang2018.py DATA --keep FOLDER --digital COHORT [--store]

DATA holds lgg (images and masks of Buda 2019, see lgg_heads.py) and tables/tcga (Ceccarelli's
IDH, grade, age and sex, by barcode). COHORT is a folder of `gliokit phantom cohort`. Finished
folds are kept in FOLDER: the same call goes on there, also after a kill, fold by fold. With
--store writes results/bench/liang2018_TARGET.json, of a digital cohort
results/bench/liang2018_digital.json.

Patients are learnt from and asked about in five folds by patient. No T2 is in this set: three of
the paper's four sequences, of some patients fewer.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from bench_rows import figures_of, rows_of
from lgg_heads import Head
from lgg_images import Strips, patients
from record import store

from gliokit.bench import (
    BenchCohort,
    Columns,
    Protocol,
    judge,
    read_bench_cohort,
    read_table,
    run_systems,
    with_images,
)
from gliokit.systems import ClassTarget, Inputs
from gliokit.systems.liang2018 import PLANS

GENES = "tables/tcga/Ceccarelli2016_TableS1_lgg_gbm_subtype.csv"
SYSTEMS = {"idh": "liang2018", "grade": "liang2018:transfer"}
IDH = {"Mutant": 1.0, "WT": 0.0}
GRADES = {"G2": 0, "G3": 1}
SEED = 0


def lgg(data: Path, target: str) -> BenchCohort:
    """Patients with images whose target is known; age, sex, and for grade IDH."""
    table = read_table(data / GENES)
    rows = {p: i for i, p in enumerate(table["patient"])}

    def cell(patient: Strips, column: str) -> str:
        return table[column][rows[patient.barcode]] if patient.barcode in rows else ""

    known = {"idh": ("IDH.status", IDH), "grade": ("Grade", GRADES)}[target]
    found = [p for p in patients(data) if cell(p, known[0]) in known[1]]
    age = [float(cell(p, "Age..years.at.diagnosis.") or "nan") for p in found]
    male = [{"male": 1.0, "female": 0.0}.get(cell(p, "Gender"), np.nan) for p in found]
    columns, values = ["age_years", "male"], [age, male]
    if target == "grade":
        columns.append("idh_mutant")
        values.append([IDH.get(cell(p, "IDH.status"), np.nan) for p in found])
    inputs = Inputs(
        tuple(p.barcode for p in found), tuple(columns), np.array(values).T,
        images=tuple(Head(p).images for p in found),
    )  # fmt: skip
    codes = np.array([int(known[1][cell(p, known[0])]) for p in found])
    classes = {"idh": ("wild type", "mutated"), "grade": ("2", "3")}[target]
    return BenchCohort("TCGA-LGG", inputs, {target: ClassTarget(target, classes, codes)})


def digital(folder: Path) -> BenchCohort:
    """Digital patients with their images, age and sex."""
    cohort = with_images(
        read_bench_cohort(folder, Columns("idh_mutant", ("age_years", "sex"))), folder
    )
    target = cohort.target("idh_mutant")
    assert isinstance(target, ClassTarget)
    return replace(cohort, targets={"idh": replace(target, name="idh")})


def told(cohort: BenchCohort, target: str, budget: str, folder: Path | None) -> str:
    """What the run is of, in a sentence."""
    found = cohort.target(target)
    assert isinstance(found, ClassTarget)
    sizes = Counter(found.classes[k] for k in found.codes if k >= 0)
    there = Counter(len(i.sequences) for i in cohort.inputs.images if i is not None)
    plan = PLANS[budget]  # type: ignore[index]
    images = (
        "whole heads, lossy, of nominal voxel size, experts' masks"
        if folder is None
        else "digital patients, true masks"
    )
    return (
        f"{sum(sizes.values())} patients ({', '.join(f'{n} {c}' for c, n in sizes.items())}; "
        f"{', '.join(f'{n} with {k} sequences' for k, n in sorted(there.items()))}), {images}; "
        f"5 stratified folds by patient; budget {budget}: boxes of {plan.side}^3 voxels of "
        f"{plan.spacing_mm} mm, {plan.steps} steps, mean of {plan.networks} networks; "
        "AUCs are means within folds"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--target", choices=tuple(SYSTEMS), default="idh")
    parser.add_argument("--budget", choices=tuple(PLANS), default="small")
    parser.add_argument("--digital", type=Path)
    parser.add_argument("--store", action="store_true")
    args = parser.parse_args()
    if args.digital and args.target != "idh":
        parser.error("a digital cohort is asked for idh")
    cohort = digital(args.digital) if args.digital else lgg(args.data, args.target)
    run = run_systems(
        cohort, args.target, [SYSTEMS[args.target]], Protocol(seed=SEED), budget=args.budget,
        kept=args.keep, progress=lambda text: print(text, flush=True),
    )  # fmt: skip
    judged, pairs = judge(run, seed=SEED)
    for row in rows_of(run, judged, pairs):
        print(row)
    if args.store:
        place = f"--digital COHORT --budget {args.budget}" if args.digital else (
            f"--target {args.target} --budget {args.budget}"
        )  # fmt: skip
        store(
            f"bench/liang2018_{'digital' if args.digital else args.target}",
            command=f"python benchmarks/liang2018.py DATA --keep FOLDER {place} --store",
            data=told(cohort, args.target, args.budget, args.digital),
            seed=SEED,
            figures=figures_of(run, judged, pairs, "AUC"),
            rows=rows_of(run, judged, pairs),
        )


if __name__ == "__main__":
    main()
