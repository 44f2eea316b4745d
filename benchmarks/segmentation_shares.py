"""How much the fine stage counts beside the coarse one, judged on patients not learnt from.

    python benchmarks/segmentation_shares.py RUNS --cohort cohort.tsv --root ../shared/data

RUNS is what `train_folds.py` made. Writes results/segmentation/shares.json: a row for each share of
the fine stage in the mean of both, with the mean Dice of each region on the 1 mm grid. Figures that
end in `chosen` are of each region's share chosen on all folds but one and judged on that one, in
turn; those without an ending are of the share that the segmenter takes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from dice_means import mean_figure
from held_out import HeldOut, best_elsewhere, held_out, runs_parser, said
from record import store

from gliokit.evaluation import dice
from gliokit.preprocessing import label_map_on, prepare
from gliokit.segmentation import labels_of
from gliokit.segmentation.segmenter import FINE_SHARE
from gliokit.segmentation.stages import run_stages
from gliokit.study import BRATS, LabelMap, read_cohort

REGIONS = ("WT", "TC", "ET")
SHARES = (0.0, 0.25, FINE_SHARE, 0.75, 1.0)
SEED = 0


def judge(case: HeldOut) -> list[list[float]]:
    """Dice (share, region)."""
    assert case.patient.open_label_map is not None
    prepared = prepare(case.patient.open_study())
    truth = label_map_on(case.patient.open_label_map(), prepared)
    stages = run_stages(prepared, case.model, mirrored=False)
    rows = []
    for share in SHARES:
        seen = stages.mean(share) * prepared.brain
        named = dict(zip(case.model.card.regions, seen, strict=True))
        labels = labels_of(named, voxel_ml=prepared.grid.voxel_ml)
        ours = LabelMap(prepared.grid, labels, BRATS)
        rows.append([float(dice(truth.region(r), ours.region(r))) for r in REGIONS])
    return rows


def main() -> None:
    arguments = runs_parser(__doc__).parse_args()
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    cases = list(held_out(cohort, arguments.runs, arguments.folds))
    judged = []
    for case in cases:
        judged.append(judge(case))
        print(len(judged), flush=True)
    table, folds = np.array(judged), [c.fold for c in cases]
    figures: dict[str, Any] = {}
    rows: list[dict[str, Any]] = [{"fine_share": share} for share in SHARES]
    choices: list[dict[str, Any]] = [{"fold": fold} for fold in sorted(set(folds))]
    for n, region in enumerate(r.lower() for r in REGIONS):
        best = best_elsewhere(table[:, :, n], folds)
        chosen = [table[i, best[fold], n] for i, fold in enumerate(folds)]
        ours = table[:, SHARES.index(FINE_SHARE), n]
        figures[f"{region}_dice"] = mean_figure(ours, seed=SEED)
        figures[f"{region}_dice_chosen"] = mean_figure(chosen, seed=SEED)
        for row, value in zip(rows, table[:, :, n].mean(axis=0), strict=True):
            row[f"{region}_dice"] = round(float(value), 4)
        for row in choices:
            row[f"{region}_fine_share"] = SHARES[best[row["fold"]]]
    path = store(
        "segmentation/shares",
        command="python benchmarks/segmentation_shares.py RUNS --cohort cohort.tsv --root <data>",
        data=said(cases, arguments.folds),
        seed=SEED,
        figures=figures,
        rows=[*rows, *choices],
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
