"""Intensities to grey levels (IBSI 1, 2.7)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics.settings import Discretisation, Resegmentation
from gliokit.study import StudyError

__all__ = ["MOST_LEVELS", "discretise"]

MOST_LEVELS = 4096
"""More grey levels than this would fill memory, and say nothing about texture."""


def discretise(
    intensities: NDArray[np.float64], settings: Discretisation, resegmentation: Resegmentation
) -> tuple[NDArray[np.int32], int]:
    """Grey levels from 1 upwards, and how many there are.

    Args:
        intensities: (n,), at least one.
        settings: The method.
        resegmentation: Its lower end is where bins of a fixed width begin.

    Raises:
        StudyError: More than 4096 levels, or intensities that aren't whole numbers from 1
            upwards with the method 'none'.
    """
    if settings.method == "fixed_number":
        return _fixed_number(intensities, settings.bins)
    if settings.method == "none":
        return _as_they_are(intensities)
    return _fixed_width(intensities, settings, resegmentation)


def _fixed_number(x: NDArray[np.float64], bins: int) -> tuple[NDArray[np.int32], int]:
    low, high = x.min(), x.max()
    if low == high:
        return np.ones(len(x), np.int32), 1
    levels = np.floor(bins * (x - low) / (high - low)).astype(np.int32) + 1
    return np.minimum(levels, bins), bins


def _fixed_width(
    x: NDArray[np.float64], settings: Discretisation, resegmentation: Resegmentation
) -> tuple[NDArray[np.int32], int]:
    width, start = settings.width, float(x.min())
    if settings.start == "zero":
        start = float(np.floor(start / width)) * width
    elif settings.start != "minimum":
        start = float(settings.start)
    elif resegmentation.range is not None and np.isfinite(resegmentation.range[0]):
        start = resegmentation.range[0]
    levels = np.floor((x - start) / width) + 1
    if levels.max() > MOST_LEVELS:
        raise StudyError(
            f"discretisation must give at most {MOST_LEVELS} grey levels",
            source="image",
            found=f"{levels.max():.0f} of width {width:g}",
            way_out="Take a larger width, or the method 'fixed_number'.",
        )
    levels = np.maximum(levels, 1).astype(np.int32)
    return levels, int(levels.max())


def _as_they_are(x: NDArray[np.float64]) -> tuple[NDArray[np.int32], int]:
    if x.min() < 1 or x.max() > MOST_LEVELS or (x != np.rint(x)).any():
        raise StudyError(
            f"without discretisation intensities must be whole numbers from 1 to {MOST_LEVELS}",
            source="image",
            found=f"{x.min():g} to {x.max():g}",
            way_out="Take the method 'fixed_number' or 'fixed_width'.",
        )
    return x.astype(np.int32), int(x.max())
