"""Does a network that learnt from digital patients alone find real tumours?

    gliokit phantom cohort -o DIGITAL --n 61 --seed 1 --spacing 1
    python benchmarks/phantom_training.py DIGITAL RUN --cohort cohort.tsv --root <data>

Trains RUN on the digital patients (what a killed run left goes on), judges it on every real
patient of the cohort, and writes results/phantom/digital_only.json, or another name of
`--name`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from digital_patients import digital_cohort
from record import store
from train_folds import PRECISIONS, recipe, say

from gliokit.analysis.segmentation_evaluation import evaluate_segmentation
from gliokit.evaluation import summarise_segmentations
from gliokit.learning.run import train_segmentation
from gliokit.study import read_cohort

SEED = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("digital", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--cohort", type=Path, required=True)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--precision", choices=PRECISIONS, default="f32")
    parser.add_argument("--name", default="digital_only", help="Of the stored run.")
    arguments = parser.parse_args()
    settings, run = recipe("digital", precision=arguments.precision), arguments.run
    learners = digital_cohort(arguments.digital)
    if not (run / "model" / "card.json").exists():
        train_segmentation(
            learners,
            run,
            settings=settings,
            resume=(run / "settings.json").exists(),
            progress=say,
        )
    real = read_cohort(arguments.cohort, root=arguments.root)
    found = evaluate_segmentation(real, model=run / "model", progress=say)
    assert all(case.averaged and case.seen is False for case in found.cases)
    summary = summarise_segmentations(
        [c.figures for c in found.cases], [c.group for c in found.cases], seed=SEED
    )
    path = store(
        f"phantom/{arguments.name}",
        command="python benchmarks/phantom_training.py DIGITAL RUN --cohort cohort.tsv "
        f"--root <data> --precision {settings.precision} --name {arguments.name}",
        data=f"{len(found.cases)} real patients of BraTS and BraTS-Africa by a coarse stage that "
        f"saw {len(learners.patients)} digital patients for {settings.steps} steps of "
        f"{settings.batch}, at {settings.spacing_mm} mm, in {settings.precision}, and no real one",
        seed=SEED,
        figures={name: value.as_json() for name, value in summary.items()},
        rows=[c.as_row() for c in found.cases],
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
