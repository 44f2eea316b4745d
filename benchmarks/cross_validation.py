"""Judge the segmenter of every fold on the patients that it never saw.

    python benchmarks/cross_validation.py RUNS --cohort cohort.tsv --root ../shared/data

RUNS is what `train_folds.py` made. Writes results/segmentation/cross_validation.json. Where
folds are missing, the patients of those that are there are judged, and the stored run says
so.
"""

from __future__ import annotations

from pathlib import Path

from held_out import fold_of, not_trained, runs_parser
from record import store

from gliokit.analysis.segmentation_evaluation import EvaluatedCase, evaluate_segmentation
from gliokit.evaluation import summarise_segmentations
from gliokit.study import Cohort, read_cohort

SEED = 0


def judge(
    cohort: Cohort, runs: Path, folds: int
) -> tuple[list[tuple[int, EvaluatedCase]], list[int]]:
    """Every patient of the folds that are trained, by the network of his fold."""
    cases, done = [], []
    for number in range(1, folds + 1):
        model = runs / f"fold{number}_fine" / "model"
        if not (model / "card.json").exists():
            continue
        part = fold_of(cohort, number, folds)
        found = evaluate_segmentation(part, model=model, progress=print)
        assert all(c.averaged and c.seen is False for c in found.cases)
        cases += [(number, case) for case in found.cases]
        done.append(number)
        print(f"fold {number}: {found.data}", flush=True)
    return cases, done


def remark(cases: list[tuple[int, EvaluatedCase]], done: list[int], folds: int, said: str) -> str:
    text = f"BraTS and BraTS-Africa, {folds} folds by patient, each judged by a network that"
    absent = not_trained(done, folds)
    return f"{text} saw none of its patients: {len(cases)} patients{absent}{said}"


def whole(cases: list[tuple[int, EvaluatedCase]], data: str, command: str) -> Path:
    """Figures and rows."""
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


def main() -> None:
    parser = runs_parser(__doc__)
    parser.add_argument("--remark", default="", help="What else is to be known of the runs.")
    arguments = parser.parse_args()
    said = f"; {arguments.remark}" if arguments.remark else ""
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    command = "python benchmarks/cross_validation.py RUNS --cohort cohort.tsv --root <data>"
    cases, done = judge(cohort, arguments.runs, arguments.folds)
    path = whole(cases, remark(cases, done, arguments.folds, said), command)
    print(f"stored {path}")


if __name__ == "__main__":
    main()
