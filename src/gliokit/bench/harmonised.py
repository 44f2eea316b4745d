"""Inputs whose differences of sites are taken out, within each fold."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gliokit.bench.protocol import Fold
from gliokit.study import UsageError
from gliokit.systems import Inputs, TrainingSet
from gliokit.systems.harmonising import fit_harmonising

__all__ = ["harmonised", "harmonised_columns"]

OF_THE_PATIENT = ("age_years", "male")
"""What a patient is on every scanner: a site with older patients keeps them."""


def harmonised_columns(training: Inputs, patterns: Sequence[str]) -> tuple[str, ...]:
    """Columns that fit a pattern, but for age and sex, and for those of one or two values among
    the patients learnt from: a sign that is there or not has no scale.

    Raises:
        UsageError: there is none.
    """
    fit = [c for c in training.columns if any(fnmatch.fnmatchcase(c, p) for p in patterns)]
    found = tuple(c for c in fit if c not in OF_THE_PATIENT and _has_scale(training, c))
    if not found:
        raise UsageError(
            "columns that are harmonised are inputs of three values or more, not age and sex",
            source="--harmonise", found=", ".join(fit or patterns),
        )  # fmt: skip
    return found


def harmonised(fold: Fold, patterns: Sequence[str]) -> Fold:
    """The fold with ComBat fitted on its training rows, and applied to both sides.

    The training side is the same whoever is tested, and no target is looked at.

    Args:
        fold: Every patient has a site.
        patterns: Of the columns, as of `harmonised_columns`.

    Raises:
        UsageError: no such column, a site that can't be harmonised, a patient tested of a site
            that nothing is learnt of.
    """
    training, test = fold.training.inputs, fold.test
    columns = harmonised_columns(training, patterns)
    try:
        found = fit_harmonising(training.matrix(columns), training.sites)
        both = [
            _with_columns(side, columns, found(side.matrix(columns), side.sites))
            for side in (training, test)
        ]
    except UsageError as error:
        raise UsageError(error.rule, source=f"{fold.name}, {error.source}", found=error.found,
                         way_out=error.way_out) from error  # fmt: skip
    return replace(fold, training=TrainingSet(both[0], fold.training.target), test=both[1])


def _has_scale(training: Inputs, column: str) -> bool:
    values = training.column(column)
    return np.unique(values[np.isfinite(values)]).size > 2


def _with_columns(inputs: Inputs, columns: Sequence[str], values: np.ndarray) -> Inputs:
    made = inputs.values.copy()
    made[:, [inputs.columns.index(c) for c in columns]] = values
    return replace(inputs, values=made)
