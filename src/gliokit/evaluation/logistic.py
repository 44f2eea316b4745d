"""Logistic regression by maximum likelihood, for calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LogisticFit", "logistic_fit"]

MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """Coefficients (p,) and their standard errors."""

    coefficients: NDArray[np.float64]
    standard_errors: NDArray[np.float64]


def logistic_fit(
    design: NDArray[np.float64],
    target: NDArray[np.generic],
    *,
    offset: NDArray[np.float64] | None = None,
) -> LogisticFit:
    """Fit by Newton's method.

    Args:
        design: (n, p), with a column of ones where an intercept is wanted.
        target: (n,), 0 or 1, or shares between.
        offset: (n,), added to the linear predictor as it is.

    Raises:
        ValueError: the classes are separated perfectly: there is no finite fit.
    """
    from scipy.special import expit

    goal = target.astype(np.float64)
    fixed = np.zeros(goal.size) if offset is None else offset
    at = np.zeros(design.shape[1])

    def loss(beta: NDArray[np.float64]) -> float:
        score = fixed + design @ beta
        return float((np.logaddexp(0, score) - goal * score).sum())

    for _ in range(MOST_STEPS):
        chance = expit(fixed + design @ at)
        information = (design * (chance * (1 - chance))[:, None]).T @ design
        if np.linalg.cond(information) > 1e14 or not np.isfinite(information).all():
            break
        step = np.linalg.solve(information, design.T @ (goal - chance))
        while loss(at + step) > loss(at) + 1e-12 * goal.size and np.abs(step).max() > 1e-12:
            step = step / 2
        at = at + step
        if np.abs(step).max() < 1e-10 * max(1.0, float(np.abs(at).max())):
            if loss(at) < 1e-6 * goal.size:
                break
            return LogisticFit(at, np.sqrt(np.diag(np.linalg.inv(information))))
    raise ValueError(
        "the probabilities separate the classes perfectly (or nearly): no finite fit; "
        "judge on more patients"
    )
