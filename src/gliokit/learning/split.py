"""Which patients a network never sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gliokit.study import UsageError

__all__ = ["hold_out"]


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
    names = sorted(set(strata))
    members = {n: sorted(s for s, t in zip(subjects, strata, strict=True) if t == n) for n in names}
    exact = {n: count * len(members[n]) / len(subjects) for n in names}
    shares = {n: int(exact[n]) for n in names}
    for name in sorted(names, key=lambda n: shares[n] - exact[n])[: count - sum(shares.values())]:
        shares[name] += 1
    generator = np.random.default_rng(seed)
    drawn = [generator.permutation(members[n])[: shares[n]].tolist() for n in names]
    return tuple(sorted(s for part in drawn for s in part))
