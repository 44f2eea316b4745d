"""Zeineldin 2020 (DeepSeg): FLAIR of the BraTS patients, five folds, Dice and Hausdorff distance.

    python benchmarks/zeineldin2020.py RUNS --cohort cohort.tsv --root DATA
    python benchmarks/zeineldin2020.py RUNS --cohort ... --root ... --encoder unet --decoder unet
    python benchmarks/zeineldin2020.py RUNS --cohort ... --root ... --only 1 --minutes 20
    python benchmarks/zeineldin2020.py RUNS --judge-only

RUNS/ENCODER+DECODER keeps fold1, fold2 ... with checkpoint and curve, and fold1.json ... with
each patient's figures: a run that was killed, or stopped after so many minutes of learning a
fold, goes on where it was. The training is that of the card's budget 'small'; `--paper` takes
the paper's, for a machine with a GPU. Writes results/bench/zeineldin2020.json of all models and
folds that are there.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
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

from gliokit.bench import images_of as images_of_patient
from gliokit.evaluation import dice
from gliokit.evaluation.surface import surface_distances
from gliokit.study import read_cohort
from gliokit.systems import Inputs, MaskTarget, TrainingSet
from gliokit.systems.fitted_networks import FittedNetworks
from gliokit.systems.zeineldin2020 import ENCODERS, RECIPES, DecoderName, Zeineldin2020


def with_masks(cohort: Path, root: Path | None) -> TrainingSet:
    """Images and experts' masks; of a person with several visits they stay together."""
    patients = read_cohort(cohort, root=root).patients
    inputs = Inputs(
        tuple(p.subject for p in patients),
        (),
        np.zeros((len(patients), 0)),
        persons=tuple(p.subject.rpartition("-")[0] or p.subject for p in patients),
        sites=tuple(p.attributes.get("collection", "") for p in patients),
        images=tuple(images_of_patient(p) for p in patients),
    )
    masks = tuple(p.open_label_map for p in patients)
    return TrainingSet(inputs, MaskTarget("whole_tumour", "WT", masks))


def judged(fitted: FittedNetworks, unseen: TrainingSet) -> list[Row]:
    """Dice, Hausdorff distance and its 95th percentile of the whole tumour, in 3-D."""
    rows = []
    patients = unseen.inputs
    for n, (subject, site) in enumerate(zip(patients.subjects, patients.sites, strict=True)):
        drawn = unseen.masks.label_map(n)
        found = fitted.answer(patients.take([n])).maps[0]  # type: ignore[union-attr]
        true, said = drawn.region("WT"), found.region("WT")
        apart = surface_distances(true, said, drawn.grid.spacing_mm)
        rows.append(
            {
                "subject": subject,
                "collection": site,
                "dice": round(dice(true, said), 4),
                "hd_mm": None if apart is None else round(apart.hd_mm(100.0), 2),
                "hd95_mm": None if apart is None else round(apart.hd_mm(), 2),
                "volume_ml": round(float(said.sum() * drawn.grid.voxel_ml), 1),
                "volume_drawn_ml": round(float(true.sum() * drawn.grid.voxel_ml), 1),
            }
        )
        print(rows[-1], flush=True)
    return rows


def figures_of(model: str, folds: list[Row]) -> tuple[dict[str, Any], list[Row]]:
    """Figures and rows of one model."""
    rows = [{"model": model, "fold": f["fold"], **r} for f in folds for r in f["rows"]]
    figures = {"mean dice": mean_figure([r["dice"] for r in rows], "Dice")}
    for key, name in (("hd_mm", "mean hausdorff distance"),
                      ("hd95_mm", "mean 95th percentile of it")):  # fmt: skip
        known = [r[key] for r in rows if r[key] is not None]
        if known:
            figures[name] = mean_figure(known, "mm, of patients with a distance")
    figures["patients without a distance"] = figure(
        sum(r["hd_mm"] is None for r in rows), n=len(rows), unit="patients"
    )
    figures |= training_figures(folds, len(rows))
    return {f"{model}: {name}": value for name, value in figures.items()}, rows


def gather(runs: Path, side: int) -> Path:
    """Store what all models and folds that are there have found.

    Raises:
        SystemExit: there is none.
    """
    figures: dict[str, Any] = {}
    rows: list[Row] = []
    said = [
        f"FLAIR of BraTS and BraTS-Africa, slices of {side} x {side}, {FOLDS} folds by patient; "
        "each is judged in three dimensions by a network that never saw him; encoder+decoder"
    ]
    for folder in sorted(p for p in runs.iterdir() if p.is_dir()):
        folds = read_folds(folder)
        if folds:
            more, of_model = figures_of(folder.name, folds)
            figures |= more
            rows += of_model
            said.append(f"{folder.name}, {len(of_model)} patients: {'; '.join(folds_said(folds))}")
    if not rows:
        raise SystemExit(f"no fold is judged yet in {runs}")
    return store(
        "bench/zeineldin2020",
        command="python benchmarks/zeineldin2020.py RUNS --cohort cohort.tsv --root DATA",
        data=". ".join(said),
        seed=SEED,
        figures=figures,
        rows=rows,
    )


def train(arguments: argparse.Namespace) -> None:
    """The folds that are asked for."""
    recipe = RECIPES["paper" if arguments.paper else "small"]
    system = Zeineldin2020(arguments.encoder, arguments.decoder)
    trial = Trial(
        partial(system.learn, recipe=recipe, seed=SEED),
        judged,
        lambda fitted: recipe.steps(int(fitted.findings["slices"])),
        recipe.batch,
    )
    run_folds(
        arguments.runs / f"{arguments.encoder}+{arguments.decoder}",
        trial,
        with_masks(arguments.cohort, arguments.root),
        only=arguments.only,
        minutes=arguments.minutes,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_fold_options(parser, paper="224 x 224 and 35 turns.")
    parser.add_argument("--cohort", type=Path)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--encoder", choices=ENCODERS, default="unet-mod")
    parser.add_argument("--decoder", choices=get_args(DecoderName), default="unet-mod")
    arguments = parser.parse_args()
    if not arguments.judge_only:
        if arguments.cohort is None:
            parser.error("training needs --cohort")
        train(arguments)
    side = RECIPES["paper" if arguments.paper else "small"].side
    print("stored", gather(arguments.runs, side))


if __name__ == "__main__":
    main()
