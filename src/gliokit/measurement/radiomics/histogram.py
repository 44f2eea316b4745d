"""Histogram of grey levels (IBSI 1, 3.4; ZVCW)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics.statistics import spread
from gliokit.measurement.radiomics.values import Values

__all__ = ["histogram"]


def histogram(levels: NDArray[np.int32], n_levels: int) -> Values:
    """The 23 features of the grey levels of a region.

    Args:
        levels: (n,), at least one, 1 to `n_levels`.
        n_levels: Bins of the histogram; empty ones count for the gradients.
    """
    values = spread(levels.astype(np.float64))
    counts = np.bincount(levels, minlength=n_levels + 1)[1:].astype(np.float64)
    p = counts[counts > 0] / counts.sum()
    values["mode"] = _mode(counts, values["mean"])
    values["entropy"] = float(-(p @ np.log2(p))) + 0.0
    values["uniformity"] = float(p @ p)
    values |= _gradients(counts)
    return {f"ih_{name}": value for name, value in values.items()}


def _mode(counts: NDArray[np.float64], mean: float) -> float:
    """The most frequent level; of several, the one closest to the mean, then the lowest."""
    often = np.flatnonzero(counts == counts.max()) + 1
    return float(often[np.argmin(np.abs(often - mean))])


def _gradients(counts: NDArray[np.float64]) -> Values:
    names = ("max_grad", "max_grad_g", "min_grad", "min_grad_g")
    if len(counts) < 2:
        return dict.fromkeys(names, np.nan)
    gradient = np.gradient(counts)
    rise, fall = int(np.argmax(gradient)), int(np.argmin(gradient))
    values = (gradient[rise], rise + 1, gradient[fall], fall + 1)
    return {name: float(v) for name, v in zip(names, values, strict=True)}
