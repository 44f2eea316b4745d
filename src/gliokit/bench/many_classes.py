"""How more than two classes are judged: each against the rest, and who is named rightly."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.scores import Scores, Yardstick
from gliokit.evaluation import NOT_BETTER, Estimate, wilson_interval
from gliokit.evaluation.multiclass import multiclass_auc, multiclass_gain
from gliokit.systems import ClassTarget

__all__ = ["OF_CLASS", "many_class_yardstick"]

OF_CLASS = "auc of "
"""Begins the name of the AUC of a class against the rest."""


def many_class_yardstick(target: ClassTarget, shared: bool, seed: int, draws: int) -> Yardstick:
    """Of a target of three classes or more; arguments as of `class_yardstick`.

    The headline is the mean over classes of the AUC of each against the rest, within folds.
    """

    def headline(s: Scores) -> tuple[Estimate, tuple[float, ...]]:
        found = multiclass_auc(target.codes[s.rows], _ranked(s), s.folds, seed=seed, draws=draws,
                               shared_training=shared)  # fmt: skip
        return found.macro, tuple(found.per_fold.tolist())

    def gain(s: Scores, others: Mapping[str, Scores]) -> tuple[Estimate, str, str]:
        means = {name: _macro(target, o) for name, o in others.items()}
        best = max(means, key=lambda name: means[name])
        found = multiclass_gain(target.codes[s.rows], _ranked(s), _ranked(others[best]), s.folds,
                                seed=seed, draws=draws, shared_training=shared)  # fmt: skip
        return found.difference, best, "" if found.better else NOT_BETTER

    def figures(s: Scores) -> dict[str, Estimate]:
        codes, n = target.codes[s.rows], s.rows.size
        found = multiclass_auc(codes, _ranked(s), s.folds, seed=seed, draws=draws,
                               shared_training=shared)  # fmt: skip
        right = int((_each(s)[0].argmax(axis=1) == codes).sum())
        low, high = wilson_interval(right, n)
        brier = float(((_each(s)[0] - np.eye(len(target.classes))[codes]) ** 2).sum(axis=1).mean())
        return {
            "accuracy": Estimate(right / n, low, high, n, "wilson"),
            **{f"{OF_CLASS}{c}": e for c, e in zip(target.classes, found.per_class, strict=True)},
            "brier": Estimate(brier, brier, brier, n, "value alone"),
        }

    return Yardstick(headline, gain, figures)


def _each(s: Scores) -> NDArray[np.float64]:
    if s.probabilities is None or not math.isfinite(float(s.probabilities.sum())):
        raise ValueError("probabilities must be there for each class and every patient tested")
    return s.probabilities


def _ranked(s: Scores) -> NDArray[np.float64]:
    each = _each(s)
    return each if s.ranks else np.full_like(each, 1 / each.shape[-1])


def _macro(target: ClassTarget, s: Scores) -> float:
    return multiclass_auc(target.codes[s.rows], _ranked(s), s.folds, seed=0,
                          draws=100).macro.value  # fmt: skip
