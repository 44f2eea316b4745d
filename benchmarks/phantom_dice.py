"""Does the shipped segmenter, trained on real patients alone, find digital tumours?

    OMP_NUM_THREADS=1 python benchmarks/phantom_dice.py --patients 30

Writes results/phantom/dice.json. The patients are glioblastomas as `make_patient` draws them
where nothing is asked: one focus, a ring, necrosis. Seconds are those of the processor.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from record import figure, store

from gliokit.evaluation import bootstrap_mean, dice
from gliokit.inference import Model, load_model
from gliokit.phantom import make_patient
from gliokit.preprocessing import prepare, to_native
from gliokit.segmentation import segment

REGIONS = ("WT", "TC", "ET")


def judge(seed: int, model: Model) -> dict[str, Any]:
    """Dice of each region of the digital patient of a seed, and the seconds to make him."""
    began = time.process_time()
    patient = make_patient(seed=seed)
    seconds = time.process_time() - began
    prepared = prepare(patient.study)
    found = to_native(segment(prepared, model).label_map, prepared)
    row: dict[str, Any] = {"seed": seed, "make_seconds": round(seconds, 2)}
    for region in REGIONS:
        truth = patient.truth.region(region)
        row[f"{region.lower()}_dice"] = round(dice(truth, found.region(region)), 4)
        row[f"{region.lower()}_ml"] = round(truth.sum() * patient.truth.grid.voxel_ml, 2)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=30)
    arguments = parser.parse_args()
    model = load_model()
    rows = []
    for seed in range(arguments.patients):
        rows.append(judge(seed, model))
        print(rows[-1], flush=True)
    figures = {}
    for region in REGIONS:
        key = f"{region.lower()}_dice"
        mean, low, high = bootstrap_mean([r[key] for r in rows], seed=0)
        figures[key] = figure(mean, low=low, high=high, n=len(rows), unit="Dice")
        figures[f"{key}_lowest"] = figure(min(r[key] for r in rows), n=len(rows), unit="Dice")
    seconds = [r["make_seconds"] for r in rows]
    figures["make_seconds"] = figure(sum(seconds) / len(rows), n=len(rows), unit="s")
    path = store(
        "phantom/dice",
        command="OMP_NUM_THREADS=1 python benchmarks/phantom_dice.py "
        f"--patients {arguments.patients}",
        data=f"digital glioblastomas of seeds 0 to {arguments.patients - 1}; model {model.title}",
        seed=0,
        figures=figures,
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
