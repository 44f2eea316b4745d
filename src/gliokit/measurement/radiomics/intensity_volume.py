"""Intensity-volume histogram (IBSI 1, 3.5; P88C)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics.settings import IntensityVolume, Resegmentation
from gliokit.measurement.radiomics.values import Values

__all__ = ["intensity_volume"]


def intensity_volume(
    intensities: NDArray[np.float64], settings: IntensityVolume, resegmentation: Resegmentation
) -> Values:
    """How much of a region has at least an intensity, and at which intensity.

    Args:
        intensities: (n,), at least one.
        settings: How the steps along intensity are made.
        resegmentation: Its range, if any, bounds the steps of `fixed_width`.
    """
    steps, bins = _steps(intensities, settings, resegmentation)
    counts = np.bincount(bins, minlength=len(steps))
    volume = 1 - np.concatenate([[0], np.cumsum(counts)[:-1]]) / len(intensities)
    length = steps[-1] - steps[0]
    fraction = (steps - steps[0]) / length if length > 0 else np.full(len(steps), np.nan)
    v10, v90 = (_volume_at(volume, fraction, f) for f in (0.1, 0.9))
    i10, i90 = (_intensity_at(volume, steps, f) for f in (0.1, 0.9))
    return {
        "ivh_v10": v10,
        "ivh_v90": v90,
        "ivh_i10": i10,
        "ivh_i90": i90,
        "ivh_diff_v10_v90": v10 - v90,
        "ivh_diff_i10_i90": i10 - i90,
        "ivh_auc": float(np.trapezoid(volume, fraction)) if length > 0 else np.nan,
    }


def _steps(
    x: NDArray[np.float64], settings: IntensityVolume, resegmentation: Resegmentation
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The intensity of each step, from low to high, and the step of each voxel."""
    low, high = float(x.min()), float(x.max())
    if settings.method == "fixed_number":
        if low == high:
            return np.ones(1), np.zeros(len(x), np.intp)
        bins = (settings.bins * (x - low) / (high - low)).astype(np.intp)
        return np.arange(1.0, settings.bins + 1), np.minimum(bins, settings.bins - 1)
    width = settings.width if settings.method == "fixed_width" else 1.0
    centre = 0.5 * width if settings.method == "fixed_width" else 0.0
    if resegmentation.range is not None:
        low, high = (
            float(bound) if np.isfinite(bound) else own
            for bound, own in zip(resegmentation.range, (low, high), strict=True)
        )
    bins = np.floor((x - low) / width).astype(np.intp)
    last = max(int(np.floor((high - low) / width)), int(bins.max()))
    return low + centre + width * np.arange(last + 1, dtype=np.float64), bins


def _volume_at(volume: NDArray[np.float64], fraction: NDArray[np.float64], least: float) -> float:
    """The largest volume fraction with at least an intensity fraction."""
    # A fraction such as 0.1 must be met where it is reached but for rounding.
    reached = fraction >= least - 1e-12
    return float(volume[reached].max()) if reached.any() else np.nan


def _intensity_at(volume: NDArray[np.float64], steps: NDArray[np.float64], most: float) -> float:
    """The least intensity that at most a fraction of the volume has."""
    reached = volume <= most + 1e-12
    # Where more than the fraction has the greatest intensity, the next step would be it.
    return float(steps[reached].min()) if reached.any() else float(2 * steps[-1] - steps[-2:][0])
