"""Whether acting on a model does more good than acting on everybody or on nobody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks

__all__ = ["DecisionCurve", "decision_curve", "net_benefit", "survival_net_benefit"]


@dataclass(frozen=True, slots=True)
class DecisionCurve:
    """Net benefit over threshold probabilities, of the model and of acting on everybody.

    Acting on nobody has a net benefit of 0.
    """

    threshold: NDArray[np.float64]
    model: NDArray[np.float64]
    everybody: NDArray[np.float64]


def net_benefit(true_positives: float, false_positives: float, n: int, threshold: float) -> float:
    """True positives per patient, less the false ones at the exchange rate of the threshold.

    Args:
        true_positives: Of those whose risk is at least the threshold.
        false_positives: Likewise.
        n: Of all patients.
        threshold: The risk at which one would act, between 0 and 1.

    Raises:
        ValueError: counts that don't fit n, a threshold outside.

    Source: Vickers and Elkin, Med Decis Making 26 (2006) 565.
    """
    at = checks.fraction(threshold, "threshold")
    if min(true_positives, false_positives) < 0 or not 0 < n >= true_positives + false_positives:
        raise ValueError(
            "true and false positives must be at least 0 and at most n together; "
            f"got {true_positives}, {false_positives}, n {n}"
        )
    return true_positives / n - false_positives / n * at / (1 - at)


def decision_curve(labels: ArrayLike, risk: ArrayLike, thresholds: ArrayLike) -> DecisionCurve:
    """Net benefit of acting on those with a risk of at least each threshold.

    Args:
        labels: (n,), 0 or 1; one class alone is allowed.
        risk: (n,), from 0 to 1, calibrated.
        thresholds: (k,), between 0 and 1.

    Raises:
        ValueError: values outside, other lengths.

    Source: Vickers and Elkin, Med Decis Making 26 (2006) 565.
    """
    positive, chance = checks.binary(labels, "labels"), checks.probabilities(risk, "risk")
    checks.same_length(labels=positive, risk=chance)
    at = checks.finite(thresholds, "thresholds")
    n, hits = positive.size, int(positive.sum())
    model = [
        net_benefit(
            int((positive & (chance >= t)).sum()), int((~positive & (chance >= t)).sum()), n, t
        )
        for t in at
    ]
    everybody = [net_benefit(hits, n - hits, n, t) for t in at]
    return DecisionCurve(at, np.array(model), np.array(everybody))


def survival_net_benefit(
    times: ArrayLike, events: ArrayLike, risk: ArrayLike, *, at: float, threshold: float
) -> float:
    """Net benefit at a time under censoring, by Kaplan and Meier among those acted on.

    Args:
        times: (n,), of follow-up.
        events: (n,), whether each ended with the event.
        risk: (n,), of the event until `at`, from 0 to 1.
        at: The time, in the unit of times; within the follow-up of those acted on.
        threshold: Between 0 and 1.

    Raises:
        ValueError: values outside, other lengths, `at` beyond the follow-up.

    Source: Vickers et al., BMC Med Inform Decis Mak 8 (2008) 53.
    """
    from gliokit.evaluation.survival_curve import kaplan_meier

    time, event = checks.times_and_events(times, events)
    chance = checks.probabilities(risk, "risk")
    checks.same_length(times=time, risk=chance)
    flagged = chance >= checks.fraction(threshold, "threshold")
    n, acted = time.size, int(flagged.sum())
    if acted == 0:
        return 0.0
    share = 1 - kaplan_meier(time[flagged], event[flagged]).at([at])[0]
    return net_benefit(share * acted, (1 - share) * acted, n, threshold)
