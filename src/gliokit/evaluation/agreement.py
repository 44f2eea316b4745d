"""How well two or more measurements of the same patients agree."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Agreement",
    "LimitsOfAgreement",
    "bland_altman",
    "concordance",
    "icc_agreement",
    "icc_consistency",
]


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient of agreement with its interval, and the patients behind it.

    All three are NaN where they are not defined.
    """

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class LimitsOfAgreement:
    """Bland and Altman's mean difference and limits, each with its interval (low, high)."""

    difference: float
    standard_deviation: float
    lower: float
    upper: float
    difference_interval: tuple[float, float]
    lower_interval: tuple[float, float]
    upper_interval: tuple[float, float]
    n: int


@dataclass(frozen=True, slots=True)
class _MeanSquares:
    """Of a two-way layout of n targets and k raters without repetition."""

    targets: float
    raters: float
    residual: float
    n: int
    k: int


def icc_agreement(ratings: ArrayLike, *, level: float = 0.95) -> Agreement:
    """ICC(2,1): absolute agreement of single ratings, raters drawn at random.

    (BMS - EMS) / (BMS + (k - 1) EMS + k (JMS - EMS) / n), with the mean squares of targets
    (BMS), raters (JMS) and residual (EMS). A rater who is always higher lowers it. NaN where
    all ratings are the same. Where targets don't differ at all it is negative or 0.

    Args:
        ratings: (n, k), a row a patient, a column a rater or perturbation; finite.
        level: Of the interval.

    Raises:
        ValueError: less than 2 rows or columns, or a value that is not finite.

    Source: Shrout and Fleiss, Psychological Bulletin 86 (1979) 420; the interval as printed
    there, after Satterthwaite.
    """
    squares = _mean_squares(ratings)
    n, k, residual = squares.n, squares.k, squares.residual
    below = squares.targets + (k - 1) * residual + k * (squares.raters - residual) / n
    if below <= 0:
        return Agreement(math.nan, math.nan, math.nan, n)
    value = (squares.targets - residual) / below
    if residual == 0 and squares.raters == 0:
        return Agreement(value, value, value, n)
    low, high = _agreement_interval(squares, value, level)
    return Agreement(value, low, high, n)


def _agreement_interval(squares: _MeanSquares, value: float, level: float) -> tuple[float, float]:
    from scipy.stats import f

    n, k, residual = squares.n, squares.k, squares.residual
    # Multiplied through by EMS, so that no residual at all divides nothing.
    a = k * value * squares.raters
    b = (n * (1 + (k - 1) * value) - k * value) * residual
    below = (n - 1) * a**2 + b**2
    freedom = (k - 1) * (n - 1) * (a + b) ** 2 / below if below > 0 else math.inf
    if not math.isfinite(freedom) or freedom <= 0:
        return math.nan, math.nan
    tail = (1 + level) / 2
    under = float(f.ppf(tail, n - 1, freedom))
    over = float(f.ppf(tail, freedom, n - 1))
    rest = k * squares.raters + (k * n - k - n) * residual
    low = n * (squares.targets - under * residual) / (under * rest + n * squares.targets)
    above = n * over * squares.targets
    return low, (above - n * residual) / (rest + above)


def icc_consistency(ratings: ArrayLike, *, level: float = 0.95) -> Agreement:
    """ICC(3,1): consistency of single ratings of these very raters.

    (BMS - EMS) / (BMS + (k - 1) EMS). A rater who is always higher by the same amount does
    not lower it. NaN where targets and residual don't vary at all.

    Args:
        ratings: (n, k), as for `icc_agreement`.
        level: Of the interval.

    Raises:
        ValueError: less than 2 rows or columns, or a value that is not finite.

    Source: Shrout and Fleiss, Psychological Bulletin 86 (1979) 420.
    """
    squares = _mean_squares(ratings)
    n, k, residual = squares.n, squares.k, squares.residual
    below = squares.targets + (k - 1) * residual
    if below <= 0:
        return Agreement(math.nan, math.nan, math.nan, n)
    value = (squares.targets - residual) / below
    if residual == 0:
        return Agreement(value, value, value, n)
    from scipy.stats import f

    tail, freedom = (1 + level) / 2, (n - 1) * (k - 1)
    ratio = squares.targets / residual
    low = ratio / float(f.ppf(tail, n - 1, freedom))
    high = ratio * float(f.ppf(tail, freedom, n - 1))
    return Agreement(value, (low - 1) / (low + k - 1), (high - 1) / (high + k - 1), n)


