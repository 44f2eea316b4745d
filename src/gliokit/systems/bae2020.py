"""Bae 2020: a network over the whole feature table, against 35 classical pipelines."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gliokit.evaluation import fit_platt, youden_threshold
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.classifiers import CLASSIFIERS, scores_of
from gliokit.systems.grid import Grid, fit_pipeline, try_grid
from gliokit.systems.needs import Needs
from gliokit.systems.scaling import fit_scaling
from gliokit.systems.system import Budget
from gliokit.systems.tabular import TabularClassifier, binary_labels
from gliokit.systems.training_set import TrainingSet

__all__ = ["Bae2020", "bae2020"]

CARD = SystemCard(
    id="bae2020",
    title="Glioblastoma or single metastasis: a network over a table of radiomics",
    citation=(
        "Bae S, An C, Ahn SS, et al. Robust performance of deep learning for distinguishing "
        "glioblastoma from single brain metastasis using radiomic features: model development "
        "and validation. Scientific Reports 10 (2020) 12110"
    ),
    task="classification",
    target="metastasis",
    fidelity="F2",
    figures=(
        PaperFigure("AUC of the network, external patients", 0.956, 0.918, 0.990, 82),
        PaperFigure("AUC of the best classical pipeline, external patients", 0.890, 0.823, 0.947,
                    82),
        PaperFigure("sensitivity of the network for metastasis, external patients", 0.906, n=32),
        PaperFigure("specificity of the network, external patients", 0.880, n=50),
    ),
    chosen=(
        "three hidden layers of 256, 128 and 64, ReLU, L2 of 1e-4, Adam at 1e-3",
        "early stopping on a tenth of the training fold",
        "scikit-learn's network, which has neither dropout nor batch normalisation",
        "the mean of three networks of different seeds",
        "the classical pipelines' five selectors: LASSO, ANOVA F, mutual information, Gini "
        "importance, recursive elimination",
        "calibration by Platt and the threshold by Youden, on out-of-fold scores",
    ),
    doubts=(
        "the interval of the AUC overlaps that of the second reader",
        "'deep learning' is a network over hand-crafted numbers",
        "one external site of 82 patients; the printed intervals are Wald's and one is cut at 1",
    ),
    review=("the first author's name is misspelt", "no figure is given"),
    small="5 folds for the calibration and 3 for the classical pipelines, in the place of 10",
)  # fmt: skip

CLASSICAL_SELECTORS = ("lasso", "anova", "mutual-information", "gini", "rfe-svm")
LAYERS = {"smoke": (16,), "small": (256, 128, 64), "paper": (256, 128, 64)}
GRID_FOLDS = {"smoke": 3, "small": 3, "paper": 10}
FOLDS = {"smoke": 3, "small": 5, "paper": 10}
SEEDS = {"smoke": 1, "small": 3, "paper": 3}
FEATURES_KEPT = 10
NEEDS = Needs(features="*", least_features=10, gaps_allowed=True, least_per_class=20)


@dataclass(frozen=True, slots=True)
class Bae2020:
    """The network, or the best of the classical pipelines in its place.

    Args:
        classical: Take the best of 35 pipelines, chosen within the training fold.
    """

    classical: bool = False
    card: SystemCard = CARD
    needs: Needs = NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> TabularClassifier:
        """The network over all features, or the grid."""
        known = training.labelled
        columns = self.needs.feature_columns(known.inputs)
        if self.classical:
            return self._fit_classical(known, columns, budget, seed)
        values, labels = known.inputs.matrix(columns), binary_labels(known.classes)
        held_out = np.zeros(len(labels))
        for learn, judge in known.inner_folds(FOLDS[budget], seed=seed):
            scaling = fit_scaling(values[learn])
            model = _networks(scaling(values[learn]), labels[learn], budget, seed)
            held_out[judge] = scores_of(model, scaling(values[judge]))
        scaling = fit_scaling(values)
        calibration = fit_platt(labels, held_out)
        return TabularClassifier(
            self.card.id,
            known.classes.name,
            known.classes.classes,
            columns,
            scaling,
            tuple(range(len(columns))),
            _networks(scaling(values), labels, budget, seed),
            calibration,
            youden_threshold(labels, calibration(held_out)),
            {"layers": list(LAYERS[budget]), "features": len(columns)},
        )

    def _fit_classical(
        self, known: TrainingSet, columns: tuple[str, ...], budget: Budget, seed: int
    ) -> TabularClassifier:
        smoke = budget == "smoke"
        grid = Grid(
            CLASSICAL_SELECTORS[:2] if smoke else CLASSICAL_SELECTORS,
            ("svm", "logistic") if smoke else tuple(CLASSIFIERS),
            FEATURES_KEPT,
            GRID_FOLDS[budget],
        )
        trials = try_grid(known, columns, grid, seed=seed)
        taken = max(trials, key=lambda t: t.mean)
        findings = {"pipeline": taken.name, "trials": {t.name: round(t.mean, 4) for t in trials}}
        return fit_pipeline(
            self.card.id, known, columns, taken, most=grid.most, seed=seed, findings=findings
        )

    def load(self, folder: Path) -> TabularClassifier:
        """What was saved."""
        return TabularClassifier.load(folder, self.card.id)


def _networks(x: np.ndarray, y: np.ndarray, budget: Budget, seed: int) -> Any:
    """The mean of some networks' probabilities, as one estimator of scikit-learn."""
    from sklearn.ensemble import VotingClassifier
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    networks = [
        (
            f"network{k}",
            MLPClassifier(
                LAYERS[budget],
                alpha=1e-4,
                early_stopping=True,
                validation_fraction=0.1,
                n_iter_no_change=15,
                max_iter=200,
                random_state=seed + k,
            ),
        )
        for k in range(SEEDS[budget])
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return VotingClassifier(networks, voting="soft").fit(x, y)


def bae2020() -> Bae2020:
    """The network."""
    return Bae2020()


def bae2020_classical() -> Bae2020:
    """The best of the 35 classical pipelines."""
    return Bae2020(classical=True)
