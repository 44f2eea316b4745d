"""Which small pieces of a region to leave out, judged on patients that were not learnt from.

    python benchmarks/segmentation_specks.py RUNS --cohort cohort.tsv --root ../shared/data

RUNS is what `train_folds.py` made. Writes results/segmentation/specks.json: for each set of
smallest pieces the mean Dice and the mean lesion-wise Dice of BraTS 2023 of each region, on
the 1 mm grid. Figures that end in `chosen` are those of each region's smallest piece chosen on all
folds but one, by the mean of both Dice, and judged on that one, in turn; those without an ending
are of the pieces that the segmenter leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from dice_means import mean_figure
from held_out import best_elsewhere, held_out, runs_parser
from numpy.typing import NDArray
from record import store

from gliokit.evaluation import dice, lesion_wise
from gliokit.preprocessing import label_map_on, prepare
from gliokit.segmentation import labels_of, segment
from gliokit.segmentation.specks import SMALLEST_ML
from gliokit.study import BRATS, LabelMap, Patient, read_cohort

HOUSE = tuple(SMALLEST_ML.values())
SETS = ((0, 0, 0), (0.1, 0.1, 0.05), (0.5, 0.2, 0.1), (1, 0.5, 0.2), HOUSE, (4, 2, 1))
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


def chosen_outside(
    table: NDArray[np.float64], folds: Sequence[int]
) -> tuple[NDArray[np.float64], list[dict[str, Any]]]:
    """Both Dice of each patient by the sets that other folds choose, and these sets."""
    found, of = np.empty_like(table[:, 0]), np.array(folds)
    rows: list[dict[str, Any]] = [{"fold": fold} for fold in sorted(set(folds))]
    for n, region in enumerate(REGIONS):
        pair = slice(2 * n, 2 * n + 2)
        best = best_elsewhere(table[:, :, pair].mean(axis=2), folds)
        for row in rows:
            mine, place = of == row["fold"], best[row["fold"]]
            found[mine, pair] = table[mine, place, pair]
            row[f"{region.lower()}_smallest_ml"] = SETS[place][n]
    return found, rows


def main() -> None:
    arguments = runs_parser(__doc__).parse_args()
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    judged, folds = [], []
    for case in held_out(cohort, arguments.runs, arguments.folds):
        judged.append(judge(case.patient, case.model))
        folds.append(case.fold)
        print(len(judged), flush=True)
    table = np.array(judged)
    names = [f"{r.lower()}_{kind}" for r in REGIONS for kind in ("dice", "lesion_dice")]
    rows = [
        dict(zip([f"{r.lower()}_smallest_ml" for r in REGIONS], values, strict=True))
        | {n: round(float(v), 4) for n, v in zip(names, table[:, s].mean(axis=0), strict=True)}
        for s, values in enumerate(SETS)
    ]
    by_others, choices = chosen_outside(table, folds)
    figures = {}
    shown = {"_all_pieces": table[:, 0], "": table[:, SETS.index(HOUSE)], "_chosen": by_others}
    for suffix, values in shown.items():
        for n, name in enumerate(names):
            unit = "lesion-wise Dice" if "lesion" in name else "Dice"
            figures[name + suffix] = mean_figure(values[:, n], seed=SEED, unit=unit)
    path = store(
        "segmentation/specks",
        command="python benchmarks/segmentation_specks.py RUNS --cohort cohort.tsv --root <data>",
        data=f"{len(table)} patients of BraTS and BraTS-Africa, each by a network that had not "
        "seen him",
        seed=SEED,
        figures=figures,
        rows=[*rows, *choices],
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
