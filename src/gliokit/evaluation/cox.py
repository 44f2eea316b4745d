"""Cox's proportional hazards: fit and predicted survival."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.cox_likelihood import (
    Derivatives,
    RiskSets,
    Ties,
    partial_likelihood,
    risk_sets,
)
from gliokit.evaluation.estimate import Estimate

__all__ = ["CoxFit", "covariate_matrix", "fit_cox"]

MOST_STEPS = 50


@dataclass(frozen=True, slots=True)
class CoxFit:
    """A fitted model.

    Attributes:
        coefficients: (p,), log hazard ratios per unit of each covariate.
        covariance: (p, p).
        log_likelihood, null_log_likelihood: Partial, at the fit and at 0.
        centre: (p,), the covariates' means, at which the baseline stands.
        baseline_times, cumulative_hazard: Breslow's baseline at the centre.
        n, events: Patients and events.
    """

    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    log_likelihood: float
    null_log_likelihood: float
    centre: NDArray[np.float64]
    baseline_times: NDArray[np.float64]
    cumulative_hazard: NDArray[np.float64]
    n: int
    events: int
    ties: Ties

    @property
    def standard_errors(self) -> NDArray[np.float64]:
        """Of the coefficients, (p,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def p(self) -> NDArray[np.float64]:
        """Of Wald's test of each coefficient, (p,)."""
        from scipy.stats import norm

        return np.asarray(2 * norm.sf(np.abs(self.coefficients) / self.standard_errors))

    @property
    def likelihood_ratio(self) -> tuple[float, int, float]:
        """Of the whole model: chi square, degrees of freedom, p."""
        from scipy.stats import chi2

        statistic = 2 * (self.log_likelihood - self.null_log_likelihood)
        degrees = self.coefficients.size
        return statistic, degrees, float(chi2.sf(statistic, degrees))

    def hazard_ratios(self, *, level: float = 0.95) -> tuple[Estimate, ...]:
        """Per unit of each covariate, with Wald's intervals."""
        from scipy.stats import norm

        z = float(norm.ppf(0.5 + checks.fraction(level, "level") / 2))
        return tuple(
            Estimate(math.exp(b), math.exp(b - z * e), math.exp(b + z * e), self.n, "wald", level)
            for b, e in zip(self.coefficients, self.standard_errors, strict=True)
        )

    def risk(self, covariates: ArrayLike) -> NDArray[np.float64]:
        """Log relative hazard of patients, (n,), against the centre.

        Raises:
            ValueError: another number of columns, values that are not finite.
        """
        matrix = covariate_matrix(covariates)
        if matrix.shape[1] != self.centre.size:
            raise ValueError(
                f"covariates must have {self.centre.size} columns; got {matrix.shape[1]}"
            )
        return np.asarray((matrix - self.centre) @ self.coefficients)

    def survival(self, covariates: ArrayLike, at: ArrayLike) -> NDArray[np.float64]:
        """Predicted survival of patients at times, (n, k).

        Beyond the last follow-up of the fit the last known hazard stands.

        Raises:
            ValueError: as of `risk`.
        """
        moments = checks.finite(at, "at")
        place = np.searchsorted(self.baseline_times, moments, side="right")
        hazard = np.concatenate([[0.0], self.cumulative_hazard])[place]
        return np.asarray(np.exp(-np.exp(self.risk(covariates))[:, None] * hazard))


def fit_cox(
    times: ArrayLike,
    events: ArrayLike,
    covariates: ArrayLike,
    *,
    ties: Ties = "efron",
) -> CoxFit:
    """Fit Cox's model by Newton's method on the partial likelihood.

    Args:
        times: (n,), of follow-up.
        events: (n,), 0 or 1, at least one event.
        covariates: (n, p), finite, each varying.
        ties: How events at one time count.

    Raises:
        ValueError: no event, a constant covariate, covariates that follow from one another,
            a covariate that separates the events perfectly (no finite hazard ratio).

    Source: Cox, JRSS B 34 (1972) 187; Efron, JASA 72 (1977) 557.
    """
    time, event = checks.times_and_events(times, events)
    matrix = covariate_matrix(covariates)
    checks.same_length(times=time, covariates=matrix)
    if not event.any():
        raise ValueError("events must hold at least one event; got none")
    spread = matrix.std(axis=0)
    if (spread == 0).any():
        raise ValueError(
            f"covariates must vary; column {int(np.argmin(spread))} holds one value alone"
        )
    centre = matrix.mean(axis=0)
    # Newton's steps are taken on a common scale, whatever the units.
    scaled = (matrix - centre) / spread
    sets = risk_sets(time, event)
    null = partial_likelihood(np.zeros(spread.size), scaled, sets, ties)
    at, found = _climb(scaled, sets, ties, null)
    covariance = np.linalg.inv(found.information) / np.outer(spread, spread)
    known, hazard = _baseline(time, event, scaled @ at, ties)
    return CoxFit(
        at / spread,
        covariance,
        found.log_likelihood,
        null.log_likelihood,
        centre,
        known,
        hazard,
        time.size,
        int(event.sum()),
        ties,
    )


def _climb(
    scaled: NDArray[np.float64], sets: RiskSets, ties: Ties, null: Derivatives
) -> tuple[NDArray[np.float64], Derivatives]:
    at, here = np.zeros(scaled.shape[1]), null
    for _ in range(MOST_STEPS):
        if np.linalg.cond(here.information) > 1e12:
            raise ValueError(
                "covariates must not follow from one another, nor separate the events "
                "perfectly; at "
                f"log hazard ratios {np.round(at, 2).tolist()} per standard deviation the "
                "likelihood is flat. Leave a covariate out"
            )
        step = np.linalg.solve(here.information, here.gradient)
        there = partial_likelihood(at + step, scaled, sets, ties)
        while there.log_likelihood < here.log_likelihood - 1e-9:
            step = step / 2
            there = partial_likelihood(at + step, scaled, sets, ties)
        at = at + step
        if np.abs(step).max() < 1e-9:
            return at, there
        if np.abs(at).max() > 15:
            break
        here = there
    raise ValueError(
        "a covariate separates the events perfectly: the hazard ratio has no finite value "
        f"(log {np.abs(at).max():.1f} per standard deviation and rising)"
    )


def _baseline(
    time: NDArray[np.float64], event: NDArray[np.bool_], score: NDArray[np.float64], ties: Ties
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The cumulative baseline hazard at each distinct event time, ties as in the fit."""
    at = np.unique(time[event])
    hazard = np.exp(score)
    steps = np.empty(at.size)
    for k, moment in enumerate(at):
        dying = event & (time == moment)
        total, tied = hazard[time >= moment].sum(), hazard[dying].sum()
        d = int(dying.sum())
        less = np.arange(d) / d * tied if ties == "efron" else np.zeros(d)
        steps[k] = (1 / (total - less)).sum()
    return at, np.cumsum(steps)


def covariate_matrix(covariates: ArrayLike) -> NDArray[np.float64]:
    """Covariates as (n, p); one covariate may be given as (n,).

    Raises:
        ValueError: another number of axes, values that are not finite.
    """
    array = np.asarray(covariates, dtype=np.float64)
    return checks.finite(array[:, None] if array.ndim == 1 else array, "covariates", ndim=2)
