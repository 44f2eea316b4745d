"""What the values of a label map mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gliokit.study.errors import StudyError
from gliokit.study.grid import Grid
from gliokit.study.notice import Notice

__all__ = ["BRATS", "BRATS_POSTOPERATIVE", "SCHEMES", "WHOLE_TUMOUR", "LabelMap", "Labels"]


@dataclass(frozen=True, slots=True)
class Labels:
    """A scheme: names of values, and regions as sets of values.

    A region that a scheme doesn't know is absent, which is not the same as empty.
    """

    name: str
    values: Mapping[str, int]
    regions: Mapping[str, frozenset[int]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))
        object.__setattr__(self, "regions", MappingProxyType(dict(self.regions)))

    def __reduce__(self) -> tuple[object, ...]:
        return (Labels, (self.name, dict(self.values), dict(self.regions)))


BRATS = Labels(
    "brats2023",
    {"NCR": 1, "ED": 2, "ET": 3},
    {"WT": frozenset({1, 2, 3}), "TC": frozenset({1, 3}), "ET": frozenset({3})},
)
"""House scheme. NCR is non-enhancing core (necrosis or non-enhancing tumour), ED is FLAIR
abnormality outside the core (oedema or infiltration), ET is enhancing tumour."""

BRATS_POSTOPERATIVE = Labels(
    "brats2024",
    {**BRATS.values, "RC": 4},
    {**BRATS.regions, "RC": frozenset({4})},
)
"""House scheme with the resection cavity, which is no part of the whole tumour."""

WHOLE_TUMOUR = Labels("whole_tumour", {"WT": 1}, {"WT": frozenset({1})})
"""One region, for methods and masks that know no parts."""

SCHEMES: Mapping[str, Labels] = MappingProxyType(
    {labels.name: labels for labels in (BRATS, BRATS_POSTOPERATIVE, WHOLE_TUMOUR)}
)
"""Schemes by the name that gliokit writes into the label maps that it makes."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelMap:
    """Labels on a grid.

    Args:
        grid: Where the voxels lie.
        data: uint8 of the grid's shape; 0 is background.
        labels: What the values mean.
        notices: What the reader wants people to know.

    Raises:
        StudyError: the shape is not the grid's, or a value is not of the scheme.
    """

    grid: Grid
    data: NDArray[np.uint8]
    labels: Labels = BRATS
    notices: tuple[Notice, ...] = ()

    def __post_init__(self) -> None:
        data = np.ascontiguousarray(self.data, dtype=np.uint8).view()
        data.setflags(write=False)
        object.__setattr__(self, "data", data)
        if data.shape != self.grid.shape:
            raise StudyError(
                f"a label map has the shape of its grid, {self.grid.shape}", found=data.shape
            )
        unknown = set(np.unique(data).tolist()) - {0, *self.labels.values.values()}
        if unknown:
            raise StudyError(
                f"values are of the scheme '{self.labels.name}', {dict(self.labels.values)}",
                found=sorted(unknown),
            )

    def knows(self, region: str) -> bool:
        """Whether the scheme has this region at all."""
        return region in self.labels.regions

    def region(self, name: str) -> NDArray[np.bool_]:
        """Voxels of a region, bool, shape of the grid.

        Raises:
            KeyError: the scheme doesn't know the region; ask `knows` first.
        """
        return np.isin(self.data, tuple(self.labels.regions[name]))
