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

from held_out import runs_parser
from paired_runs import compare
from record import store

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
    one, other = ways
    folders = arguments.runs / one, arguments.runs / other
    pairs = compare(cohort, folders, ways, stage="coarse", folds=arguments.folds)
    steps = {load_model(m).card.training["coarse"]["steps"] for m in pairs.models}
    path = store(
        f"segmentation/{arguments.of}",
        command="python benchmarks/digital_start.py RUNS --cohort cohort.tsv --root <data> "
        f"--of {arguments.of}",
        data=f"{len(pairs.rows)} patients of folds {pairs.folds} of {arguments.folds}, coarse "
        f"stages at 3 mm of {sorted(steps)} steps on the same real patients: {said}",
        seed=SEED,
        figures=pairs.figures(ways, seed=SEED),
        rows=pairs.rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
