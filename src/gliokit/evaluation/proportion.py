"""Shares of patients, with their intervals."""

from __future__ import annotations

import math
from statistics import NormalDist

__all__ = ["wilson_interval"]


def wilson_interval(right: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Lower and upper end of the score interval of a proportion.

    It stays between 0 and 1 and has a width at 0 and at n too.

    Args:
        right: Successes, 0 to n.
        n: Trials, at least one.
        level: Of the interval.

    Raises:
        ValueError: there is no trial, or `right` is not between 0 and n.

    Source: Wilson, J Am Stat Assoc 22 (1927) 209.
    """
    if n < 1 or not 0 <= right <= n:
        raise ValueError(f"right must lie between 0 and n, and n be 1 or more; got {right} of {n}")
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = right / n
    centre = share + z**2 / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    whole = 1 + z**2 / n
    low = 0.0 if right == 0 else (centre - half) / whole
    high = 1.0 if right == n else (centre + half) / whole
    return low, high
