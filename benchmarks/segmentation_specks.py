"""Which small pieces of a region to leave out, judged on patients that were not learnt from.

    python benchmarks/segmentation_specks.py RUNS --cohort cohort.tsv --root ../shared/data

RUNS is what `train_folds.py` made. Writes results/segmentation/specks.json: for each set of
smallest pieces the mean Dice and the mean lesion-wise Dice of BraTS 2023 of each region, on
the 1 mm grid. The set that the segmenter uses is the one named by the figures.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from dice_means import mean_figure
from held_out import held_out
from numpy.typing import NDArray
from record import store

from gliokit.evaluation import dice, lesion_wise
from gliokit.preprocessing import label_map_on, prepare
from gliokit.segmentation import labels_of, segment
from gliokit.segmentation.specks import SMALLEST_ML
from gliokit.study import BRATS, LabelMap, Patient, read_cohort

SETS = ((0, 0, 0), (0.1, 0.1, 0.05), tuple(SMALLEST_ML.values()), (1, 0.5, 0.1), (2, 1, 0.2))
REGIONS = tuple(SMALLEST_ML)
SEED = 0


def judge(patient: Patient, model: Any) -> list[list[float]]:
    """For each set Dice and lesion-wise Dice of each region."""
    assert patient.open_label_map is not None
    prepared = prepare(patient.open_study())
    truth = label_map_on(patient.open_label_map(), prepared)
    found = segment(prepared, model, keep_probabilities=True)
    assert found.probabilities is not None
    rows = []
    for values in SETS:
        labels = labels_of(
            found.probabilities,
            voxel_ml=prepared.grid.voxel_ml,
            smallest_ml=dict(zip(REGIONS, values, strict=True)),
        )
        ours = LabelMap(prepared.grid, labels, BRATS)
        row: list[float] = []
        for region in REGIONS:
            expert: NDArray[np.bool_] = truth.region(region)
            row.append(dice(expert, ours.region(region)))
            row.append(lesion_wise(expert, ours.region(region), prepared.grid.spacing_mm).dice)
        rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path)
    parser.add_argument("--cohort", type=Path, required=True)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    arguments = parser.parse_args()
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    judged = []
    for case in held_out(cohort, arguments.runs, arguments.folds):
        judged.append(judge(case.patient, case.model))
        print(len(judged), flush=True)
    table = np.array(judged)
    names = [f"{r.lower()}_{kind}" for r in REGIONS for kind in ("dice", "lesion_dice")]
    rows = [
        dict(zip([f"{r.lower()}_smallest_ml" for r in REGIONS], values, strict=True))
        | {n: round(float(v), 4) for n, v in zip(names, table[:, s].mean(axis=0), strict=True)}
        for s, values in enumerate(SETS)
    ]
    figures = {}
    for suffix, chosen in (("_all_pieces", 0), ("", 2)):
        for n, name in enumerate(names):
            unit = "lesion-wise Dice" if "lesion" in name else "Dice"
            figures[name + suffix] = mean_figure(table[:, chosen, n], seed=SEED, unit=unit)
    path = store(
        "segmentation/specks",
        command="python benchmarks/segmentation_specks.py RUNS --cohort cohort.tsv --root <data>",
        data=f"{len(table)} patients of BraTS and BraTS-Africa, each by a network that had not "
        "seen him; the set was chosen on them",
        seed=SEED,
        figures=figures,
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
