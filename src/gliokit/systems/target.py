"""What is to be found: a class, a survival time or a place, known or not patient by patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.study import StudyError
from gliokit.systems.mask_target import MaskTarget

__all__ = ["UNKNOWN", "AnyTarget", "ClassTarget", "SurvivalTarget", "Target"]

UNKNOWN = -1


@dataclass(frozen=True, slots=True, eq=False)
class ClassTarget:
    """Classes of patients.

    Args:
        name: Such as 'idh_mutant'.
        classes: Names; of two, the second is the positive one.
        codes: (n,) places in `classes`, -1 where not known.
        coding: How the class is told, such as a test and its cut; '' where not stated. Classes of
            one name and two codings are not the same.
    """

    name: str
    classes: tuple[str, ...]
    codes: NDArray[np.int64]
    coding: str = ""

    def __post_init__(self) -> None:
        codes = np.array(self.codes, dtype=np.int64)
        if len(self.classes) < 2 or len(set(self.classes)) < len(self.classes):
            raise StudyError("a target has two classes or more, each of a name of its own",
                             source=self.name, found=self.classes)  # fmt: skip
        if codes.ndim != 1 or (codes < UNKNOWN).any() or (codes >= len(self.classes)).any():
            raise StudyError(
                f"a code is {UNKNOWN} (not known) to {len(self.classes) - 1}", source=self.name
            )
        codes.flags.writeable = False
        object.__setattr__(self, "codes", codes)

    @classmethod
    def of_words(cls, name: str, words: Sequence[str], classes: tuple[str, ...]) -> ClassTarget:
        """From a column of text; '' is not known.

        Raises:
            StudyError: a word that is no class.
        """
        place = {word: i for i, word in enumerate(classes)} | {"": UNKNOWN}
        strange = sorted(set(words) - set(place))
        if strange:
            raise StudyError(
                f"target '{name}' is one of {', '.join(classes)}, or empty", found=strange[0]
            )
        return cls(name, classes, np.array([place[word] for word in words], dtype=np.int64))

    def __len__(self) -> int:
        return int(self.codes.size)

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n,), whether the class is known."""
        return np.asarray(self.codes != UNKNOWN)

    @property
    def strata(self) -> NDArray[np.int64]:
        """(n,), what folds are balanced by."""
        return self.codes

    def take(self, rows: ArrayLike) -> ClassTarget:
        """Of the patients of some row numbers."""
        chosen = np.asarray(rows, dtype=np.intp)
        return ClassTarget(self.name, self.classes, self.codes[chosen], self.coding)


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalTarget:
    """Follow-up in days and whether death ended it.

    Args:
        name: Such as 'survival'.
        days: (n,), above 0; NaN where not known.
        died: (n,), 0 or 1; anything where days are not known.
    """

    name: str
    days: NDArray[np.float64]
    died: NDArray[np.bool_]

    def __post_init__(self) -> None:
        days, died = np.array(self.days, dtype=np.float64), np.array(self.died, dtype=np.bool_)
        if days.ndim != 1 or days.shape != died.shape:
            raise StudyError("there are as many times as events", source=self.name,
                             found=(days.shape, died.shape))  # fmt: skip
        if (days <= 0).any():
            raise StudyError(
                "a follow-up is longer than 0 days",
                source=self.name,
                found=float(days[days <= 0][0]),
                way_out="Leave out who was not at risk after time 0.",
            )
        for array in (days, died):
            array.flags.writeable = False
        object.__setattr__(self, "days", days)
        object.__setattr__(self, "died", died)

    def __len__(self) -> int:
        return int(self.days.size)

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n,), whether the follow-up is known."""
        return np.isfinite(self.days)

    @property
    def strata(self) -> NDArray[np.int64]:
        """(n,), what folds are balanced by: whether death was seen."""
        return np.where(self.known, self.died.astype(np.int64), UNKNOWN)

    def take(self, rows: ArrayLike) -> SurvivalTarget:
        """Of the patients of some row numbers."""
        chosen = np.asarray(rows, dtype=np.intp)
        return SurvivalTarget(self.name, self.days[chosen], self.died[chosen])


Target = ClassTarget | SurvivalTarget
"""What the bench judges."""

AnyTarget = Target | MaskTarget
"""What a system may learn."""
