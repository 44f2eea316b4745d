"""What the figures of a comparison are drawn from, as numbers that JSON holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.froc_judge import fold_frocs
from gliokit.bench.place_judge import FIGURE, by_person, case_figures
from gliokit.bench.running import Run
from gliokit.bench.scores import Scores, scores_by_system
from gliokit.bench.survival_figures import horizons_of, training_of
from gliokit.evaluation import (
    FALSE_ALARMS,
    decision_curve,
    kaplan_meier,
    log_rank,
    precision_recall_curve,
    reliability_curve,
    roc_curve,
    survival_net_benefit,
)
from gliokit.systems import ClassTarget, MaskTarget, SurvivalTarget

__all__ = ["curves_of"]

GRID = np.linspace(0, 1, 51)
ALARMS = np.linspace(0, FALSE_ALARMS[-1], 65)
THRESHOLDS = np.round(np.arange(0.02, 0.985, 0.02), 2)
BINS = 10
DIGITS = 5
STEPS_DAYS = (30, 60, 90, 180, 365, 730, 1825, 3650)
"""Of the times at which those at risk are counted: the shortest that makes five or fewer."""

Numbers = NDArray[np.float64]


def curves_of(run: Run) -> dict[str, dict[str, Any]]:
    """The curves of every system.

    Of two classes: 'roc' and 'precision_recall', means of the curves within folds; 'calibration'
    and 'decision' over the patients of the first repeat, whose probabilities come from
    different folds' models. Of survival: 'risk_groups', see `risk_groups`, and 'decision' where
    a system answers survival curves and a year can be judged, see `survival_decision`. Of several
    classes none. Of label maps and voxel maps: 'reached', the share of patients whose figure is as
    high or higher; of detections: 'froc', the mean of the curves within folds.
    """
    target = run.cohort.target(run.target)
    found = scores_by_system(run)
    if run.task == "detection":
        return {name: {"froc": _froc(s)} for name, s in found.items()}
    if isinstance(target, MaskTarget):
        persons = run.cohort.inputs.persons
        return {name: {"reached": _reached(s, FIGURE[run.task], persons)}
                for name, s in found.items()}  # fmt: skip
    if isinstance(target, SurvivalTarget):
        horizons = horizons_of(target, next(iter(found.values())), training_of(run))
        day = horizons.auc_at_days[0] if horizons.years else math.nan
        return {
            name: {"risk_groups": risk_groups(target, s), **survival_decision(target, s, day)}
            for name, s in found.items()
        }
    if len(target.classes) > 2:
        return {}
    return {name: _of_classes(target, s) for name, s in found.items()}


def _of_classes(target: ClassTarget, s: Scores) -> dict[str, Any]:
    labels, p = target.codes[s.rows], s.scores[0]
    reliability = reliability_curve(labels, p, bins=BINS)
    decision = decision_curve(labels, p, THRESHOLDS)
    return {
        "roc": {
            "x": _listed(np.append(0.0, GRID)),
            "y": _listed(np.append(0.0, _within_folds(labels, s, _sensitivity))),
        },
        "precision_recall": {
            "x": _listed(GRID),
            "y": _listed(_within_folds(labels, s, _precision)),
        },
        "calibration": {
            "x": _listed(reliability.predicted),
            "y": _listed(reliability.observed),
            "low": _listed(reliability.low),
            "high": _listed(reliability.high),
            "n": reliability.count.tolist(),
        },
        "decision": {
            "x": _listed(decision.threshold),
            "y": _listed(decision.model),
            "everybody": _listed(decision.everybody),
        },
    }


def _within_folds(
    labels: NDArray[np.int64], s: Scores, curve: Callable[[NDArray[np.int64], Numbers], Numbers]
) -> Numbers:
    curves = [
        curve(labels[fold == k], score[fold == k])
        for score, fold in zip(s.ranked, s.folds, strict=True)
        for k in np.unique(fold)
    ]
    return np.asarray(np.mean(curves, axis=0), dtype=np.float64)


def _sensitivity(labels: NDArray[np.int64], scores: Numbers) -> Numbers:
    curve = roc_curve(labels, scores)
    # A step up has two sensitivities at one false positive rate; the upper one counts.
    apart = curve.false_positive_rate + 1e-12 * np.arange(curve.sensitivity.size)
    return np.asarray(np.interp(GRID + 1e-9, apart, curve.sensitivity))


def _precision(labels: NDArray[np.int64], scores: Numbers) -> Numbers:
    """Of the highest threshold that reaches each recall; precision is not interpolated."""
    curve = precision_recall_curve(labels, scores)
    return np.asarray(curve.precision[np.searchsorted(curve.recall, GRID - 1e-9)])


def _reached(s: Scores, figure: str, persons: Sequence[str]) -> dict[str, Any]:
    values = by_person(s, case_figures(s, figure), persons)
    values = values[np.isfinite(values)]
    shares = (values >= GRID[:, None] - 1e-9).mean(axis=1)
    return {"x": _listed(GRID), "y": _listed(shares)}


def _froc(s: Scores) -> dict[str, Any]:
    curves = [[f.sensitivity_at(a) for a in ALARMS] for f in fold_frocs(s, np.arange(s.rows.size))]
    return {"x": _listed(ALARMS), "y": _listed(np.mean(curves, axis=0))}


def risk_groups(target: SurvivalTarget, s: Scores) -> dict[str, Any]:
    """Kaplan and Meier's curves of those above and below the median risk of training patients.

    Risks of different folds come from different models: a fold's patients are divided by the
    median of their own model's training patients (`Scores.thresholds`), and the log-rank test
    compares them within folds. Of runs that did not keep it they are divided by the median of
    those tested in their fold.

    Returns:
        'low' and 'high' with n, events, median_days and the curve; 'at_risk' at some times;
        'log_rank'; 'cut', 'training' or 'tested'. Empty where the risks are all the same, or
        nobody died while both groups were at risk.
    """
    days, died = target.days[s.rows], target.died[s.rows]
    risk, fold, cut = s.ranked[0], s.folds[0], s.thresholds[0]
    learnt = bool(np.isfinite(cut).all())
    high = risk > cut if learnt else _above_own_fold(risk, fold)
    if not high.any() or high.all():
        return {}
    groups = {"low": ~high, "high": high}
    step = next((s for s in STEPS_DAYS if days.max() < 5 * s), STEPS_DAYS[-1])
    times = np.arange(0, days.max(), step, dtype=np.float64)
    try:
        tested = log_rank(days, died, high, strata=fold)
    except ValueError:  # nobody died while both groups were at risk
        return {}
    return {
        **{name: _survival(days[mine], died[mine]) for name, mine in groups.items()},
        "at_risk": {
            "days": _listed(times),
            **{n: [int((days[m] >= t).sum()) for t in times] for n, m in groups.items()},
        },
        "log_rank": {"chi2": round(tested.chi2, DIGITS), "p": float(f"{tested.p:.3g}")},
        "cut": "training" if learnt else "tested",
    }


def survival_decision(target: SurvivalTarget, s: Scores, day: float) -> dict[str, Any]:
    """Net benefit over thresholds of the risk of death by a day, in the first repeat.

    The curve ends before the first threshold of which nobody acted on is followed until the day.

    Returns:
        'decision' with 'x', 'y', 'everybody' and 'day'. Empty where the system states no survival
        at the day, or where it is NaN.
    """
    alive = s.alive_at(np.array([day])) if math.isfinite(day) else None
    if alive is None or not np.isfinite(alive[0]).all():
        return {}
    days, died = target.days[s.rows], target.died[s.rows]
    x, model, everybody = [], [], []
    for threshold in THRESHOLDS.tolist():
        try:
            benefit = [
                survival_net_benefit(days, died, risk, at=day, threshold=threshold)
                for risk in (1 - alive[0, :, 0], np.ones(days.size))
            ]
        except ValueError:
            break
        x.append(threshold)
        model.append(benefit[0])
        everybody.append(benefit[1])
    told = {"x": x, "y": _listed(np.array(model)), "everybody": _listed(np.array(everybody))}
    return {"decision": {**told, "day": day}} if x else {}


def _above_own_fold(risk: Numbers, fold: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,), who lies above the median of those tested in his fold."""
    high = np.zeros(risk.size, dtype=bool)
    for k in np.unique(fold):
        mine = fold == k
        median = np.median(risk[mine])
        above = risk[mine] > median
        high[mine] = above if above.any() else risk[mine] >= median
        if high[mine].all():
            high[mine] = False
    return high


def _survival(days: Numbers, died: NDArray[np.bool_]) -> dict[str, Any]:
    curve = kaplan_meier(days, died)
    return {
        "n": int(days.size),
        "events": int(died.sum()),
        "median_days": _number(curve.median.value),
        "x": _listed(np.concatenate([[0.0], curve.time])),
        "y": _listed(np.concatenate([[1.0], curve.survival])),
        "low": _listed(np.concatenate([[1.0], curve.low])),
        "high": _listed(np.concatenate([[1.0], curve.high])),
    }


def _listed(values: Numbers) -> list[float | None]:
    return [_number(float(v)) for v in values]


def _number(value: float) -> float | None:
    return round(value, DIGITS) if math.isfinite(value) else None
