"""Scores to probabilities, learnt on validation patients and applied to others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.logistic import logistic_fit

__all__ = ["Isotonic", "Platt", "Temperature", "fit_isotonic", "fit_platt", "fit_temperature"]


@dataclass(frozen=True, slots=True)
class Platt:
    """A logistic curve of the score."""

    slope: float
    intercept: float

    def __call__(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Probabilities of scores, (n,)."""
        from scipy.special import expit

        return np.asarray(expit(self.intercept + self.slope * checks.finite(scores, "scores")))


@dataclass(frozen=True, slots=True)
class Temperature:
    """One divisor of all logits."""

    temperature: float

    def __call__(self, logits: ArrayLike) -> NDArray[np.float64]:
        """Probabilities of logits: (n,) of two classes, (n, k) of k."""
        from scipy.special import expit, softmax

        given = np.asarray(logits, dtype=np.float64)
        checked = checks.finite(given, "logits", ndim=2 if given.ndim == 2 else 1)
        scaled = checked / self.temperature
        return np.asarray(expit(scaled) if scaled.ndim == 1 else softmax(scaled, axis=1))


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A rising curve: knots, straight lines between them, level beyond the ends."""

    score: NDArray[np.float64]
    probability: NDArray[np.float64]

    def __call__(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Probabilities of scores, (n,)."""
        return np.interp(checks.finite(scores, "scores"), self.score, self.probability)


def fit_platt(labels: ArrayLike, scores: ArrayLike) -> Platt:
    """Platt's logistic curve, with targets drawn in from 0 and 1 so that it is always finite.

    Args:
        labels: (n,), 0 or 1, both present.
        scores: (n,), finite, not all the same; of validation patients.

    Raises:
        ValueError: one class, one score alone, other lengths.

    Source: Platt, Advances in Large Margin Classifiers (1999) 61.
    """
    positive, score = _checked(labels, scores)
    ones, zeros = int(positive.sum()), int((~positive).sum())
    target = np.where(positive, (ones + 1) / (ones + 2), 1 / (zeros + 2))
    centre, spread = float(score.mean()), float(score.std())
    design = np.column_stack([np.ones(score.size), (score - centre) / spread])
    intercept, slope = logistic_fit(design, target).coefficients / [1.0, spread]
    return Platt(float(slope), float(intercept - slope * centre))


def fit_temperature(labels: ArrayLike, logits: ArrayLike) -> Temperature:
    """The temperature of the least cross-entropy, between 1/100 and 100.

    Args:
        labels: (n,), 0 or 1 for logits (n,); classes 0 to k - 1 for logits (n, k).
        logits: Finite; of validation patients.

    Raises:
        ValueError: a class that has no logit, other lengths; logits that are right for every
            patient or useless (no temperature within the range is best).

    Source: Guo et al., ICML 2017.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    given = np.asarray(logits, dtype=np.float64)
    if given.ndim == 1:
        score = checks.finite(given, "logits")
        score, target = (
            np.column_stack([np.zeros_like(score), score]),
            checks.binary(labels, "labels").astype(np.intp),
        )
    else:
        score = checks.finite(given, "logits", ndim=2)
        known = checks.finite(labels, "labels")
        target = known.astype(np.intp)
        if (target != known).any() or target.min() < 0 or target.max() >= score.shape[1]:
            raise ValueError(
                f"labels must be classes from 0 to {score.shape[1] - 1}; "
                f"got {known.min():g} to {known.max():g}"
            )
    checks.same_length(labels=target, logits=score)
    rows = np.arange(target.size)

    def loss(log_temperature: float) -> float:
        return float(-log_softmax(score / np.exp(log_temperature), axis=1)[rows, target].mean())

    edge = float(np.log(100))
    best = float(
        minimize_scalar(loss, bounds=(-edge, edge), method="bounded", options={"xatol": 1e-8}).x
    )
    if abs(best) > edge - 1e-3 or loss(best) < 1e-9:
        raise ValueError(
            "no temperature between 1/100 and 100 is best: the logits are right for every "
            "patient, or say nothing. Judge on more patients"
        )
    return Temperature(float(np.exp(best)))


def fit_isotonic(labels: ArrayLike, scores: ArrayLike) -> Isotonic:
    """The rising curve of least squared error, by pooling neighbours that fall.

    Needs many patients; at fewer than some hundred Platt's curve is the safer one.

    Args:
        labels: (n,), 0 or 1, both present.
        scores: (n,), finite, not all the same; of validation patients.

    Raises:
        ValueError: one class, one score alone, other lengths.

    Source: Zadrozny and Elkan, KDD 2002; Barlow et al. 1972 for the algorithm.
    """
    positive, score = _checked(labels, scores)
    known, code, count = np.unique(score, return_inverse=True, return_counts=True)
    share = np.bincount(code, weights=positive) / count
    blocks: list[list[float]] = []
    for value, weight in zip(share, count, strict=True):
        blocks.append([float(value), float(weight), 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            value_after, weight_after, members = blocks.pop()
            value_before, weight_before, members_before = blocks.pop()
            together = weight_before + weight_after
            mean = (value_before * weight_before + value_after * weight_after) / together
            blocks.append([mean, together, members_before + members])
    curve = np.concatenate([np.full(int(members), value) for value, _, members in blocks])
    return Isotonic(known, curve)


def _checked(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    positive, score = checks.both_classes(labels, "labels"), checks.finite(scores, "scores")
    checks.same_length(labels=positive, scores=score)
    if np.ptp(score) == 0:
        raise ValueError("scores must vary; all are the same")
    return positive, score
