"""Digital patients that several benchmarks look at: made once, then read."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gliokit.phantom import make_patient
from gliokit.study import Grid, LabelMap, Study, Volume


class Made(NamedTuple):
    """A digital glioblastoma: its images and labels, and the processor's seconds to make it."""

    study: Study
    truth: LabelMap
    seconds: float


def digital(seed: int, keep: Path | None) -> Made:
    """The digital glioblastoma of a seed, kept in a folder where one is named.

    What is kept is that of the code that made it: empty the folder when the code changes.
    """
    path = None if keep is None else keep / f"digital-{seed:05d}.npz"
    if path is not None and path.exists():
        return _read(path)
    began = time.process_time()
    patient = make_patient(seed=seed)
    made = Made(patient.study, patient.truth, time.process_time() - began)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, made)
    return made


def _write(path: Path, made: Made) -> None:
    images = {m.value: v.data.astype(np.uint16) for m, v in made.study.volumes.items()}
    aside = path.with_name(f"part-{path.name}")
    np.savez(
        aside,
        affine=made.truth.grid.affine,
        labels=made.truth.data,
        seconds=made.seconds,
        **images,
    )
    aside.replace(path)


def _read(path: Path) -> Made:
    from gliokit.study import STRUCTURAL

    with np.load(path) as kept:
        labels = kept["labels"]
        grid = Grid(labels.shape, kept["affine"])
        volumes = {
            m: Volume.from_array(m, grid, kept[m.value].astype(np.float32)) for m in STRUCTURAL
        }
        study = Study(path.stem, volumes)
        return Made(study, LabelMap(grid, labels), float(kept["seconds"]))
