"""How long does one core need for a digital patient, and two for a cohort of 200?

    OMP_NUM_THREADS=1 python benchmarks/phantom_speed.py --patients 3
    OMP_NUM_THREADS=1 python benchmarks/phantom_speed.py --only-series 4

Writes results/phantom/speed.json. Of a patient and his follow-up processor time is counted,
not time on the clock, so that other work on the machine doesn't; the process runs one thread.
The cohort is made by `gliokit phantom cohort` with two workers, files and all, and timed by
the clock: let nothing else run. The second command adds what a patient of a cohort with DTI and
DSC costs one core, compressing included, and leaves the other figures as they are stored.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from record import RESULTS, figure, store

from gliokit.phantom import follow_up, make_patient

WORKERS = 2


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


def minutes_of_cohort(count: int) -> float:
    """Minutes by the clock until a cohort at 2 mm, four sequences each, lies on disk."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "cohort"
        asked = f"phantom cohort --n {count} --spacing 2 --seed 7 --workers {WORKERS} -o".split()
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "gliokit", *asked, str(out)], check=True)
        minutes = (time.perf_counter() - began) / 60
        assert len(list(out.glob("sub-*/patient.json"))) == count
    return minutes


def seconds_with_series(count: int) -> float:
    """Processor seconds a patient until a cohort with DTI and DSC lies on disk, one worker."""
    asked = ["--spacing", "2", "--modalities", "t1c,flair,dti,dsc", "--effect", "idh=1.0"]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "cohort"
        began = _of_children()
        subprocess.run(
            [sys.executable, "-m", "gliokit", "phantom", "cohort", "--n", str(count), *asked,
             "--seed", "7", "--workers", "1", "-o", str(out)],
            check=True,
        )  # fmt: skip
        seconds = _of_children() - began
        assert len(list(out.glob("sub-*/series/*dsc*.nii.gz"))) == count
    return seconds / count


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def add_series(count: int) -> Path:
    """Put seconds with series beside the figures that are stored."""
    stored = json.loads((RESULTS / "phantom/speed.json").read_text(encoding="utf-8"))
    command, data = (stored[key].split("; with series: ")[0] for key in ("command", "data"))
    added = figure(
        seconds_with_series(count), n=count, unit="s of one core (the start of the program shared)"
    )
    return store(
        "phantom/speed",
        command=f"{command}; with series: the same with --only-series {count}",
        data=f"{data}; with series: its first {count}, T1C, FLAIR, DTI and DSC, files compressed",
        seed=stored["seed"],
        figures=stored["figures"] | {"cohort_patient_with_dti_and_dsc_2_mm": added},
        rows=stored["rows"],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=3)
    parser.add_argument("--cohort-patients", type=int, default=200)
    parser.add_argument("--only-series", type=int, default=0)
    arguments = parser.parse_args()
    if os.environ.get("OMP_NUM_THREADS") != "1":
        parser.error("set OMP_NUM_THREADS=1: the figure is that of one core")
    if arguments.only_series:
        print(f"stored {add_series(arguments.only_series)}")
        return
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
    count = arguments.cohort_patients
    figures[f"cohort_of_{count}_at_2_mm_on_two_cores"] = figure(
        minutes_of_cohort(count), n=count, unit="min on the clock"
    )
    path = store(
        "phantom/speed",
        command=f"OMP_NUM_THREADS=1 python benchmarks/phantom_speed.py --patients "
        f"{arguments.patients} --cohort-patients {count}",
        data=f"digital patients of seeds 1 to {arguments.patients}, and the first {count} of the "
        "population of seed 7",
        seed=1,
        figures=figures,
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
