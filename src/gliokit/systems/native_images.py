"""A patient's images of any kind, each on its own grid, and boxes sampled from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.preprocessing import normalise
from gliokit.study import Grid, LabelMap, Modality, Series, Study, StudyError
from gliokit.systems.inputs import Images, Inputs

__all__ = ["Box", "NativeImages", "native_images", "resampled", "seen"]

CT_WINDOW_HU = (0.0, 80.0)
"""Grey matter and white matter lie near 40 and 30, calcification above 80."""

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Box:
    """Points on a grid whose axes run to the right, to the front and up.

    Args:
        centre_mm: RAS+.
        shape: Points along each axis.
        spacing_mm: Between two of them.
    """

    centre_mm: tuple[float, float, float]
    shape: tuple[int, int, int]
    spacing_mm: float

    @property
    def grid(self) -> Grid:
        """Whose voxels have the points as their centres."""
        affine = np.diag([self.spacing_mm] * 3 + [1.0])
        affine[:3, 3] = np.array(self.centre_mm) - self.spacing_mm * (np.array(self.shape) - 1) / 2
        return Grid(self.shape, affine)


def resampled(values: NDArray[np.generic], grid: Grid, box: Grid, *, order: int = 1) -> Array:
    """Values at the voxel centres of another grid; 0 beyond the image.

    Args:
        values: Of the grid's shape.
        grid: Where they lie.
        box: Where they are asked for, in the same patient.
        order: 1 linear, 0 the nearest.
    """
    from scipy import ndimage

    turn = np.linalg.inv(grid.affine) @ box.affine
    return np.asarray(
        ndimage.affine_transform(
            values.astype(np.float32), turn[:3, :3], turn[:3, 3], box.shape, order=order
        ),
        dtype=np.float32,
    )


@dataclass(frozen=True, slots=True, eq=False)
class NativeImages:
    """One patient's images as they were read.

    Args:
        subject: Name.
        study: All images of one frame.
        drawn: The regions; None where there are none.
        images: Where they came from.
    """

    subject: str
    study: Study
    drawn: LabelMap | None
    images: Images

    def image(self, name: str) -> tuple[Array, Grid] | None:
        """An image with comparable intensities, 0 outside the brain; None where it is absent.

        MRI and PET as `preprocessing.normalise` has them; CT as its place in 0 to 80 HU.
        """
        volume = self.study.volumes.get(Modality(name))
        if volume is None:
            return None
        if name == Modality.CT:
            low, high = CT_WINDOW_HU
            return ((volume.data.clip(low, high) - low) / (high - low)).astype(np.float32), (
                volume.grid
            )
        return normalise(volume.data, volume.data != 0), volume.grid

    def series(self, name: str) -> Series:
        """What has several frames.

        Raises:
            StudyError: it is not there.
        """
        if name not in self.images.open_series:
            raise StudyError(f"the patient has a {name.upper()} series", source=self.subject,
                             found=", ".join(self.images.open_series) or "none")  # fmt: skip
        return self.images.open_series[name]()

    def region(self, name: str, grid: Grid) -> Mask:
        """A region at the voxel centres of a grid.

        Raises:
            StudyError: it is not drawn.
        """
        if self.drawn is None or not self.drawn.knows(name):
            raise StudyError(f"region {name} is drawn", source=self.subject, found="it is not")
        if self.drawn.grid.same_as(grid):
            return self.drawn.region(name)
        return resampled(self.drawn.region(name), self.drawn.grid, grid, order=0) > 0

    def centre_mm(self, name: str) -> tuple[float, float, float]:
        """The centre of gravity of a region, RAS+.

        Raises:
            StudyError: it is not drawn, or empty.
        """
        if self.drawn is None:
            raise StudyError(f"region {name} is drawn", source=self.subject, found="it is not")
        there = np.argwhere(self.region(name, self.drawn.grid))
        if not len(there):
            raise StudyError(f"region {name} has a voxel", source=self.subject, found="none")
        x, y, z = self.drawn.grid.to_mm(there.mean(axis=0))
        return float(x), float(y), float(z)

    def sampled(self, names: Sequence[str], box: Box) -> Array:
        """Images in a box, (name, i, j, k); an absent one is 0."""
        found = np.zeros((len(names), *box.shape), dtype=np.float32)
        for n, name in enumerate(names):
            image = self.image(name)
            if image is not None:
                found[n] = resampled(*image, box.grid)
        return found


def native_images(patients: Inputs, row: int) -> NativeImages:
    """The images of the patient of a row number, with the regions that a system may see.

    Raises:
        StudyError: the patient has no images.
    """
    images = patients.images_of(row)
    drawn = None if images.open_label_map is None else images.open_label_map()
    return NativeImages(patients.subjects[row], images.open_study(), drawn, images)


def seen(patients: Inputs) -> list[NativeImages]:
    """The images of every patient, in their order."""
    return [native_images(patients, row) for row in range(len(patients))]
