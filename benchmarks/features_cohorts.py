"""Features of the 45 BraTS and the 108 LGG patients, one command each; how robust they are.

    python benchmarks/features_cohorts.py ../shared/data runs/features runs/holdout/model

Writes results/measurement/features.json. The second folder takes cohort tables, the LGG
images as NIfTI, and the feature tables; what is done in it is not done again. LGG images show
heads, name no voxel size (lengths are in voxels) and have one region; a sequence that is a
copy of FLAIR is left out. Robustness is that of FLAIR in the whole tumour of every fourth
BraTS patient; masks are compared for the patients that the network of the third folder has
not seen.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from record import figure, store
from segmentation_cohort import rows_of

from gliokit.features import RobustnessRow, read_robustness
from gliokit.inference import load_model

LEVELS = (0.75, 0.9)


def write_table(path: Path, rows: list[dict[str, str]]) -> Path:
    """A cohort table."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def unpack_lgg(data: Path, work: Path) -> Path:
    """The LGG cohort as NIfTI and its table."""
    folder = work / "lgg"
    if not folder.is_dir():
        aside = work / "lgg.part"
        subprocess.run(
            [sys.executable, data / "lgg" / "unpack.py", aside, "--form", "nifti"], check=True
        )
        aside.rename(folder)
    with (data / "lgg" / "patients.csv").open(encoding="utf-8") as stream:
        known = {line["patient"]: line for line in csv.DictReader(stream)}
    rows = []
    for patient in sorted(p.name for p in folder.iterdir()):
        copies = {c for c in ("pre", "post") if known[patient][f"{c}_is_copy_of_flair"] == "1"}
        columns = {"t1": "pre", "t1c": "post", "flair": "flair", "seg": "mask"}
        files = {
            column: "n/a" if name in copies else f"lgg/{patient}/{name}.nii.gz"
            for column, name in columns.items()
        }
        rows.append({"subject_id": patient, **files, "generation": "whole-tumour"})
    return write_table(work / "lgg.tsv", rows)


def run(table: Path, root: Path, out: Path, *options: str) -> dict[str, Any]:
    """One command of `gliokit features`; gives what it wrote beside its table."""
    command = [
        Path(sys.executable).with_name("gliokit"), "features", "--cohort", table, "--root", root,
        "-o", out, "--workers", "1", "--overwrite", *options,
    ]  # fmt: skip
    subprocess.run(command, check=True)
    return dict(json.loads(out.with_suffix(".json").read_text(encoding="utf-8")))


def cohort_figures(name: str, table: Path, root: Path, work: Path, *options: str) -> dict[str, Any]:
    """Patients, failures, features and run time of a cohort."""
    out = work / f"{name}.tsv"
    record = run(table, root, out, *options)
    with out.open(encoding="utf-8") as stream:
        columns = stream.readline().rstrip("\n").split("\t")
    count, values = record["patients"], len(columns) - 5
    total = count + len(record["failures"])
    seconds = record["seconds"]
    return {
        f"{name}_patients": figure(count, n=total, unit="patients"),
        f"{name}_failed": figure(len(record["failures"]), n=total, unit="patients"),
        f"{name}_features": figure(values, n=count, unit="values a patient"),
        f"{name}_seconds": figure(round(seconds["patients"], 0), n=count, unit="s"),
        f"{name}_processor_seconds": figure(
            round(seconds["patients_processor"], 0), n=count, unit="s"
        ),
        f"{name}_processor_seconds_a_patient": figure(
            round(seconds["patients_processor"] / max(count, 1), 1), n=count, unit="s"
        ),
    }


def agreement(name: str, table: Path, data: Path, work: Path, *options: str) -> dict[str, Any]:
    """Agreement of FLAIR's features in the whole tumour."""
    out = work / f"{name}.tsv"
    chosen = ("--regions", "wt", "--sequences", "flair", *options)
    run(table, data, out, *chosen, "--robustness", name)
    return robust_figures(name, read_robustness(out))


def robust_figures(name: str, rows: tuple[RobustnessRow, ...]) -> dict[str, Any]:
    """Of each kind of change, the median ICC(2,1) and how many features are robust."""
    figures = {}
    for change in dict.fromkeys(r.change for r in rows):
        known = [r for r in rows if r.change == change and np.isfinite(r.icc_agreement)]
        coefficients = [r.icc_agreement for r in known]
        low, middle, high = (float(p) for p in np.percentile(coefficients, (25, 50, 75)))
        n = len(known)
        key = f"{name}_{change}"
        figures[f"{key}_icc"] = figure(middle, low=low, high=high, n=n, unit="ICC(2,1)")
        for level in LEVELS:
            kept = sum(r.icc_agreement_low >= level for r in known)
            figures[f"{key}_robust_{level:g}"] = figure(100 * kept / n, n=n, unit="% of features")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("model", type=Path)
    arguments = parser.parse_args()
    data, work = arguments.data.resolve(), arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    brats = rows_of(data)
    seen = {p.subject for p in load_model(arguments.model).card.trained_on}
    tables = {
        "brats": write_table(work / "brats.tsv", brats),
        "some": write_table(work / "some.tsv", brats[::4]),
        "unseen": write_table(
            work / "unseen.tsv", [r for r in brats if r["subject_id"] not in seen]
        ),
    }
    lgg = unpack_lgg(data, work)
    model = ("--model", str(arguments.model.resolve()))
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "BraTS and BraTS-Africa: 45 patients, WT, TC, ET, four sequences": (
            lambda: cohort_figures("brats", tables["brats"], data, work)
        ),
        "LGG: 108 patients, one region, up to three sequences, whole heads, lengths in voxels": (
            lambda: cohort_figures("lgg", lgg, work, work, "--head")
        ),
        "perturbations: every fourth BraTS patient": (
            lambda: agreement("perturbations", tables["some"], data, work)
        ),
        "masks: of experts and of a network, patients that it has not seen": (
            lambda: agreement("masks", tables["unseen"], data, work, *model)
        ),
    }
    figures: dict[str, Any] = {}
    for count, measured in enumerate(parts.values(), start=1):
        figures |= measured()
        # What takes long is stored part by part.
        path = store(
            "measurement/features",
            command="python benchmarks/features_cohorts.py DATA runs/features MODEL",
            data=f"{'; '.join(list(parts)[:count])}; agreement is of FLAIR in the whole tumour, "
            "icc its median and quartiles over features; one process on a busy machine, so that "
            "processor seconds are what counts",
            seed=0,
            figures=figures,
            rows=[],
        )
        print(f"stored {path}", flush=True)


if __name__ == "__main__":
    main()
