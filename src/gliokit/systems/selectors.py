"""Twelve ways to choose features, each on the scaled training fold alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

__all__ = ["SELECTORS", "select_features"]

Matrix = NDArray[np.float64]
Labels = NDArray[np.int64]
Chosen = NDArray[np.intp]
Selector = Callable[[Matrix, Labels, int, int], Chosen]

RELIEF_NEIGHBOURS = 10
ALIKE = 0.9
"""Absolute correlation from which the later of two features says nothing new."""


def select_features(rule: str, x: Matrix, y: Labels, most: int, *, seed: int) -> Chosen:
    """Places of the chosen columns, best first where the rule ranks them.

    Args:
        rule: One of `SELECTORS`.
        x: (n, p), scaled.
        y: (n,), 0 or 1.
        most: How many, for rules that rank; penalised rules may choose fewer, never none: where
            the penalty leaves nothing, the one feature of the largest F is taken.
        seed: Of rules that draw.
    """
    chosen = SELECTORS[rule](x, y, min(most, x.shape[1]), seed)
    return chosen if chosen.size else _anova(x, y, 1, seed)


def _first(scores: NDArray[np.float64], most: int) -> Chosen:
    return np.argsort(-np.nan_to_num(scores, nan=-np.inf), kind="stable")[:most]


def _anova(x: Matrix, y: Labels, most: int, _: int) -> Chosen:
    one, other = x[y == 1], x[y == 0]
    within = ((one - one.mean(0)) ** 2).sum(0) + ((other - other.mean(0)) ** 2).sum(0)
    gap = (one.mean(0) - other.mean(0)) ** 2
    return _first(np.divide(gap, within, out=np.zeros_like(gap), where=within > 0), most)


def _wilcoxon(x: Matrix, y: Labels, most: int, _: int) -> Chosen:
    from scipy.stats import rankdata

    ranks = rankdata(x, axis=0)
    m, n = int((y == 1).sum()), int((y == 0).sum())
    area = (ranks[y == 1].sum(0) - m * (m + 1) / 2) / (m * n)
    return _first(np.abs(area - 0.5), most)


def _chi2(x: Matrix, y: Labels, most: int, _: int) -> Chosen:
    from sklearn.feature_selection import chi2

    # chi2 asks for amounts; features scaled to 0..1 within the fold stand for them.
    span = np.ptp(x, axis=0)
    amount = (x - x.min(0)) / np.where(span > 0, span, 1.0)
    amount = amount[:, span > 0]
    order = _first(chi2(amount, y)[0], most)
    return np.flatnonzero(span > 0)[order]


def _mutual_information(x: Matrix, y: Labels, most: int, seed: int) -> Chosen:
    from sklearn.feature_selection import mutual_info_classif

    return _first(mutual_info_classif(x, y, random_state=seed), most)


def _gini(x: Matrix, y: Labels, most: int, seed: int) -> Chosen:
    from sklearn.ensemble import ExtraTreesClassifier

    forest = ExtraTreesClassifier(200, random_state=seed).fit(x, y)
    return _first(forest.feature_importances_, most)


def _relieff(x: Matrix, y: Labels, most: int, _: int) -> Chosen:
    """Kononenko's ReliefF of two classes: near misses apart, near hits alike."""
    from scipy.spatial.distance import cdist

    distance = cdist(x, x, "cityblock")
    np.fill_diagonal(distance, np.inf)
    weights = np.zeros(x.shape[1])
    for i in range(len(x)):
        for label, sign in ((y[i], -1.0), (1 - y[i], 1.0)):
            others = np.flatnonzero(y == label)
            others = others[others != i]
            near = others[np.argsort(distance[i, others], kind="stable")[:RELIEF_NEIGHBOURS]]
            weights += sign * np.abs(x[near] - x[i]).mean(axis=0)
    return _first(weights, most)


def _mrmr(x: Matrix, y: Labels, most: int, _: int) -> Chosen:
    """Peng's least redundancy, most relevance, with correlations (the quotient form)."""
    centred = x - x.mean(0)
    norm = np.linalg.norm(centred, axis=0)
    unit = centred / np.where(norm > 0, norm, 1.0)
    label = y - y.mean()
    relevance = np.abs(unit.T @ (label / np.linalg.norm(label)))
    chosen = [int(np.argmax(relevance))]
    redundancy = np.zeros(x.shape[1])
    while len(chosen) < most:
        redundancy += np.abs(unit.T @ unit[:, chosen[-1]])
        score = relevance / (redundancy / len(chosen) + 0.01)
        score[chosen] = -np.inf
        chosen.append(int(np.argmax(score)))
    return np.array(chosen, dtype=np.intp)


def _correlation(x: Matrix, y: Labels, most: int, seed: int) -> Chosen:
    """Features in the order of their F, without those that repeat an earlier one."""
    kept: list[int] = []
    centred = x - x.mean(0)
    norm = np.linalg.norm(centred, axis=0)
    unit = centred / np.where(norm > 0, norm, 1.0)
    for i in _anova(x, y, x.shape[1], seed):
        if norm[i] > 0 and (not kept or np.abs(unit[:, kept].T @ unit[:, i]).max() < ALIKE):
            kept.append(int(i))
        if len(kept) == most:
            break
    return np.array(kept, dtype=np.intp)


def _penalised(share_of_l1: float) -> Selector:
    def select(x: Matrix, y: Labels, most: int, seed: int) -> Chosen:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import ElasticNetCV
        from sklearn.model_selection import StratifiedKFold

        folds = StratifiedKFold(min(5, int(np.bincount(y).min())), shuffle=True, random_state=seed)
        model = ElasticNetCV(
            l1_ratio=share_of_l1, alphas=30, eps=0.02, cv=list(folds.split(x, y)), max_iter=2000
        )
        with _calm(ConvergenceWarning):
            model.fit(x, y.astype(float))
        weights = np.abs(model.coef_)
        return _first(weights, min(int((weights > 0).sum()), 3 * most))

    return select


def _rfe_svm(x: Matrix, y: Labels, most: int, seed: int) -> Chosen:
    """Guyon's recursive elimination by a linear SVM, a fifth of the features at a time."""
    from sklearn.svm import SVC

    left = np.arange(x.shape[1])
    while left.size > most:
        model = SVC(kernel="linear", C=0.1).fit(x[:, left], y)
        order = np.argsort(-(model.coef_[0] ** 2), kind="stable")
        left = left[np.sort(order[: max(most, int(0.8 * left.size))])]
    return left


def _l1_svm(x: Matrix, y: Labels, most: int, seed: int) -> Chosen:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    model = LinearSVC(penalty="l1", dual=False, C=0.1, max_iter=3000, random_state=seed)
    with _calm(ConvergenceWarning):
        model.fit(x, y)
    weights = np.abs(model.coef_[0])
    return _first(weights, min(int((weights > 0).sum()), 3 * most))


@contextmanager
def _calm(kind: type[Warning]) -> Iterator[None]:
    """A path that has not quite converged still ranks features."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", kind)
        yield


SELECTORS: dict[str, Selector] = {
    "lasso": _penalised(1.0),
    "elastic-net": _penalised(0.5),
    "rfe-svm": _rfe_svm,
    "relieff": _relieff,
    "mrmr": _mrmr,
    "mutual-information": _mutual_information,
    "anova": _anova,
    "chi2": _chi2,
    "wilcoxon": _wilcoxon,
    "gini": _gini,
    "l1-svm": _l1_svm,
    "correlation": _correlation,
}
"""By name, in the order of qian2019's card."""
