"""The held-out patients of a training run, judged one by one.

    python benchmarks/first_light.py RUN --cohort cohort.tsv --root ../shared/data

Writes results/segmentation/first_light.json. RUN is the folder of
`gliokit train segmentation --hold-out 9`; nobody else's figures are taken.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path
from typing import Any

from record import figure, store

from gliokit.evaluation import bootstrap_mean, dice, hd95_mm
from gliokit.inference import Model, load_model
from gliokit.preprocessing import prepare, to_native
from gliokit.segmentation import segment
from gliokit.study import Patient, read_cohort

REGIONS = ("WT", "TC", "ET")
SEED = 0


def judge(patient: Patient, model: Model) -> dict[str, Any]:
    """Every figure of one patient, on the grid of the expert's label map."""
    assert patient.open_label_map is not None
    truth = patient.open_label_map()
    prepared = prepare(patient.open_study())
    found = to_native(segment(prepared, model).label_map, prepared)
    row: dict[str, Any] = {
        "subject": patient.subject,
        "collection": patient.attributes["collection"],
    }
    for region in REGIONS:
        expert, ours = truth.region(region), found.region(region)
        key = region.lower()
        distance = hd95_mm(expert, ours, truth.grid.spacing_mm)
        row[f"{key}_dice"] = round(dice(expert, ours), 4)
        row[f"{key}_hd95_mm"] = None if distance is None else round(distance, 2)
        row[f"{key}_expert_ml"] = round(expert.sum() * truth.grid.voxel_ml, 3)
        row[f"{key}_found_ml"] = round(ours.sum() * truth.grid.voxel_ml, 3)
    return row


def summarise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean Dice of each region, of all patients and of each collection."""
    figures = {}
    groups = {"": rows}
    for collection in sorted({r["collection"] for r in rows}):
        name = "_" + collection.lower().replace("-", "_")
        groups[name] = [r for r in rows if r["collection"] == collection]
    for suffix, group in groups.items():
        for region in REGIONS:
            key = f"{region.lower()}_dice"
            mean, low, high = bootstrap_mean([r[key] for r in group], seed=SEED)
            figures[key + suffix] = figure(mean, low=low, high=high, n=len(group), unit="Dice")
    present = [r["et_dice"] for r in rows if r["et_expert_ml"] >= 1]
    mean, low, high = bootstrap_mean(present, seed=SEED)
    figures["et_dice_where_1_ml"] = figure(mean, low=low, high=high, n=len(present), unit="Dice")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--cohort", type=Path, required=True)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--remark", default="", help="What else is to be known of the run.")
    arguments = parser.parse_args()
    patients = json.loads((arguments.run / "patients.json").read_text(encoding="utf-8"))
    seen = {p["subject"] for p in patients["trained_on"]}
    model = load_model(arguments.run / "model")
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    rows = []
    for patient in cohort.patients:
        if patient.subject in patients["held_out"]:
            assert patient.subject not in seen
            rows.append(judge(patient, model))
            print(rows[-1], flush=True)
    path = store(
        "segmentation/first_light",
        command="python " + shlex.join([str(Path(sys.argv[0])), *sys.argv[1:]]),
        data=f"BraTS and BraTS-Africa: {len(seen)} patients learnt from, {len(rows)} held out"
        + (f"; {arguments.remark}" if arguments.remark else ""),
        seed=SEED,
        figures=summarise(rows),
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
