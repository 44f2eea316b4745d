"""What a system says of patients it has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.study import Grid, LabelMap, StudyError

__all__ = [
    "Answer",
    "Associations",
    "ClassProbabilities",
    "Detection",
    "Detections",
    "Finding",
    "LabelMaps",
    "Risk",
    "SurvivalCurves",
    "VoxelMap",
    "VoxelMaps",
]


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


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurves(Risk):
    """A risk, and the probability of being alive at stated days.

    A curve is 1 at day 0 and straight between the days; beyond the last one nothing is said.

    Args:
        days: (t,), above 0 and rising, the same for all patients; one or more.
        survival: (n, t), 0 to 1, not rising.
    """

    days: NDArray[np.float64]
    survival: NDArray[np.float64]

    def __post_init__(self) -> None:
        Risk.__post_init__(self)
        days, survival = self.days, self.survival
        rising = days.ndim == 1 and days.size and (np.diff(days, prepend=0.0) > 0).all()
        if not rising or not np.isfinite(days).all():
            raise StudyError("days of survival curves are above 0 and rise", source=self.target)
        if survival.shape != (len(self.subjects), days.size):
            raise StudyError("there is a probability of survival for each patient and day",
                             source=self.target, found=survival.shape)  # fmt: skip
        if not ((survival >= 0) & (survival <= 1)).all() or (np.diff(survival, axis=1) > 0).any():
            raise StudyError("probabilities of survival are 0 to 1 and do not rise",
                             source=self.target)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class LabelMaps:
    """Regions of each patient.

    Args:
        subjects: (n,), in the order asked.
        maps: (n,), each on a grid of its own.
    """

    subjects: tuple[str, ...]
    maps: tuple[LabelMap, ...]

    def __post_init__(self) -> None:
        _check_each(self.subjects, self.maps, "a label map")


@dataclass(frozen=True, slots=True, eq=False)
class VoxelMap:
    """A number in every voxel.

    Args:
        values: float32 of the grid's shape, finite.
        grid: Where the voxels lie.
    """

    values: NDArray[np.float32]
    grid: Grid

    def __post_init__(self) -> None:
        if self.values.shape != self.grid.shape or not np.isfinite(self.values).all():
            raise StudyError("a map has a finite number in every voxel of its grid",
                             found=self.values.shape)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class VoxelMaps:
    """A map of each patient.

    Args:
        subjects: (n,), in the order asked.
        maps: (n,), each on a grid of its own.
        meaning: Of a number, such as 'probability of recurrence'.
    """

    subjects: tuple[str, ...]
    maps: tuple[VoxelMap, ...]
    meaning: str

    def __post_init__(self) -> None:
        _check_each(self.subjects, self.maps, "a voxel map")
        if not self.meaning:
            raise StudyError("a voxel map says what its numbers mean")


@dataclass(frozen=True, slots=True)
class Detection:
    """A ball that is said to hold a lesion.

    Args:
        centre_mm: RAS+, as `Grid.to_mm` gives it.
        radius_mm: Above 0.
        probability: That it is one.
    """

    centre_mm: tuple[float, float, float]
    radius_mm: float
    probability: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.centre_mm).all() and 0 < self.radius_mm < np.inf):
            raise StudyError("a detection has a place and a radius above 0",
                             found=(self.centre_mm, self.radius_mm))  # fmt: skip
        if not 0 <= self.probability <= 1:
            raise StudyError("a detection's probability is 0 to 1", found=self.probability)


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """What is found in each patient, which may be nothing.

    Args:
        subjects: (n,), in the order asked.
        found: (n,).
    """

    subjects: tuple[str, ...]
    found: tuple[tuple[Detection, ...], ...]

    def __post_init__(self) -> None:
        _check_each(self.subjects, self.found, "a list of detections")


def _check_each(subjects: tuple[str, ...], parts: tuple[object, ...], what: str) -> None:
    if len(subjects) != len(parts):
        raise StudyError(f"there is {what} for each patient", found=(len(subjects), len(parts)))


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


Answer = ClassProbabilities | Risk | LabelMaps | VoxelMaps | Detections
"""Of patients; associations are of a whole cohort and stand apart."""
