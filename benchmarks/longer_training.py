"""What more steps with more variation add to the segmenter, with all sequences and without FLAIR.

    python benchmarks/train_folds.py MORE --cohort ... --root ... --onwards RUNS
    python benchmarks/longer_training.py RUNS MORE --cohort cohort.tsv --root ../shared/data

Every network of MORE went on from the one of RUNS that learnt from the same patients, and both
are judged on the patients of the fold, whom neither saw. Writes
results/segmentation/longer_training.json and longer_training_without_flair.json.
"""

from __future__ import annotations

from pathlib import Path

from held_out import not_trained, runs_parser
from paired_runs import compare
from record import store

from gliokit.inference import load_model
from gliokit.study import STRUCTURAL, Modality, read_cohort

SEED = 0
WAYS = ("begun", "longer")
SEEN = {
    "": (),
    "_without_flair": tuple(m for m in STRUCTURAL if m != Modality.FLAIR),
}


def steps_of(models: list[Path]) -> str:
    """Steps of each stage, in words."""
    training = load_model(models[-1]).card.training
    return ", ".join(f"{training[s]['steps']} {s}" for s in ("coarse", "fine"))


def main() -> None:
    parser = runs_parser(__doc__)
    parser.add_argument("more", type=Path)
    arguments = parser.parse_args()
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    folders = arguments.runs, arguments.more
    for ending, sequences in SEEN.items():
        pairs = compare(
            cohort, folders, WAYS, stage="fine", folds=arguments.folds, sequences=sequences
        )
        first, then = (steps_of(pairs.models[n::2]) for n in (0, 1))
        path = store(
            f"segmentation/longer_training{ending}",
            command="python benchmarks/longer_training.py RUNS MORE --cohort cohort.tsv "
            "--root <data>",
            data=f"{len(pairs.rows)} patients of folds {pairs.folds} of {arguments.folds}"
            f"{not_trained(pairs.folds, arguments.folds)}; {first} steps, and {then} more with a "
            "stronger bias field, ghosts, thicker slices and more missing sequences",
            seed=SEED,
            figures=pairs.figures(WAYS, seed=SEED),
            rows=pairs.rows,
        )
        print(f"stored {path}")


if __name__ == "__main__":
    main()
