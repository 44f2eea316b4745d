"""Gaps filled and columns scaled, by what the training fold holds."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Scaling", "fit_scaling"]


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """Medians for gaps, then means and standard deviations; each (p,)."""

    medians: NDArray[np.float64]
    means: NDArray[np.float64]
    spreads: NDArray[np.float64]

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Filled and scaled, (n, p); a column that never varied is 0."""
        filled = np.where(np.isnan(values), self.medians, values)
        varies = self.spreads > 0
        scaled = (filled - self.means) / np.where(varies, self.spreads, 1.0)
        return np.where(varies, scaled, 0.0)

    def to_json(self) -> dict[str, list[float]]:
        """As lists."""
        return {name: getattr(self, name).tolist() for name in ("medians", "means", "spreads")}

    @classmethod
    def from_json(cls, content: dict[str, list[float]]) -> Scaling:
        """What `to_json` gave."""
        return cls(*(np.array(content[name]) for name in ("medians", "means", "spreads")))


def fit_scaling(values: NDArray[np.float64]) -> Scaling:
    """Of the training fold, (n, p). A column without any value is filled with 0."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        medians = np.nan_to_num(np.nanmedian(values, axis=0))
    filled = np.where(np.isnan(values), medians, values)
    means, spreads = filled.mean(axis=0), filled.std(axis=0)
    # Rounding leaves a constant column of large numbers with a spread that is not quite 0.
    constant = spreads <= 1e-12 * np.maximum(np.abs(means), 1.0)
    return Scaling(medians, means, np.where(constant, 0.0, spreads))
