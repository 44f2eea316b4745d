"""What digital patients add: a coarse stage that starts from them beside one from random weights.

    python benchmarks/phantom_training.py DIGITAL RUNS/digital --cohort ... --root ...
    python benchmarks/train_folds.py RUNS/random --only 2 --stages coarse --cohort ... --root ...
    python benchmarks/train_folds.py RUNS/warm --only 2 --stages coarse --initial RUNS/digital ...
    python benchmarks/digital_start.py RUNS --cohort cohort.tsv --root <data>

Both learn from the same real patients with the same settings, and are judged on the patients
of the folds that both have, whom neither saw. Writes results/segmentation/digital_start.json.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from record import figure, store
from scipy.stats import wilcoxon

from gliokit.analysis.segmentation_evaluation import evaluate_segmentation
from gliokit.evaluation import bootstrap_mean
from gliokit.inference import load_model
from gliokit.learning.split import keep_back
from gliokit.study import read_cohort

SEED = 0
STARTS = ("random", "warm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path)
    parser.add_argument("--cohort", type=Path, required=True)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    arguments = parser.parse_args()
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    rows: list[dict[str, Any]] = []
    done, steps = [], set()
    for number in range(1, arguments.folds + 1):
        models = [arguments.runs / start / f"fold{number}_coarse" / "model" for start in STARTS]
        if not all((model / "card.json").exists() for model in models):
            continue
        kept = keep_back(cohort, fold=(number, arguments.folds))
        part = replace(cohort, patients=tuple(p for p in cohort.patients if p.subject in kept))
        pair = [evaluate_segmentation(part, model=m, progress=print).cases for m in models]
        for one, other in zip(*pair, strict=True):
            assert one.seen is False
            assert other.seen is False
            row: dict[str, Any] = {"fold": number, "subject": one.subject, "group": one.group}
            for region in ("WT", "TC", "ET"):
                for start, case in zip(STARTS, (one, other), strict=True):
                    dice = case.figures.regions[region].dice
                    row[f"{region.lower()}_dice_{start}"] = round(float(dice), 4)
            rows.append(row)
        done.append(number)
        steps |= {load_model(m).card.training["coarse"]["steps"] for m in models}
    figures: dict[str, Any] = {}
    for region in ("wt", "tc", "et"):
        random, warm = (np.array([r[f"{region}_dice_{s}"] for r in rows]) for s in STARTS)
        for name, values in (("random", random), ("warm", warm), ("gain", warm - random)):
            mean, low, high = bootstrap_mean(values, seed=SEED)
            figures[f"{region}_dice_{name}"] = figure(
                mean, low=low, high=high, n=len(rows), unit="Dice"
            )
        p = float(wilcoxon(warm - random).pvalue)
        figures[f"{region}_wilcoxon_p"] = figure(p, n=len(rows), unit="p")
    path = store(
        "segmentation/digital_start",
        command="python benchmarks/digital_start.py RUNS --cohort cohort.tsv --root <data>",
        data=f"{len(rows)} patients of folds {done} of {arguments.folds}, coarse stages at 3 mm "
        f"of {sorted(steps)} steps on the same real patients: from random weights, and from "
        "those of results/phantom/digital_only.json",
        seed=SEED,
        figures=figures,
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
