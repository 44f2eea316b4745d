"""One image on its grid, read from disk when its voxels are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gliokit.study.errors import StudyError
from gliokit.study.grid import Grid
from gliokit.study.modality import Modality

__all__ = ["Volume"]


@dataclass(slots=True)
class _Voxels:
    """Reads an array once, when it is first asked for."""

    read: Callable[[], NDArray[np.float32]]
    kept: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """One 3-D image of a study. Its header is known, its voxels come on demand.

    Args:
        modality: What kind of image it is.
        grid: Where its voxels lie.
        source: The file that it came from, or a word for an image made in memory.
        read: Gives the voxels as float32 of the grid's shape; called at most once.
    """

    modality: Modality
    grid: Grid
    source: Path | str
    read: Callable[[], NDArray[np.float32]] = field(repr=False)
    _voxels: _Voxels = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_voxels", _Voxels(self.read))

    @classmethod
    def from_array(
        cls,
        modality: Modality,
        grid: Grid,
        data: NDArray[np.float32],
        *,
        source: Path | str = "memory",
    ) -> Volume:
        """A volume of an array that is already there."""
        return cls(modality, grid, source, lambda: data)

    @property
    def data(self) -> NDArray[np.float32]:
        """The voxels, float32, shape of the grid, read-only and finite.

        Raises:
            StudyError: the file can't be read, has the wrong shape, or holds NaN or
                infinity.
        """
        if self._voxels.kept is None:
            self._voxels.kept = self._checked(self._voxels.read())
        return self._voxels.kept

    def _checked(self, data: NDArray[np.float32]) -> NDArray[np.float32]:
        if data.shape != self.grid.shape:
            raise StudyError(
                f"the voxels have the shape of the header, {self.grid.shape}",
                source=self.source,
                found=data.shape,
            )
        bad = int(data.size - np.count_nonzero(np.isfinite(data)))
        if bad:
            raise StudyError(
                "all voxels are finite numbers",
                source=self.source,
                found=f"{bad} voxels that are NaN or infinite",
                way_out="Replace them, by 0 outside the brain, and run again.",
            )
        data = np.ascontiguousarray(data, dtype=np.float32).view()
        data.setflags(write=False)
        return data
