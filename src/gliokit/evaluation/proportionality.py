"""Whether the hazard ratios of Cox's model hold over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.cox import CoxFit, covariate_matrix
from gliokit.evaluation.cox_likelihood import schoenfeld_residuals
from gliokit.evaluation.survival_curve import kaplan_meier

__all__ = ["ProportionalityTest", "proportionality_test"]


@dataclass(frozen=True, slots=True)
class ProportionalityTest:
    """Whether hazard ratios change over time: a test of each covariate and of all."""

    chi2: NDArray[np.float64]
    p: NDArray[np.float64]
    global_chi2: float
    global_p: float


def proportionality_test(
    fit: CoxFit,
    times: ArrayLike,
    events: ArrayLike,
    covariates: ArrayLike,
    *,
    transform: Literal["identity", "log", "rank", "km"] = "km",
) -> ProportionalityTest:
    """Grambsch and Therneau's test of a fit, by its scaled Schoenfeld residuals.

    The approximate form, which takes the variance as the same at every event.

    Args:
        fit: Of the same data.
        times: (n,), of follow-up.
        events: (n,), 0 or 1.
        covariates: (n, p).
        transform: Of time: as it is, its logarithm, the rank of the event, or one less the
            Kaplan-Meier survival just before it.

    Raises:
        ValueError: other data than of the fit, fewer than two different event times, a time of
            0 under the logarithm.

    Source: Grambsch and Therneau, Biometrika 81 (1994) 515.
    """
    from scipy.stats import chi2

    time, event = checks.times_and_events(times, events)
    matrix = covariate_matrix(covariates)
    if (time.size, int(event.sum())) != (fit.n, fit.events):
        raise ValueError("times and events must be those of the fit")
    at, residuals = schoenfeld_residuals(fit.coefficients, matrix, time, event, fit.ties)
    g = _transformed(at, time, event, transform)
    g = g - g.mean()
    if not np.ptp(g) > 0:
        raise ValueError("events must fall on at least two different times")
    gathered = g @ residuals
    factor = fit.events / float(g @ g)
    scaled = fit.covariance @ gathered
    each = factor * scaled**2 / np.diag(fit.covariance)
    together = factor * float(gathered @ scaled)
    return ProportionalityTest(
        each, np.asarray(chi2.sf(each, 1)), together, float(chi2.sf(together, scaled.size))
    )


def _transformed(
    at: NDArray[np.float64], time: NDArray[np.float64], event: NDArray[np.bool_], transform: str
) -> NDArray[np.float64]:
    from scipy.stats import rankdata

    if transform == "identity":
        return at
    if transform == "rank":
        return np.asarray(rankdata(at))
    if transform == "km":
        return 1 - kaplan_meier(time, event).before(at)
    if transform != "log":
        raise ValueError(f"transform must be 'identity', 'log', 'rank' or 'km'; got {transform!r}")
    if at.min() <= 0:
        raise ValueError("times must be above 0 under the logarithm; got an event at 0")
    return np.log(at)
