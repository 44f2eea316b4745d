"""What digital patients add to a coarse stage: as its start, and among what it learns from.

    python benchmarks/phantom_training.py DIGITAL RUNS/digital --cohort ... --root ...
    python benchmarks/train_folds.py RUNS/random --only 2 --stages coarse --cohort ... --root ...
    python benchmarks/train_folds.py RUNS/warm --only 1 2 --stages coarse --initial RUNS/digital ...
    python benchmarks/train_folds.py RUNS/mixed --only 1 2 --stages coarse --initial RUNS/digital \\
        --digital DIGITAL MORE ...
    python benchmarks/digital_start.py RUNS --cohort cohort.tsv --root <data> [--of digital_share]

Both networks of a pair learn from the same real patients with the same settings, and are judged
on the patients of the folds that both have, whom neither saw. Writes
results/segmentation/digital_start.json or digital_share.json.
"""

from __future__ import annotations

from typing import Any

from dice_means import figures_of_pairs
from held_out import fold_of, runs_parser
from record import store

from gliokit.analysis.segmentation_evaluation import evaluate_segmentation
from gliokit.inference import load_model
from gliokit.study import read_cohort

SEED = 0
PAIRS = {
    "digital_start": (
        ("random", "warm"),
        "from random weights, and from those of results/phantom/digital_only.json",
    ),
    "digital_share": (
        ("warm", "mixed"),
        "all from the weights of results/phantom/digital_only.json: on real patients alone, and "
        "with two of five examples digital",
    ),
}


def main() -> None:
    parser = runs_parser(__doc__)
    parser.add_argument("--of", choices=sorted(PAIRS), default="digital_start")
    arguments = parser.parse_args()
    ways, said = PAIRS[arguments.of]
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    rows: list[dict[str, Any]] = []
    done, steps = [], set()
    for number in range(1, arguments.folds + 1):
        models = [arguments.runs / way / f"fold{number}_coarse" / "model" for way in ways]
        if not all((model / "card.json").exists() for model in models):
            continue
        part = fold_of(cohort, number, arguments.folds)
        pair = [evaluate_segmentation(part, model=m, progress=print).cases for m in models]
        for one, other in zip(*pair, strict=True):
            assert one.seen is False
            assert other.seen is False
            row: dict[str, Any] = {"fold": number, "subject": one.subject, "group": one.group}
            for region in ("WT", "TC", "ET"):
                for way, case in zip(ways, (one, other), strict=True):
                    dice = case.figures.regions[region].dice
                    row[f"{region.lower()}_dice_{way}"] = round(float(dice), 4)
            rows.append(row)
        done.append(number)
        steps |= {load_model(m).card.training["coarse"]["steps"] for m in models}
    path = store(
        f"segmentation/{arguments.of}",
        command="python benchmarks/digital_start.py RUNS --cohort cohort.tsv --root <data> "
        f"--of {arguments.of}",
        data=f"{len(rows)} patients of folds {done} of {arguments.folds}, coarse stages at 3 mm "
        f"of {sorted(steps)} steps on the same real patients: {said}",
        seed=SEED,
        figures=figures_of_pairs(rows, ways, apart="gain", seed=SEED),
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
