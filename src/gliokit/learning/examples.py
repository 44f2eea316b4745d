"""Labelled patients as arrays that a network can learn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.preprocessing import block_mean, channels, label_map_on, prepare
from gliokit.study import STRUCTURAL, Patient, StudyError

__all__ = ["REGIONS", "Example", "cut", "load_examples"]

REGIONS = ("WT", "TC", "ET")


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One patient on the grid that the network sees.

    Args:
        subject: Name of the patient.
        image: float16 (4, i, j, k), normalised, in the order of `STRUCTURAL`.
        regions: float16 (3, i, j, k), part of each voxel that belongs to WT, TC, ET.
    """

    subject: str
    image: NDArray[np.float16]
    regions: NDArray[np.float16]


def load_examples(
    patients: Sequence[Patient],
    *,
    spacing_mm: int,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Example, ...]:
    """Read, prepare and coarsen all patients.

    Raises:
        StudyError: a patient has no expert label map.
    """
    examples = []
    for patient in patients:
        if patient.open_label_map is None:
            raise StudyError(
                "training needs an expert label map of every patient", source=patient.subject
            )
        progress(f"reading {patient.subject}")
        prepared = prepare(patient.open_study())
        truth = label_map_on(patient.open_label_map(), prepared)
        regions = np.stack([truth.region(r) for r in REGIONS]).astype(np.float32)
        image = block_mean(channels(prepared, STRUCTURAL), spacing_mm)
        examples.append(
            Example(
                patient.subject,
                image.astype(np.float16),
                block_mean(regions, spacing_mm).astype(np.float16),
            )
        )
    return tuple(examples)


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
