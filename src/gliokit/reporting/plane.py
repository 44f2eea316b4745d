"""Slices as radiologists look at them: patient's left on the image's right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gliokit.reporting.language import mark

__all__ = ["AXIAL", "CORONAL", "PLANES", "SAGITTAL", "Plane"]

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Plane:
    """One of the three planes of a grid whose axes are nearest to RAS.

    Axial pictures have the front on top and coronal ones the vertex; both have the
    patient's left on the right. Sagittal pictures are seen from the patient's left, with
    the front on the left.

    Args:
        name: Message id.
        axis: Array axis that slices are counted along.
        across: Array axis from right to left in the picture: its end is on the left.
        sides: Message ids of the letters at the picture's left and right.
    """

    name: str
    axis: int
    across: int
    sides: tuple[str, str]

    @property
    def down(self) -> int:
        """Array axis from top to bottom; its end is on top in all planes."""
        return 3 - self.axis - self.across

    def slice_of(self, volume: NDArray[T], index: int) -> NDArray[T]:
        """One slice, (rows from the top, columns from the left)."""
        chosen: NDArray[T] = self.oriented(volume)[index]
        return chosen

    def oriented(self, volume: NDArray[T]) -> NDArray[T]:
        """The volume as (slices, rows from the top, columns from the left), a view."""
        turned = volume.transpose(self.axis, self.down, self.across)
        return turned[:, ::-1, ::-1]

    def place(
        self, indices: NDArray[np.float64], shape: tuple[int, int, int]
    ) -> NDArray[np.float64]:
        """Voxel indices (n, 3) as picture places (n, 2): x, y in voxels from the top left.

        The centre of the first voxel of the picture lies at 0.5, 0.5.
        """
        x, y = indices[:, self.across], indices[:, self.down]
        return np.stack([shape[self.across] - x - 0.5, shape[self.down] - y - 0.5], axis=1)


AXIAL = Plane(mark("axial"), 2, 0, (mark("R"), mark("L")))
CORONAL = Plane(mark("coronal"), 1, 0, (mark("R"), mark("L")))
SAGITTAL = Plane(mark("sagittal"), 0, 1, (mark("A"), mark("P")))
PLANES = (AXIAL, CORONAL, SAGITTAL)
