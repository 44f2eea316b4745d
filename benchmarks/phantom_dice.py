"""Does a segmenter that was trained on real patients alone find digital tumours?

    OMP_NUM_THREADS=1 python benchmarks/phantom_dice.py --patients 30 --model RUNS/fold1_fine/model

Writes results/phantom/dice.json. The patients are glioblastomas as `make_patient` draws them
where nothing is asked: one focus, a ring, necrosis. Seconds are those of the processor.
"""

from __future__ import annotations

import argparse
import json
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from phantom_patients import digital
from record import figure, store

from gliokit.evaluation import bootstrap_mean, dice
from gliokit.inference import Model, load_model
from gliokit.preprocessing import prepare, to_native
from gliokit.segmentation import segment

REGIONS = ("WT", "TC", "ET")


@cache
def model(folder: str) -> Model:
    found = load_model(folder)
    assert not found.card.digital_patients, "it has learnt from digital patients"
    return found


def judge(seed: int, folder: str, keep: Path | None) -> dict[str, Any]:
    """Dice of each region of the digital patient of a seed, and the seconds to make him."""
    kept = None if keep is None else keep / f"dice-{seed:05d}.json"
    if kept is not None and kept.exists():
        row: dict[str, Any] = json.loads(kept.read_text())
        return row
    made = digital(seed, keep)
    prepared = prepare(made.study)
    found = to_native(segment(prepared, model(folder)).label_map, prepared)
    row = {"seed": seed, "make_seconds": round(made.seconds, 2)}
    for region in REGIONS:
        truth = made.truth.region(region)
        row[f"{region.lower()}_dice"] = round(float(dice(truth, found.region(region))), 4)
        row[f"{region.lower()}_ml"] = round(float(truth.sum() * made.truth.grid.voxel_ml), 2)
    if kept is not None:
        kept.write_text(json.dumps(row))
    print(row, flush=True)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=30)
    parser.add_argument("--model", required=True, help="that saw no digital patient")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder in which made patients are kept")
    arguments = parser.parse_args()
    with get_context("spawn").Pool(arguments.workers) as pool:
        rows = pool.map(
            partial(judge, folder=arguments.model, keep=arguments.keep),
            range(arguments.patients),
            1,
        )
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
        f"--patients {arguments.patients} --model RUNS/fold1_fine/model",
        data=f"digital glioblastomas of seeds 0 to {arguments.patients - 1}; model "
        f"{model(arguments.model).title}",
        seed=0,
        figures=figures,
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
