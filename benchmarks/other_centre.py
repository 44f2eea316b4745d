"""How good is the segmenter at a centre that it never saw?

    python benchmarks/train_folds.py RUNS --cohort cohort.tsv --root <data> --other-centre
    python benchmarks/other_centre.py RUNS --cohort cohort.tsv --root <data>

RUNS holds one network for each collection, trained on every patient but those of it. Writes
results/segmentation/other_centre.json: each collection by the network that learnt from the
other alone.
"""

from __future__ import annotations

from held_out import part_of, runs_parser
from record import store
from train_folds import without

from gliokit.analysis.segmentation_evaluation import EvaluatedCase, evaluate_segmentation
from gliokit.evaluation import summarise_segmentations
from gliokit.study import read_cohort

SEED = 0


def main() -> None:
    arguments = runs_parser(__doc__, folds=False).parse_args()
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    cases: list[EvaluatedCase] = []
    for name, kept in without(cohort).items():
        part = part_of(cohort, kept)
        model = arguments.runs / f"{name}_fine" / "model"
        found = evaluate_segmentation(part, model=model, progress=print)
        assert all(case.averaged and case.seen is False for case in found.cases)
        cases += found.cases
    summary = summarise_segmentations(
        [c.figures for c in cases], [c.group for c in cases], seed=SEED
    )
    path = store(
        "segmentation/other_centre",
        command="python benchmarks/other_centre.py RUNS --cohort cohort.tsv --root <data>",
        data=f"{len(cases)} patients of BraTS and BraTS-Africa, each by a network that learnt "
        "from the other collection alone",
        seed=SEED,
        figures={name: value.as_json() for name, value in summary.items()},
        rows=[c.as_row() for c in cases],
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
