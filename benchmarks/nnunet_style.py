"""The house's coarse network beside an nnU-Net-style one: same folds, spacing and steps.

    python benchmarks/train_folds.py RUNS --cohort ... --root ... --stages coarse nnunet_style
    python benchmarks/nnunet_style.py RUNS --cohort cohort.tsv --root ../shared/data

Both see the whole brain, as many voxels and examples a step, for as many steps; each patient
is judged by the two networks of his fold, which never saw him. Writes
results/segmentation/nnunet_style.json. Dice that it holds of networks that RUNS lacks stays, so
that folds may be trained one after another; only patients who have both are compared.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dice_means import paired_figures
from held_out import fold_of, runs_parser
from record import RESULTS, figure, store
from train_folds import PRECISIONS, recipe

from gliokit.analysis.segmentation_evaluation import evaluate_segmentation
from gliokit.inference import load_model
from gliokit.learning.examples import Example
from gliokit.learning.method import method_of
from gliokit.learning.training import train
from gliokit.study import Cohort, UsageError, read_cohort

SEED = 0
REGIONS = ("WT", "TC", "ET")
BOTH = HOUSE, STYLE = "coarse", "nnunet_style"
SHARED = ("stage", "spacing_mm", "patch", "batch", "steps", "precision")
"""Settings in which the two may not differ."""

STEPS_FOR_A_CLAIM = 5_000
TIMED_STEPS = 4


def judged(cohort: Cohort, runs: Path, folds: int) -> list[dict[str, Any]]:
    """One row a patient: his Dice by each network that is there, else as it was stored before."""
    rows, stored = [], stored_rows()
    for number in range(1, folds + 1):
        part = fold_of(cohort, number, folds)
        found = {name: by_network(part, runs / f"fold{number}_{name}" / "model") for name in BOTH}
        for patient in part.patients:
            name = patient.subject
            row = {"fold": number, "subject": name, "group": patient.attributes["collection"]}
            before = stored.get(name, {})
            for kind in BOTH:
                keys = [f"settings_{kind}", *(f"{r.lower()}_dice_{kind}" for r in REGIONS)]
                row |= found[kind].get(name) or {k: before[k] for k in keys if k in before}
            rows.append(row)
    return rows


def stored_rows() -> dict[str, dict[str, Any]]:
    """Subject -> his row of the run that is stored."""
    path = RESULTS / "segmentation" / "nnunet_style.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
    return {row["subject"]: row for row in rows}


def by_network(part: Cohort, model: Path) -> dict[str, dict[str, Any]]:
    """Subject -> Dice of each region and what the network learnt by; nobody without a network."""
    if not (model / "card.json").exists():
        return {}
    kind = model.parent.name.split("_", 1)[1]
    training = load_model(model).card.training[HOUSE]
    settings = ", ".join(f"{name} {training[name]}" for name in SHARED)
    cases = evaluate_segmentation(part, model=model, progress=print).cases
    assert all(c.averaged and c.seen is False for c in cases)
    return {
        c.subject: {
            f"settings_{kind}": settings,
            **{f"{r.lower()}_dice_{kind}": round(c.figures.regions[r].dice, 4) for r in REGIONS},
        }
        for c in cases
    }


def pairs(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The patients of whom both networks were asked, which learnt alike."""
    both = [r for r in rows if all(f"settings_{kind}" in r for kind in BOTH)]
    settings = sorted({r[f"settings_{kind}"] for r in both for kind in BOTH})
    if len(settings) > 1:
        raise UsageError(
            f"both networks learn with the same {', '.join(SHARED)}", found=" and ".join(settings)
        )
    return both


def seconds_a_step(name: str, precision: str) -> float:
    """Processor time of a step on one thread, its examples drawn and varied; the median."""
    settings = recipe(name, precision=precision, steps=TIMED_STEPS + 1)
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


def compared(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Figures of each region by both networks."""
    figures: dict[str, Any] = {}
    for region in (r.lower() for r in REGIONS):
        dices = {
            said: [r[f"{region}_dice_{kind}"] for r in rows]
            for kind, said in ((HOUSE, "house"), (STYLE, STYLE))
        }
        figures |= paired_figures(region, dices, apart="difference", seed=SEED)
    return figures


def remark(rows: list[dict[str, Any]], folds: int, steps: int) -> str:
    missing = sorted({*range(1, folds + 1)} - {r["fold"] for r in rows})
    absent = f"; folds {missing} are not trained by both yet" if missing else ""
    few = (
        f"; no win is claimed below {STEPS_FOR_A_CLAIM:,} steps"
        if steps < STEPS_FOR_A_CLAIM
        else ""
    )
    return (
        f"BraTS and BraTS-Africa, {len(rows)} patients of {folds} folds, each by two networks "
        f"that saw none of his fold{absent}; both learnt from them for {steps:,} steps{few}, the "
        "house's from weights of digital patients, the other from random ones; differences are "
        "nnU-Net-style minus house; a step is processor time on one thread"
    )


def main() -> None:
    arguments = runs_parser(__doc__).parse_args()
    torch.set_num_threads(1)
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    rows = judged(cohort, arguments.runs, arguments.folds)
    both = pairs(rows)
    steps = recipe(STYLE).steps
    figures = compared(both) if both else {}
    figures["steps"] = figure(steps, n=1, unit="steps")
    for kind, said in ((HOUSE, "house"), (STYLE, STYLE)):
        weights = method_of(recipe(kind)).build().parameters()
        figures[f"parameters_{said}"] = figure(
            sum(w.numel() for w in weights), n=1, unit="parameters"
        )
        for precision in PRECISIONS:
            figures[f"step_seconds_{said}_{precision}"] = figure(
                seconds_a_step(kind, precision), n=TIMED_STEPS, unit="s"
            )
    path = store(
        "segmentation/nnunet_style",
        command="python benchmarks/nnunet_style.py RUNS --cohort cohort.tsv --root <data>",
        data=remark(both, arguments.folds, steps),
        seed=SEED,
        figures=figures,
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
