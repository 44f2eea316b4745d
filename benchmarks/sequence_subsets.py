"""How well the segmenter finds the tumour with each of the 15 subsets of the sequences.

    python benchmarks/sequence_subsets.py RUNS --cohort cohort.tsv --root ../shared/data

RUNS is what `train_folds.py` made; each patient is judged by the network of his fold. His Dice is
kept in RUNS/subsets, so that a run that was cut off goes on. Writes
results/segmentation/subsets.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

from held_out import HeldOut, held_out, runs_parser, said
from keeping import kept, key_of_model
from record import figure, store

from gliokit.evaluation import bootstrap_mean, dice
from gliokit.preprocessing import prepare, reoriented, to_native
from gliokit.segmentation import segment
from gliokit.study import STRUCTURAL, Modality, read_cohort

SEED = 0
REGIONS = ("WT", "TC", "ET")
SUBSETS = [s for n in range(4, 0, -1) for s in combinations(STRUCTURAL, n)]
WITHOUT_FLAIR = tuple(m for m in STRUCTURAL if m != "flair")


def name_of(subset: Sequence[Modality]) -> str:
    return "+".join(subset)


def dices(case: HeldOut) -> dict[str, dict[str, float]]:
    """Subset -> region -> Dice of one patient, on the grid of his images."""
    print(f"fold {case.fold}, {case.patient.subject}", flush=True)
    study = case.patient.open_study()
    assert case.patient.open_label_map is not None
    grid = next(iter(study.volumes.values())).grid
    expert = reoriented(case.patient.open_label_map(), grid)
    found = {}
    for subset in SUBSETS:
        prepared = prepare(replace(study, volumes={m: study.volumes[m] for m in subset}))
        ours = to_native(segment(prepared, case.model).label_map, prepared)
        found[name_of(subset)] = {r: dice(expert.region(r), ours.region(r)) for r in REGIONS}
    return found


def kept_dices(runs: Path, case: HeldOut) -> dict[str, dict[str, float]]:
    """The same, read where they were found before."""
    name = f"{case.patient.subject}-{key_of_model(case.model)}.json"
    return kept(runs / "subsets" / name, lambda: dices(case))


def row_of(subset: Sequence[Modality], patients: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Mean Dice of each region with one subset, and its interval."""
    row: dict[str, Any] = {"sequences": name_of(subset), "n": len(patients)}
    for region in REGIONS:
        values = [p[name_of(subset)][region] for p in patients]
        ends = dict(zip(("dice", "low", "high"), bootstrap_mean(values, seed=SEED), strict=True))
        row |= {f"{region.lower()}_{name}": round(value, 4) for name, value in ends.items()}
    return row


def main() -> None:
    arguments = runs_parser(__doc__).parse_args()
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    cases = list(held_out(cohort, arguments.runs, arguments.folds))
    patients = [kept_dices(arguments.runs, case) for case in cases]
    rows = {subset: row_of(subset, patients) for subset in SUBSETS}
    without = rows[WITHOUT_FLAIR]
    path = store(
        "segmentation/subsets",
        command="python benchmarks/sequence_subsets.py RUNS --cohort cohort.tsv --root <data>",
        data=said(cases, arguments.folds),
        seed=SEED,
        figures={
            "wt_dice_without_flair": figure(
                without["wt_dice"],
                low=without["wt_low"],
                high=without["wt_high"],
                n=without["n"],
                unit="Dice",
            )
        },
        rows=list(rows.values()),
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
