"""Axial slices through a region, of images of any kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gliokit.systems.inputs import Inputs
from gliokit.systems.native_images import Box, NativeImages, seen

__all__ = ["slices_of", "tumour_slices"]


def tumour_slices(
    patient: NativeImages,
    names: Sequence[str],
    *,
    region: str,
    count: int,
    side: int,
    spacing_mm: float,
) -> NDArray[np.float32]:
    """Slices of side x side points centred on a region, (count, name, side, side).

    They lie at evenly spaced quantiles of the region's voxels from below to above; one slice
    lies at the median. An absent image is 0.

    Raises:
        StudyError: the region is not drawn, or empty.
    """
    x, y, _ = patient.centre_mm(region)
    assert patient.drawn is not None
    drawn = patient.drawn.grid
    heights = drawn.to_mm(np.argwhere(patient.region(region, drawn)).astype(float))[:, 2]
    places = np.quantile(heights, (np.arange(count) + 0.5) / count)
    boxes = [Box((x, y, float(z)), (side, side, 1), spacing_mm) for z in places]
    return np.stack([patient.sampled(names, box)[..., 0] for box in boxes])


def slices_of(
    patients: Inputs,
    names: Sequence[str],
    *,
    region: str,
    count: int,
    side: int,
    spacing_mm: float,
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Slices of all patients, (slice, name, side, side), and whose each is, (slice,)."""
    found = [
        tumour_slices(p, names, region=region, count=count, side=side, spacing_mm=spacing_mm)
        for p in seen(patients)
    ]
    return np.concatenate(found), np.repeat(np.arange(len(found)), count)
