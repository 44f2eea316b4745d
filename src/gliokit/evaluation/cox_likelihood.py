"""The partial likelihood of Cox's model, its slope and curvature, with tied events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Derivatives",
    "RiskSets",
    "Ties",
    "partial_likelihood",
    "risk_sets",
    "schoenfeld_residuals",
]

Ties = Literal["efron", "breslow"]


@dataclass(frozen=True, slots=True)
class RiskSets:
    """Patients by time, the latest first, and the distinct event times among them.

    Attributes:
        order: (n,), row numbers, the latest first.
        at_risk: (k,), how many of these are at risk at each event time, the latest first.
        dying: (k,), rows of those who have the event there.
    """

    order: NDArray[np.intp]
    at_risk: NDArray[np.intp]
    dying: list[NDArray[np.intp]]


@dataclass(frozen=True, slots=True)
class Derivatives:
    """The log partial likelihood, its gradient (p,) and the information (p, p)."""

    log_likelihood: float
    gradient: NDArray[np.float64]
    information: NDArray[np.float64]


def risk_sets(time: NDArray[np.float64], event: NDArray[np.bool_]) -> RiskSets:
    """Who is at risk and who has the event at each event time."""
    order = np.argsort(-time, kind="stable")
    at = np.unique(time[event])[::-1]
    at_risk = np.searchsorted(-time[order], -at, side="right")
    return RiskSets(order, at_risk, [np.flatnonzero(event & (time == t)) for t in at])


def partial_likelihood(
    coefficients: NDArray[np.float64],
    covariates: NDArray[np.float64],
    sets: RiskSets,
    ties: Ties,
) -> Derivatives:
    """The log partial likelihood and its derivatives at coefficients.

    Of d events at one time Efron takes (l / d) of the tied out of the l-th risk set, Breslow
    none.

    Raises:
        ValueError: an unknown way to treat ties.

    Source: Efron, JASA 72 (1977) 557; Breslow, Biometrics 30 (1974) 89.
    """
    if ties not in ("efron", "breslow"):
        raise ValueError(f"ties must be 'efron' or 'breslow'; got {ties!r}")
    score = covariates @ coefficients
    top = float(score.max())
    weight = np.exp(score - top)
    p = coefficients.size
    value, gradient, information = 0.0, np.zeros(p), np.zeros((p, p))
    total, first, second, done = 0.0, np.zeros(p), np.zeros((p, p)), 0
    for reach, rows in zip(sets.at_risk, sets.dying, strict=True):
        joining = sets.order[done:reach]
        done = int(reach)
        joined, w = covariates[joining], weight[joining]
        total, first = total + float(w.sum()), first + w @ joined
        second = second + (joined * w[:, None]).T @ joined
        x, v = covariates[rows], weight[rows]
        value += float(score[rows].sum())
        gradient += x.sum(axis=0)
        shares = np.arange(rows.size) / rows.size if ties == "efron" else np.zeros(rows.size)
        tied, tied_first = float(v.sum()), v @ x
        tied_second = (x * v[:, None]).T @ x
        for share in shares:
            left = total - share * tied
            mean = (first - share * tied_first) / left
            value -= np.log(left) + top
            gradient -= mean
            information += (second - share * tied_second) / left - np.outer(mean, mean)
    return Derivatives(value, gradient, information)


def schoenfeld_residuals(
    coefficients: NDArray[np.float64],
    covariates: NDArray[np.float64],
    time: NDArray[np.float64],
    event: NDArray[np.bool_],
    ties: Ties,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The time of each event (d,), ascending, and covariates less their mean at risk, (d, p).

    Of tied events each gets the average of Efron's means.

    Source: Schoenfeld, Biometrika 69 (1982) 239.
    """
    score = covariates @ coefficients
    weight = np.exp(score - score.max())
    at, residuals = [], []
    for moment in np.unique(time[event]):
        risk, rows = time >= moment, np.flatnonzero(event & (time == moment))
        total, first = weight[risk].sum(), weight[risk] @ covariates[risk]
        tied, tied_first = weight[rows].sum(), weight[rows] @ covariates[rows]
        shares = np.arange(rows.size) / rows.size if ties == "efron" else np.zeros(rows.size)
        means = [(first - s * tied_first) / (total - s * tied) for s in shares]
        residuals.append(covariates[rows] - np.mean(means, axis=0))
        at += [moment] * rows.size
    return np.array(at), np.concatenate(residuals)
