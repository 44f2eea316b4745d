"""Fitted classifiers and risk models of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.evaluation import CoxFit, Platt, fit_cox, proportionality_test
from gliokit.study import UsageError
from gliokit.systems.answer import ClassProbabilities, Risk, SurvivalCurves
from gliokit.systems.classifiers import scores_of
from gliokit.systems.inputs import Inputs
from gliokit.systems.scaling import Scaling, fit_scaling
from gliokit.systems.storing import load_estimator, read_fitted, save_estimator, write_fitted
from gliokit.systems.target import ClassTarget, SurvivalTarget
from gliokit.systems.training_set import TrainingSet

__all__ = ["RiskModel", "TabularClassifier", "binary_labels", "fit_risk_model"]

MOST_DAYS = 100
"""Of a baseline hazard that are kept, evenly among the days of death."""


def binary_labels(target: ClassTarget) -> NDArray[np.int64]:
    """The codes of a target of two classes, all known.

    Raises:
        UsageError: more classes, or one that is not known.
    """
    if len(target.classes) != 2 or not target.known.all():
        raise UsageError("this system learns from two classes, known for every patient",
                         source=target.name, found=", ".join(target.classes))  # fmt: skip
    return target.codes


@dataclass(frozen=True, slots=True, eq=False)
class TabularClassifier:
    """Columns filled and scaled, some of them chosen, a classifier, a calibration.

    Args:
        system: Id.
        target, classes: As of the training fold; two classes.
        columns: (p,) that patients must have.
        scaling: Of these.
        chosen: Places of the columns that the classifier sees.
        model: Of scikit-learn.
        calibration: Slope and intercept from the classifier's score to a logit.
        threshold: Of the calibrated probability.
        findings: What was chosen and why.
    """

    system: str
    target: str
    classes: tuple[str, ...]
    columns: tuple[str, ...]
    scaling: Scaling
    chosen: tuple[int, ...]
    model: Any
    calibration: Platt
    threshold: float
    findings: Mapping[str, Any] = field(default_factory=dict)

    def answer(self, patients: Inputs) -> ClassProbabilities:
        """Calibrated probabilities."""
        scaled = self.scaling(patients.matrix(self.columns))[:, list(self.chosen)]
        p = self.calibration(scores_of(self.model, scaled))
        both = np.stack([1 - p, p], axis=1)
        return ClassProbabilities(
            patients.subjects, self.target, self.classes, both, self.threshold
        )

    def save(self, folder: Path) -> None:
        """fitted.json and model.skops."""
        write_fitted(
            folder,
            self.system,
            {
                "target": self.target,
                "classes": list(self.classes),
                "columns": list(self.columns),
                "scaling": self.scaling.to_json(),
                "chosen": list(self.chosen),
                "calibration": [self.calibration.slope, self.calibration.intercept],
                "threshold": self.threshold,
                "findings": dict(self.findings),
            },
        )
        save_estimator(folder, self.model)

    @classmethod
    def load(cls, folder: Path, system: str) -> TabularClassifier:
        """What `save` wrote."""
        content = read_fitted(folder, system)
        return cls(
            system,
            content["target"],
            tuple(content["classes"]),
            tuple(content["columns"]),
            Scaling.from_json(content["scaling"]),
            tuple(content["chosen"]),
            load_estimator(folder),
            Platt(*content["calibration"]),
            content["threshold"],
            content["findings"],
        )


@dataclass(frozen=True, slots=True, eq=False)
class RiskModel:
    """A Cox model of scaled columns.

    Args:
        system: Id.
        target: Name.
        columns: (p,) that patients must have.
        scaling: Of these.
        coefficients: (p,) of the log hazard.
        findings: What was found.
        days: (t,), days of death of the training fold, up to 100.
        baseline: (t,), Breslow's cumulative hazard by then where every scaled column is 0. Models
            that were saved without it answer risks alone, and so do those of no column that varies.
    """

    system: str
    target: str
    columns: tuple[str, ...]
    scaling: Scaling
    coefficients: NDArray[np.float64]
    findings: Mapping[str, Any] = field(default_factory=dict)
    days: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    baseline: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def answer(self, patients: Inputs) -> Risk:
        """Log hazards against the training fold's mean patient, and the survival they give."""
        risk = self.scaling(patients.matrix(self.columns)) @ self.coefficients
        if not self.days.size:
            return Risk(patients.subjects, self.target, risk)
        survival = np.exp(-np.exp(risk)[:, None] * self.baseline)
        return SurvivalCurves(patients.subjects, self.target, risk, self.days, survival)

    def save(self, folder: Path) -> None:
        """fitted.json."""
        write_fitted(
            folder,
            self.system,
            {
                "target": self.target,
                "columns": list(self.columns),
                "scaling": self.scaling.to_json(),
                "coefficients": self.coefficients.tolist(),
                "days": self.days.tolist(),
                "baseline": self.baseline.tolist(),
                "findings": dict(self.findings),
            },
        )

    @classmethod
    def load(cls, folder: Path, system: str) -> RiskModel:
        """What `save` wrote."""
        content = read_fitted(folder, system)
        return cls(
            system,
            content["target"],
            tuple(content["columns"]),
            Scaling.from_json(content["scaling"]),
            np.array(content["coefficients"]),
            content["findings"],
            np.array(content.get("days", []), dtype=np.float64),
            np.array(content.get("baseline", []), dtype=np.float64),
        )


def fit_risk_model(
    system: str,
    training: TrainingSet,
    columns: Sequence[str],
    findings: Mapping[str, Any] | None = None,
) -> RiskModel:
    """A Cox model (Efron's ties) of some columns; those that don't vary are left out.

    Its baseline hazard is Breslow's. Findings hold 'proportional_hazards' besides: p by scaled
    Schoenfeld residuals, of each column and of all.

    Raises:
        ValueError: of `fit_cox`: columns that follow from one another, no death.
    """
    known = training.labelled
    values = known.inputs.matrix(columns)
    scaling, told = fit_scaling(values), dict(findings or {})
    varies = scaling.spreads > 0
    coefficients, days, baseline = np.zeros(len(columns)), np.zeros(0), np.zeros(0)
    if varies.any():
        scaled = scaling(values)[:, varies]
        fit = fit_cox(known.survival.days, known.survival.died, scaled)
        coefficients[varies] = fit.coefficients
        days, baseline = _baseline(fit)
        names = [c for c, v in zip(columns, varies, strict=True) if v]
        told |= _proportional_hazards(fit, known.survival, scaled, names)
    return RiskModel(
        system, known.target.name, tuple(columns), scaling, coefficients, told, days, baseline
    )


def _baseline(fit: CoxFit) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Days of death, up to 100, and the cumulative hazard by then of who is 0 in each covariate."""
    k = fit.baseline_times.size
    kept = np.unique(np.linspace(0, k - 1, min(k, MOST_DAYS)).round().astype(int))
    at_zero = np.exp(-fit.centre @ fit.coefficients)
    return fit.baseline_times[kept], fit.cumulative_hazard[kept] * at_zero


def _proportional_hazards(
    fit: CoxFit, target: SurvivalTarget, scaled: NDArray[np.float64], names: Sequence[str]
) -> dict[str, Any]:
    """p values by scaled Schoenfeld residuals; none where all deaths fall on one day."""
    try:
        found = proportionality_test(fit, target.days, target.died, scaled)
    except ValueError:
        return {}
    each = {name: float(f"{p:.3g}") for name, p in zip(names, found.p, strict=True)}
    return {"proportional_hazards": {"p": each, "all": float(f"{found.global_p:.3g}")}}
