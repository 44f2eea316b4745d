"""Buda 2019 on its own patients: five folds, Dice of each patient, shape against genomics.

    python benchmarks/buda2019.py DATA RUNS
    python benchmarks/buda2019.py DATA RUNS --only 1 --minutes 20
    python benchmarks/buda2019.py DATA RUNS --slices-per-fold 5000
    python benchmarks/buda2019.py DATA RUNS --judge-only

DATA holds the folder lgg. RUNS keeps fold1, fold2 ... with checkpoint and curve, and fold1.json
... with each patient's figures: a run that was killed, or stopped after so many minutes of
learning a fold, goes on where it was, and a fold that is finished is left alone. It is the
'reduced reproduction' of the card's budget 'small' (the paper's network, slices of 128 x 128),
with 5 folds by patient in the place of 22. `--paper` takes 256 x 256 and the paper's training:
for a machine with a GPU. Writes results/bench/buda2019.json of the folds that are there.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from lgg_images import groupings, patients, with_masks
from record import figure, store
from slice_folds import (
    FOLDS,
    SEED,
    Row,
    Trial,
    add_fold_options,
    folds_said,
    mean_figure,
    read_folds,
    run_folds,
    training_figures,
)

from gliokit.evaluation import delong_auc, dice
from gliokit.systems import Inputs, TrainingSet
from gliokit.systems.buda2019 import RECIPES, TIMES_DRAWN, Buda2019, tumour_probability
from gliokit.systems.fitted_networks import FittedNetworks
from gliokit.systems.mazurowski2017 import FEATURES, Mazurowski2017
from gliokit.systems.tumour_shape import largest_component, shape_of

THRESHOLD = 0.5
LEAST_FOR_TESTS = 60
"""Patients with both shapes, below which nothing is said of associations."""


def judged(fitted: FittedNetworks, unseen: TrainingSet) -> list[Row]:
    """Dice in three dimensions and shape of each patient, raw and of the largest component."""
    rows = []
    for n, subject in enumerate(unseen.inputs.subjects):
        probability, grid = tumour_probability(fitted, subject, unseen.inputs.images_of(n))
        raw = probability >= THRESHOLD
        kept = largest_component(raw)
        drawn = unseen.masks.label_map(n).region("WT")
        rows.append(
            {
                "barcode": subject,
                "dice": round(dice(drawn, kept), 4),
                "dice_all_components": round(dice(drawn, raw), 4),
                "voxels": int(kept.sum()),
                "voxels_drawn": int(drawn.sum()),
                "automatic": _known(shape_of(kept, grid)),
                "manual": _known(shape_of(drawn, grid)),
            }
        )
        print(subject, rows[-1]["dice"], flush=True)
    return rows


def _known(shape: dict[str, float]) -> dict[str, float | None]:
    return {k: round(v, 5) if np.isfinite(v) else None for k, v in shape.items()}


def associations(data: Path, rows: list[Row], kind: str) -> tuple[dict[str, Any], list[Row]]:
    """Fisher's tests of shape against clusters, and the AUC of 1 / BEVR for RNASeq cluster 2."""
    barcodes = tuple(r["barcode"] for r in rows)
    values = np.array([[r[kind][f] for f in FEATURES] for r in rows], dtype=np.float64)
    clusters = groupings(data, barcodes)
    found = Mazurowski2017().associate(Inputs(barcodes, FEATURES, values), clusters, seed=SEED)
    figures = {
        f"{f.feature} against {f.against}, {kind}": figure(
            float(f"{f.p:.3g}"), n=f.n, unit="p, Fisher, not adjusted"
        )
        for f in found.findings
        if f.p is not None
    }
    rna = clusters[0]
    known = rna.known & np.isfinite(values[:, FEATURES.index("bevr")])
    score = 1 / values[known, FEATURES.index("bevr")]
    area = delong_auc(rna.codes[known] == rna.classes.index("2"), score)
    figures[f"1 / bevr for RNASeq cluster 2, {kind}"] = figure(
        area.value, low=area.low, high=area.high, n=int(known.sum()), unit="AUC"
    )
    table = [{"mask": kind, "feature": f.feature, "against": f.against, "n": f.n,
              "p": f.p and float(f"{f.p:.4g}"),
              "p_bonferroni": f.p_adjusted and float(f"{f.p_adjusted:.4g}")}
             for f in found.findings]  # fmt: skip
    return figures, table


def dice_figures(rows: list[Row]) -> dict[str, Any]:
    """Means with bootstrap intervals over patients, and the median with quartiles."""
    middle, low, high = (float(q) for q in np.percentile([r["dice"] for r in rows], (50, 25, 75)))
    return {
        "mean dice": mean_figure([r["dice"] for r in rows], "Dice"),
        "mean dice, all components": mean_figure([r["dice_all_components"] for r in rows], "Dice"),
        "median dice, with quartiles": figure(middle, low=low, high=high, n=len(rows), unit="Dice"),
        "patients with a dice of 0": figure(
            sum(r["dice"] == 0 for r in rows), n=len(rows), unit="patients"
        ),
    }


def gather(data: Path, runs: Path, side: int) -> Path:
    """Store what the folds that are there have found.

    Raises:
        SystemExit: there is none.
    """
    folds = read_folds(runs)
    if not folds:
        raise SystemExit(f"no fold is judged yet in {runs}")
    rows = [{"fold": f["fold"], **r} for f in folds for r in f["rows"]]
    figures = dice_figures(rows) | training_figures(folds, len(rows))
    both = [r for r in rows if None not in (*r["automatic"].values(), *r["manual"].values())]
    tables: list[Row] = []
    said = [
        f"{len(rows)} of the 108 lower-grade gliomas of TCGA with images (Buda 2019; lossy "
        "copies, whole heads)",
        f"slices of {side} x {side}; {FOLDS} folds by patient in the place of the paper's 22; "
        "each patient is judged in three dimensions by a network that never saw him",
        *folds_said(folds),
    ]
    if len(both) >= LEAST_FOR_TESTS:
        for kind in ("automatic", "manual"):
            more, table = associations(data, both, kind)
            figures |= more
            tables += table
    else:
        said.append(f"associations are tested from {LEAST_FOR_TESTS} patients with a shape on")
    return store(
        "bench/buda2019",
        command="python benchmarks/buda2019.py DATA RUNS",
        data="; ".join(said),
        seed=SEED,
        figures=figures,
        rows=[*rows, *tables],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    add_fold_options(parser, paper="256 x 256 and 128 turns.")
    parser.add_argument("--slices-per-fold", type=int, help="Drawn in all; 40,000 by default.")
    arguments = parser.parse_args()
    recipe = RECIPES["paper" if arguments.paper else "small"]
    if arguments.slices_per_fold:
        recipe = replace(recipe, slices=arguments.slices_per_fold)
    if not arguments.judge_only:
        trial = Trial(
            partial(Buda2019().learn, recipe=recipe, seed=SEED),
            judged,
            lambda fitted: recipe.steps(cards_of(fitted)),
            recipe.batch,
        )
        run_folds(
            arguments.runs, trial, with_masks(patients(arguments.data)), only=arguments.only,
            minutes=arguments.minutes,
        )  # fmt: skip
    print("stored", gather(arguments.data, arguments.runs, recipe.side))


def cards_of(fitted: FittedNetworks) -> int:
    """Slices a turn, those with tumour three times."""
    found = fitted.findings
    return int(found["slices"] + (TIMES_DRAWN - 1) * found["slices_with_tumour"])


if __name__ == "__main__":
    main()
