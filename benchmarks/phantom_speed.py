"""How long does one core need for a digital patient, and two for a cohort of 200?

    OMP_NUM_THREADS=1 python benchmarks/phantom_speed.py --patients 3

Writes results/phantom/speed.json. A patient of a cohort is drawn, made with four sequences at
2 mm and written, as `gliokit phantom cohort` does; the time of 200 on two cores is 100 times
the mean of those measured, which holds while the two work on nothing else: patients are
independent of each other, and each worker starts once. Processor time is counted, not time
on the clock, so that other work on the machine doesn't; the process runs one thread.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from typing import Any

from record import figure, store

from gliokit.phantom import follow_up, make_patient
from gliokit.phantom.population import Population, write_population_patient


def timed(seed: int, spacing_mm: float) -> dict[str, Any]:
    """Seconds of one patient and of a follow-up of his."""
    began = time.process_time()
    patient = make_patient(seed=seed, spacing_mm=spacing_mm)
    made = time.process_time()
    follow_up(patient, visit="progression")
    later = time.process_time()
    return {
        "seed": seed,
        "spacing_mm": spacing_mm,
        "patient_seconds": round(made - began, 2),
        "follow_up_seconds": round(later - made, 2),
    }


def timed_of_cohort(count: int) -> list[dict[str, Any]]:
    """Seconds of each patient of a population, images and files."""
    population, rows = Population(seed=7), []
    with tempfile.TemporaryDirectory() as folder:
        for index in range(count):
            began = time.process_time()
            patient = population.patient(index)
            write_population_patient(f"{folder}/{index}", patient, spacing_mm=2.0)
            seconds = time.process_time() - began
            rows.append({"index": index, "spacing_mm": 2.0, "cohort_seconds": round(seconds, 2)})
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=3)
    parser.add_argument("--cohort-patients", type=int, default=6)
    arguments = parser.parse_args()
    if os.environ.get("OMP_NUM_THREADS") != "1":
        parser.error("set OMP_NUM_THREADS=1: the figure is that of one core")
    began = time.process_time()
    make_patient(seed=0, spacing_mm=5.0)
    first = time.process_time() - began
    rows = [timed(seed, mm) for mm in (1.0, 2.0) for seed in range(1, 1 + arguments.patients)]
    figures = {"first_in_process_5_mm": figure(first, n=1, unit="s of one core")}
    for mm in (1.0, 2.0):
        for what in ("patient", "follow_up"):
            seconds = [r[f"{what}_seconds"] for r in rows if r["spacing_mm"] == mm]
            figures[f"{what}_{mm:g}_mm"] = figure(
                sum(seconds) / len(seconds), low=min(seconds), high=max(seconds),
                n=len(seconds), unit="s of one core (lowest to highest)",
            )  # fmt: skip
    cohort = timed_of_cohort(arguments.cohort_patients)
    seconds = [r["cohort_seconds"] for r in cohort]
    mean = sum(seconds) / len(seconds)
    figures["patient_of_a_cohort_2_mm"] = figure(
        mean, low=min(seconds), high=max(seconds), n=len(seconds),
        unit="s of one core (lowest to highest)",
    )  # fmt: skip
    figures["cohort_of_200_at_2_mm_on_two_cores"] = figure(
        mean * 200 / 2 / 60, n=len(seconds), unit="min, extrapolated"
    )
    path = store(
        "phantom/speed",
        command=f"OMP_NUM_THREADS=1 python benchmarks/phantom_speed.py --patients "
        f"{arguments.patients} --cohort-patients {arguments.cohort_patients}",
        data=f"digital patients of seeds 1 to {arguments.patients}, and the first "
        f"{arguments.cohort_patients} of the population of seed 7",
        seed=1,
        figures=figures,
        rows=rows + cohort,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
