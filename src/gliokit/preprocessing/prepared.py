"""A study made comparable: one grid, one brain, comparable intensities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gliokit.study import Grid, Modality, Notice

__all__ = ["Alignment", "PreparedStudy"]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """How the prepared grid comes from the native one, in array indices.

    A native index along native axis `axes[a]` is
    `start[a] + step[a] * index`, for an index along prepared axis a.

    Args:
        native: The grid of the images as they were read.
        axes: Native axis of each prepared axis.
        step: Native voxels per prepared voxel; negative where the axis is flipped.
        start: Native index of prepared index 0.
    """

    native: Grid
    axes: tuple[int, int, int]
    step: tuple[float, float, float]
    start: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class PreparedStudy:
    """The images of a study on one rigid grid of 1 mm, axes nearest to RAS.

    Args:
        subject: Name of the patient.
        grid: The common grid; its box holds the brain with a margin.
        images: float32 of the grid's shape, normalised within the brain, 0 outside.
        brain: bool, the voxels of the brain.
        alignment: The way back to the native grid.
        notices: What people should know, of reading and of preparing.
        unscaled: The images with the intensities that they came with, for networks with a
            normalisation of their own; none where only the normalised ones are at hand.
    """

    subject: str
    grid: Grid
    images: Mapping[Modality, NDArray[np.float32]]
    brain: NDArray[np.bool_]
    alignment: Alignment
    notices: tuple[Notice, ...] = ()
    unscaled: Mapping[Modality, NDArray[np.float32]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "images", MappingProxyType(dict(self.images)))
        object.__setattr__(self, "unscaled", MappingProxyType(dict(self.unscaled)))
