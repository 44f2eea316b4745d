"""Seconds and noise of a digital patient's series, PET and CT.

    OMP_NUM_THREADS=1 python benchmarks/phantom_series.py

Writes results/phantom/series.json. Seconds are those of the processor (one core), so that
they don't depend on what else the machine does. Signal-to-noise ratios are measured from
pairs of frames of the noisy series, against what was asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from record import figure, store

from gliokit.phantom import make_patient
from gliokit.phantom.series import (
    DscProtocol,
    diffusion_table,
    make_bold,
    make_ct,
    make_dsc,
    make_dwi,
    make_fet_pet,
)

SEED, SPACING_MM = 7, 2.0


def timed(make: Callable[[], Any]) -> tuple[Any, float]:
    """What is made, and the processor's seconds."""
    began = time.process_time()
    made = make()
    return made, time.process_time() - began


def snr_of(first: np.ndarray, second: np.ndarray, clean: np.ndarray) -> float:
    """Mean of the noise-free image over the noise of two frames that differ by noise alone."""
    return float(clean.mean() / ((first - second).std() / np.sqrt(2)))


def main() -> None:
    patient, seconds = timed(lambda: make_patient(seed=SEED, spacing_mm=SPACING_MM))
    maps, brain, n = patient.maps, patient.maps.brain, int(patient.maps.brain.sum())
    figures = {"patient_with_four_sequences_2mm": figure(seconds, n=1, unit="s")}
    rows: list[dict[str, Any]] = []
    table = diffusion_table({1000.0: 64})
    two = diffusion_table({700.0: 32, 2000.0: 64}, unweighted=6)
    makers: dict[str, Callable[[], Any]] = {
        "dti_64_directions": lambda: make_dwi(maps, seed=SEED, table=table, snr=30.0),
        "dwi_two_shells_102_frames": lambda: make_dwi(maps, seed=SEED, table=two, snr=25.0),
        "dsc_60_frames": lambda: make_dsc(maps, seed=SEED, protocol=DscProtocol(), snr=50.0),
        "bold_200_frames": lambda: make_bold(maps, seed=SEED, frames=200, snr=80.0),
        "fet_pet": lambda: make_fet_pet(maps, seed=SEED),
        "ct": lambda: make_ct(maps, seed=SEED),
    }
    asked = {"dwi_two_shells_102_frames": 25.0, "dsc_60_frames": 50.0}
    for name, make in makers.items():
        made, seconds = timed(make)
        figures[f"{name}_2mm"] = figure(seconds, n=1, unit="s")
        row: dict[str, Any] = {"what": name, "seconds": round(seconds, 2)}
        if name in asked:
            data = made.series.data
            snr = snr_of(data[..., 0][brain], data[..., 1][brain], made.truth.s0[brain])
            figures[f"snr_of_{name}_asked_{asked[name]:g}"] = figure(snr, n=n, unit="ratio")
            row |= {"snr_asked": asked[name], "snr": round(snr, 3)}
        rows.append(row)
        print(row, flush=True)
    path = store(
        "phantom/series",
        command="OMP_NUM_THREADS=1 python benchmarks/phantom_series.py",
        data=f"One digital patient at {SPACING_MM:g} mm, {n} voxels of brain; "
        "seconds of the processor on one core",
        seed=SEED,
        figures=figures,
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
