"""Seven classifiers of scaled features, with scikit-learn's defaults but for what is named."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CLASSIFIERS", "fit_classifier", "scores_of"]

Matrix = NDArray[np.float64]


def fit_classifier(name: str, x: Matrix, y: NDArray[np.int64], *, seed: int) -> Any:
    """A classifier of `CLASSIFIERS` fitted to (n, p) and labels 0 and 1."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        # A network that stops at its epochs is what the settings ask for.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return CLASSIFIERS[name](seed).fit(x, y)


def scores_of(model: Any, x: Matrix) -> NDArray[np.float64]:
    """One number a patient, higher for class 1: a margin, or the logit of a probability."""
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(x), dtype=np.float64)
    p = np.clip(np.asarray(model.predict_proba(x), dtype=np.float64)[:, 1], 1e-6, 1 - 1e-6)
    return np.asarray(np.log(p / (1 - p)))


def _svm(seed: int) -> Any:
    from sklearn.svm import SVC

    return SVC(kernel="rbf")


def _adaboost(seed: int) -> Any:
    from sklearn.ensemble import AdaBoostClassifier

    return AdaBoostClassifier(n_estimators=50, random_state=seed)


def _mlp(seed: int) -> Any:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier((16,), alpha=1e-2, max_iter=200, random_state=seed)


def _forest(seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(100, random_state=seed)


def _logistic(seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000)


def _neighbours(seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(5)


def _bayes(seed: int) -> Any:
    from sklearn.naive_bayes import GaussianNB

    return GaussianNB()


CLASSIFIERS: dict[str, Callable[[int], Any]] = {
    "svm": _svm,
    "adaboost": _adaboost,
    "mlp": _mlp,
    "forest": _forest,
    "logistic": _logistic,
    "neighbours": _neighbours,
    "bayes": _bayes,
}
"""By name, each made from a seed."""
