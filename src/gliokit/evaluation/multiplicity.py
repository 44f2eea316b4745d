"""p values of many tests, adjusted."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks

__all__ = ["adjusted_p"]


def adjusted_p(
    p: ArrayLike, method: Literal["bonferroni", "holm", "benjamini-hochberg"]
) -> NDArray[np.float64]:
    """Adjusted p values: a hypothesis is rejected where its own is at most alpha.

    Args:
        p: (k,), from 0 to 1; every test that was made, also those not shown.
        method: "bonferroni" and "holm" hold the chance of any false rejection, under any
            dependence; "benjamini-hochberg" the expected share of false among the rejected,
            for independent or positively dependent tests.

    Raises:
        ValueError: an empty array, values outside 0 to 1, an unknown method.

    Source: Holm, Scand J Stat 6 (1979) 65; Benjamini and Hochberg, JRSS B 57 (1995) 289.
    """
    values = checks.probabilities(p, "p")
    k = values.size
    order = np.argsort(values, kind="stable")
    rank = np.arange(1, k + 1)
    if method == "bonferroni":
        return np.minimum(values * k, 1.0)
    if method == "holm":
        stepped = np.maximum.accumulate(values[order] * (k - rank + 1))
    elif method == "benjamini-hochberg":
        stepped = np.minimum.accumulate((values[order] * k / rank)[::-1])[::-1]
    else:
        raise ValueError(
            f"method must be 'bonferroni', 'holm' or 'benjamini-hochberg'; got {method!r}"
        )
    adjusted = np.empty(k)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
