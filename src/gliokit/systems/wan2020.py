"""Wan 2020: ratios of the tumour's compartments against survival."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gliokit.evaluation import adjusted_p, fit_cox
from gliokit.study import StudyError
from gliokit.systems.answer import Associations, Finding, Risk
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.discrete_time import DiscreteTimeModel, fit_discrete_time_model
from gliokit.systems.inputs import Inputs
from gliokit.systems.needs import Needs
from gliokit.systems.scaling import fit_scaling
from gliokit.systems.storing import read_fitted
from gliokit.systems.system import Budget
from gliokit.systems.tabular import RiskModel, fit_risk_model
from gliokit.systems.training_set import TrainingSet

__all__ = [
    "VolumeRatios",
    "Wan2020",
    "inflation",
    "volume_ratios",
    "wan2020",
    "wan2020_discrete_time",
]

CARD = SystemCard(
    id="wan2020",
    title="Ratios of tumour compartments against overall survival",
    citation=(
        "Wan Y, Rahmat R, Price SJ. Deep learning for glioblastoma segmentation using "
        "preoperative magnetic resonance imaging identifies volumetric features associated with "
        "survival. Acta Neurochirurgica 162 (2020) 3067-3080"
    ),
    task="survival",
    target="survival",
    fidelity="F2",
    figures=(
        PaperFigure("hazard ratio per unit of enhancing / core", 4.73, 1.67, 13.40, 120),
        PaperFigure("hazard ratio per unit of necrosis / core", 8.13, 2.06, 32.12, 120),
        PaperFigure("hazard ratio per 0.1 of enhancing / core", 1.17, mark="computed"),
        PaperFigure("hazard ratio per 0.1 of necrosis / core", 1.23, mark="computed"),
    ),
    chosen=(
        "volumes are given: from expert or automatic masks, the paper's were edited by hand",
        "the covariates beside the ratios: age and the logarithm of the whole volume",
        "Efron's ties; Benjamini and Hochberg over all covariates",
        "a covariate whose variance inflation is above 10 is left out, the last one first",
        "wan2020:discrete-time, which is not of the paper: logistic hazards in up to ten intervals "
        "of time in the place of Cox, whose effects may change along them, with a ridge penalty",
        "survival curves beside the risks: Breslow's baseline hazard of the training fold, or the "
        "hazards of the intervals; the paper predicts no survival",
    ),
    doubts=(
        "Dice is against an edited copy of the same automatic mask, which favours it",
        "the two ratios share a core: where that is enhancing and necrotic tumour alone they sum "
        "to 1 and can't both stand in one model",
        "a hazard ratio per unit of a ratio that runs from 0 to 1 looks larger than it is",
        "an upper quartile of 0.8 stands below the median of 0.81 in print",
    ),
    review=("the survival result and the editing by hand are not mentioned",),
)

MOST_INFLATION = 10.0
NEEDS = Needs(
    ("whole_ml", "core_ml", "enhancing_ml", "necrosis_ml", "age_years"), least_per_class=20
)
COVARIATES = ("enhancing_to_core", "necrosis_to_core", "age_years", "log_whole_ml")


@dataclass(frozen=True, slots=True, eq=False)
class VolumeRatios:
    """Covariates of patients: (n, 4), in the order of `COVARIATES`."""

    values: NDArray[np.float64]


def volume_ratios(patients: Inputs) -> VolumeRatios:
    """Ratios to the core of non-enhancing, enhancing and necrotic tumour.

    A patient without a core has no ratio: it is not known, and filled with the median of the
    training fold.

    Raises:
        StudyError: a volume below 0, or parts that are larger than their whole.
    """
    enhancing, necrosis, core, whole = (
        patients.column(c) for c in ("enhancing_ml", "necrosis_ml", "core_ml", "whole_ml")
    )
    wrong = (enhancing < 0) | (necrosis < 0) | (enhancing + necrosis > core * 1.001 + 1e-6)
    wrong |= (core > whole * 1.001 + 1e-6) | (whole <= 0)
    if wrong.any():
        raise StudyError(
            "enhancing tumour and necrosis lie in the core, and the core in the whole",
            source=patients.subjects[int(np.argmax(wrong))],
        )
    below = np.where(core > 0, core, np.nan)
    parts = (enhancing / below, necrosis / below, patients.column("age_years"), np.log(whole))
    return VolumeRatios(np.stack(parts, axis=1))


def inflation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The variance inflation factor of each column, (p,); infinite where others give it.

    Definition: 1 / (1 - R2) of the column regressed on the others.
    """
    p = values.shape[1]
    found = np.ones(p)
    centred = values - values.mean(axis=0)
    for j in range(p):
        others = np.delete(centred, j, axis=1)
        if others.shape[1] == 0:
            continue
        rest = centred[:, j] - others @ np.linalg.lstsq(others, centred[:, j], rcond=None)[0]
        total, left = float((centred[:, j] ** 2).sum()), float((rest**2).sum())
        found[j] = math.inf if left <= 1e-10 * total or total == 0 else total / left
    return found


