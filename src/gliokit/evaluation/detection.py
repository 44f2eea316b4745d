"""How many lesions are found at how many false alarms per patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks

__all__ = ["FALSE_ALARMS", "Froc", "froc_curve", "match_detections"]

FALSE_ALARMS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class Froc:
    """Sensitivity by lesion over false alarms per patient, at each score from the highest down.

    Both begin at 0, where nothing is called.
    """

    false_alarms: NDArray[np.float64]
    sensitivity: NDArray[np.float64]
    lesions: int
    patients: int

    def sensitivity_at(self, false_alarms: float) -> float:
        """The highest sensitivity with at most so many false alarms per patient."""
        if not false_alarms >= 0:
            raise ValueError(f"false_alarms must not be negative; got {false_alarms}")
        return float(self.sensitivity[self.false_alarms <= false_alarms].max())

    def mean_sensitivity(self, at: Sequence[float] = FALSE_ALARMS) -> float:
        """The mean of sensitivities at numbers of false alarms per patient."""
        return float(np.mean([self.sensitivity_at(a) for a in at]))


def match_detections(
    overlap: ArrayLike, scores: ArrayLike, *, least: float = 0.1
) -> NDArray[np.int64]:
    """Which lesion each detection of one patient finds; -1 for a false alarm.

    From the highest score down each detection takes the lesion that it overlaps most among
    those not yet found. One that overlaps only a lesion found before gets -2: neither hit nor
    false alarm.

    Args:
        overlap: (detections, lesions), such as intersection over union, from 0 to 1.
        scores: (detections,), finite.
        least: Overlap that counts as found.

    Raises:
        ValueError: other shapes, overlaps outside 0 to 1.
    """
    shares = np.asarray(overlap, dtype=np.float64)
    score = np.asarray(scores, dtype=np.float64)
    if shares.ndim != 2 or score.shape != shares.shape[:1]:
        raise ValueError(
            "overlap must be (detections, lesions) with a score a detection; "
            f"got {shares.shape} and {score.shape}"
        )
    if shares.size:
        checks.probabilities(shares.ravel(), "overlap")
    if score.size:
        checks.finite(score, "scores")
    matched = np.full(score.size, -1, dtype=np.int64)
    free = np.ones(shares.shape[1], dtype=bool)
    for k in np.argsort(-score, kind="stable"):
        touched = shares[k] >= checks.fraction(least, "least")
        if not touched.any():
            continue
        matched[k] = -2
        if (touched & free).any():
            matched[k] = int(np.argmax(np.where(touched & free, shares[k], -1)))
            free[matched[k]] = False
    return matched


def froc_curve(scores: ArrayLike, matched: ArrayLike, *, lesions: int, patients: int) -> Froc:
    """The FROC curve of a cohort.

    Args:
        scores: (detections,) of all patients; may be empty.
        matched: (detections,), as `match_detections` gives it: 0 and more for a hit, -1 for a
            false alarm, -2 for one that counts as neither.
        lesions: Of all patients, at least one.
        patients: Those without lesions and detections too.

    Raises:
        ValueError: no lesion, no patient, more hits than lesions, other lengths.

    Source: Bunch et al., Proc SPIE 127 (1977) 124; Chakraborty, Med Phys 16 (1989) 561.
    """
    score, found = np.asarray(scores, dtype=np.float64), np.asarray(matched)
    checks.same_length(scores=score, matched=found)
    if lesions < 1 or patients < 1:
        raise ValueError(f"lesions and patients must be at least 1; got {lesions}, {patients}")
    if (found >= 0).sum() > lesions:
        raise ValueError(
            f"matched holds {(found >= 0).sum()} hits, but there are {lesions} lesions"
        )
    if score.size == 0:
        return Froc(np.zeros(1), np.zeros(1), lesions, patients)
    checks.finite(score, "scores")
    order = np.argsort(-score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(score[order])), score.size - 1)
    hits = np.cumsum(found[order] >= 0)[last] / lesions
    alarms = np.cumsum(found[order] == -1)[last] / patients
    return Froc(np.append(0.0, alarms), np.append(0.0, hits), lesions, patients)
