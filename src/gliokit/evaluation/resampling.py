"""Intervals and tests of any statistic by drawing patients again or by shuffling labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.estimate import Estimate

__all__ = ["PermutationTest", "bootstrap_patients", "permutation_p", "permutation_test"]

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """A statistic, its one-sided p value (large is unusual) and how many shuffles gave it."""

    value: float
    p: float
    permutations: int


def bootstrap_patients(
    statistic: Callable[[Rows], float],
    patients: ArrayLike,
    *,
    seed: int,
    strata: ArrayLike | None = None,
    draws: int = 2000,
    level: float = 0.95,
) -> Estimate:
    """A statistic with a percentile interval by drawing patients, each with all rows of his.

    Args:
        statistic: Of row numbers, in which a patient drawn twice stands twice.
        patients: (rows,), whose row it is; plain numbers or names.
        strata: (rows,), constant within a patient (class, site): as many patients are drawn of
            each as there are.
        seed: Of the draws.
        draws: At least 100.
        level: Of the interval.

    Raises:
        ValueError: fewer than two patients, strata that differ within a patient, a draw for
            which the statistic is not finite (give strata, so that no class is missing).

    Source: Efron, Annals of Statistics 7 (1979) 1; Field and Welsh, JRSS B 69 (2007) 369, for
    clusters.
    """
    checks.fraction(level, "level")
    rows_of = _rows_by_patient(patients)
    groups = _groups(rows_of, strata)
    if draws < 100:
        raise ValueError(f"draws must be at least 100; got {draws}")
    generator = np.random.default_rng(seed)
    value = float(statistic(np.concatenate(rows_of)))
    drawn = np.empty(draws)
    for i in range(draws):
        chosen = np.concatenate([generator.choice(group, group.size) for group in groups])
        drawn[i] = statistic(np.concatenate([rows_of[k] for k in chosen]))
    if not np.isfinite(drawn).all() or not np.isfinite(value):
        raise ValueError(
            f"the statistic must be finite in every draw; it is not in "
            f"{int((~np.isfinite(drawn)).sum())} of {draws}. Give strata, so that no draw lacks "
            "a class"
        )
    low, high = np.percentile(drawn, [50 * (1 - level), 50 * (1 + level)])
    return Estimate(
        value,
        min(float(low), value),
        max(float(high), value),
        len(rows_of),
        "patient bootstrap",
        level,
    )


def permutation_test(
    statistic: Callable[[NDArray[np.bool_]], float],
    labels: ArrayLike,
    *,
    seed: int,
    permutations: int = 2000,
    strata: ArrayLike | None = None,
) -> PermutationTest:
    """Whether a statistic of labels is larger than with labels shuffled, within strata if given.

    Sound for fixed scores of a model that has seen none of the labels. Where folds learnt from
    them, each shuffle needs a new fit: `permutation_p` takes the statistics of such fits.

    Args:
        statistic: Of labels (n,), large where labels and scores go together.
        labels: (n,), 0 or 1, both present.
        seed: Of the shuffles.
        permutations: How many.
        strata: (n,): labels are shuffled within each (grade, site, fold).

    Raises:
        ValueError: one class only, other lengths, a statistic that is not finite.

    Source: Phipson and Smyth, Stat Appl Genet Mol Biol 9 (2010) 39, for the p value.
    """
    positive = checks.both_classes(labels, "labels")
    stratum = np.zeros(positive.size) if strata is None else np.asarray(strata)
    checks.same_length(labels=positive, strata=stratum)
    members = [np.flatnonzero(stratum == s) for s in np.unique(stratum)]
    generator = np.random.default_rng(seed)
    null = np.empty(permutations)
    for i in range(permutations):
        shuffled = positive.copy()
        for rows in members:
            shuffled[rows] = positive[generator.permutation(rows)]
        null[i] = statistic(shuffled)
    value = float(statistic(positive))
    return PermutationTest(value, permutation_p(value, null), permutations)


def permutation_p(value: float, null: ArrayLike) -> float:
    """The one-sided p value of a statistic among those of shuffled labels; never 0.

    Args:
        value: The statistic of the true labels.
        null: Those of shuffled labels, each of a new fit.

    Raises:
        ValueError: a statistic that is not finite, or none.
    """
    shuffled = checks.finite(null, "null")
    if not np.isfinite(value):
        raise ValueError(f"value must be finite; got {value}")
    # Equal but for rounding counts as equal, which is the cautious side.
    reached = int((shuffled >= value - 1e-12).sum())
    return (1 + reached) / (1 + shuffled.size)


def _rows_by_patient(patients: ArrayLike) -> list[Rows]:
    names = np.asarray(patients)
    if names.ndim != 1:
        raise ValueError(f"patients must have 1 axis; got the shape {names.shape}")
    known, code = np.unique(names, return_inverse=True)
    if known.size < 2:
        raise ValueError(f"patients must be at least 2 different ones; got {known.size}")
    order = np.argsort(code, kind="stable")
    return np.split(order, np.cumsum(np.bincount(code))[:-1])


def _groups(rows_of: list[Rows], strata: ArrayLike | None) -> list[Rows]:
    if strata is None:
        return [np.arange(len(rows_of))]
    stratum = np.asarray(strata)
    if stratum.shape != (sum(rows.size for rows in rows_of),):
        raise ValueError(f"strata must have a value a row; got the shape {stratum.shape}")
    if any(np.unique(stratum[rows]).size > 1 for rows in rows_of):
        raise ValueError("strata must be constant within a patient")
    of_patient = np.array([stratum[rows[0]] for rows in rows_of])
    return [np.flatnonzero(of_patient == s) for s in np.unique(of_patient)]
