"""How more than two classes are judged: each against the rest, and who is named rightly."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.scores import Headline, Scores, Yardstick
from gliokit.evaluation import Estimate, Gain, wilson_interval
from gliokit.evaluation.multiclass import multiclass_auc, multiclass_gain
from gliokit.systems import ClassTarget

__all__ = ["OF_CLASS", "many_class_yardstick"]

OF_CLASS = "auc of "
"""Begins the name of the AUC of a class against the rest."""


def many_class_yardstick(target: ClassTarget, shared: bool, seed: int, draws: int) -> Yardstick:
    """Of a target of three classes or more; arguments as of `class_yardstick`.

    The headline is the mean over classes of the AUC of each against the rest, within folds.
    """

    def headline(s: Scores) -> Headline:
        found = multiclass_auc(target.codes[s.rows], _ranked(s), s.folds, seed=seed, draws=draws,
                               shared_training=shared)  # fmt: skip
        each = {f"{OF_CLASS}{c}": e for c, e in zip(target.classes, found.per_class, strict=True)}
        return Headline(found.macro, tuple(found.per_fold.tolist()), each)

    def gain(s: Scores, others: Mapping[str, Scores]) -> Gain:
        return multiclass_gain(
            target.codes[s.rows], _ranked(s), {n: _ranked(o) for n, o in others.items()}, s.folds,
            seed=seed, draws=draws, shared_training=shared,
        )  # fmt: skip

    def figures(s: Scores) -> dict[str, Estimate]:
        codes, n = target.codes[s.rows], s.rows.size
        right = int((_each(s)[0].argmax(axis=1) == codes).sum())
        low, high = wilson_interval(right, n)
        brier = float(((_each(s)[0] - np.eye(len(target.classes))[codes]) ** 2).sum(axis=1).mean())
        return {
            "accuracy": Estimate(right / n, low, high, n, "wilson"),
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
