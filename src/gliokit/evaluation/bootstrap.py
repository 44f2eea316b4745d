"""Intervals by drawing patients again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["bootstrap_mean"]


def bootstrap_mean(
    values: Sequence[float], *, seed: int, draws: int = 10_000, level: float = 0.95
) -> tuple[float, float, float]:
    """Mean of one figure per patient with a percentile bootstrap interval.

    Args:
        values: One figure per patient; at least one.
        seed: Of the draws.
        draws: Samples with replacement, each of as many patients.
        level: Of the interval.

    Returns:
        Mean, lower and upper end.

    Raises:
        ValueError: there is no value.

    Source: Efron, Annals of Statistics 7 (1979) 1.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.size == 0:
        raise ValueError("values must hold at least one figure; got none")
    generator = np.random.default_rng(seed)
    means = sample[generator.integers(0, sample.size, (draws, sample.size))].mean(axis=1)
    low, high = np.percentile(means, [50 * (1 - level), 50 * (1 + level)])
    return float(sample.mean()), float(low), float(high)
