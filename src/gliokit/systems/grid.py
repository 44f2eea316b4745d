"""Selectors times classifiers, judged by folds within the training fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.evaluation import auc, fit_platt, youden_threshold
from gliokit.systems.classifiers import fit_classifier, scores_of
from gliokit.systems.scaling import fit_scaling
from gliokit.systems.selectors import select_features
from gliokit.systems.tabular import TabularClassifier, binary_labels
from gliokit.systems.training_set import TrainingSet

__all__ = ["Grid", "Trial", "fit_pipeline", "try_grid"]


@dataclass(frozen=True, slots=True)
class Grid:
    """What is tried, and how.

    Args:
        selectors, classifiers: Names.
        most: Features that a ranking selector keeps.
        folds, repeats: Of the judging within the training fold.
    """

    selectors: tuple[str, ...]
    classifiers: tuple[str, ...]
    most: int
    folds: int
    repeats: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One pipeline within the training fold.

    Args:
        aucs: (folds * repeats,).
        scores: (n,) out-of-fold scores of the first repeat.
    """

    selector: str
    classifier: str
    aucs: NDArray[np.float64]
    scores: NDArray[np.float64]

    @property
    def name(self) -> str:
        """'lasso+svm'."""
        return f"{self.selector}+{self.classifier}"

    @property
    def mean(self) -> float:
        """Mean AUC."""
        return float(self.aucs.mean())

    @property
    def relative_sd_percent(self) -> float:
        """Qian's RSD: 100 SD / mean of the AUC."""
        return float(100 * self.aucs.std(ddof=1) / self.aucs.mean()) if self.mean > 0 else np.inf


def try_grid(
    training: TrainingSet, columns: Sequence[str], grid: Grid, *, seed: int
) -> tuple[Trial, ...]:
    """Every pipeline on folds of the training set; scaling and selection anew in each fold."""
    values, labels = training.inputs.matrix(columns), binary_labels(training.classes)
    names = [(s, c) for s in grid.selectors for c in grid.classifiers]
    aucs: dict[tuple[str, str], list[float]] = {name: [] for name in names}
    scores = {name: np.zeros(len(labels)) for name in names}
    for repeat in range(grid.repeats):
        for learn, judge in training.inner_folds(grid.folds, seed=seed + repeat):
            scaling = fit_scaling(values[learn])
            x, unseen, y = scaling(values[learn]), scaling(values[judge]), labels[learn]
            for selector in grid.selectors:
                chosen = select_features(selector, x, y, grid.most, seed=seed)
                for classifier in grid.classifiers:
                    model = fit_classifier(classifier, x[:, chosen], y, seed=seed)
                    found = scores_of(model, unseen[:, chosen])
                    aucs[selector, classifier].append(auc(labels[judge], found))
                    if repeat == 0:
                        scores[selector, classifier][judge] = found
    return tuple(Trial(*name, np.array(aucs[name]), scores[name]) for name in names)


def fit_pipeline(
    system: str,
    training: TrainingSet,
    columns: Sequence[str],
    trial: Trial,
    *,
    most: int,
    seed: int,
    findings: Mapping[str, Any],
) -> TabularClassifier:
    """One pipeline on the whole training fold; calibration and threshold (Youden's) by the
    trial's out-of-fold scores."""
    values, labels = training.inputs.matrix(columns), binary_labels(training.classes)
    scaling = fit_scaling(values)
    x = scaling(values)
    chosen = select_features(trial.selector, x, labels, most, seed=seed)
    model = fit_classifier(trial.classifier, x[:, chosen], labels, seed=seed)
    calibration = fit_platt(labels, trial.scores)
    return TabularClassifier(
        system,
        training.classes.name,
        training.classes.classes,
        tuple(columns),
        scaling,
        tuple(int(i) for i in chosen),
        model,
        calibration,
        youden_threshold(labels, calibration(trial.scores)),
        {**findings, "features": [columns[i] for i in chosen]},
    )
