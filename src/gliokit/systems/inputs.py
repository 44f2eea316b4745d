"""What a system may see of patients: never a target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.study import LabelMap, Series, Study, StudyError, UsageError

__all__ = ["Images", "Inputs"]


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """A patient's images, opened when they are asked for.

    Args:
        sequences: Names of those that are there, such as 't1c'.
        regions: Names of the regions that are drawn, such as 'WT'.
        open_study: Reads the headers.
        open_label_map: Reads the regions; None where there are none.
        whole_head: Whether skull and face are there, and background is 0 all the same.
        content: Tells these images from any others, such as a digest of the files: by it a
            run that was cut off knows that it goes on with the same. '' keeps no such promise.
        open_series: Reads what has several frames, such as 'dsc', 'dwi' or 'bold', whose names
            stand among the sequences too.
        faults: Why a series that lies there can't be used, by name: a system that needs it is told.
    """

    sequences: frozenset[str]
    regions: frozenset[str]
    open_study: Callable[[], Study] = field(repr=False)
    open_label_map: Callable[[], LabelMap] | None = field(default=None, repr=False)
    whole_head: bool = False
    content: str = ""
    open_series: Mapping[str, Callable[[], Series]] = field(default_factory=dict, repr=False)
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Patients as a system sees them: numbers by column, and images. There is no target here.

    Args:
        subjects: (n,) names of scans or rows, each once.
        columns: (p,) names of the numbers, each once.
        values: (n, p), NaN where not known.
        persons: (n,) who it is: two rows of one person never lie on two sides of a split.
            The subjects by default.
        sites: (n,) where they were scanned; '' where not known.
        images: (n,) or none at all.

    Raises:
        StudyError: a name twice, other lengths, an infinite value.
    """

    subjects: tuple[str, ...]
    columns: tuple[str, ...]
    values: NDArray[np.float64]
    persons: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    images: tuple[Images | None, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.subjects)
        values = np.array(self.values, dtype=np.float64)
        for what, names in (("subject", self.subjects), ("column", self.columns)):
            twice = [name for name, times in Counter(names).items() if times > 1]
            if twice:
                raise StudyError(f"every {what} has a name of its own", found=", ".join(twice[:5]))
        if values.shape != (n, len(self.columns)):
            raise StudyError(
                f"values are {n} rows of {len(self.columns)} columns", found=values.shape
            )
        if np.isinf(values).any():
            row, column = np.argwhere(np.isinf(values))[0]
            raise StudyError(
                "a number is finite or not known",
                source=f"{self.subjects[row]}, column '{self.columns[column]}'",
                found=values[row, column],
            )
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "persons", self.persons or self.subjects)
        object.__setattr__(self, "sites", self.sites or ("",) * n)
        object.__setattr__(self, "images", self.images or (None,) * n)
        for name in ("persons", "sites", "images"):
            if len(getattr(self, name)) != n:
                raise StudyError(f"there are as many {name} as subjects, {n}",
                                 found=len(getattr(self, name)))  # fmt: skip

    def __len__(self) -> int:
        return len(self.subjects)

    def take(self, rows: ArrayLike) -> Inputs:
        """The patients of some row numbers, in that order."""
        chosen = np.asarray(rows, dtype=np.intp)
        return Inputs(
            tuple(self.subjects[i] for i in chosen),
            self.columns,
            self.values[chosen],
            tuple(self.persons[i] for i in chosen),
            tuple(self.sites[i] for i in chosen),
            tuple(self.images[i] for i in chosen),
        )

    def without_regions(self) -> Inputs:
        """The same patients with nothing drawn in their images."""
        blind = tuple(i and replace(i, regions=frozenset(), open_label_map=None)
                      for i in self.images)  # fmt: skip
        return replace(self, images=blind)

    def images_of(self, row: int) -> Images:
        """The images of the patient of a row number.

        Raises:
            StudyError: there are none.
        """
        images = self.images[row]
        if images is None:
            raise StudyError("the patient has images", source=self.subjects[row], found="none")
        return images

    def matrix(self, columns: Sequence[str]) -> NDArray[np.float64]:
        """The numbers of some columns, (n, len(columns)).

        Raises:
            UsageError: a column that is not there.
        """
        place = {name: i for i, name in enumerate(self.columns)}
        missing = [name for name in columns if name not in place]
        if missing:
            raise UsageError(
                "the patients have the columns that the system was made for",
                found=f"no {', '.join(missing[:5])}",
            )
        return self.values[:, [place[name] for name in columns]]

    def column(self, name: str) -> NDArray[np.float64]:
        """One column, (n,)."""
        return self.matrix([name])[:, 0]
