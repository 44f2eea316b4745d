"""Where the voxels of an image lie in the patient."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from gliokit.study.errors import StudyError

__all__ = ["Grid", "check_same_grid"]

SPACING_LIMITS_MM = (0.2, 20.0)
TOLERANCE_MM = 0.1
"""Rounding in headers moves a voxel less than this; a patient who moved, more."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A box of voxels and its place in the patient.

    Args:
        shape: Voxels along the three array axes (i, j, k).
        affine: 4x4, voxel indices to RAS+ millimetres.

    Raises:
        StudyError: the affine is singular or not finite, or a voxel is smaller than
            0.2 mm or larger than 20 mm.
    """

    shape: tuple[int, int, int]
    affine: NDArray[np.float64]

    def __post_init__(self) -> None:
        affine = np.array(self.affine, dtype=np.float64)
        affine.setflags(write=False)
        object.__setattr__(self, "affine", affine)
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))
        if len(self.shape) != 3 or min(self.shape) < 1:
            raise StudyError("a grid has three axes of at least one voxel", found=self.shape)
        if affine.shape != (4, 4) or not np.isfinite(affine).all():
            raise StudyError(
                "an affine is a 4x4 matrix of finite numbers",
                found=affine.tolist(),
                way_out="Correct the affine in the image's header.",
            )
        if not np.array_equal(affine[3], (0.0, 0.0, 0.0, 1.0)):
            raise StudyError("the last row of an affine is 0 0 0 1", found=affine[3].tolist())
        self._check_spacing()

    def _check_spacing(self) -> None:
        spacing = np.linalg.norm(self.affine[:3, :3], axis=0)
        low, high = SPACING_LIMITS_MM
        if spacing.min() < low or spacing.max() > high:
            raise StudyError(
                f"voxels measure {low} to {high} mm along each axis",
                found=f"{_by(spacing)} mm",
                way_out="Correct the voxel size in the image's header.",
            )
        volume = abs(float(np.linalg.det(self.affine[:3, :3])))
        if volume < 1e-3 * float(np.prod(spacing)):
            raise StudyError(
                "the affine can be inverted: its three axes point in different directions",
                found=self.affine[:3, :3].tolist(),
                way_out="Correct the orientation in the image's header.",
            )

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance between voxel centres along each array axis."""
        norms = np.linalg.norm(self.affine[:3, :3], axis=0)
        return (float(norms[0]), float(norms[1]), float(norms[2]))

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel in millilitres."""
        return abs(float(np.linalg.det(self.affine[:3, :3]))) / 1000.0

    @property
    def orientation(self) -> str:
        """Where each array axis points, nearest anatomical direction, such as 'RAS'."""
        return "".join(cast("tuple[str, str, str]", nib.orientations.aff2axcodes(self.affine)))

    def same_as(self, other: Grid, *, tolerance_mm: float = TOLERANCE_MM) -> bool:
        """True where every voxel centre of both grids lies at the same place."""
        return self.shape == other.shape and self.apart_mm(other) <= tolerance_mm

    def apart_mm(self, other: Grid) -> float:
        """Largest distance between voxel centres of the same index, of this grid's shape."""
        corners = np.array(np.meshgrid(*[(0, n - 1) for n in self.shape])).reshape(3, -1)
        difference = self.affine - other.affine
        apart = difference[:3, :3] @ corners + difference[:3, 3:]
        return float(np.linalg.norm(apart, axis=0).max())

    def to_mm(self, indices: NDArray[np.float64]) -> NDArray[np.float64]:
        """RAS+ millimetres of voxel indices, both of shape (..., 3)."""
        return np.asarray(indices) @ self.affine[:3, :3].T + self.affine[:3, 3]


def check_same_grid(grid: Grid, reference: Grid, *, source: object, against: object) -> None:
    """Hold that two images of a patient lie voxel on voxel.

    Args:
        grid: Of the image at fault, if one is.
        reference: The grid that it must have.
        source: File or name of the image.
        against: File or name of the image that gives the reference.

    Raises:
        StudyError: shape or place differ; the message says what differs and by how much.
    """
    if grid.same_as(reference):
        return
    raise StudyError(
        f"the image lies voxel on voxel on {against}",
        source=str(source),
        found="; ".join(_differences(grid, reference)),
        way_out="Register and resample the images to one grid first.",
    )


def _differences(grid: Grid, reference: Grid) -> list[str]:
    found = []
    if grid.shape != reference.shape:
        found.append(f"{_by(grid.shape)} voxels, there {_by(reference.shape)}")
    if not np.allclose(grid.spacing_mm, reference.spacing_mm, rtol=0, atol=1e-3):
        found.append(f"voxels of {_by(grid.spacing_mm)} mm, there {_by(reference.spacing_mm)} mm")
    if grid.orientation != reference.orientation:
        found.append(f"axes {grid.orientation}, there {reference.orientation}")
    apart = grid.apart_mm(reference)
    if apart > TOLERANCE_MM:
        found.append(f"voxels of the same index up to {apart:.1f} mm apart")
    return found


def _by(numbers: Iterable[float]) -> str:
    return " x ".join(f"{n:.4g}" for n in numbers)
