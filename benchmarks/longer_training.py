"""What more steps with more variation add to the segmenter, with all sequences and without FLAIR.

    python benchmarks/train_folds.py MORE --cohort ... --root ... --onwards RUNS
    python benchmarks/longer_training.py RUNS MORE --cohort cohort.tsv --root ../shared/data

Every network of MORE went on from the one of RUNS that learnt from the same patients, and both
are judged on the patients of the fold, whom neither saw. Dice are those that
`sequence_subsets.py` keeps in RUNS/subsets and MORE/subsets, or are found now and kept there.
Writes results/segmentation/longer_training.json and longer_training_without_flair.json.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dice_means import figures_of_pairs
from held_out import HeldOut, held_out, runs_parser, said
from record import store
from sequence_subsets import REGIONS, WITHOUT_FLAIR, kept_dices, name_of

from gliokit.inference import Model
from gliokit.study import STRUCTURAL, read_cohort

SEED = 0
WAYS = ("begun", "longer")
SEEN = {"longer_training": STRUCTURAL, "longer_training_without_flair": WITHOUT_FLAIR}


def steps_of(model: Model) -> str:
    """Steps of each stage of a run, in words."""
    return " and ".join(f"{model.card.training[s]['steps']} {s}" for s in ("coarse", "fine"))


def row_of(pair: tuple[HeldOut, HeldOut], dices: list[dict[str, float]]) -> dict[str, Any]:
    """Dice of each region by both networks of a patient."""
    assert len({case.patient.subject for case in pair}) == 1
    row: dict[str, Any] = {"fold": pair[0].fold, "subject": pair[0].patient.subject}
    for region in REGIONS:
        for way, found in zip(WAYS, dices, strict=True):
            row[f"{region.lower()}_dice_{way}"] = round(found[region], 4)
    return row


def main() -> None:
    parser = runs_parser(__doc__)
    parser.add_argument("more", type=Path)
    arguments = parser.parse_args()
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    folders = arguments.runs, arguments.more
    both = [list(held_out(cohort, folder, arguments.folds)) for folder in folders]
    pairs = list(zip(*both, strict=True))
    found = [[kept_dices(*one) for one in zip(folders, pair, strict=True)] for pair in pairs]
    first, then = (steps_of(case.model) for case in pairs[0])
    for name, sequences in SEEN.items():
        seen = [[dices[name_of(sequences)] for dices in one] for one in found]
        rows = [row_of(pair, dices) for pair, dices in zip(pairs, seen, strict=True)]
        path = store(
            f"segmentation/{name}",
            command="python benchmarks/longer_training.py RUNS MORE --cohort cohort.tsv "
            "--root <data>",
            data=f"{said(both[0], arguments.folds)}; {', '.join(m.name for m in sequences)} given; "
            f"after {first} steps ('begun'), and after {then} steps more with a stronger bias "
            "field, ghosts, thicker slices and more missing sequences ('longer')",
            seed=SEED,
            figures=figures_of_pairs(rows, WAYS, apart="gain", seed=SEED),
            rows=rows,
        )
        print(f"stored {path}")


if __name__ == "__main__":
    main()
