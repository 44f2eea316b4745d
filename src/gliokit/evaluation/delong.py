"""Intervals and tests of AUCs on the test set of one fitted model.

Not for a cross-validated AUC, whose folds rank the scores of several models: `fold_auc`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.estimate import Estimate

__all__ = [
    "AucDifference",
    "DelongAucs",
    "delong_auc",
    "delong_aucs",
    "delong_contrasts",
    "delong_test",
    "hanley_mcneil_variance",
    "score_interval",
]


@dataclass(frozen=True, slots=True)
class DelongAucs:
    """AUCs (k,) of k models on the same patients and their covariance (k, k)."""

    auc: NDArray[np.float64]
    covariance: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AucDifference:
    """The AUC of one model less that of another, with the test that it is 0.

    z, p and the ends are NaN where the variance of a difference is 0 (two perfect models).
    """

    difference: Estimate
    standard_error: float
    z: float
    p: float


def delong_auc(labels: ArrayLike, scores: ArrayLike, *, level: float = 0.95) -> Estimate:
    """An AUC with DeLong's interval.

    At an AUC of 0 or 1, or with all scores tied, DeLong's variance is 0; the interval is then
    Newcombe's, which inverts the variance of Hanley and McNeil, and `method` says so.

    Args:
        labels: (n,), 0 or 1, at least two of each.
        scores: (n,), finite.
        level: Of the interval.

    Raises:
        ValueError: fewer than two of a class, other lengths, scores that are not finite.

    Source: DeLong et al., Biometrics 44 (1988) 837; Newcombe, Stat Med 25 (2006) 559, method 5.
    """
    from scipy.stats import norm

    found = delong_aucs(labels, np.atleast_2d(checks.finite(scores, "scores")))
    value, variance = float(found.auc[0]), float(found.covariance[0, 0])
    positive = checks.binary(labels, "labels")
    m, n = int(positive.sum()), int((~positive).sum())
    z = float(norm.ppf(0.5 + checks.fraction(level, "level") / 2))
    if variance == 0:
        low, high = score_interval(value, lambda a: hanley_mcneil_variance(a, m, n), z)
        return Estimate(value, low, high, m + n, "newcombe", level)
    half = z * math.sqrt(variance)
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), m + n, "delong", level)


def delong_aucs(labels: ArrayLike, scores: ArrayLike) -> DelongAucs:
    """AUCs of several models on the same patients and their covariance.

    Args:
        labels: (n,), 0 or 1, at least two of each.
        scores: (k, n), a row a model.

    Raises:
        ValueError: as of `delong_auc`.

    Source: DeLong et al., Biometrics 44 (1988) 837, by ranks as Sun and Xu, IEEE Signal
    Processing Letters 21 (2014) 1389.
    """
    from scipy.stats import rankdata

    positive = checks.both_classes(labels, "labels", least=2)
    score = checks.finite(scores, "scores", ndim=2)
    if score.shape[1] != positive.size:
        raise ValueError(
            f"scores must have a column for each of {positive.size} labels; got {score.shape}"
        )
    m, n = int(positive.sum()), int((~positive).sum())
    everybody = rankdata(score, axis=1)
    above = (everybody[:, positive] - rankdata(score[:, positive], axis=1)) / n
    below = 1 - (everybody[:, ~positive] - rankdata(score[:, ~positive], axis=1)) / m
    covariance = np.atleast_2d(np.cov(above)) / m + np.atleast_2d(np.cov(below)) / n
    return DelongAucs(above.mean(axis=1), covariance)


def delong_test(
    labels: ArrayLike, scores: ArrayLike, other_scores: ArrayLike, *, level: float = 0.95
) -> AucDifference:
    """Whether two models differ in AUC on the same patients: DeLong's paired test.

    Arguments and errors as of `delong_auc`. Equal scores give z 0 and p 1.
    """
    from scipy.stats import norm

    pair = [checks.finite(scores, "scores"), checks.finite(other_scores, "other_scores")]
    checks.same_length(scores=pair[0], other_scores=pair[1])
    found = delong_aucs(labels, np.stack(pair))
    contrast = np.array([1.0, -1.0])
    value = float(contrast @ found.auc)
    error = math.sqrt(max(float(contrast @ found.covariance @ contrast), 0.0))
    z_level = float(norm.ppf(0.5 + checks.fraction(level, "level") / 2))
    low, high, p = value - z_level * error, value + z_level * error, math.nan
    if error > 1e-12:
        z = value / error
        p = float(2 * norm.sf(abs(z)))
    elif value == 0 and found.covariance[0, 0] > 0:
        z, p = 0.0, 1.0
    else:
        z = low = high = math.nan
    estimate = Estimate(value, low, high, int(np.size(labels)), "delong", level)
    return AucDifference(estimate, error, z, p)


def delong_contrasts(found: DelongAucs, contrasts: ArrayLike) -> tuple[float, int, float]:
    """The joint test that contrasts of AUCs are 0: chi square, degrees of freedom, p.

    Args:
        found: Of k models.
        contrasts: (c, k), each row sums to 0.

    Raises:
        ValueError: a row that doesn't sum to 0, or contrasts that follow from one another.

    Source: DeLong et al., Biometrics 44 (1988) 837, equation 5.
    """
    from scipy.stats import chi2

    rows = checks.finite(contrasts, "contrasts", ndim=2)
    if np.abs(rows.sum(axis=1)).max() > 1e-9:
        raise ValueError("each row of contrasts must sum to 0")
    spread = rows @ found.covariance @ rows.T
    if np.linalg.matrix_rank(spread) < len(rows):
        raise ValueError("contrasts must not follow from one another, and models must differ")
    values = rows @ found.auc
    statistic = float(values @ np.linalg.solve(spread, values))
    return statistic, len(rows), float(chi2.sf(statistic, len(rows)))


def hanley_mcneil_variance(auc: float, positives: int, negatives: int) -> float:
    """The variance of an AUC from its value and the sizes of the classes alone.

    In Newcombe's symmetric form; at one half it is that of Mann and Whitney's test without
    ties, (m + n + 1) / (12 m n).

    Source: Hanley and McNeil, Radiology 143 (1982) 29; Newcombe, Stat Med 25 (2006) 559.
    """
    size = (positives + negatives) / 2
    shape = 1 + (size - 1) * ((1 - auc) / (2 - auc) + auc / (1 + auc))
    return auc * (1 - auc) * shape / (positives * negatives)


def score_interval(
    value: float, variance: Callable[[float], float], z: float
) -> tuple[float, float]:
    """The AUCs under which `value` lies within z standard errors, found by bisection."""
    from scipy.optimize import brentq

    def beyond(auc: float) -> float:
        return (value - auc) ** 2 - z**2 * variance(auc)

    within = min(max(value, 1e-9), 1 - 1e-9)
    low = 0.0 if value == 0 else float(brentq(beyond, 0.0, within))
    high = 1.0 if value == 1 else float(brentq(beyond, within, 1.0))
    return low, high
