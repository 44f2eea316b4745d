"""The house's coarse network beside an nnU-Net-style one: same folds, spacing and steps.

    python benchmarks/train_folds.py RUNS --cohort ... --root ... --stages coarse nnunet_style
    python benchmarks/nnunet_style.py RUNS --cohort cohort.tsv --root ../shared/data

Both see the whole brain, as many voxels and examples a step, for as many steps; each patient
is judged by the two networks of his fold, which never saw him. Folds where either is missing
are left out, and the stored run says so. Writes results/segmentation/nnunet_style.json.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dice_means import paired_figures
from record import figure, store
from train_folds import recipe

from gliokit.analysis.segmentation_evaluation import EvaluatedCase, evaluate_segmentation
from gliokit.inference import load_model
from gliokit.learning.examples import Example
from gliokit.learning.method import method_of
from gliokit.learning.split import keep_back
from gliokit.learning.training import train
from gliokit.study import Cohort, UsageError, read_cohort

SEED = 0
HOUSE, STYLE = "coarse", "nnunet_style"
SHARED = ("stage", "spacing_mm", "patch", "batch", "steps")
"""Settings in which the two may not differ."""

STEPS_FOR_A_CLAIM = 5_000
TIMED_STEPS = 4


def pairs(
    cohort: Cohort, runs: Path, folds: int
) -> tuple[list[tuple[int, EvaluatedCase, EvaluatedCase]], list[int], int]:
    """Every patient of the folds that hold both networks, by each; the folds; the steps."""
    cases, done, steps = [], [], set()
    for number in range(1, folds + 1):
        models = [runs / f"fold{number}_{name}" / "model" for name in (HOUSE, STYLE)]
        if not all((model / "card.json").exists() for model in models):
            continue
        steps.add(equal_settings(models))
        kept = keep_back(cohort, fold=(number, folds))
        part = replace(cohort, patients=tuple(p for p in cohort.patients if p.subject in kept))
        house, style = (
            evaluate_segmentation(part, model=model, progress=print).cases for model in models
        )
        assert all(c.averaged and c.seen is False for c in (*house, *style))
        cases += [(number, h, s) for h, s in zip(house, style, strict=True)]
        done.append(number)
    if not cases:
        raise UsageError(
            "a fold has a network of either kind",
            source=runs,
            way_out="Train them by train_folds.py --stages coarse nnunet_style.",
        )
    if len(steps) > 1:
        raise UsageError("all folds learn for as many steps", source=runs, found=sorted(steps))
    return cases, done, steps.pop()


def equal_settings(models: list[Path]) -> int:
    """The steps of two networks that learnt alike."""
    house, style = (load_model(model).card.training[HOUSE] for model in models)
    for name in SHARED:
        if house[name] != style[name]:
            raise UsageError(
                f"both networks learn with the same {name}",
                source=models[1],
                found=f"{house[name]} and {style[name]}",
            )
    return int(house["steps"])


def seconds_a_step(name: str) -> float:
    """Processor time of a step on one thread, its examples drawn and varied; the median."""
    settings = recipe(name).model_copy(update={"steps": TIMED_STEPS + 1})
    generator = np.random.default_rng(SEED)
    image = generator.normal(size=(4, *settings.patch)).astype(np.float16)
    regions = (generator.random((3, *settings.patch)) > 0.9).astype(np.float16)
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        train(
            [Example("noise", image, regions)],
            settings,
            Path(folder),
            progress=lambda *_: times.append(time.process_time()),
        )
    return statistics.median(b - a for a, b in pairwise(times))


def compared(
    cases: list[tuple[int, EvaluatedCase, EvaluatedCase]],
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Figures of each region, and the two Dice of every patient."""
    figures: dict[str, Any] = {}
    rows: list[dict[str, Any]] = [
        {"fold": n, "subject": h.subject, "group": h.group} for n, h, _ in cases
    ]
    for region in ("WT", "TC", "ET"):
        house = [h.figures.regions[region].dice for _, h, _ in cases]
        style = [s.figures.regions[region].dice for _, _, s in cases]
        lead, dices = region.lower(), {"house": house, "nnunet_style": style}
        figures |= paired_figures(lead, dices, apart="difference", seed=SEED)
        for row, h, s in zip(rows, house, style, strict=True):
            row[f"{lead}_dice_house"] = round(float(h), 4)
            row[f"{lead}_dice_nnunet_style"] = round(float(s), 4)
    return figures, rows


def remark(n: int, done: list[int], folds: int, steps: int) -> str:
    missing = [f for f in range(1, folds + 1) if f not in done]
    absent = f"; folds {missing} are not trained by both yet" if missing else ""
    few = (
        f"; no win is claimed below {STEPS_FOR_A_CLAIM:,} steps"
        if steps < STEPS_FOR_A_CLAIM
        else ""
    )
    return (
        f"BraTS and BraTS-Africa, {n} patients of {folds} folds, each by two networks that saw "
        f"none of his fold{absent}; both learnt for {steps:,} steps{few}; differences are "
        "nnU-Net-style minus house; a step is processor time on one thread"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path)
    parser.add_argument("--cohort", type=Path, required=True)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    cases, done, steps = pairs(cohort, arguments.runs, arguments.folds)
    figures, rows = compared(cases)
    figures["steps"] = figure(steps, n=len(done), unit="steps")
    for name, said in ((HOUSE, "house"), (STYLE, "nnunet_style")):
        weights = method_of(recipe(name)).build().parameters()
        figures[f"parameters_{said}"] = figure(
            sum(w.numel() for w in weights), n=1, unit="parameters"
        )
        figures[f"step_seconds_{said}"] = figure(seconds_a_step(name), n=TIMED_STEPS, unit="s")
    path = store(
        "segmentation/nnunet_style",
        command="python benchmarks/nnunet_style.py RUNS --cohort cohort.tsv --root <data>",
        data=remark(len(cases), done, arguments.folds, steps),
        seed=SEED,
        figures=figures,
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
