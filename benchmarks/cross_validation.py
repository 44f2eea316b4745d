"""Judge the segmenter of every fold on the patients that it never saw.

    python benchmarks/cross_validation.py RUNS --cohort cohort.tsv --root ../shared/data
    python benchmarks/cross_validation.py RUNS --cohort ... --root ... --subsets

RUNS is what `train_folds.py` made. Writes results/segmentation/cross_validation.json, or,
with `--subsets`, results/segmentation/subsets.json: all 15 subsets of the sequences. Where
folds are missing, the patients of those that are there are judged, and the stored run says
so.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

from record import store

from gliokit.analysis.segmentation_evaluation import EvaluatedCase, evaluate_segmentation
from gliokit.evaluation import bootstrap_mean, summarise_segmentations
from gliokit.learning.split import keep_back
from gliokit.study import STRUCTURAL, Cohort, Modality, read_cohort

SEED = 0
SUBSETS = [s for n in range(4, 0, -1) for s in combinations(STRUCTURAL, n)]


def judge(
    cohort: Cohort, runs: Path, folds: int, sequences: tuple[Modality, ...]
) -> tuple[list[tuple[int, EvaluatedCase]], list[int]]:
    """Every patient of the folds that are trained, by the network of his fold."""
    cases, done = [], []
    for number in range(1, folds + 1):
        model = runs / f"fold{number}_fine" / "model"
        if not (model / "card.json").exists():
            continue
        kept = keep_back(cohort, fold=(number, folds))
        part = replace(cohort, patients=tuple(p for p in cohort.patients if p.subject in kept))
        found = evaluate_segmentation(part, model=model, sequences=sequences, progress=print)
        assert all(c.averaged and c.seen is False for c in found.cases)
        cases += [(number, case) for case in found.cases]
        done.append(number)
        print(f"fold {number}: {found.data}", flush=True)
    return cases, done


def remark(cases: list[tuple[int, EvaluatedCase]], done: list[int], folds: int, said: str) -> str:
    text = f"BraTS and BraTS-Africa, {folds} folds by patient, each judged by a network that"
    missing = [n for n in range(1, folds + 1) if n not in done]
    absent = f"; folds {missing} are not trained yet" if missing else ""
    return f"{text} saw none of its patients: {len(cases)} patients{absent}{said}"


def whole(cases: list[tuple[int, EvaluatedCase]], data: str, command: str) -> Path:
    """Figures and rows with all sequences."""
    summary = summarise_segmentations(
        [c.figures for _, c in cases], [c.group for _, c in cases], seed=SEED
    )
    return store(
        "segmentation/cross_validation",
        command=command,
        data=data,
        seed=SEED,
        figures={name: value.as_json() for name, value in summary.items()},
        rows=[{"fold": n, **c.as_row()} for n, c in cases],
    )


def by_subset(cohort: Cohort, runs: Path, folds: int, command: str, said: str) -> Path:
    """Mean Dice of each region for each subset of the sequences."""
    rows: list[dict[str, Any]] = []
    figures: dict[str, Any] = {}
    for subset in SUBSETS:
        cases, done = judge(cohort, runs, folds, subset)
        name = "+".join(str(m) for m in subset)
        row: dict[str, Any] = {"sequences": name, "n": len(cases)}
        for region in ("WT", "TC", "ET"):
            values = [c.figures.regions[region].dice for _, c in cases]
            mean, low, high = bootstrap_mean(values, seed=SEED)
            row[f"{region.lower()}_dice"] = round(mean, 4)
            row[f"{region.lower()}_low"], row[f"{region.lower()}_high"] = (
                round(low, 4),
                round(high, 4),
            )
        rows.append(row)
        print(row, flush=True)
    without = next(
        r for r in rows if r["sequences"] == "+".join(m for m in STRUCTURAL if m != "flair")
    )
    figures["wt_dice_without_flair"] = {
        "value": without["wt_dice"],
        "low": without["wt_low"],
        "high": without["wt_high"],
        "n": without["n"],
        "unit": "Dice",
    }
    return store(
        "segmentation/subsets",
        command=command,
        data=remark(cases, done, folds, said),
        seed=SEED,
        figures=figures,
        rows=rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path)
    parser.add_argument("--cohort", type=Path, required=True)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--subsets", action="store_true")
    parser.add_argument("--remark", default="", help="What else is to be known of the runs.")
    arguments = parser.parse_args()
    said = f"; {arguments.remark}" if arguments.remark else ""
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    command = "python benchmarks/cross_validation.py RUNS --cohort cohort.tsv --root <data>"
    if arguments.subsets:
        path = by_subset(cohort, arguments.runs, arguments.folds, command + " --subsets", said)
    else:
        cases, done = judge(cohort, arguments.runs, arguments.folds, ())
        path = whole(cases, remark(cases, done, arguments.folds, said), command)
    print(f"stored {path}")


if __name__ == "__main__":
    main()
