"""From the power of a few sizes to the number of patients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Needed", "needed_patients"]

DRAWS = 1000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Needed:
    """Patients for the power wanted; 0 where the smallest size is enough, infinite where the
    largest is not, NaN where no size has a study that tells."""

    patients: float
    low: float
    high: float
    sizes: tuple[int, int]

    def __str__(self) -> str:
        if math.isnan(self.patients):
            return "can't be computed"
        if self.low == self.high:
            return self._end(self.patients)
        return f"{self._end(self.patients)} ({self._end(self.low)} to {self._end(self.high)})"

    def _end(self, patients: float) -> str:
        if patients == 0:
            return f"{self.sizes[0]} or fewer"
        return f"more than {self.sizes[1]}" if math.isinf(patients) else f"{patients:.0f}"


def needed_patients(
    sizes: Sequence[int],
    shown: Sequence[int],
    studies: Sequence[int],
    *,
    wanted: float = 0.8,
    seed: int = 0,
) -> Needed:
    """The number of patients at which power reaches what is wanted, with a 95 % interval.

    Definition: power is made to rise with size (isotonic regression, weighted by studies) and
    read off between sizes on a logarithmic scale. The interval holds 95 % of what is read off
    when each size's power is drawn from Jeffreys' beta distribution of its studies, which has a
    width at 0 and at all of them too.

    Args:
        sizes: (k,), ascending.
        shown: (k,), studies of each size that show it.
        studies: (k,), all of them; a size with none is passed over.
        wanted: Between 0 and 1.
        seed: Of the draws.
    """
    told = np.array(studies) > 0
    right, total, size = (np.array(v, dtype=np.float64)[told] for v in (shown, studies, sizes))
    if not told.any():
        return Needed(math.nan, math.nan, math.nan, (sizes[0], sizes[-1]))
    draws = np.random.default_rng(seed).beta(right + 0.5, total - right + 0.5,
                                             size=(DRAWS, total.size))  # fmt: skip
    place = np.log(size)
    value = float(_reached(place, _rising((right / total)[None], total), wanted)[0])
    drawn = _reached(place, _rising(draws, total), wanted)
    ends = np.percentile(drawn, [50 * (1 - LEVEL), 50 * (1 + LEVEL)], method="nearest")
    return Needed(value, min(float(ends[0]), value), max(float(ends[1]), value),
                  (int(size[0]), int(size[-1])))  # fmt: skip


def _rising(shares: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Isotonic regression of each row, (draws, k), by its max-min formula."""
    k = weights.size
    means = np.full((len(shares), k, k), np.inf)
    for i in range(k):
        for j in range(i, k):
            part = slice(i, j + 1)
            means[:, i, j] = shares[:, part] @ weights[part] / weights[part].sum()
    least = np.minimum.accumulate(means[:, :, ::-1], axis=2)[:, :, ::-1]
    return np.stack([least[:, : j + 1, j].max(axis=1) for j in range(k)], axis=1)


def _reached(
    place: NDArray[np.float64], power: NDArray[np.float64], wanted: float
) -> NDArray[np.float64]:
    """Where each row reaches what is wanted; 0 before the first place, infinite beyond."""
    enough = power >= wanted
    j = enough.argmax(axis=1)
    rows, before = np.arange(len(power)), np.maximum(j - 1, 0)
    low, high = power[rows, before], power[rows, j]
    part = (wanted - low) / np.where(high > low, high - low, 1.0)
    read = np.exp(place[before] + part * (place[j] - place[before]))
    return np.where(~enough.any(axis=1), np.inf, np.where(j == 0, 0.0, read))
