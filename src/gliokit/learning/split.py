"""Which patients a network never sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gliokit.learning.persons import scans_by_person
from gliokit.study import Cohort, UsageError

__all__ = ["folds", "hold_out", "keep_back"]


def hold_out(
    subjects: Sequence[str], strata: Sequence[str], *, count: int, seed: int
) -> tuple[str, ...]:
    """Draw the patients to hold out, from every stratum in proportion to its size.

    Shares are rounded by largest remainder; ties go to the stratum that sorts first.

    Args:
        subjects: Unique names of patients.
        strata: Stratum of each patient, such as the collection that he comes from.
        count: Patients to hold out.
        seed: The same seed and the same patients give the same answer in any order.

    Raises:
        UsageError: fewer than one patient would be left to learn from.
    """
    if not 0 <= count < len(subjects):
        raise UsageError(f"between 0 and {len(subjects) - 1} patients can be held out", found=count)
    order = _shuffled(subjects, strata, seed)
    return tuple(sorted(_take(order, count)))


def folds(
    subjects: Sequence[str], strata: Sequence[str], *, count: int, seed: int
) -> tuple[tuple[str, ...], ...]:
    """Divide the patients into folds, each with every stratum in proportion.

    The first fold is what `hold_out` draws for as many patients.

    Args:
        subjects: Unique names of patients.
        strata: Stratum of each patient.
        count: Folds.
        seed: The same seed and the same patients give the same answer in any order.

    Raises:
        UsageError: fewer than two folds, or more folds than patients.
    """
    if not 2 <= count <= len(subjects):
        raise UsageError(f"{len(subjects)} patients make 2 to {len(subjects)} folds", found=count)
    order = _shuffled(subjects, strata, seed)
    parts = []
    for left in range(count, 0, -1):
        size = -(-sum(len(members) for members in order.values()) // left)
        parts.append(tuple(sorted(_take(order, size))))
    return tuple(parts)


def keep_back(
    cohort: Cohort,
    *,
    count: int = 0,
    fold: tuple[int, int] | None = None,
    stratify_by: str = "collection",
    seed: int = 0,
) -> tuple[str, ...]:
    """The scans of a cohort that a run never sees: of so many patients, or a fold of so many.

    Patients are drawn, all scans of one together; who is who is told by `gliokit.study.person`.

    Args:
        cohort: Whom the run has.
        count: Patients to hold out, however many scans they have.
        fold: (3, 5) is the third of five folds; instead of `count`.
        stratify_by: Column that they are drawn in proportion to.
        seed: Of the draw.

    Raises:
        UsageError: both are given, or there is no such fold; no such column, other than the
            one that is taken where none is named.
    """
    cohort.check_column(stratify_by, purpose="drawn in proportion to")
    scans = [sorted(s.subject for s in mine) for mine in scans_by_person(cohort.patients)]
    known = {p.subject: p.attributes.get(stratify_by, "") for p in cohort.patients}
    names = [mine[0] for mine in scans]
    drawn = _drawn(names, [known[n] for n in names], count=count, fold=fold, seed=seed)
    return tuple(sorted(s for mine in scans if mine[0] in drawn for s in mine))


def _drawn(
    names: Sequence[str],
    strata: Sequence[str],
    *,
    count: int,
    fold: tuple[int, int] | None,
    seed: int,
) -> tuple[str, ...]:
    if fold is None:
        return hold_out(names, strata, count=count, seed=seed)
    number, of = fold
    if count:
        raise UsageError("patients are held out by number or by fold, not by both")
    if not 1 <= number <= of:
        raise UsageError(f"folds are counted from 1 to {of}", found=number)
    return folds(names, strata, count=of, seed=seed)[number - 1]


def _shuffled(subjects: Sequence[str], strata: Sequence[str], seed: int) -> dict[str, list[str]]:
    """The patients of every stratum in an order that the seed alone decides."""
    members = {
        n: sorted(s for s, t in zip(subjects, strata, strict=True) if t == n)
        for n in sorted(set(strata))
    }
    generator = np.random.default_rng(seed)
    return {n: generator.permutation(those).tolist() for n, those in members.items()}


def _take(order: dict[str, list[str]], count: int) -> list[str]:
    """Remove so many from the front of the strata, in proportion to what they hold."""
    total = sum(len(members) for members in order.values())
    exact = {n: count * len(members) / max(total, 1) for n, members in order.items()}
    shares = {n: int(e) for n, e in exact.items()}
    for name in sorted(order, key=lambda n: shares[n] - exact[n])[: count - sum(shares.values())]:
        shares[name] += 1
    taken = []
    for name, share in shares.items():
        taken += order[name][:share]
        del order[name][:share]
    return taken
