"""What a system says of patients it has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.study import StudyError

__all__ = ["Answer", "Associations", "ClassProbabilities", "Finding", "Risk"]


@dataclass(frozen=True, slots=True, eq=False)
class ClassProbabilities:
    """A probability of each class for each patient.

    Args:
        subjects: (n,), in the order asked.
        target: Its name.
        classes: (k,).
        probabilities: (n, k), rows that sum to 1.
        threshold: Of the last class's probability, at and above which it is said; fixed on
            training data.
    """

    subjects: tuple[str, ...]
    target: str
    classes: tuple[str, ...]
    probabilities: NDArray[np.float64]
    threshold: float

    def __post_init__(self) -> None:
        p = np.asarray(self.probabilities, dtype=np.float64)
        if p.shape != (len(self.subjects), len(self.classes)):
            raise StudyError("there is a probability for each patient and class", found=p.shape)
        if not (np.isfinite(p).all() and (p >= 0).all() and np.allclose(p.sum(axis=1), 1)):
            raise StudyError("probabilities are 0 to 1 and sum to 1", source=self.target)


@dataclass(frozen=True, slots=True, eq=False)
class Risk:
    """A score of each patient; who has the higher one is said to die earlier.

    Args:
        subjects: (n,), in the order asked.
        target: Its name.
        risk: (n,), finite; of a Cox model the log hazard.
    """

    subjects: tuple[str, ...]
    target: str
    risk: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.risk.shape != (len(self.subjects),) or not np.isfinite(self.risk).all():
            raise StudyError("there is a finite risk for each patient", source=self.target)


@dataclass(frozen=True, slots=True)
class Finding:
    """One statistic of a feature, such as a hazard ratio or an agreement.

    `p_adjusted` holds for all findings made together, by `method`.
    """

    feature: str
    against: str
    statistic: str
    value: float
    low: float
    high: float
    n: int
    p: float | None = None
    p_adjusted: float | None = None
    method: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Associations:
    """All findings that were made together, those without a result too."""

    target: str
    findings: tuple[Finding, ...]


Answer = ClassProbabilities | Risk
"""Of patients; associations are of a whole cohort and stand apart."""
