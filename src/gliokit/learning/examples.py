"""Labelled patients as arrays that a network can learn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.inference import DIGITAL
from gliokit.preprocessing import block_mean, channels, label_map_on, prepare
from gliokit.study import STRUCTURAL, Patient, StudyError

__all__ = ["ALL_DRAWN", "REGIONS", "Example", "check_labelled", "cut", "load_examples"]

REGIONS = ("WT", "TC", "ET")
ALL_DRAWN = (True, True, True)


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One patient on the grid that the network sees.

    Args:
        subject: Name of the patient.
        image: float16 (4, i, j, k), normalised, in the order of `STRUCTURAL`.
        regions: float16 (3, i, j, k), part of each voxel that belongs to WT, TC, ET; 0 of
            a region that the expert didn't draw.
        drawn: Which of them the expert drew: a mask of the whole tumour alone says nothing
            of the others, which is not that they are empty.
        digital: Whether nobody's: a patient of the simulator.
    """

    subject: str
    image: NDArray[np.float16]
    regions: NDArray[np.float16]
    drawn: tuple[bool, bool, bool] = ALL_DRAWN
    digital: bool = False


def load_examples(
    patients: Sequence[Patient],
    *,
    spacing_mm: int,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Example, ...]:
    """Read, prepare and coarsen all patients.

    Sequences that a patient lacks are 0, as in one who lost them by modality dropout; of a
    label map that does not know all regions, those that it knows count alone.

    Raises:
        StudyError: a patient has no expert label map.
    """
    return tuple(_load(patient, spacing_mm, progress) for patient in patients)


def check_labelled(patients: Sequence[Patient]) -> None:
    """Hold that everybody has an expert label map, before anybody's images are read.

    Raises:
        StudyError: a patient has none.
    """
    without = [p.subject for p in patients if p.open_label_map is None]
    if without:
        raise StudyError(
            "training needs an expert label map of every patient",
            source=without[0],
            found="none" if len(without) == 1 else f"none, nor of {len(without) - 1} others",
            way_out="Name it in the column 'seg', or take the patient out of the table.",
        )


def _load(patient: Patient, spacing_mm: int, progress: Callable[[str], None]) -> Example:
    check_labelled([patient])
    assert patient.open_label_map is not None
    prepared = prepare(patient.open_study())
    truth = label_map_on(patient.open_label_map(), prepared)
    wt, tc, et = (truth.knows(region) for region in REGIONS)
    if not wt:
        raise StudyError(
            "the whole tumour is drawn of every patient",
            source=patient.subject,
            found=f"labels '{truth.labels.name}'",
        )
    there = " and ".join(r for r in REGIONS if truth.knows(r))
    progress(f"reading {patient.subject}" + ("" if tc and et else f" (drawn: {there} alone)"))
    drawn = [truth.region(r) if truth.knows(r) else np.zeros(truth.data.shape) for r in REGIONS]
    regions = np.stack(drawn).astype(np.float32)
    image = block_mean(channels(prepared, STRUCTURAL), spacing_mm)
    return Example(
        patient.subject,
        image.astype(np.float16),
        block_mean(regions, spacing_mm).astype(np.float16),
        (wt, tc, et),
        patient.attributes.get("collection") == DIGITAL,
    )


def cut(
    example: Example, patch: tuple[int, int, int], corner: Sequence[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The patch of an example that begins at a corner; beyond the image it is 0."""
    cuts = []
    for array in (example.image, example.regions):
        out = np.zeros((array.shape[0], *patch), dtype=np.float32)
        there, here = [slice(None)], [slice(None)]
        for first, length, size in zip(corner, array.shape[1:], patch, strict=True):
            low, high = max(first, 0), min(first + size, length)
            there.append(slice(low, high))
            here.append(slice(low - first, high - first))
        out[tuple(here)] = array[tuple(there)]
        cuts.append(out)
    return cuts[0], cuts[1]
