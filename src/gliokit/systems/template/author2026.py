"""Author 2026: what it finds and from what, in one line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gliokit.evaluation import fit_platt, youden_threshold
from gliokit.systems.card import SystemCard
from gliokit.systems.classifiers import fit_classifier, scores_of
from gliokit.systems.needs import Needs
from gliokit.systems.scaling import fit_scaling
from gliokit.systems.system import Budget
from gliokit.systems.tabular import TabularClassifier, binary_labels
from gliokit.systems.training_set import TrainingSet

__all__ = ["Author2026", "author2026"]

CARD = SystemCard(
    id="author2026",
    title="What it finds, and from what",
    citation="Author A, Other B. Title of the paper. Journal 1 (2026) 1-10",
    task="classification",
    target="idh",
    fidelity="F3",
    figures=(),  # PaperFigure("AUC, external patients", 0.85, 0.80, 0.90, 120), as printed.
    chosen=("everything so far: a logistic model of all numbers, calibrated by Platt",),
    doubts=("what in the paper makes you doubt its figures",),
    small="3 folds for the calibration, in the place of 10",
)

# What every patient must have; `columns=("age_years", ...)` names numbers one by one.
NEEDS = Needs(features="*", gaps_allowed=True, least_per_class=10)
FOLDS = {"smoke": 3, "small": 3, "paper": 10}


@dataclass(frozen=True, slots=True)
class Author2026:
    """The paper's method, its choices as fields."""

    card: SystemCard = CARD
    needs: Needs = NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> TabularClassifier:
        """Learn from the training fold; every choice on data is made within it."""
        known = training.labelled
        columns = self.needs.feature_columns(known.inputs)
        values, labels = known.inputs.matrix(columns), binary_labels(known.classes)
        held_out = np.zeros(len(labels))
        for learn, judged in known.inner_folds(FOLDS[budget], seed=seed):
            scaling = fit_scaling(values[learn])
            model = fit_classifier("logistic", scaling(values[learn]), labels[learn], seed=seed)
            held_out[judged] = scores_of(model, scaling(values[judged]))
        calibration = fit_platt(labels, held_out)
        scaling = fit_scaling(values)
        return TabularClassifier(
            self.card.id,
            known.classes.name,
            known.classes.classes,
            columns,
            scaling,
            tuple(range(len(columns))),
            fit_classifier("logistic", scaling(values), labels, seed=seed),
            calibration,
            youden_threshold(labels, calibration(held_out)),
            {"features": len(columns)},
        )

    def load(self, folder: Path) -> TabularClassifier:
        """What was saved."""
        return TabularClassifier.load(folder, self.card.id)


def author2026() -> Author2026:
    """As published."""
    return Author2026()
