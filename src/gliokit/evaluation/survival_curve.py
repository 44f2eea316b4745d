"""Survival over time with censoring, and whether groups differ in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.estimate import Estimate

__all__ = ["LogRank", "SurvivalCurve", "censoring_curve", "kaplan_meier", "log_rank"]


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """A step curve: the share that survives each time of `time`, with pointwise intervals.

    Attributes:
        time: Distinct times of follow-up, ascending; before the first the share is 1.
        survival: Of the same length, from just after each time.
        low, high: Log-log intervals; at shares of 0 and 1 both are the share.
        at_risk: Just before each time.
        events: At each time.
        level: Of the intervals.
    """

    time: NDArray[np.float64]
    survival: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    level: float

    def at(self, times: ArrayLike) -> NDArray[np.float64]:
        """Survival at times.

        Raises:
            ValueError: a time beyond the last follow-up while some survive: nobody knows.
        """
        wanted = checks.finite(times, "times")
        if wanted.max() > self.time[-1] and self.survival[-1] > 0:
            raise ValueError(
                f"times must not exceed the last follow-up, {self.time[-1]:g}; got {wanted.max():g}"
            )
        return _steps(self.time, self.survival, wanted, side="right")

    def before(self, times: ArrayLike) -> NDArray[np.float64]:
        """Survival just before times."""
        return _steps(self.time, self.survival, checks.finite(times, "times"), side="left")

    @property
    def median(self) -> Estimate:
        """The first time at which half have had the event; infinite where it is not reached.

        The interval holds the times at which the interval of the curve crosses one half.
        """
        value, low, high = (
            _first(self.time, curve <= 0.5) for curve in (self.survival, self.low, self.high)
        )
        n = int(self.at_risk[0])
        return Estimate(value, min(low, value), max(high, value), n, "log-log", self.level)


@dataclass(frozen=True, slots=True)
class LogRank:
    """Observed and expected events of each group, and the test that all have one hazard."""

    chi2: float
    degrees: int
    p: float
    observed: tuple[int, ...]
    expected: tuple[float, ...]


def kaplan_meier(times: ArrayLike, events: ArrayLike, *, level: float = 0.95) -> SurvivalCurve:
    """Kaplan and Meier's estimate with Greenwood's variance on the log-log scale.

    Without an event the share stays 1.

    Args:
        times: (n,), of follow-up, not negative.
        events: (n,), 1 where it ended with the event, 0 where it was censored.
        level: Of the pointwise intervals.

    Raises:
        ValueError: negative times, events other than 0 and 1, other lengths.

    Source: Kaplan and Meier, JASA 53 (1958) 457; Kalbfleisch and Prentice 1980, chapter 1.
    """
    from scipy.stats import norm

    time, event = checks.times_and_events(times, events)
    known, at_risk, died = _table(time, event)
    survival = np.asarray(np.cumprod(1 - died / at_risk), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(died / (at_risk * (at_risk - died)))
        spread = np.sqrt(greenwood) / np.abs(np.log(survival))
    z = float(norm.ppf(0.5 + checks.fraction(level, "level") / 2))
    inner = (survival > 0) & (survival < 1)
    low, high = survival.copy(), survival.copy()
    low[inner] = survival[inner] ** np.exp(z * spread[inner])
    high[inner] = survival[inner] ** np.exp(-z * spread[inner])
    return SurvivalCurve(known, survival, low, high, at_risk, died, level)


def censoring_curve(times: ArrayLike, events: ArrayLike) -> SurvivalCurve:
    """The share not yet censored: Kaplan and Meier's curve of censoring.

    At a time with both, events come before censorings, so those who had the event there are
    not at risk of being censored. Arguments and errors as of `kaplan_meier`.
    """
    time, event = checks.times_and_events(times, events)
    known, at_risk, died = _table(time, event)
    left = np.bincount(np.searchsorted(known, time[~event]), minlength=known.size)
    exposed = at_risk - died
    lost = np.divide(left, exposed, out=np.zeros(known.size), where=exposed > 0)
    share = np.asarray(np.cumprod(1 - lost), dtype=np.float64)
    return SurvivalCurve(known, share, share, share, exposed, left, 0.95)


def log_rank(
    times: ArrayLike, events: ArrayLike, groups: ArrayLike, *, strata: ArrayLike | None = None
) -> LogRank:
    """Whether groups differ in survival: the log-rank test, within strata where given.

    Args:
        times: (n,), of follow-up.
        events: (n,), 0 or 1.
        groups: (n,), names or numbers, at least two different.
        strata: (n,), each compared within itself (centre, grade).

    Raises:
        ValueError: one group, no event, a group that is never at risk with another, other
            lengths.

    Source: Mantel 1966; Peto and Peto, JRSS A 135 (1972) 185.
    """
    from scipy.stats import chi2

    time, event = checks.times_and_events(times, events)
    names, code = np.unique(np.asarray(groups), return_inverse=True)
    stratum = np.zeros(time.size) if strata is None else np.asarray(strata)
    checks.same_length(times=time, groups=code, strata=stratum)
    if names.size < 2:
        raise ValueError(f"groups must be at least 2 different ones; got {names.size}")
    if not event.any():
        raise ValueError("events must hold at least one event; got none")
    observed, expected = np.zeros(names.size), np.zeros(names.size)
    covariance = np.zeros((names.size, names.size))
    for s in np.unique(stratum):
        k = stratum == s
        parts = _log_rank_parts(time[k], event[k], code[k], names.size)
        observed, expected, covariance = (
            a + b for a, b in zip((observed, expected, covariance), parts, strict=True)
        )
    gap, spread = (observed - expected)[1:], covariance[1:, 1:]
    if np.linalg.matrix_rank(spread) < names.size - 1:
        raise ValueError("each group must be at risk together with another at some event")
    statistic = float(gap @ np.linalg.solve(spread, gap))
    degrees = names.size - 1
    return LogRank(
        statistic,
        degrees,
        float(chi2.sf(statistic, degrees)),
        tuple(int(o) for o in observed),
        tuple(float(e) for e in expected),
    )


def _log_rank_parts(
    time: NDArray[np.float64], event: NDArray[np.bool_], code: NDArray[np.intp], groups: int
) -> Sequence[NDArray[np.float64]]:
    """Observed and expected events of each group, and their covariance, of one stratum."""
    at = np.unique(time[event])
    last = np.searchsorted(at, time, side="right")
    entered, died = np.zeros((at.size + 1, groups)), np.zeros((at.size, groups))
    np.add.at(entered, (last, code), 1)
    # A patient is at risk at every event time up to his own.
    risk = np.cumsum(entered[::-1], axis=0)[::-1][1:]
    np.add.at(died, (np.searchsorted(at, time[event]), code[event]), 1)
    total, deaths = risk.sum(1), died.sum(1)
    share = risk / total[:, None]
    factor = deaths * (total - deaths) / np.maximum(total - 1, 1)
    covariance = np.diag(factor @ share) - (share * factor[:, None]).T @ share
    return died.sum(0), (share * deaths[:, None]).sum(0), covariance


def _table(
    time: NDArray[np.float64], event: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    known, code, count = np.unique(time, return_inverse=True, return_counts=True)
    at_risk = time.size - np.concatenate([[0], np.cumsum(count)[:-1]])
    died = np.bincount(code, weights=event, minlength=known.size).astype(np.int64)
    return known, at_risk, died


def _steps(
    time: NDArray[np.float64],
    share: NDArray[np.float64],
    wanted: NDArray[np.float64],
    *,
    side: str,
) -> NDArray[np.float64]:
    place = np.searchsorted(time, wanted, side="right" if side == "right" else "left")
    found: NDArray[np.float64] = np.concatenate([[1.0], share])[place]
    return found


def _first(time: NDArray[np.float64], reached: NDArray[np.bool_]) -> float:
    return float(time[int(np.argmax(reached))]) if reached.any() else math.inf