@dataclass(frozen=True, slots=True, eq=False)
class FittedRatios:
    """A model of ratios, and what it found."""

    model: RiskModel | DiscreteTimeModel

    @property
    def findings(self) -> dict[str, Any]:
        """Hazard ratios with q values, and what was left out."""
        return dict(self.model.findings)

    def answer(self, patients: Inputs) -> Risk:
        """Log hazards, of discrete time minus the mean days lived; with survival curves."""
        return self.model.answer(_as_inputs(patients, self.model.columns))

    def save(self, folder: Path) -> None:
        """fitted.json."""
        self.model.save(folder)


@dataclass(frozen=True, slots=True)
class Wan2020:
    """Cox regression of the ratios, corrected for the number of covariates.

    Args:
        learner: 'discrete time' has logistic hazards in intervals of time in its place.
    """

    learner: Literal["cox", "discrete time"] = "cox"
    card: SystemCard = CARD
    needs: Needs = NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> FittedRatios:
        """Leave out what follows from the rest, fit, correct."""
        known = training.labelled
        kept, left_out = _kept(known.inputs)
        ready = TrainingSet(_as_inputs(known.inputs, kept), known.target)
        findings: dict[str, Any] = {
            "left_out": list(left_out),
            "events": int(known.survival.died.sum()),
        }
        if self.learner == "discrete time":
            return FittedRatios(fit_discrete_time_model(self.card.id, ready, kept, findings))
        found = associations(ready, kept)
        findings = {"hazard_ratios": [asdict(f) for f in found.findings], **findings}
        return FittedRatios(fit_risk_model(self.card.id, ready, kept, findings))

    def load(self, folder: Path) -> FittedRatios:
        """What was saved."""
        if "ends" in read_fitted(folder, self.card.id):
            return FittedRatios(DiscreteTimeModel.load(folder, self.card.id))
        return FittedRatios(RiskModel.load(folder, self.card.id))


def associations(training: TrainingSet, columns: Sequence[str]) -> Associations:
    """Hazard ratios per unit of each covariate in one model, with Benjamini and Hochberg's q."""
    values = training.inputs.matrix(columns)
    scaling = fit_scaling(values)
    filled = np.where(np.isnan(values), scaling.medians, values)
    fit = fit_cox(training.survival.days, training.survival.died, filled)
    q = adjusted_p(fit.p, "benjamini-hochberg")
    findings = tuple(
        Finding(
            column, training.target.name, "hazard ratio per unit", ratio.value, ratio.low,
            ratio.high, ratio.n, float(p), float(after), "benjamini-hochberg",
        )
        for column, ratio, p, after in zip(columns, fit.hazard_ratios(), fit.p, q, strict=True)
    )  # fmt: skip
    return Associations(training.target.name, findings)


def _as_inputs(patients: Inputs, columns: Sequence[str]) -> Inputs:
    places = [COVARIATES.index(c) for c in columns]
    values = volume_ratios(patients).values[:, places]
    return Inputs(patients.subjects, tuple(columns), values, patients.persons, patients.sites)


def _kept(patients: Inputs) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Covariates that don't follow from one another, and those left out."""
    values = volume_ratios(patients).values
    scaling = fit_scaling(values)
    filled = scaling(values)
    kept = [j for j in range(len(COVARIATES)) if scaling.spreads[j] > 0]
    # Ratios come first in COVARIATES: of two that sum to 1 the enhancing one stays.
    while len(kept) > 1:
        factors = inflation(filled[:, kept])
        if factors.max() <= MOST_INFLATION:
            break
        kept.pop(int(np.flatnonzero(factors > MOST_INFLATION)[-1]))
    names = tuple(COVARIATES[j] for j in kept)
    return names, tuple(c for c in COVARIATES if c not in names)


def wan2020() -> Wan2020:
    """As published."""
    return Wan2020()


def wan2020_discrete_time() -> Wan2020:
    """The same covariates without proportional hazards."""
    return Wan2020(learner="discrete time")
