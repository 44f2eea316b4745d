"""Survival in intervals of time: what a hazard may do there need not be proportional."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.systems.answer import SurvivalCurves
from gliokit.systems.inputs import Inputs
from gliokit.systems.scaling import Scaling, fit_scaling
from gliokit.systems.storing import read_fitted, write_fitted
from gliokit.systems.training_set import TrainingSet

__all__ = [
    "DiscreteTimeModel",
    "Lived",
    "fit_discrete_time_model",
    "interval_ends",
    "intervals_lived",
    "restricted_mean_days",
]

Numbers = NDArray[np.float64]

MOST_INTERVALS = 10
DEATHS_PER_INTERVAL = 5
RIDGE = 1.0
"""Against effects of scaled columns, as scikit-learn's logistic regression has it."""
RIDGE_OF_LEVELS = 1e-2
"""An interval in which everybody dies has no finite level without it."""
MOST_STEPS = 100
CLOSE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Lived:
    """Intervals of patients, each (n, k) of 0 and 1.

    Args:
        at_risk: Whether the interval counts for the patient.
        died: Whether death was in it; only where it counts.
    """

    at_risk: Numbers
    died: Numbers


def interval_ends(days: Numbers, died: NDArray[np.bool_], *, most: int = MOST_INTERVALS) -> Numbers:
    """Ends of intervals from day 0 on, (k,), of about as many deaths each, the last one at the
    last death; five deaths or more in each, unless several fall on one day, or one interval.

    Args:
        days, died: (n,), of the training fold; one death or more.
        most: Intervals.
    """
    deaths = days[died]
    k = int(np.clip(deaths.size // DEATHS_PER_INTERVAL, 1, most))
    return np.unique(np.quantile(deaths, np.arange(1, k + 1) / k, method="inverted_cdf"))


def intervals_lived(days: Numbers, died: NDArray[np.bool_], ends: Numbers) -> Lived:
    """Which intervals count for each patient.

    Definition: of a death those up to the one in which it was, after its start and at its end at
    the latest; of a censored patient those of which half or more was lived. What comes after the
    last end is not looked at.

    Source: Gensheimer MF, Narasimhan B. PeerJ 2019;7:e6257. doi:10.7717/peerj.6257
    """
    starts = np.concatenate([[0.0], ends[:-1]])
    begun, passed = days[:, None] > starts, days[:, None] >= ends
    halved = days[:, None] >= (starts + ends) / 2
    fell = died[:, None] & begun & (days[:, None] <= ends)
    at_risk = np.where(died[:, None], begun, passed | halved)
    return Lived(at_risk.astype(np.float64), fell.astype(np.float64))


def restricted_mean_days(hazards: Numbers, ends: Numbers) -> Numbers:
    """Mean days lived until the last end, (n,): the area under survival, straight within intervals.

    Args:
        hazards: (n, k), probability of death in an interval for who sees its start.
        ends: (k,).
    """
    after = np.cumprod(1 - hazards, axis=1)
    before = np.column_stack([np.ones(len(hazards)), after[:, :-1]])
    return np.asarray(((before + after) / 2) @ np.diff(ends, prepend=0.0))


@dataclass(frozen=True, slots=True, eq=False)
class DiscreteTimeModel:
    """A logistic hazard in each interval, whose effects may change with time.

    Args:
        system: Id.
        target: Name.
        columns: (p,) that patients must have.
        scaling: Of these.
        ends: (k,) of the intervals, in days.
        levels: (k,) logits of the hazard of the mean patient.
        effects: (p,) on the logit, in the middle of the time.
        changes: (p,) of the effects from the middle to the last interval, and turned round to the
            first one.
        findings: What was found.
    """

    system: str
    target: str
    columns: tuple[str, ...]
    scaling: Scaling
    ends: Numbers
    levels: Numbers
    effects: Numbers
    changes: Numbers
    findings: Mapping[str, Any] = field(default_factory=dict)

    def hazards(self, patients: Inputs) -> Numbers:
        """Probability of death in each interval for who sees its start, (n, k)."""
        scaled = self.scaling(patients.matrix(self.columns))
        drift = np.outer(scaled @ self.changes, _clock(self.ends.size))
        return _sigmoid(self.levels + (scaled @ self.effects)[:, None] + drift)

    def answer(self, patients: Inputs) -> SurvivalCurves:
        """Survival of each interval's end; the risk is minus the mean days lived until the last
        one: where curves cross, who lives longer on the whole has the lower risk."""
        hazards = self.hazards(patients)
        days = restricted_mean_days(hazards, self.ends)
        survival = np.asarray(np.cumprod(1 - hazards, axis=1), dtype=np.float64)
        return SurvivalCurves(patients.subjects, self.target, -days, self.ends, survival)

    def save(self, folder: Path) -> None:
        """fitted.json."""
        arrays = {n: getattr(self, n).tolist() for n in ("ends", "levels", "effects", "changes")}
        content = {"target": self.target, "columns": list(self.columns), **arrays}
        content |= {"scaling": self.scaling.to_json(), "findings": dict(self.findings)}
        write_fitted(folder, self.system, content)

    @classmethod
    def load(cls, folder: Path, system: str) -> DiscreteTimeModel:
        """What `save` wrote."""
        content = read_fitted(folder, system)
        return cls(
            system,
            content["target"],
            tuple(content["columns"]),
            Scaling.from_json(content["scaling"]),
            np.array(content["ends"]),
            np.array(content["levels"]),
            np.array(content["effects"]),
            np.array(content["changes"]),
            content["findings"],
        )


def fit_discrete_time_model(
    system: str,
    training: TrainingSet,
    columns: Sequence[str],
    findings: Mapping[str, Any] | None = None,
) -> DiscreteTimeModel:
    """Logistic regression of person-periods: a row for each patient and interval that counts, a
    level for each interval, and for each column an effect and its change along the intervals.

    Effects and changes of scaled columns have a ridge penalty of 1. Findings hold 'discrete_time'
    besides: the ends, and log odds at the first and the last interval.

    Raises:
        ValueError: no death.

    Source: Allison PD. Sociol Methodol 1982;13:61-98. doi:10.2307/270718; Singer JD, Willett JB.
        J Educ Stat 1993;18:155-195. doi:10.3102/10769986018002155, with effects by time
    """
    known = training.labelled
    days, died = known.survival.days, known.survival.died
    if not died.any():
        raise ValueError("a model of survival learns from one death or more; got none")
    values = known.inputs.matrix(columns)
    scaling = fit_scaling(values)
    ends = interval_ends(days, died)
    fitted = _person_periods(scaling(values), intervals_lived(days, died, ends))
    k, p = ends.size, len(columns)
    effects, changes = fitted[k : k + p], fitted[k + p :]
    told = {
        "ends_days": ends.round(1).tolist(),
        "first": dict(zip(columns, (effects - changes).round(4).tolist(), strict=True)),
        "last": dict(zip(columns, (effects + changes).round(4).tolist(), strict=True)),
    }
    return DiscreteTimeModel(
        system, known.target.name, tuple(columns), scaling, ends, fitted[:k], effects, changes,
        {**(findings or {}), "discrete_time": told},
    )  # fmt: skip


def _clock(k: int) -> Numbers:
    """-1 at the first interval to 1 at the last; 0 of one alone."""
    return np.linspace(-1.0, 1.0, k) if k > 1 else np.zeros(1)


def _person_periods(scaled: Numbers, lived: Lived) -> Numbers:
    """Levels, effects and changes, (k + 2 p,), by Newton's steps."""
    who, when = np.nonzero(lived.at_risk)
    k = lived.at_risk.shape[1]
    row = scaled[who]
    design = np.hstack([np.eye(k)[when], row, row * _clock(k)[when, None]])
    died = lived.died[who, when]
    ridge = np.repeat([RIDGE_OF_LEVELS, RIDGE], [k, 2 * scaled.shape[1]])
    found = np.zeros(design.shape[1])
    for _ in range(MOST_STEPS):
        hazard = _sigmoid(design @ found)
        slope = design.T @ (died - hazard) - ridge * found
        curve = (design.T * (hazard * (1 - hazard))) @ design + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        found = found + step
        if np.abs(step).max() < CLOSE:
            break
    return found


def _sigmoid(logits: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -500, 500))))
