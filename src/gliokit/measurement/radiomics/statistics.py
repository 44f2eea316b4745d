"""Intensity statistics (IBSI 1, 3.3; UHIW), which the histogram has of its levels too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics.values import Values

__all__ = ["spread", "statistics"]


def statistics(intensities: NDArray[np.float64]) -> Values:
    """The 18 statistics of the intensities of a region.

    Args:
        intensities: (n,), at least one. Equal ones have skewness and kurtosis 0, as IBSI
            defines.
    """
    energy = float(intensities @ intensities)
    values = spread(intensities) | {
        "energy": energy,
        "rms": float(np.sqrt(energy / len(intensities))),
    }
    return {f"stat_{name}": value for name, value in values.items()}


def spread(x: NDArray[np.float64]) -> Values:
    """Mean, variance, ..., quartile coefficient: what intensities and levels share."""
    mean, variance, skewness, kurtosis = _moments(x)
    least, p10, p25, median, p75, p90, greatest = map(
        float, np.percentile(x, (0, 10, 25, 50, 75, 90, 100))
    )
    middle = x[(x >= p10) & (x <= p90)]
    quartiles = p75 + p25
    return {
        "mean": mean,
        "var": variance,
        "skew": skewness,
        "kurt": kurtosis,
        "median": median,
        "min": least,
        "p10": p10,
        "p90": p90,
        "max": greatest,
        "iqr": p75 - p25,
        "range": greatest - least,
        "mad": float(np.abs(x - mean).mean()),
        # Of two intensities neither lies between these percentiles.
        "rmad": float(np.abs(middle - middle.mean()).mean()) if len(middle) else np.nan,
        "medad": float(np.abs(x - median).mean()),
        "cov": float(np.sqrt(variance)) / mean if mean != 0 else np.nan,
        "qcod": (p75 - p25) / quartiles if quartiles != 0 else np.nan,
    }


def _moments(x: NDArray[np.float64]) -> tuple[float, float, float, float]:
    mean = float(x.mean())
    # Equal values have a mean that may differ from them by rounding.
    if x.min() == x.max():
        return float(x[0]), 0.0, 0.0, 0.0
    centred = x - mean
    square = centred * centred
    variance = float(square.mean())
    third = float((square * centred).mean())
    fourth = float((square * square).mean())
    return mean, variance, third / variance**1.5, fourth / variance**2 - 3
