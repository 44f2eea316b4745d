"""Does a network that learnt from digital patients alone find real tumours?

    gliokit phantom cohort -o DIGITAL --n 61 --seed 1 --spacing 1
    python benchmarks/phantom_training.py DIGITAL RUN --cohort cohort.tsv --root <data>

Trains RUN on the digital patients (what a killed run left goes on), judges it on every real
patient of the cohort, and writes results/phantom/digital_only.json.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import replace
from pathlib import Path

from record import store
from train_folds import recipe, say

from gliokit.analysis.segmentation_evaluation import evaluate_segmentation
from gliokit.evaluation import summarise_segmentations
from gliokit.learning.run import train_segmentation
from gliokit.study import Cohort, read_cohort

SEED = 0


def labelled(folder: Path) -> Path:
    """A table of the digital patients that are there, as a training takes them."""
    names = sorted(p.parent.name for p in folder.glob("sub-*/patient.json"))
    path = folder / "labelled.tsv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, delimiter="\t", lineterminator="\n")
        table.writerow(("subject_id", "study", "generation", "collection", "patient"))
        table.writerows((n, n, "2023", "digital", n) for n in names)
    return path


def digital_cohort(folder: Path) -> Cohort:
    """Digital patients with their true label maps; no name is a real patient's."""
    found = read_cohort(labelled(folder), root=folder)
    patients = tuple(replace(p, subject=f"digital-{p.subject}") for p in found.patients)
    return replace(found, patients=patients)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("digital", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--cohort", type=Path, required=True)
    parser.add_argument("--root", type=Path)
    arguments = parser.parse_args()
    settings, run = recipe("digital"), arguments.run
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
        "phantom/digital_only",
        command="python benchmarks/phantom_training.py DIGITAL RUN --cohort cohort.tsv "
        "--root <data>",
        data=f"{len(found.cases)} real patients of BraTS and BraTS-Africa by a coarse stage that "
        f"saw {len(learners.patients)} digital patients for {settings.steps} steps of "
        f"{settings.batch}, at {settings.spacing_mm} mm, and no real one",
        seed=SEED,
        figures={name: value.as_json() for name, value in summary.items()},
        rows=[c.as_row() for c in found.cases],
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
