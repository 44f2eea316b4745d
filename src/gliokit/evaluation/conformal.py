"""Intervals that hold a new patient's value as often as they say, whatever the method behind.

Split conformal prediction: how far off a method was on patients that it had not learnt from,
in units of its own doubt, tells how far off it may be on the next one. It holds where the next
patient is drawn as those were, and over the draw of those too.

References:
    Vovk V, Gammerman A, Shafer G. Algorithmic Learning in a Random World. Springer, 2005.
    Lei J et al. J Am Stat Assoc 2018;113:1094. doi:10.1080/01621459.2017.1307116
"""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["conformal_p", "conformal_quantile", "reachable_level"]


def conformal_quantile(scores: Sequence[float], *, level: float) -> float:
    """The score that a new one stays at or below with a probability of `level` at least.

    Of n scores it is the ceil(level (n + 1))-th smallest; infinite where n is too small for
    the level.

    Args:
        scores: Of patients that stand for the new one; larger is further off.
        level: Between 0 and 1.

    Raises:
        ValueError: the level is not between 0 and 1, or a score is NaN.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1; got {level}")
    if any(math.isnan(s) for s in scores):
        raise ValueError("scores must be numbers; got NaN")
    # A little room for the rounding of the product, such as 0.9 (9 + 1) = 9.
    rank = math.ceil(level * (len(scores) + 1) - 1e-9)
    return sorted(scores)[rank - 1] if rank <= len(scores) else math.inf


def reachable_level(n: int, *, wanted: float) -> float:
    """The wanted level, or the highest that n scores can give: n / (n + 1).

    Raises:
        ValueError: there is no score.
    """
    if n < 1:
        raise ValueError(f"n must be 1 or more; got {n}")
    return min(wanted, n / (n + 1))


def conformal_p(scores: Sequence[float], score: float) -> float:
    """Share of all scores, the new one among them, that are as large as the new one.

    Small where the new one is stranger than what is known; uniform where it is drawn alike.

    Args:
        scores: Of those that are known.
        score: The new one.
    """
    return (1 + sum(s >= score for s in scores)) / (len(scores) + 1)
