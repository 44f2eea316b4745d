"""AUCs of several classes, each against the rest, within the folds of a cross-validation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.estimate import Estimate
from gliokit.evaluation.roc import auc

__all__ = ["MulticlassAuc", "MulticlassGain", "multiclass_auc", "multiclass_gain"]

LEAST = 2
WIDENING = math.sqrt(2.0)
"""Folds learn from each other's patients: as for two classes, see `fold_auc`."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MulticlassAuc:
    """The mean over classes of the AUC of each against the rest, and its parts.

    Attributes:
        macro: Mean over classes, of means over folds.
        per_class: Of each class against the rest, mean over folds.
        per_fold: (repeats * folds,), macro AUC of each fold.
    """

    macro: Estimate
    per_class: tuple[Estimate, ...]
    per_fold: Numbers


@dataclass(frozen=True, slots=True)
class MulticlassGain:
    """Difference in macro AUC on the same patients, drawn together."""

    difference: Estimate

    @property
    def better(self) -> bool:
        """Whether the lower bound of the gain lies above 0."""
        return self.difference.low > 0


def multiclass_auc(
    codes: ArrayLike,
    probabilities: ArrayLike,
    folds: ArrayLike,
    *,
    seed: int,
    draws: int = 2000,
    shared_training: bool = True,
) -> MulticlassAuc:
    """Macro one-vs-rest AUC within folds, with 95 % intervals by bootstrap over patients.

    The same drawn weights serve all classes, folds and repeats. Where all draws agree (scores
    tied, or every fold perfect) an interval is not defined and its ends are NaN.

    Args:
        codes: (n,), classes from 0 to k - 1, all present.
        probabilities: (repeats, n, k), or (n, k) of one deal: score of each class.
        folds: (repeats, n), or (n,): the fold in which a patient was tested.
        seed, draws: Of the bootstrap.
        shared_training: Whether the models of the folds learnt from each other's patients.

    Raises:
        ValueError: fewer than two of a class in a fold, other shapes, scores that are not
            finite.

    Source: Hand and Till, Machine Learning 45 (2001) 171, on AUCs of several classes; Rubin,
    Annals of Statistics 9 (1981) 130, for the bootstrap by weights.
    """
    code, score, fold = _checked(codes, probabilities, folds)
    parts = _parts(code, score, fold)
    value = parts.mean(axis=0)
    drawn = _drawn(code, score, fold, seed=seed, draws=draws)
    wide = WIDENING if shared_training else 1.0
    return MulticlassAuc(
        _estimate(float(value.mean()), drawn.mean(axis=1), code.size, wide),
        tuple(_estimate(float(v), d, code.size, wide)
              for v, d in zip(value, drawn.T, strict=True)),
        parts.mean(axis=1),
    )  # fmt: skip


def multiclass_gain(
    codes: ArrayLike,
    probabilities: ArrayLike,
    others: ArrayLike,
    folds: ArrayLike,
    *,
    seed: int,
    draws: int = 2000,
    shared_training: bool = True,
) -> MulticlassGain:
    """What one system gains in macro AUC over another. Arguments as of `multiclass_auc`."""
    code, score, fold = _checked(codes, probabilities, folds)
    _, other, _ = _checked(codes, others, folds)
    value = float(_parts(code, score, fold).mean() - _parts(code, other, fold).mean())
    one, two = (_drawn(code, s, fold, seed=seed, draws=draws).mean(axis=1) for s in (score, other))
    wide = WIDENING if shared_training else 1.0
    return MulticlassGain(_estimate(value, one - two, code.size, wide, ends=(-1.0, 1.0)))


def _estimate(
    value: float, drawn: Numbers, n: int, wide: float, *, ends: tuple[float, float] = (0.0, 1.0)
) -> Estimate:
    method = "patient bootstrap, widened" if wide > 1 else "patient bootstrap"
    if np.ptp(drawn) < 1e-12:
        return Estimate(value, math.nan, math.nan, n, method)
    low, high = value + wide * (np.percentile(drawn, [2.5, 97.5]) - value)
    return Estimate(value, max(min(float(low), value), ends[0]),
                    min(max(float(high), value), ends[1]), n, method)  # fmt: skip


def _checked(
    codes: ArrayLike, probabilities: ArrayLike, folds: ArrayLike
) -> tuple[NDArray[np.int64], Numbers, NDArray[np.int64]]:
    code = np.asarray(codes, dtype=np.int64)
    given = np.asarray(probabilities, dtype=np.float64)
    score = checks.finite(given[None] if given.ndim == 2 else given, "probabilities", ndim=3)
    fold = np.atleast_2d(np.asarray(folds))
    repeats, n, classes = score.shape
    if code.shape != (n,) or fold.shape != (repeats, n):
        raise ValueError(
            "codes (n,), probabilities (repeats, n, k) and folds (repeats, n) must agree; got "
            f"{code.shape}, {score.shape}, {fold.shape}"
        )
    if code.min() < 0 or code.max() >= classes:
        raise ValueError(f"codes must be 0 to {classes - 1}; got {code.min()} to {code.max()}")
    for row in fold:
        for k in np.unique(row):
            sizes = np.bincount(code[row == k], minlength=classes)
            if sizes.min() < LEAST:
                raise ValueError(
                    f"each fold must hold at least {LEAST} of each class; fold {k} holds "
                    f"{', '.join(map(str, sizes))}. Take fewer folds, stratified by class"
                )
    return code, score, fold


def _members(fold: NDArray[np.int64]) -> list[tuple[int, NDArray[np.intp]]]:
    return [
        (repeat, np.flatnonzero(row == k))
        for repeat, row in enumerate(fold)
        for k in np.unique(row)
    ]


def _parts(code: NDArray[np.int64], score: Numbers, fold: NDArray[np.int64]) -> Numbers:
    """(repeats * folds, k)."""
    return np.array(
        [
            [auc(code[rows] == c, score[repeat, rows, c]) for c in range(score.shape[2])]
            for repeat, rows in _members(fold)
        ]
    )


def _drawn(
    code: NDArray[np.int64], score: Numbers, fold: NDArray[np.int64], *, seed: int, draws: int
) -> Numbers:
    """(draws, k): means over folds of weighted AUCs; weights depend on codes and folds alone."""
    if draws < 100:
        raise ValueError(f"draws must be at least 100; got {draws}")
    generator = np.random.default_rng(seed)
    members = _members(fold)
    weights = np.empty((draws, code.size))
    for c in range(score.shape[2]):
        mine = code == c
        smallest = float(np.median([mine[rows].sum() for _, rows in members]))
        # A mean of m patients under such weights varies by s2 / m, s2 the unbiased variance.
        shape = max((smallest - 2) / smallest, 0.05)
        weights[:, mine] = generator.gamma(shape, size=(draws, int(mine.sum())))
    weights = np.maximum(weights, 1e-300)
    found = np.zeros((draws, score.shape[2]))
    for repeat, rows in members:
        for c in range(score.shape[2]):
            one, rest = rows[code[rows] == c], rows[code[rows] != c]
            high, low = score[repeat, one, c][:, None], score[repeat, rest, c]
            wins = (high > low) + 0.5 * (high == low)
            above, below = _normed(weights[:, one]), _normed(weights[:, rest])
            found[:, c] += np.einsum("bn,bn->b", above @ wins, below)
    return found / len(members)


def _normed(weights: Numbers) -> Numbers:
    total: Numbers = weights / weights.sum(axis=1, keepdims=True)
    return total
