"""What every system must beat: the commonest class, age and sex, volume, the classical signs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gliokit.evaluation import Platt
from gliokit.systems.answer import Answer, ClassProbabilities, Risk
from gliokit.systems.card import SystemCard
from gliokit.systems.classifiers import fit_classifier
from gliokit.systems.inputs import Inputs
from gliokit.systems.needs import Needs
from gliokit.systems.one_vs_rest import OneVsRest, fit_one_vs_rest
from gliokit.systems.scaling import fit_scaling
from gliokit.systems.storing import read_fitted, write_fitted
from gliokit.systems.system import Budget
from gliokit.systems.tabular import RiskModel, TabularClassifier, binary_labels, fit_risk_model
from gliokit.systems.target import ClassTarget
from gliokit.systems.training_set import TrainingSet

__all__ = ["Majority", "NumbersBaseline", "age_sex", "majority", "signs", "volume"]

MAJORITY = SystemCard(
    "majority", "The commonest class", "", "classification", "", "F1", state="baseline"
)
MAJORITY_NEEDS = Needs(least_per_class=1)


@dataclass(frozen=True, slots=True)
class FittedMajority:
    """The shares of the classes, or nobody before another."""

    target: str
    classes: tuple[str, ...]
    shares: tuple[float, ...]

    @property
    def findings(self) -> dict[str, Any]:
        """The shares."""
        return {"shares": dict(zip(self.classes, self.shares, strict=True))}

    def answer(self, patients: Inputs) -> Answer:
        """The same for everybody."""
        n = len(patients)
        if not self.classes:
            return Risk(patients.subjects, self.target, np.zeros(n))
        p = np.tile(np.array(self.shares), (n, 1))
        return ClassProbabilities(patients.subjects, self.target, self.classes, p, 0.5)

    def save(self, folder: Path) -> None:
        """fitted.json."""
        content = {"target": self.target, "classes": self.classes, "shares": self.shares}
        write_fitted(folder, "majority", content)


@dataclass(frozen=True, slots=True)
class Majority:
    """The share of each class in the training fold, for everybody."""

    card: SystemCard = MAJORITY
    needs: Needs = MAJORITY_NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> FittedMajority:
        """Count."""
        target = training.labelled.target
        if not isinstance(target, ClassTarget):
            return FittedMajority(target.name, (), ())
        counts = np.bincount(target.codes, minlength=len(target.classes))
        return FittedMajority(target.name, target.classes, tuple((counts / counts.sum()).tolist()))

    def load(self, folder: Path) -> FittedMajority:
        """What was saved."""
        content = read_fitted(folder, "majority")
        return FittedMajority(
            content["target"], tuple(content["classes"]), tuple(content["shares"])
        )


@dataclass(frozen=True, slots=True)
class NumbersBaseline:
    """A logistic or Cox model of a few named numbers.

    Args:
        card: Of the baseline.
        needs: The columns; gaps are filled with the training fold's median.
        besides: Columns that are taken too where the table has them.
    """

    card: SystemCard
    needs: Needs
    besides: tuple[str, ...] = ()

    def fit(
        self, training: TrainingSet, *, budget: Budget, seed: int
    ) -> TabularClassifier | OneVsRest | RiskModel:
        """Ridge logistic regression of scaled columns, of several classes each against the rest;
        or Cox with Efron's ties."""
        known = training.labelled
        there = tuple(c for c in self.besides if c in known.inputs.columns)
        columns = (*self.needs.columns, *there)
        if not isinstance(known.target, ClassTarget):
            return fit_risk_model(self.card.id, training, columns)
        if len(known.target.classes) > 2:
            return fit_one_vs_rest(
                self.card.id, known, lambda part: self._fit_two(part, columns, seed)
            )
        return self._fit_two(known, columns, seed)

    def _fit_two(
        self, known: TrainingSet, columns: tuple[str, ...], seed: int
    ) -> TabularClassifier:
        labels = binary_labels(known.classes)
        values = known.inputs.matrix(columns)
        scaling = fit_scaling(values)
        model = fit_classifier("logistic", scaling(values), labels, seed=seed)
        return TabularClassifier(
            self.card.id,
            known.target.name,
            known.classes.classes,
            columns,
            scaling,
            tuple(range(len(columns))),
            model,
            Platt(1.0, 0.0),
            float(labels.mean()),
            {"coefficients": dict(zip(columns, model.coef_[0].tolist(), strict=True))},
        )

    def load(self, folder: Path) -> TabularClassifier | OneVsRest | RiskModel:
        """What was saved."""
        content = read_fitted(folder, self.card.id)
        if "coefficients" in content:
            return RiskModel.load(folder, self.card.id)
        if "one_of" in content:
            return OneVsRest.load(folder, self.card.id)
        return TabularClassifier.load(folder, self.card.id)


def _baseline(
    name: str, title: str, columns: tuple[str, ...], besides: tuple[str, ...] = ()
) -> NumbersBaseline:
    card = SystemCard(name, title, "", "classification", "", "F1", state="baseline")
    return NumbersBaseline(card, Needs(columns, gaps_allowed=True), besides)


def majority() -> Majority:
    """The commonest class."""
    return Majority()


def age_sex() -> NumbersBaseline:
    """Age and sex."""
    return _baseline("age_sex", "Age and sex", ("age_years", "male"))


def volume() -> NumbersBaseline:
    """The volume of the whole tumour alone: of the table, or measured from region WT where the
    bench has images (`gliokit.systems.measured_signs`)."""
    return _baseline("volume", "Volume of the whole tumour", ("whole_ml",))


def signs() -> NumbersBaseline:
    """Age and the classical signs: a sharp margin, homogeneity, little enhancement, and a
    single lobe or centre on one side where the table says so.

    What the table lacks the bench measures from images with drawn regions: sharpness by the step
    of T2 (else FLAIR) at the edge of WT, heterogeneity as the interquartile range of the same
    in WT, enhancement as ET over TC where they are drawn, else as the share of WT that is
    bright on T1C, several centres as parts of WT of 1 mL or more. Lobes and midline need a match
    with the atlas and are of the table alone. See `gliokit.systems.measured_signs`.
    """
    return _baseline(
        "signs",
        "Age and the classical signs",
        ("age_years", "margin_sharpness", "heterogeneity", "enhancement_share"),
        ("single_lobe", "multifocal", "crosses_midline"),
    )
