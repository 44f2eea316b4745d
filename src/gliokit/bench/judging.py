"""What the answers are worth: one row a system, and the pairs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.class_judge import class_yardstick
from gliokit.bench.froc_judge import froc_yardstick
from gliokit.bench.many_classes import many_class_yardstick
from gliokit.bench.place_judge import place_yardstick
from gliokit.bench.running import Run
from gliokit.bench.scores import Headline, Scores, Yardstick, scores_by_system
from gliokit.bench.survival_figures import AUC_AT, UNO, training_of
from gliokit.bench.survival_judge import survival_yardstick
from gliokit.evaluation import Estimate
from gliokit.study import UsageError
from gliokit.systems import BASELINES, MaskTarget, SurvivalTarget

__all__ = ["Judgement", "Pair", "headlines", "judge"]

RANKING = ("auprc", UNO, AUC_AT)
"""How figures beside the headline begin that rank patients."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One system.

    Args:
        headline: Mean AUC within folds (of several classes the mean of each against the rest),
            or Harrell's C; of places in the image mean Dice, AUC in each image, or sensitivity.
            Of one patient left out at a time AUC and C rank scores of different models together:
            they are biased, below one half without a signal, and have no interval.
        per_fold: Of every fold.
        gain: Over the best baseline; None for a baseline, where no baseline ran, and where scores
            of different models are ranked together.
        best_baseline: Which that is.
        words: Of the rule, as of `gliokit.evaluation.gain_words`; '' where it is better.
        figures: The others, by name.
    """

    system: str
    headline: Estimate
    per_fold: tuple[float, ...]
    gain: Estimate | None
    best_baseline: str
    words: str
    figures: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Pair:
    """What one system gains over another, on the same folds."""

    one: str
    other: str
    difference: Estimate

    @property
    def within_noise(self) -> bool | None:
        """Whether the interval holds 0; None where there is no interval."""
        return None if math.isnan(self.difference.low) else not self.difference.excludes(0.0)


def judge(
    run: Run, *, seed: int = 0, draws: int = 2000, stratum: str = ""
) -> tuple[tuple[Judgement, ...], tuple[Pair, ...]]:
    """All systems that answered, and every pair of those that are no baselines.

    Where scores of different models are ranked together there are neither gains nor pairs.

    Args:
        run: What they said.
        seed: Of the draws.
        draws: Of each bootstrap; of survival and detections a quarter of them.
        stratum: Judge the patients of this stratum alone.

    Raises:
        UsageError: too few patients of a class in a fold, or no system answered.
    """
    kept = np.array([s == stratum for s in run.cohort.strata]) if stratum else None
    found, mixed = _scores(run, kept), run.ranks_models_together
    yardstick = _yardstick(run, seed, draws)
    try:
        baselines = {} if mixed else {n: found[n] for n in BASELINES if n in found}
        judged = tuple(_judged(yardstick, n, found[n], baselines) for n in found)
        rivals = [] if mixed else [n for n in found if n not in BASELINES]
        pairs = tuple(
            Pair(a, b, yardstick.gain(found[a], {b: found[b]}).difference)
            for i, a in enumerate(rivals)
            for b in rivals[i + 1 :]
        )
    except ValueError as error:
        raise _too_small(error) from error
    return judged, pairs


def headlines(
    run: Run, kept: NDArray[np.bool_], *, seed: int = 0, draws: int = 1000
) -> dict[str, Estimate]:
    """The headline of every system in some of the patients.

    Args:
        run: What they said.
        kept: (n,) of the cohort, who is judged.
        seed, draws: As of `judge`.

    Raises:
        UsageError: too few patients of a class in a fold.
    """
    yardstick = _yardstick(run, seed, draws)
    try:
        return {n: yardstick.headline(s).estimate for n, s in _scores(run, kept).items()}
    except ValueError as error:
        raise _too_small(error) from error


def _too_small(error: ValueError) -> UsageError:
    return UsageError("the folds are large enough to be judged", found=error,
                      way_out="Take fewer folds, or more patients.")  # fmt: skip


def _scores(run: Run, kept: NDArray[np.bool_] | None) -> dict[str, Scores]:
    found = scores_by_system(run)
    if not found:
        raise UsageError("a system has answered on every fold",
                         found="; ".join(f"{k}: {v}" for k, v in run.failures.items()))  # fmt: skip
    return found if kept is None else {name: s.within(kept) for name, s in found.items()}


def _yardstick(run: Run, seed: int, draws: int) -> Yardstick:
    found = _of_target(run, seed, draws)
    return _without_intervals(found) if run.ranks_models_together else found


def _without_intervals(yardstick: Yardstick) -> Yardstick:
    """Headlines, and figures of a ranking, as values alone."""

    def headline(s: Scores) -> Headline:
        found = yardstick.headline(s)
        parts = {name: _alone(e) for name, e in found.parts.items()}
        return Headline(_alone(found.estimate), found.per_fold, parts)

    def figures(s: Scores) -> dict[str, Estimate]:
        found = yardstick.figures(s)
        return {n: _alone(e) if n.startswith(RANKING) else e for n, e in found.items()}

    return replace(yardstick, headline=headline, figures=figures)


def _alone(found: Estimate) -> Estimate:
    return replace(found, low=math.nan, high=math.nan, method="none: scores of different models")


def _of_target(run: Run, seed: int, draws: int) -> Yardstick:
    target, persons = run.cohort.target(run.target), run.cohort.inputs.persons
    shared, few = not run.protocol.one_model, max(draws // 4, 100)
    if isinstance(target, SurvivalTarget):
        return survival_yardstick(target, training_of(run), shared, seed, few)
    if isinstance(target, MaskTarget):
        if run.task == "detection":
            return froc_yardstick(persons, seed, few)
        return place_yardstick(run.task, persons, seed, draws)
    if len(target.classes) > 2:
        return many_class_yardstick(target, shared, seed, draws)
    return class_yardstick(target, shared, seed, draws)


def _judged(
    yardstick: Yardstick, name: str, scores: Scores, baselines: Mapping[str, Scores]
) -> Judgement:
    headline = yardstick.headline(scores)
    gain = yardstick.gain(scores, baselines) if name not in BASELINES and baselines else None
    return Judgement(
        name,
        headline.estimate,
        headline.per_fold,
        None if gain is None else gain.difference,
        "" if gain is None else gain.baseline,
        "" if gain is None else gain.words,
        {**headline.parts, **yardstick.figures(scores)},
    )
