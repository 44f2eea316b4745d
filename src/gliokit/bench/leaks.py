"""What must not be: a target among the inputs under another name, a patient on two sides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.identity import Identities
from gliokit.evaluation import auc
from gliokit.study import StudyError, UsageError
from gliokit.systems import Inputs, MaskTarget, SurvivalTarget, Target
from gliokit.systems.target import AnyTarget

__all__ = ["check_aliases", "check_apart", "check_resolved", "check_unseen", "find_aliases"]

ALIAS_AUC = 0.995
ALIAS_CORRELATION = 0.995
LEAST_PATIENTS = 10
SHOWN = 8
UNRESOLVED = (
    (
        r"BraTS-CBICA",
        r"UPENN-GBM",
        "CBICA cases of BraTS are patients of UPENN-GBM, and no table says which",
    ),
    (
        r"BraTS20_",
        r"BraTS-|BraTS2021-|TCGA-|UPENN-GBM",
        "BraTS 2020 repeats patients of these under new names",
    ),
)
"""Patterns of names written alike, of collections that share patients."""


def find_aliases(inputs: Inputs, target: AnyTarget) -> dict[str, float]:
    """Inputs that tell the target by themselves, with how well.

    Definition: of two classes an AUC of .995 or more, either way, or whether a value is known
    at all; of survival a rank correlation with the time of those who died of .995, or an AUC of
    that size with whether death was seen. Less than 10 patients of a class, or deaths, tell
    nothing. No number tells a place in the image.
    """
    if isinstance(target, MaskTarget):
        return {}
    found = {}
    for name in inputs.columns:
        strength = max(_strength(v, target) for v in _views(inputs.column(name)))
        if strength > 0:
            found[name] = round(strength, 4)
    return found


def _views(values: NDArray[np.float64]) -> Iterable[NDArray[np.float64]]:
    yield values
    gaps = np.isnan(values)
    if gaps.any():
        yield gaps.astype(np.float64)


def _strength(values: NDArray[np.float64], target: Target) -> float:
    """How well values tell the target; 0 where that is not enough for an alias."""
    known = np.isfinite(values) & target.known
    if isinstance(target, SurvivalTarget):
        dead = known & target.died
        best = _area(values[known], target.died[known].astype(np.int64))
        if dead.sum() >= LEAST_PATIENTS and np.ptp(values[dead]) > 0:
            best = max(best, _rank_correlation(values[dead], target.days[dead]))
        return best
    codes, best = target.codes[known], 0.0
    for k in range(len(target.classes) if len(target.classes) > 2 else 1):
        best = max(best, _area(values[known], (codes == k).astype(np.int64)))
    return best


def _area(values: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    if min((labels == 0).sum(), (labels == 1).sum()) < LEAST_PATIENTS:
        return 0.0
    area = auc(labels, values)
    found = max(area, 1 - area)
    return found if found >= ALIAS_AUC else 0.0


def _rank_correlation(values: NDArray[np.float64], days: NDArray[np.float64]) -> float:
    from scipy.stats import rankdata

    found = abs(float(np.corrcoef(rankdata(values), rankdata(days))[0, 1]))
    return found if found >= ALIAS_CORRELATION else 0.0


def check_aliases(
    inputs: Inputs, target: AnyTarget, *, allowed: Sequence[str] = ()
) -> dict[str, float]:
    """Refuse inputs that tell the target by themselves.

    Returns:
        The allowed ones and how well they tell it, 0 where they don't.

    Raises:
        UsageError: an allowed name is no input.
        StudyError: there are some that are not allowed by name.
    """
    strange = [name for name in allowed if name not in inputs.columns]
    if strange:
        raise UsageError("what is allowed is an input", found=", ".join(strange[:SHOWN]))
    found = find_aliases(inputs, target)
    refused = {c: v for c, v in found.items() if c not in allowed}
    if refused:
        told = ", ".join(f"'{c}' ({v:g})" for c, v in list(refused.items())[:SHOWN])
        raise StudyError(
            f"no input tells the target '{target.name}' by itself",
            found=told,
            way_out="Leave these columns out; allow one by name if it is known before the target.",
        )
    return {name: found.get(name, 0.0) for name in allowed}


def check_apart(training: Sequence[str], test: Sequence[str], *, fold: str) -> None:
    """Refuse a person on both sides of a split.

    Raises:
        StudyError: with the names.
    """
    both = sorted(set(training) & set(test))
    if both:
        raise StudyError(
            "no patient is in training and test",
            source=fold,
            found=f"{len(both)} who are: {', '.join(both[:SHOWN])}",
            way_out="Leave them out of one side, or split by patient over all collections.",
        )


def check_resolved(training: Sequence[str], test: Sequence[str], *, fold: str) -> None:
    """Refuse collections that share patients under names which no table unites.

    Raises:
        StudyError: with an example of each.
    """
    for one, other, why in UNRESOLVED:
        for here, there in ((training, test), (test, training)):
            first = next((p for p in here if re.match(one, p)), None)
            second = next((p for p in there if re.match(other, p)), None)
            if first is not None and second is not None:
                raise StudyError(
                    "no patient can be in training and test under another name",
                    source=fold,
                    found=f"{first} and {second}; {why}",
                    way_out="Take one of these collections, or split by patient over a table "
                    "that unites their names.",
                )


def check_unseen(
    trained_on: Sequence[str], test: Sequence[str], identities: Identities, *, model: str
) -> None:
    """Refuse masks or features of a model that has learnt from a test patient.

    Raises:
        StudyError: with the names.
    """
    seen = {identities.person(name) for name in trained_on}
    both = sorted(name for name in test if identities.person(name) in seen)
    if both:
        raise StudyError(
            "a model has not seen the patients of the test",
            source=model,
            found=f"{len(both)} whom it has: {', '.join(both[:SHOWN])}",
            way_out="Take masks of a model that was trained without them.",
        )