def _mean_squares(ratings: ArrayLike) -> _MeanSquares:
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2:
        raise ValueError(
            f"ratings must have at least 2 rows and 2 columns, (n, k); got {table.shape}"
        )
    _check_finite("ratings", table)
    n, k = table.shape
    rounding = _rounding(table)
    table = table - table.mean()
    targets, raters = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    residual = ((table - targets - raters) ** 2).sum() / ((n - 1) * (k - 1))
    squares = (k * (targets**2).sum() / (n - 1), n * (raters**2).sum() / (k - 1), residual)
    kept = [float(s) if s > rounding else 0.0 for s in squares]
    return _MeanSquares(kept[0], kept[1], kept[2], n, k)


def concordance(one: ArrayLike, other: ArrayLike, *, level: float = 0.95) -> Agreement:
    """Lin's concordance correlation coefficient of two measurements.

    2 s_xy / (s_x^2 + s_y^2 + (mean x - mean y)^2), with variances over n, as Lin has them.
    The interval is that of Fisher's z, with the variance as corrected in 2000. NaN where
    both are one and the same constant; the interval is NaN below 3 patients and where the
    two don't vary together.

    Args:
        one: (n,), finite.
        other: (n,), finite.
        level: Of the interval.

    Raises:
        ValueError: the shapes differ, less than 2 patients, or a value that is not finite.

    Source: Lin, Biometrics 45 (1989) 255, and 56 (2000) 324.
    """
    x, y = _pair(one, other)
    n, apart, rounding = x.size, float(x.mean() - y.mean()), _rounding(np.stack([x, y]))
    var_x, var_y = (v if v > rounding else 0.0 for v in (float(x.var()), float(y.var())))
    below = var_x + var_y + apart**2
    if below <= rounding:
        return Agreement(math.nan, math.nan, math.nan, n)
    common = float(((x - x.mean()) * (y - y.mean())).mean())
    value = 2 * common / below
    if 1 - value**2 < 1e-12:
        return Agreement(value, value, value, n)
    spread = math.sqrt(var_x * var_y)
    if n < 3 or spread == 0 or common == 0:
        return Agreement(value, math.nan, math.nan, n)
    low, high = _concordance_interval(value, common / spread, apart**2 / spread, n, level)
    return Agreement(value, low, high, n)


def _concordance_interval(
    value: float, correlation: float, shift: float, n: int, level: float
) -> tuple[float, float]:
    from scipy.stats import norm

    rest = 1 - value**2
    variance = (
        (1 - correlation**2) * value**2 / (rest * correlation**2)
        + 2 * value**3 * (1 - value) * shift / (correlation * rest**2)
        - value**4 * shift**2 / (2 * correlation**2 * rest**2)
    ) / (n - 2)
    half = float(norm.ppf((1 + level) / 2)) * math.sqrt(max(variance, 0.0))
    z = math.atanh(value)
    return math.tanh(z - half), math.tanh(z + half)


def bland_altman(one: ArrayLike, other: ArrayLike, *, level: float = 0.95) -> LimitsOfAgreement:
    """Mean difference of two measurements and the limits that most differences lie within.

    Differences are `one` minus `other`; limits are their mean and 2 standard deviations, as
    the authors take them. The intervals are theirs too: t with n - 1 degrees of freedom and
    standard errors s / sqrt(n) and s sqrt(3 / n).

    Args:
        one: (n,), finite.
        other: (n,), finite.
        level: Of the intervals.

    Raises:
        ValueError: the shapes differ, less than 2 patients, or a value that is not finite.

    Source: Bland and Altman, Lancet 327 (1986) 307.
    """
    from scipy.stats import t

    x, y = _pair(one, other)
    n, mean, deviation = x.size, float((x - y).mean()), float((x - y).std(ddof=1))
    wide = float(t.ppf((1 + level) / 2, n - 1)) * deviation / math.sqrt(n)
    ends = (mean - 2 * deviation, mean + 2 * deviation)
    about = [(end - math.sqrt(3) * wide, end + math.sqrt(3) * wide) for end in ends]
    return LimitsOfAgreement(
        mean, deviation, *ends, (mean - wide, mean + wide), about[0], about[1], n
    )


def _rounding(values: NDArray[np.float64]) -> float:
    """The variance that rounding alone may give to values of this size."""
    return float((np.finfo(np.float64).eps * np.abs(values).max()) ** 2 * 16)


def _pair(one: ArrayLike, other: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or x.size < 2:
        raise ValueError(
            "one and other must be of one length, (n,), with at least 2 patients; "
            f"got {x.shape} and {y.shape}"
        )
    _check_finite("one", x)
    _check_finite("other", y)
    return x, y


def _check_finite(name: str, values: NDArray[np.float64]) -> None:
    wrong = int(values.size - np.count_nonzero(np.isfinite(values)))
    if wrong:
        raise ValueError(f"{name} must be finite; got {wrong} values that are not")
