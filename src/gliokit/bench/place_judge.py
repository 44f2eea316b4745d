"""How label maps and voxel maps are judged: a figure of each image, averaged over patients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.scores import Headline, Scores, Yardstick
from gliokit.evaluation import Estimate, Gain, drawn_interval, gain_interval
from gliokit.evaluation.lesions import FARTHEST_MM

__all__ = ["FIGURE", "by_person", "case_figures", "place_yardstick"]

Numbers = NDArray[np.float64]

FIGURE = {"segmentation": "dice", "voxel map": "auc"}
"""What the headline is the mean of."""


def place_yardstick(task: str, persons: Sequence[str], seed: int, draws: int) -> Yardstick:
    """Of a region of the images: Dice of label maps, AUC of voxel maps.

    A figure is taken in each image, averaged over a patient's scans and the repeats, and then over
    patients, who are drawn again. The interval is of patients: that another training set gives
    another model is not in it.

    Args:
        task: 'segmentation' or 'voxel map'.
        persons: (patients of the cohort,) who it is.
        seed, draws: Of the bootstrap.
    """
    main = FIGURE[task]

    def headline(s: Scores) -> Headline:
        values = case_figures(s, main)
        per_fold = [
            np.nanmean(of_repeat[fold == k])
            for of_repeat, fold in zip(values, s.folds, strict=True)
            for k in np.unique(fold)
            if np.isfinite(of_repeat[fold == k]).any()
        ]
        return Headline(
            _mean(by_person(s, values, persons), seed, draws), tuple(float(v) for v in per_fold)
        )

    def gain(s: Scores, others: Mapping[str, Scores]) -> Gain:
        mine = by_person(s, case_figures(s, main), persons)
        theirs = {n: by_person(o, case_figures(o, main), persons) for n, o in others.items()}
        best = max(theirs, key=lambda name: float(np.nanmean(theirs[name])))
        return Gain(_mean(mine - theirs[best], seed, draws, interval=gain_interval), best)

    def figures(s: Scores) -> dict[str, Estimate]:
        found = {}
        for name in _others(s, main):
            values = by_person(s, case_figures(s, name), persons)
            if np.isfinite(values).sum() > 1:
                found[name] = _mean(values, seed, draws)
        values = by_person(s, case_figures(s, main), persons)
        median = float(np.nanmedian(values))
        found[f"{main}_median"] = Estimate(median, median, median, int(np.isfinite(values).sum()),
                                           "value alone")  # fmt: skip
        return found

    return Yardstick(headline, gain, figures)


def _others(s: Scores, main: str) -> list[str]:
    """Names of the figures beside the headline's, such as 'hd95_mm'."""
    first = s.known_cases[0, 0]
    return [n for n in (*first, "hd95_brats_mm", "volume_error_ml", "volume_bias_ml")
            if n not in (main, "drawn") and (n in first or "hd95_mm" in first)]  # fmt: skip


def case_figures(s: Scores, name: str) -> Numbers:
    """A figure of every repeat and row, NaN where there is none.

    Besides those of the cases: 'hd95_brats_mm', the 374 mm of BraTS where one mask alone is empty;
    'volume_bias_ml' and 'volume_error_ml', found less drawn and its size.
    """

    def of(case: Mapping[str, Any]) -> float:
        if name == "hd95_brats_mm":
            return FARTHEST_MM if case["hd95_mm"] is None else float(case["hd95_mm"])
        if name in ("volume_bias_ml", "volume_error_ml"):
            bias = float(case["predicted_ml"] - case["reference_ml"])
            return bias if name == "volume_bias_ml" else abs(bias)
        if name == "hd95_mm" and not case["reference_ml"] and not case["predicted_ml"]:
            return float("nan")  # no surface is 0 mm from another where there is none
        return float("nan") if case[name] is None else float(case[name])

    return np.array(
        [[of(case) for case in of_repeat] for of_repeat in s.known_cases], dtype=np.float64
    )


def by_person(s: Scores, values: Numbers, persons: Sequence[str]) -> Numbers:
    """(persons,) means over scans and repeats, in the order of their sorted names; NaN of none."""
    who = np.unique([persons[row] for row in s.rows], return_inverse=True)[1]
    known = np.isfinite(values)
    total = np.bincount(who, weights=np.where(known, values, 0).sum(axis=0))
    count = np.bincount(who, weights=known.sum(axis=0))
    means = np.full(total.size, np.nan)
    means[count > 0] = total[count > 0] / count[count > 0]
    return means


def _mean(
    values: Numbers, seed: int, draws: int, interval: Callable[..., Estimate] = drawn_interval
) -> Estimate:
    there = values[np.isfinite(values)]
    if there.size < 2:
        raise ValueError(f"patients with a figure must be at least 2; got {there.size}")
    generator = np.random.default_rng(seed)
    drawn = there[generator.integers(0, there.size, (draws, there.size))].mean(axis=1)
    return interval(float(there.mean()), drawn, there.size, shared_training=False)
