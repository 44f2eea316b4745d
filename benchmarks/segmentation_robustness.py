"""How much Dice is lost when a study is not as it should be.

    python benchmarks/segmentation_robustness.py RUNS --cohort cohort.tsv --root ../shared/data

RUNS is what `train_folds.py` made. Eight patients, each by a network that never saw him; every
disturbance of `disturbances.py` is done to the images as published. Writes
results/segmentation/robustness.json: Dice as it was less Dice as it is, mean over the patients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from disturbances import DISTURBANCES, Disturbance
from held_out import HeldOut, chosen, held_out, runs_parser, said
from keeping import kept, key_of_model
from numpy.typing import NDArray
from record import figure, store

from gliokit.evaluation import bootstrap_mean, dice
from gliokit.preprocessing import prepare, reoriented, to_native
from gliokit.segmentation import segment
from gliokit.study import BRATS, Cohort, Grid, Modality, Study, Volume, read_cohort

PATIENTS = 8
REGIONS = ("WT", "TC", "ET")
SEED = 0


def disturbed(study: Study, disturbance: Disturbance | None, rng: np.random.Generator) -> Study:
    """The study, made worse."""
    if disturbance is None:
        return study
    images = {m: np.asarray(v.data) for m, v in study.volumes.items()}
    affine = next(iter(study.volumes.values())).grid.affine
    volumes = {}
    for modality, image in disturbance.images(images, rng).items():
        grid = Grid(image.shape, affine)
        volumes[Modality(modality)] = Volume.from_array(modality, grid, image)
    return replace(study, volumes=volumes)


def dices(
    case: HeldOut, study: Study, expert: NDArray[np.uint8], disturbance: Disturbance | None
) -> dict[str, float]:
    """Dice of each region on the grid of the images."""
    rng = np.random.default_rng([SEED, *case.patient.subject.encode()])
    prepared = prepare(disturbed(study, disturbance, rng))
    found = to_native(segment(prepared, case.model).label_map, prepared)
    if disturbance is not None and disturbance.labels is not None:
        expert = disturbance.labels(expert)
    return {r: dice(np.isin(expert, tuple(BRATS.regions[r])), found.region(r)) for r in REGIONS}


def judge(case: HeldOut) -> dict[str, dict[str, float]]:
    """Disturbance -> region -> Dice; '' is the study as it is."""
    study = case.patient.open_study().loaded()
    assert case.patient.open_label_map is not None
    grid = next(iter(study.volumes.values())).grid
    expert = np.asarray(reoriented(case.patient.open_label_map(), grid).data)
    found = {"": dices(case, study, expert, None)}
    for disturbance in DISTURBANCES:
        found[disturbance.name] = dices(case, study, expert, disturbance)
        print(case.patient.subject, disturbance.name, found[disturbance.name], flush=True)
    return found


def lost(found: list[dict[str, dict[str, float]]]) -> dict[str, Any]:
    """Mean Dice lost by region and disturbance, and the mean Dice before."""
    figures: dict[str, Any] = {}
    for region in REGIONS:
        before = [f[""][region] for f in found]
        mean, low, high = bootstrap_mean(before, seed=SEED)
        figures[f"{region.lower()}_dice"] = figure(
            mean, low=low, high=high, n=len(found), unit="Dice"
        )
    for disturbance in DISTURBANCES:
        for region in REGIONS:
            less = [f[""][region] - f[disturbance.name][region] for f in found]
            mean, low, high = bootstrap_mean(less, seed=SEED)
            figures[f"{region.lower()}_lost_{disturbance.name}"] = figure(
                mean, low=low, high=high, n=len(found), unit="Dice lost"
            )
    return figures


def rows(cases: list[HeldOut], found: list[dict[str, dict[str, float]]]) -> list[Mapping[str, Any]]:
    """One a patient and disturbance."""
    return [
        {
            "subject": case.patient.subject,
            "fold": case.fold,
            "disturbance": name or "none",
            **{f"{r.lower()}_dice": round(value, 4) for r, value in by_region.items()},
        }
        for case, of_case in zip(cases, found, strict=True)
        for name, by_region in of_case.items()
    ]


def run(cohort: Cohort, runs: Path, folds: int, patients: int) -> Path:
    everyone = list(held_out(cohort, runs, folds))
    cases = chosen(everyone, patients)
    found = []
    for case in cases:
        name = f"{case.patient.subject}-{key_of_model(case.model)}.json"
        found.append(kept(runs / "robustness" / name, lambda c=case: judge(c)))
    return store(
        "segmentation/robustness",
        command="python benchmarks/segmentation_robustness.py RUNS --cohort cohort.tsv "
        "--root <data>",
        data=said(cases, folds, of=everyone),
        seed=SEED,
        figures=lost(found),
        rows=rows(cases, found),
    )


def main() -> None:
    parser = runs_parser(__doc__)
    parser.add_argument("--patients", type=int, default=PATIENTS)
    arguments = parser.parse_args()
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    print(f"stored {run(cohort, arguments.runs, arguments.folds, arguments.patients)}")


if __name__ == "__main__":
    main()
