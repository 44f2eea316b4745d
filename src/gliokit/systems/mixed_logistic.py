"""Logistic regression of rows that come in groups: a random intercept for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.study import StudyError

__all__ = ["MixedLogistic", "fit_mixed_logistic"]

POINTS = 15
PRIOR_SPREAD = 5.0

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MixedLogistic:
    """What was fitted.

    Args:
        intercept: Of a group whose own intercept is 0.
        slopes: One a covariate.
        spread: Standard deviation of the groups' intercepts.
    """

    intercept: float
    slopes: tuple[float, ...]
    spread: float

    def __call__(self, covariates: Numbers) -> Numbers:
        """Probabilities (n,) of rows (n, p) of a group not seen before, at an intercept of 0."""
        from scipy.special import expit

        return np.asarray(expit(self.intercept + covariates @ np.array(self.slopes)))


def fit_mixed_logistic(
    covariates: Numbers,
    outcome: NDArray[np.int64],
    groups: NDArray[np.intp],
    *,
    prior_spread: float = PRIOR_SPREAD,
) -> MixedLogistic:
    """The largest marginal likelihood, intercepts integrated out by Gauss-Hermite quadrature.

    Slopes and intercept have a normal prior of mean 0, so that rows that are separated
    perfectly have a finite fit too.

    Args:
        covariates: (n, p), scaled to a spread of about 1.
        outcome: (n,), 0 or 1, both there.
        groups: (n,), whose row it is.
        prior_spread: Standard deviation of the prior; infinite for none.

    Raises:
        StudyError: rows of one outcome alone, a value that is not finite.
    """
    from scipy import optimize, special

    if len(np.unique(outcome)) < 2 or not np.isfinite(covariates).all():
        raise StudyError("there are finite rows of both outcomes", found=f"{len(outcome)} rows")
    points, weights = np.polynomial.hermite_e.hermegauss(POINTS)
    log_weights = np.log(weights / weights.sum())
    _, group = np.unique(groups, return_inverse=True)
    signs = 2.0 * outcome - 1

    def loss(values: Numbers) -> float:
        linear = values[0] + covariates @ values[1:-1]
        shifted = linear[:, None] + np.exp(values[-1]) * points[None]
        each = special.log_expit(signs[:, None] * shifted)
        of_group = np.zeros((group.max() + 1, POINTS))
        np.add.at(of_group, group, each)
        likelihood = special.logsumexp(of_group + log_weights, axis=1).sum()
        return float(-likelihood + (values[:-1] ** 2).sum() / (2 * prior_spread**2))

    start = np.zeros(covariates.shape[1] + 2)
    bounds = [(None, None)] * (len(start) - 1) + [(-6.0, 3.0)]
    best = optimize.minimize(loss, start, method="L-BFGS-B", bounds=bounds).x
    return MixedLogistic(float(best[0]), tuple(float(b) for b in best[1:-1]),
                         float(np.exp(best[-1])))  # fmt: skip
