"""Whether two classifiers err equally often on the same patients."""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from gliokit.evaluation import checks

__all__ = ["McNemar", "mcnemar_counts", "mcnemar_test"]


@dataclass(frozen=True, slots=True)
class McNemar:
    """How often one alone was right, with the exact p value and the two chi square forms.

    chi square, its corrected form and their p values are NaN without a discordant patient.
    """

    only_first: int
    only_second: int
    p_exact: float
    chi2: float
    p_chi2: float
    chi2_corrected: float
    p_corrected: float


def mcnemar_test(labels: ArrayLike, first: ArrayLike, second: ArrayLike) -> McNemar:
    """McNemar's test of two sets of answers on the same patients.

    Args:
        labels: (n,), 0 or 1.
        first: (n,), answers 0 or 1 of one classifier.
        second: (n,), of the other.

    Raises:
        ValueError: values other than 0 and 1, other lengths.

    Source: McNemar, Psychometrika 12 (1947) 153; Edwards, ibid. 13 (1948) 185 (corrected).
    """
    truth = checks.binary(labels, "labels")
    one, other = checks.binary(first, "first"), checks.binary(second, "second")
    checks.same_length(labels=truth, first=one, second=other)
    right, right_too = one == truth, other == truth
    return mcnemar_counts(int((right & ~right_too).sum()), int((~right & right_too).sum()))


def mcnemar_counts(only_first: int, only_second: int) -> McNemar:
    """The same from the counts of patients that one alone got right; p is 1 where both are 0.

    Raises:
        ValueError: a count below 0.
    """
    from scipy.stats import binom, chi2

    if min(only_first, only_second) < 0:
        raise ValueError(f"counts must not be negative; got {only_first} and {only_second}")
    n = only_first + only_second
    if n == 0:
        nan = math.nan
        return McNemar(0, 0, 1.0, nan, nan, nan, nan)
    exact = min(1.0, 2 * float(binom.cdf(min(only_first, only_second), n, 0.5)))
    gap = abs(only_first - only_second)
    plain, corrected = gap**2 / n, max(gap - 1, 0) ** 2 / n
    return McNemar(
        only_first,
        only_second,
        exact,
        plain,
        float(chi2.sf(plain, 1)),
        corrected,
        float(chi2.sf(corrected, 1)),
    )
