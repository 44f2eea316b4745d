"""What must not be: a target among the inputs under another name, a patient on two sides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from gliokit.evaluation import auc
from gliokit.study import Identities, StudyError, UsageError, family_of
from gliokit.systems import Inputs, MaskTarget, SurvivalTarget, Target
from gliokit.systems.target import AnyTarget

__all__ = ["check_aliases", "check_apart", "check_resolved", "find_aliases", "unlooked_inputs"]

ALIAS_AUC = 0.995
ALIAS_CORRELATION = 0.995
LEAST_PATIENTS = 10
SHOWN = 8
SHARING = frozenset(
    frozenset(pair)
    for family, others in (
        ("BraTS 2017-2019 (CBICA)", ("BraTS 2020", "BraTS 2021", "UPENN-GBM")),
        ("BraTS 2017-2019", ("BraTS 2020", "BraTS 2021", "TCGA")),
        ("BraTS 2020", ("BraTS 2021", "TCGA", "UCSF-PDGM", "UPENN-GBM")),
        ("BraTS 2021", ("TCGA", "UCSF-PDGM", "UPENN-GBM")),
    )
    for pair in product([family], others)
)
"""Families of names that share patients under other names."""


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


def unlooked_inputs(inputs: Inputs, target: AnyTarget) -> tuple[str, ...]:
    """Inputs with too few known values in a class, or of deaths, for `find_aliases` to tell."""
    if isinstance(target, MaskTarget):
        return ()
    classes = (1,) if isinstance(target, SurvivalTarget) else range(len(target.classes))

    def few(name: str) -> bool:
        strata = target.strata[np.isfinite(inputs.column(name)) & target.known]
        return any((strata == k).sum() < LEAST_PATIENTS for k in classes)

    return tuple(name for name in inputs.columns if few(name))


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


def check_resolved(
    training: Sequence[str],
    test: Sequence[str],
    *,
    fold: str,
    identities: Identities | None = None,
) -> None:
    """Refuse collections that share patients under names which no table unites.

    Two names are told apart where a table of `identities` lists one of them, and has a column of
    the other's family.

    Args:
        training, test: Persons.
        fold: Its name.
        identities: Tables of who is who.

    Raises:
        StudyError: with an example.
    """
    tables = identities or Identities()
    sides = _by_family(training), _by_family(test)
    for one, other in product(*sides):
        if frozenset((one, other)) not in SHARING:
            continue
        here = next((p for p in sides[0][one] if not tables.tells(p, other)), None)
        there = next((p for p in sides[1][other] if not tables.tells(p, one)), None)
        if here is not None and there is not None:
            raise StudyError(
                "no patient can be in training and test under another name",
                source=fold,
                found=f"{here} and {there}; {one} and {other} share patients, and no table says "
                "whether these are one",
                way_out="Give tables that list the names of these patients in both collections "
                "(--identities), take one of the collections, or split by patient over such "
                "tables.",
            )


def _by_family(persons: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for person in dict.fromkeys(persons):
        if family := family_of(person):
            found.setdefault(family, []).append(person)
    return found
