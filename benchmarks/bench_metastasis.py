"""Two systems that tell a glioblastoma from a metastasis, on one table, under one protocol.

    python benchmarks/bench_metastasis.py TABLE --keep FOLDER [--store] [--systems ...]

TABLE is GvM_cohort.csv.xz (An 2021): radiomics of contrast-enhanced T1 and T2, `Label` 0
glioblastoma, 1 metastasis. That coding is not written down beside the table; the proportions
of the classes fit it. With --store writes results/bench/metastasis.json. The whole grid of qian2019
takes some minutes of one core a fold: finished folds are kept in FOLDER.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from bench_rows import figures_of, rows_of
from record import store

from gliokit.bench import BenchCohort, Protocol, judge, read_table, run_systems
from gliokit.systems import ClassTarget, Inputs

SYSTEMS = ("bae2020", "bae2020:classical", "qian2019:lasso-svm", "qian2019")
VOLUME = "periT2_mask_with_T2_image_shape_VoxelVolume"
SEED = 0


def read(path: Path) -> BenchCohort:
    """The table, with the volume of the peritumoral mask as `whole_ml` for the baseline."""
    table = read_table(path)
    codes = np.array([int(v) for v in table.pop("Label")])
    values = {name: np.array([float(v) for v in cells]) for name, cells in table.items()}
    values["whole_ml"] = values[VOLUME] / 1000
    subjects = tuple(f"row-{i:03d}" for i in range(codes.size))
    inputs = Inputs(subjects, tuple(values), np.stack(list(values.values()), axis=1))
    target = ClassTarget("metastasis", ("glioblastoma", "metastasis"), codes)
    return BenchCohort("glioblastoma or metastasis", inputs, {"metastasis": target})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("table", type=Path)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--systems", nargs="+", default=SYSTEMS)
    parser.add_argument("--store", action="store_true")
    args = parser.parse_args()
    run = run_systems(
        read(args.table), "metastasis", args.systems, Protocol(seed=SEED), kept=args.keep,
        progress=print,
    )  # fmt: skip
    judged, pairs = judge(run, seed=SEED)
    for row in rows_of(run, judged, pairs):
        print(row)
    if args.store:
        store(
            "bench/metastasis",
            command="python benchmarks/bench_metastasis.py TABLE --keep FOLDER --store "
            f"--systems {' '.join(args.systems)}",
            data="167 patients (109 glioblastoma, 58 metastasis, An 2021), 5 stratified folds, "
            "budget small; AUCs are means within folds, gains over the best baseline",
            seed=SEED,
            figures=figures_of(run, judged, pairs, "AUC"),
            rows=rows_of(run, judged, pairs),
        )


if __name__ == "__main__":
    main()
