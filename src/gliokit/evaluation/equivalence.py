"""Whether two measurements are equal but for a margin that doesn't matter: TOST."""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from gliokit.evaluation import checks
from gliokit.evaluation.estimate import Estimate

__all__ = ["Equivalence", "tost", "tost_paired"]


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Two one-sided tests against a margin; p is the larger of both.

    Attributes:
        difference: With the interval of level 1 - 2 alpha, which lies within the margin
            exactly where p < alpha.
        p_lower: Of the hypothesis that the difference is -margin or less.
        p_upper: That it is +margin or more.
    """

    difference: Estimate
    margin: float
    p_lower: float
    p_upper: float
    alpha: float

    @property
    def p(self) -> float:
        """Of the hypothesis that the difference reaches the margin."""
        return max(self.p_lower, self.p_upper)

    @property
    def equivalent(self) -> bool:
        """Whether both are rejected; a p that is NaN rejects nothing."""
        return self.p_lower < self.alpha and self.p_upper < self.alpha


def tost_paired(
    first: ArrayLike, second: ArrayLike, *, margin: float, alpha: float = 0.05
) -> Equivalence:
    """Whether paired measurements differ by less than a margin, by Student's t.

    Args:
        first: (n,), at least two.
        second: (n,), of the same patients.
        margin: Above 0, in their unit, fixed before.
        alpha: Of each test.

    Raises:
        ValueError: one patient, other lengths, a margin that is not above 0.

    Source: Schuirmann, J Pharmacokinet Biopharm 15 (1987) 657.
    """
    one, other = checks.finite(first, "first"), checks.finite(second, "second")
    checks.same_length(first=one, second=other)
    if one.size < 2:
        raise ValueError("first and second must hold at least 2 patients; got 1")
    gap = one - other
    error = float(gap.std(ddof=1)) / math.sqrt(gap.size)
    return tost(
        float(gap.mean()), error, margin=margin, n=gap.size, degrees=gap.size - 1, alpha=alpha
    )


def tost(
    difference: float,
    standard_error: float,
    *,
    margin: float,
    n: int,
    degrees: float = math.inf,
    alpha: float = 0.05,
) -> Equivalence:
    """The same from a difference and its standard error, as of two AUCs by `delong_test`.

    A standard error of 0 gives p values of 0 or 1, as the difference lies within or beyond.

    Args:
        difference: Of first less second.
        standard_error: Not below 0.
        margin: Above 0.
        n: Of patients.
        degrees: Of freedom of t; without them the normal distribution.
        alpha: Of each test.

    Raises:
        ValueError: a margin that is not above 0, a standard error below 0 or not finite.
    """
    from scipy.stats import t

    checks.fraction(2 * alpha, "twice alpha")
    if not (margin > 0 and math.isfinite(margin)):
        raise ValueError(f"margin must be above 0; got {margin}")
    if not (standard_error >= 0 and math.isfinite(difference + standard_error)):
        raise ValueError(
            "difference and standard_error must be finite, the latter not below 0; "
            f"got {difference} and {standard_error}"
        )
    half = float(t.ppf(1 - alpha, degrees)) * standard_error
    estimate = Estimate(
        difference, difference - half, difference + half, n, "student", 1 - 2 * alpha
    )
    if standard_error == 0:
        lower, upper = float(difference <= -margin), float(difference >= margin)
    else:
        lower = float(t.sf((difference + margin) / standard_error, degrees))
        upper = float(t.cdf((difference - margin) / standard_error, degrees))
    return Equivalence(estimate, margin, lower, upper, alpha)
