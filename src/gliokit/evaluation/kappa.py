"""Agreement of two raters on classes beyond chance."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.estimate import Estimate

__all__ = ["cohen_kappa"]


def cohen_kappa(
    first: ArrayLike,
    second: ArrayLike,
    *,
    weights: Literal["none", "linear", "quadratic"] = "none",
    level: float = 0.95,
) -> Estimate:
    """Cohen's kappa of two raters with its large-sample interval.

    1 is perfect, 0 what chance gives. It is NaN where both raters give everybody one and the
    same class.

    Args:
        first: (n,), classes as whole numbers, in order where weights are given.
        second: (n,).
        weights: How a disagreement counts by the distance of the classes.
        level: Of the interval.

    Raises:
        ValueError: classes that are not whole, other lengths, an unknown weight.

    Source: Cohen, Psychol Bull 70 (1968) 213; Fleiss et al., Psychol Bull 72 (1969) 323.
    """
    from scipy.stats import norm

    one, other = checks.finite(first, "first"), checks.finite(second, "second")
    checks.same_length(first=one, second=other)
    if (one != np.round(one)).any() or (other != np.round(other)).any():
        raise ValueError("classes must be whole numbers")
    shares = _table(one, other) / one.size
    weight = _agreement_weights(len(shares), weights)
    rows, columns = shares.sum(1), shares.sum(0)
    observed = float((weight * shares).sum())
    expected = float(rows @ weight @ columns)
    z = float(norm.ppf(0.5 + checks.fraction(level, "level") / 2))
    if expected == 1:
        return Estimate(math.nan, math.nan, math.nan, one.size, "fleiss", level)
    kappa = (observed - expected) / (1 - expected)
    margin = (weight @ columns)[:, None] + (weight.T @ rows)[None, :]
    inner = float((shares * (weight - margin * (1 - kappa)) ** 2).sum())
    spread = inner - (kappa - expected * (1 - kappa)) ** 2
    half = z * math.sqrt(max(spread, 0) / one.size) / (1 - expected)
    return Estimate(
        kappa, max(-1.0, kappa - half), min(1.0, kappa + half), one.size, "fleiss", level
    )


def _table(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    classes = np.arange(min(one.min(), other.min()), max(one.max(), other.max()) + 1)
    classes = classes[np.isin(classes, np.concatenate([one, other]))]
    table = np.zeros((classes.size, classes.size))
    np.add.at(table, (np.searchsorted(classes, one), np.searchsorted(classes, other)), 1)
    return table


def _agreement_weights(
    classes: int, weights: Literal["none", "linear", "quadratic"]
) -> NDArray[np.float64]:
    if weights not in ("none", "linear", "quadratic"):
        raise ValueError(f"weights must be 'none', 'linear' or 'quadratic'; got {weights!r}")
    if weights == "none" or classes == 1:
        return np.eye(classes)
    distance = np.abs(np.subtract.outer(np.arange(classes), np.arange(classes))) / (classes - 1)
    return 1 - np.asarray(distance ** (1 if weights == "linear" else 2), dtype=np.float64)
