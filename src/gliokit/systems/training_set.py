"""What a system learns from: the training fold, and nothing besides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.study import StudyError, UsageError
from gliokit.systems.folding import dealt_folds
from gliokit.systems.inputs import Inputs
from gliokit.systems.mask_target import MaskTarget
from gliokit.systems.target import AnyTarget, ClassTarget, SurvivalTarget

__all__ = ["TrainingSet"]

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """Patients of a training fold with their target.

    A system is handed this alone: no patient of the test fold is in it, by whatever name, and
    the target is none of the inputs. Patients whose target is not known are there too, for
    systems that learn from them.

    Raises:
        StudyError: other lengths, or an input of the target's name.
    """

    inputs: Inputs
    target: AnyTarget

    def __post_init__(self) -> None:
        if len(self.inputs) != len(self.target):
            raise StudyError("every patient has a place in the target",
                             found=(len(self.inputs), len(self.target)))  # fmt: skip
        if self.target.name in self.inputs.columns:
            raise StudyError("a target is never among the inputs", found=self.target.name)

    def take(self, rows: ArrayLike) -> TrainingSet:
        """The patients of some row numbers."""
        return TrainingSet(self.inputs.take(rows), self.target.take(rows))

    @property
    def labelled(self) -> TrainingSet:
        """Those whose target is known."""
        return self.take(np.flatnonzero(self.target.known))

    @property
    def classes(self) -> ClassTarget:
        """The target, where it is a class.

        Raises:
            UsageError: it is another kind.
        """
        if not isinstance(self.target, ClassTarget):
            raise UsageError("this system finds classes", source=self.target.name, found="survival")
        return self.target

    @property
    def survival(self) -> SurvivalTarget:
        """The target, where it is a survival time.

        Raises:
            UsageError: it is another kind.
        """
        if not isinstance(self.target, SurvivalTarget):
            raise UsageError("this system predicts survival", source=self.target.name,
                             found="classes")  # fmt: skip
        return self.target

    @property
    def masks(self) -> MaskTarget:
        """The target, where it is a place in the image.

        Raises:
            UsageError: it is another kind.
        """
        if not isinstance(self.target, MaskTarget):
            raise UsageError("this system finds places", source=self.target.name,
                             found=type(self.target).__name__)  # fmt: skip
        return self.target

    def inner_folds(self, folds: int, *, seed: int) -> Iterator[tuple[Rows, Rows]]:
        """Row numbers to learn from and to judge by, for choices made within the training fold.

        Grouped by person and stratified, as the outer folds.

        Raises:
            UsageError: fewer persons than folds.
        """
        place = dealt_folds(self.inputs.persons, self.target.strata, folds, seed=seed)
        for k in range(folds):
            yield np.flatnonzero(place != k), np.flatnonzero(place == k)
