"""AUCs of several classes, each against the rest, within the folds of a cross-validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.estimate import Estimate
from gliokit.evaluation.fold_auc import Gain
from gliokit.evaluation.fold_interval import drawn_interval, gain_interval
from gliokit.evaluation.folds import drawn_weights, members, weighted_means
from gliokit.evaluation.roc import auc

__all__ = ["MulticlassAuc", "multiclass_auc", "multiclass_gain"]

LEAST = 2

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
    (drawn,) = _drawn(code, score[:, None], fold, seed=seed, draws=draws)

    def estimate(of: float, draws: Numbers) -> Estimate:
        return drawn_interval(of, draws, code.size, shared_training=shared_training)

    return MulticlassAuc(
        estimate(float(value.mean()), drawn.mean(axis=0)),
        tuple(estimate(float(v), d) for v, d in zip(value, drawn, strict=True)),
        parts.mean(axis=1),
    )


def multiclass_gain(
    codes: ArrayLike,
    probabilities: ArrayLike,
    baselines: Mapping[str, ArrayLike],
    folds: ArrayLike,
    *,
    seed: int,
    draws: int = 2000,
    shared_training: bool = True,
) -> Gain:
    """What one system gains in macro AUC over the best of others, which meet the same draws.

    Arguments as of `multiclass_auc`; the best one is that of the highest macro AUC.
    """
    code, score, fold = _checked(codes, probabilities, folds)
    others = {name: _checked(codes, other, folds)[1] for name, other in baselines.items()}
    means = {name: float(_parts(code, other, fold).mean()) for name, other in others.items()}
    best = max(means, key=lambda name: means[name])
    value = float(_parts(code, score, fold).mean()) - means[best]
    both = np.stack([score, others[best]], axis=1)
    one, other = _drawn(code, both, fold, seed=seed, draws=draws).mean(axis=1)
    return Gain(gain_interval(value, one - other, code.size, shared_training=shared_training), best)


def _checked(
    codes: ArrayLike, probabilities: ArrayLike, folds: ArrayLike
) -> tuple[NDArray[np.int64], Numbers, NDArray[np.int64]]:
    code = np.asarray(codes, dtype=np.int64)
    given = np.asarray(probabilities, dtype=np.float64)
    score = checks.finite(given[None] if given.ndim == 2 else given, "probabilities", ndim=3)
    names = np.atleast_2d(np.asarray(folds))
    fold = np.stack([np.unique(row, return_inverse=True)[1].reshape(-1) for row in names])
    repeats, n, classes = score.shape
    if code.shape != (n,) or fold.shape != (repeats, n):
        raise ValueError(
            "codes (n,), probabilities (repeats, n, k) and folds (repeats, n) must agree; got "
            f"{code.shape}, {score.shape}, {fold.shape}"
        )
    if code.min() < 0 or code.max() >= classes:
        raise ValueError(f"codes must be 0 to {classes - 1}; got {code.min()} to {code.max()}")
    for where, row in zip(fold, names, strict=True):
        for mine in members(where):
            sizes = np.bincount(code[mine], minlength=classes)
            if sizes.min() < LEAST:
                raise ValueError(
                    f"each fold must hold at least {LEAST} of each class; fold {row[mine][0]} "
                    f"holds {', '.join(map(str, sizes))}. Take fewer folds, stratified by class"
                )
    return code, score, fold


def _parts(code: NDArray[np.int64], score: Numbers, fold: NDArray[np.int64]) -> Numbers:
    """(repeats * folds, k)."""
    return np.array(
        [
            [auc(code[mine] == c, one[mine, c]) for c in range(score.shape[2])]
            for one, where in zip(score, fold, strict=True)
            for mine in members(where)
        ]
    )


def _drawn(
    code: NDArray[np.int64], scores: Numbers, fold: NDArray[np.int64], *, seed: int, draws: int
) -> Numbers:
    """(models, k, draws): weighted AUCs of scores (repeats, models, n, k), means over folds.

    The same weights serve all models, classes, folds and repeats.
    """
    classes = [code == c for c in range(scores.shape[3])]
    weights = drawn_weights(classes, fold, seed=seed, draws=draws)
    found = [weighted_means(weights, mine, scores[..., c], fold) for c, mine in enumerate(classes)]
    return np.stack(found, axis=1)
