"""Patients dealt out to folds: a person in one fold, the strata even."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.study import UsageError

__all__ = ["dealt_folds", "rows_of_persons"]


def rows_of_persons(persons: Sequence[str]) -> dict[str, list[int]]:
    """Row numbers of each person, in the order of their first row."""
    rows: dict[str, list[int]] = {}
    for i, person in enumerate(persons):
        rows.setdefault(person, []).append(i)
    return rows


def dealt_folds(
    persons: Sequence[str], strata: ArrayLike, folds: int, *, seed: int
) -> NDArray[np.int64]:
    """The fold, 0 to `folds` - 1, of each row.

    Definition: the persons of each stratum (that of their first row) are shuffled and dealt
    like cards; the next stratum goes on where the last one ended, so that sizes of folds
    differ by one person at most and those of a stratum too.

    Args:
        persons: (n,) names; rows of one person come together.
        strata: (n,) whole numbers.
        folds: 2 or more.
        seed: Of the shuffles.

    Raises:
        UsageError: fewer persons than folds, or less than two folds.
    """
    code = np.asarray(strata, dtype=np.int64)
    rows = rows_of_persons(persons)
    if not 2 <= folds <= len(rows):
        raise UsageError(
            f"there are 2 folds or more and no more than persons, {len(rows)}", found=folds
        )
    names = np.array(list(rows))
    stratum = np.array([code[rows[name][0]] for name in names])
    generator = np.random.default_rng(seed)
    found = np.empty(len(persons), dtype=np.int64)
    dealt = 0
    for value in np.unique(stratum):
        for name in generator.permutation(names[stratum == value]):
            found[rows[name]] = dealt % folds
            dealt += 1
    return found
