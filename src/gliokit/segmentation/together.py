"""Do the sequences of a study go together as they should, each in its own place?

Signs of several sequences at once have a mean, and a correlation matrix that is drawn a tenth
towards none, over the patients that are known. A study's distance is that of Mahalanobis. Where
the images would lie nearer if their names were exchanged, the names may be wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from gliokit.evaluation import conformal_quantile
from gliokit.segmentation.calibration import Together
from gliokit.segmentation.signs import sequences_of
from gliokit.study import STRUCTURAL, Modality

__all__ = ["distance", "exchanged", "key_of", "limits_of", "together_of"]

SHRINKAGE = 0.1
LEAST_SD = 0.05
ALONE = ("brain", "rough", "parts", "fluid")
"""Words of signs that say nothing of how sequences go together."""

Signs = Mapping[str, float]


def _relations(signs: Signs) -> dict[str, float]:
    return {n: v for n, v in signs.items() if not set(ALONE) & set(n.split("_"))}


def together_of(patients: Sequence[Signs]) -> Together:
    """Mean, standard deviation and correlation of the signs of several sequences.

    Args:
        patients: With all four sequences, three at least.
    """
    names = sorted(_relations(patients[0]))
    table = np.array([[signs[name] for name in names] for signs in patients])
    mean, sd = table.mean(axis=0), np.maximum(table.std(axis=0, ddof=1), LEAST_SD)
    scores = (table - mean) / sd
    return Together(
        names=tuple(names),
        mean=tuple(np.round(mean, 5).tolist()),
        sd=tuple(np.round(sd, 5).tolist()),
        correlation=tuple(
            tuple(row) for row in np.round(scores.T @ scores / (len(table) - 1), 4).tolist()
        ),
    )


def distance(signs: Signs, known: Together) -> float:
    """Mahalanobis distance of a study by the signs that it has, over the root of their number."""
    at = [n for n, name in enumerate(known.names) if name in signs]
    if not at:
        return 0.0
    values = np.array([signs[known.names[n]] for n in at])
    mean, sd = np.array(known.mean)[at], np.array(known.sd)[at]
    shrunk = (1 - SHRINKAGE) * np.array(known.correlation)[np.ix_(at, at)]
    shrunk += SHRINKAGE * np.eye(len(at))
    scores: NDArray[np.float64] = (values - mean) / sd
    squared = float(scores @ np.linalg.solve(shrunk, scores))
    return math.sqrt(max(squared, 0.0) / len(at))


def exchanged(signs: Signs, known: Together) -> tuple[float, tuple[Modality, ...]]:
    """How much nearer a study would lie with other names for its images, and which would change.

    Returns:
        The gain in distance, 0 or less where the names fit best, and the images whose names
        would change under the best other naming, in the order of the four sequences.
    """
    present = _sequences(signs)
    if len(present) < 2:
        return 0.0, ()
    own = distance(signs, known)
    others = [
        (distance(_renamed(signs, dict(zip(present, names, strict=True))), known), names)
        for names in permutations(present)
        if names != present
    ]
    nearest, names = min(others)
    changed = tuple(m for m, name in zip(present, names, strict=True) if m != name)
    return own - nearest, changed


def _sequences(signs: Signs) -> tuple[Modality, ...]:
    return tuple(m for m in STRUCTURAL if f"{m}_low" in signs)


def key_of(signs: Signs) -> str:
    """The name of a subset of the sequences, such as 't1+flair'."""
    return "+".join(_sequences(signs))


def _renamed(signs: Signs, names: Mapping[Modality, Modality]) -> dict[str, float]:
    """The signs of the same images under other names."""
    words = {str(old): str(new) for old, new in names.items()}
    found = {}
    for sign, value in _relations(signs).items():
        parts = [words.get(part, part) for part in sign.split("_")]
        if parts[-1] == "correlation":
            parts[:2] = sorted(parts[:2], key=[str(m) for m in STRUCTURAL].index)
        found["_".join(parts)] = value
    return found


def limits_of(patients: Sequence[Signs], *, level: float) -> tuple[dict[str, float], ...]:
    """For every subset of the sequences what distance, and what gain by other names, is usual.

    Each patient is measured by what is known of all others.

    Args:
        patients: With all four sequences.
        level: Share of patients like them that lie within.

    Returns:
        Limits of the distance and of the gain.
    """
    known = [together_of([*patients[:n], *patients[n + 1 :]]) for n in range(len(patients))]
    distances, gains = {}, {}
    for subset in _subsets():
        seen = [_only(signs, subset) for signs in patients]
        pairs = list(zip(seen, known, strict=True))
        distances["+".join(subset)] = conformal_quantile(
            [distance(s, k) for s, k in pairs], level=level
        )
        gains["+".join(subset)] = conformal_quantile(
            [exchanged(s, k)[0] for s, k in pairs], level=level
        )
    return distances, gains


def _subsets() -> Iterator[tuple[Modality, ...]]:
    for size in range(1, len(STRUCTURAL) + 1):
        yield from combinations(STRUCTURAL, size)


def _only(signs: Signs, subset: Sequence[Modality]) -> dict[str, float]:
    return {n: v for n, v in _relations(signs).items() if set(sequences_of(n)) <= set(subset)}
