"""The interval of a mean over folds, and what a gain over a baseline says.

An interval is drawn over patients and then widened, since the folds' models learn from each
other's patients. For a rule that scores by likeness to the patients of the other folds, a pair of
patients in different folds adds the same chance likeness to both folds; without a signal the
variance of the mean is thereby twice that of independent folds, whatever their number.
`benchmarks/judges.py` shows how often chance is excluded with and without this.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gliokit.evaluation.estimate import Estimate

__all__ = [
    "LEVEL",
    "NOT_BETTER",
    "NOT_DECIDED",
    "SHARED_TRAINING",
    "drawn_interval",
    "gain_interval",
    "gain_words",
    "widened",
]

NOT_BETTER = "not better than baseline"
NOT_DECIDED = "not decided: the gain has no interval"
LEVEL = 0.95

SHARED_TRAINING = 2.0
"""The variance of a mean over folds that learn from each other's patients, over that of others."""

AGREE = 1e-12
"""Draws that lie no further apart are the same: they tell nothing of how far off a mean may be."""


def drawn_interval(
    value: float,
    drawn: NDArray[np.float64],
    n: int,
    *,
    shared_training: bool,
    ends: tuple[float, float] = (0.0, 1.0),
) -> Estimate:
    """A mean with the 95 % interval of its draws; where all draws agree there is none (NaN).

    Args:
        value: Of all patients.
        drawn: (draws,), of patients drawn again.
        n: Patients.
        shared_training: Whether the models of the folds learnt from each other's patients.
        ends: Smallest and largest value that can be.
    """
    if np.ptp(drawn) < AGREE:
        return Estimate(value, math.nan, math.nan, n, "none: all draws agree")
    low, high = np.percentile(drawn, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    found = Estimate(value, min(float(low), value), max(float(high), value), n, "patient bootstrap")
    return widened(found, ends=ends) if shared_training else found


def gain_interval(
    value: float, drawn: NDArray[np.float64], n: int, *, shared_training: bool
) -> Estimate:
    """As `drawn_interval`, of a difference; one that is 0 in every draw is 0 to 0."""
    if max(abs(value), float(np.abs(drawn).max())) < AGREE:
        return Estimate(0.0, 0.0, 0.0, n, "no difference in any draw")
    return drawn_interval(value, drawn, n, shared_training=shared_training, ends=(-1.0, 1.0))


def widened(found: Estimate, *, ends: tuple[float, float] = (0.0, 1.0)) -> Estimate:
    """An estimate over independent folds as one over folds that learn from each other's patients.

    Source: Bengio and Grandvalet, JMLR 5 (2004) 1089, on folds that depend on each other.
    """
    wide = math.sqrt(SHARED_TRAINING)
    low, high = (found.value + wide * (end - found.value) for end in (found.low, found.high))
    return replace(found, low=max(low, ends[0]), high=min(high, ends[1]),
                   method=f"{found.method}, widened")  # fmt: skip


def gain_words(gain: Estimate) -> str:
    """What a table says of a gain over the best baseline; '' where its lower bound is above 0.

    A gain without an interval is said to be neither better nor not better.
    """
    if math.isnan(gain.low):
        return NOT_DECIDED
    return "" if gain.low > 0 else NOT_BETTER
