"""How well predicted survival fits what happened, at times and over time.

An event is weighted by the share uncensored just before it, G(T-). scikit-survival takes the
share just after, which differs where an event and a censoring fall on one time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.survival_curve import SurvivalCurve, censoring_curve, kaplan_meier

__all__ = [
    "cumulative_dynamic_auc",
    "drawn_dynamic_auc",
    "integrated_brier_score",
    "mean_dynamic_auc",
    "null_brier_score",
    "survival_brier_errors",
    "survival_brier_score",
]


def survival_brier_score(
    times: ArrayLike,
    events: ArrayLike,
    survival: ArrayLike,
    at: ArrayLike,
    *,
    censoring: SurvivalCurve | None = None,
) -> NDArray[np.float64]:
    """Mean squared error of predicted survival at each time, weighted against censoring.

    Args:
        times: (n,), of follow-up.
        events: (n,), 0 or 1.
        survival: (n, k), predicted survival of each patient at each time.
        at: (k,), times at which some are under observation still.
        censoring: The censoring curve of the training patients; of the judged where not given.

    Returns:
        (k,). Compare with `null_brier_score`.

    Raises:
        ValueError: a time at which everybody is censored, other shapes, shares outside 0 to 1.

    Source: Graf et al., Stat Med 18 (1999) 2529.
    """
    errors = survival_brier_errors(times, events, survival, at, censoring=censoring)
    return np.asarray(errors.mean(axis=0), dtype=np.float64)


def survival_brier_errors(
    times: ArrayLike,
    events: ArrayLike,
    survival: ArrayLike,
    at: ArrayLike,
    *,
    censoring: SurvivalCurve | None = None,
) -> NDArray[np.float64]:
    """What each patient adds to `survival_brier_score`: their mean is the score.

    Who is censored before a time adds 0 there; the weights of the others make up for it.
    Arguments and errors as of `survival_brier_score`.

    Returns:
        (n, k).
    """
    time, event = checks.times_and_events(times, events)
    moments = checks.finite(at, "at")
    predicted = checks.survival(survival, "survival", rows=time.size, columns=moments.size)
    curve = censoring_curve(times, events) if censoring is None else censoring
    gone = (time[:, None] <= moments) & event[:, None]
    there = time[:, None] > moments
    late = _uncensored(curve.at(np.minimum(moments, curve.time[-1])), moments)
    early = np.ones(time.size)
    counted = gone.any(axis=1)
    if counted.any():
        early[counted] = _uncensored(curve.before(time[counted]), time[counted])
    error = gone * predicted**2 / early[:, None] + there * (1 - predicted) ** 2 / late
    return np.asarray(error, dtype=np.float64)


def null_brier_score(times: ArrayLike, events: ArrayLike, at: ArrayLike) -> NDArray[np.float64]:
    """The Brier score of giving everybody the Kaplan-Meier survival: what a model must beat.

    Arguments and errors as of `survival_brier_score`.
    """
    time, _ = checks.times_and_events(times, events)
    shares = kaplan_meier(times, events).at(at)
    return survival_brier_score(times, events, np.tile(shares, (time.size, 1)), at)


def integrated_brier_score(at: ArrayLike, brier: ArrayLike) -> float:
    """The mean of Brier scores over time, by trapezoids from the first to the last time.

    Args:
        at: (k,), ascending, at least two.
        brier: (k,), the scores there.

    Raises:
        ValueError: one time, times that don't ascend, other lengths.
    """
    moments, scores = checks.finite(at, "at"), checks.finite(brier, "brier")
    checks.same_length(at=moments, brier=scores)
    if moments.size < 2 or (np.diff(moments) <= 0).any():
        raise ValueError("at must hold at least 2 ascending times")
    return float(np.trapezoid(scores, moments) / (moments[-1] - moments[0]))


def cumulative_dynamic_auc(
    times: ArrayLike,
    events: ArrayLike,
    risk: ArrayLike,
    at: ArrayLike,
    *,
    censoring: SurvivalCurve | None = None,
) -> NDArray[np.float64]:
    """The AUC of telling those who have had the event by each time from those who have not.

    Those who have had it are weighted by the inverse chance of being uncensored; equal risks
    count one half.

    Args:
        times: (n,), of follow-up.
        events: (n,), 0 or 1.
        risk: (n,) or (n, k), higher for an earlier event.
        at: (k,), times with events before and patients after.
        censoring: The censoring curve of the training patients; of the judged where not given.

    Returns:
        (k,).

    Raises:
        ValueError: a time before the first event or after the last follow-up, other shapes.

    Source: Uno et al., JASA 102 (2007) 527; Hung and Chiang, Can J Stat 38 (2010) 8.
    """
    from scipy.stats import rankdata

    time, event = checks.times_and_events(times, events)
    moments = checks.finite(at, "at")
    given = np.asarray(risk, dtype=np.float64)
    scores = checks.finite(given, "risk", ndim=2 if given.ndim == 2 else 1)
    checks.same_length(times=time, risk=scores)
    if scores.ndim == 2 and scores.shape[1] != moments.size:
        raise ValueError(f"risk must have a column for each time of at; got {scores.shape}")
    curve = censoring_curve(times, events) if censoring is None else censoring
    result = np.empty(moments.size)
    for j, moment in enumerate(moments):
        score = scores if scores.ndim == 1 else scores[:, j]
        cases, controls = (time <= moment) & event, time > moment
        if not cases.any() or not controls.any():
            raise ValueError(
                f"at must hold times with events before and patients after; {moment:g} has "
                f"{int(cases.sum())} and {int(controls.sum())}"
            )
        weight = 1 / _uncensored(curve.before(time[cases]), time[cases])
        both = np.concatenate([score[cases], score[controls]])
        rank = rankdata(both)[: int(cases.sum())] - rankdata(score[cases])
        result[j] = float(weight @ rank / controls.sum() / weight.sum())
    return result


def drawn_dynamic_auc(
    times: ArrayLike,
    events: ArrayLike,
    risk: ArrayLike,
    moment: float,
    counts: ArrayLike,
    *,
    censoring: SurvivalCurve,
) -> NDArray[np.float64]:
    """`cumulative_dynamic_auc` at one time, of each of many samples of the same patients.

    The censoring curve, of the training patients, is the same for all samples.

    Args:
        times: (n,), of follow-up.
        events: (n,), 0 or 1.
        risk: (n,), higher for an earlier event.
        moment: The time.
        counts: (samples, n), how often a patient was drawn.
        censoring: The censoring curve.

    Returns:
        (samples,).

    Raises:
        ValueError: a sample without an event by then or without a patient after, other lengths.
    """
    time, event = checks.times_and_events(times, events)
    score, count = checks.finite(risk, "risk"), np.asarray(counts, dtype=np.float64)
    checks.same_length(times=time, risk=score, counts=count.T)
    cases, controls = (time <= moment) & event, time > moment
    mine, others = count[:, cases], count[:, controls]
    if (mine.sum(axis=1) == 0).any() or (others.sum(axis=1) == 0).any():
        raise ValueError(f"each sample must hold events by {moment:g} and patients after")
    mine = mine / _uncensored(censoring.before(time[cases]), time[cases])
    one, other = score[cases][:, None], score[controls]
    wins = (one > other) + 0.5 * (one == other)
    won = np.einsum("sj,sj->s", mine @ wins, others)
    return np.asarray(won / mine.sum(axis=1) / others.sum(axis=1))


def mean_dynamic_auc(times: ArrayLike, events: ArrayLike, at: ArrayLike, aucs: ArrayLike) -> float:
    """The mean of time-dependent AUCs, each weighted by the fall of survival up to it.

    Args:
        times: (n,), of follow-up.
        events: (n,), 0 or 1.
        at: (k,), ascending times.
        aucs: (k,), the AUCs there.

    Raises:
        ValueError: times that don't ascend, survival that doesn't fall, other lengths.

    Source: Lambert and Chevret, Stat Methods Med Res 25 (2016) 2088.
    """
    moments, areas = checks.finite(at, "at"), checks.finite(aucs, "aucs")
    checks.same_length(at=moments, aucs=areas)
    if (np.diff(moments) <= 0).any():
        raise ValueError("at must hold ascending times")
    fall = -np.diff(kaplan_meier(times, events).at(moments), prepend=1.0)
    if fall.sum() <= 0:
        raise ValueError("survival must fall until the last time of at; no event comes before")
    return float(areas @ fall / fall.sum())


def _uncensored(shares: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    if shares.min() <= 0:
        raise ValueError(
            f"everybody is censored by {float(times[shares <= 0].min()):g}: take earlier times"
        )
    return shares
