"""Whether those with a higher risk have the event earlier: concordance under censoring."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.survival_curve import SurvivalCurve, censoring_curve

__all__ = ["drawn_harrell_c", "drawn_uno_c", "harrell_c", "uno_c"]

CHUNK = 1000
NO_PAIR = "no pair is comparable: no event comes before another patient's time"


def harrell_c(times: ArrayLike, events: ArrayLike, risk: ArrayLike) -> float:
    """Harrell's C: the share of comparable pairs in which the earlier event had the higher risk.

    A pair is comparable where the earlier time is an event, or where both times are equal and
    one alone is an event, which then counts as the earlier. Equal risks count one half.

    Args:
        times: (n,), of follow-up.
        events: (n,), 0 or 1.
        risk: (n,), finite, higher for an earlier event.

    Raises:
        ValueError: no comparable pair, other lengths, values that are not finite.

    Source: Harrell et al., JAMA 247 (1982) 2543.
    """
    time, event, score = _checked(times, events, risk)
    return _concordance(time, event, score, event.astype(np.float64))


def drawn_harrell_c(
    times: ArrayLike, events: ArrayLike, risk: ArrayLike, counts: ArrayLike
) -> NDArray[np.float64]:
    """`harrell_c` of each of many samples of the same patients, as a bootstrap draws them.

    Pairs are compared once for all samples: a pair counts as often as the product of how often
    its two patients were drawn. A patient drawn twice is not compared with himself.

    Args:
        times, events, risk: (n,), as of `harrell_c`.
        counts: (samples, n), how often a patient was drawn.

    Returns:
        (samples,).

    Raises:
        ValueError: a sample without a comparable pair, other lengths.
    """
    time, event, score = _checked(times, events, risk)
    return _drawn_concordance(time, event, score, event.astype(np.float64), counts)


def uno_c(
    times: ArrayLike,
    events: ArrayLike,
    risk: ArrayLike,
    *,
    tau: float,
    censoring: SurvivalCurve | None = None,
) -> float:
    """Uno's C: pairs weighted by the inverse chance of being uncensored, up to a time.

    Unlike Harrell's it doesn't depend on how the cohort was censored.

    Args:
        times: (n,), of follow-up.
        events: (n,), 0 or 1.
        risk: (n,), finite, higher for an earlier event.
        tau: Only events before this time count; at it some must be under observation still.
        censoring: The censoring curve of the training patients; of the judged where not given.

    Raises:
        ValueError: everybody is censored before `tau`, no comparable pair, other lengths.

    Source: Uno et al., Stat Med 30 (2011) 1105.
    """
    time, event, score = _checked(times, events, risk)
    weight = _uno_weights(time, event, tau, censoring or censoring_curve(times, events))
    return _concordance(time, event, score, weight)


def drawn_uno_c(
    times: ArrayLike,
    events: ArrayLike,
    risk: ArrayLike,
    counts: ArrayLike,
    *,
    tau: float,
    censoring: SurvivalCurve,
) -> NDArray[np.float64]:
    """`uno_c` of each of many samples of the same patients, (samples,), as `drawn_harrell_c`.

    The censoring curve, of the training patients, is the same for all samples.

    Args:
        times, events, risk, tau, censoring: As of `uno_c`.
        counts: (samples, n), how often a patient was drawn.

    Raises:
        ValueError: as of `uno_c`; a sample without a comparable pair.
    """
    time, event, score = _checked(times, events, risk)
    weight = _uno_weights(time, event, tau, censoring)
    return _drawn_concordance(time, event, score, weight, counts)


def _uno_weights(
    time: NDArray[np.float64], event: NDArray[np.bool_], tau: float, curve: SurvivalCurve
) -> NDArray[np.float64]:
    counted = event & (time < tau)
    weight = np.zeros(time.size)
    if counted.any():
        uncensored = curve.before(time[counted])
        if uncensored.min() <= 0:
            raise ValueError(
                f"tau must lie where some are under observation still; at {tau:g} everybody "
                "is censored. Take a smaller one"
            )
        weight[counted] = uncensored**-2.0
    return weight


def _concordance(
    time: NDArray[np.float64],
    event: NDArray[np.bool_],
    score: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> float:
    """The weighted share, a patient's weight counting for the pairs in which he is the earlier."""
    won = total = 0.0
    for part, later, wins in _compared(time, event, score, np.flatnonzero(weight)):
        won += float(weight[part] @ (later * wins).sum(axis=1))
        total += float(weight[part] @ later.sum(axis=1))
    if total == 0:
        raise ValueError(NO_PAIR)
    return won / total


def _drawn_concordance(
    time: NDArray[np.float64],
    event: NDArray[np.bool_],
    score: NDArray[np.float64],
    weight: NDArray[np.float64],
    counts: ArrayLike,
) -> NDArray[np.float64]:
    """`_concordance` of each sample, (samples,)."""
    count = np.asarray(counts, dtype=np.float64)
    if count.ndim != 2 or count.shape[1] != time.size:
        raise ValueError(f"counts must be (samples, {time.size}); got {count.shape}")
    won, total = np.zeros((2, len(count)))
    for part, later, wins in _compared(time, event, score, np.flatnonzero(weight)):
        mine = count[:, part] * weight[part]
        won += np.einsum("si,si->s", mine, count @ (later * wins).T)
        total += np.einsum("si,si->s", mine, count @ later.T.astype(np.float64))
    if (total == 0).any():
        raise ValueError(NO_PAIR)
    return won / total


def _compared(
    time: NDArray[np.float64],
    event: NDArray[np.bool_],
    score: NDArray[np.float64],
    cases: NDArray[np.intp],
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.float64]]]:
    """Some cases, whom of all they come before, and what each such pair is worth, (cases, n)."""
    for start in range(0, cases.size, CHUNK):
        part = cases[start : start + CHUNK]
        here = time[part, None]
        later = (time > here) | ((time == here) & ~event)
        wins = (score[part, None] > score) + 0.5 * (score[part, None] == score)
        yield part, later, wins


def _checked(
    times: ArrayLike, events: ArrayLike, risk: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    time, event = checks.times_and_events(times, events)
    score = checks.finite(risk, "risk")
    checks.same_length(times=time, risk=score)
    return time, event, score
