"""Axial slices of a study as two-dimensional networks see them, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from gliokit.preprocessing.reorient import reoriented
from gliokit.study import (
    WHOLE_TUMOUR,
    Grid,
    LabelMap,
    Modality,
    Study,
    StudyError,
    UsageError,
    check_same_grid,
    check_study,
)
from gliokit.systems.answer import LabelMaps
from gliokit.systems.inputs import Images, Inputs
from gliokit.systems.training_set import TrainingSet

if TYPE_CHECKING:
    from gliokit.systems.stored_network import RunnableNetwork

__all__ = [
    "Entering",
    "Frame",
    "Slices",
    "answered",
    "axial",
    "drawn_slices",
    "native",
    "run_slices",
    "study_with_flair",
]

Floats = NDArray[np.float32]
Method = Literal["nearest", "linear", "cubic"]
Entering = tuple[NDArray[np.uint8], Grid, Callable[[Floats], Floats]]
"""Slices as a network sees them, the image's grid, the way of drawn slices to the same pixels."""

AXES = "LPS"
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Frame:
    """A square window in the middle of a slice, at the resolution of a network.

    Args:
        rows, columns: Of the slice.
        extent: Side of the window, in pixels of the slice; it may reach beyond it, where all
            is 0.
        side: Of the window, in pixels of the network.
    """

    rows: int
    columns: int
    extent: int
    side: int

    def enter(self, stack: Floats, method: Method) -> Floats:
        """Slices (n, rows, columns) to (n, side, side)."""
        field = np.zeros((len(stack), self.extent, self.extent), dtype=np.float32)
        here, there = self._windows()
        field[:, *here] = stack[:, *there]
        return _resized(field, self.side, method)

    def leave(self, stack: Floats, method: Method) -> Floats:
        """Slices (n, side, side) to (n, rows, columns), 0 beyond the window."""
        slices = np.zeros((len(stack), self.rows, self.columns), dtype=np.float32)
        here, there = self._windows()
        slices[:, *there] = _resized(stack, self.extent, method)[:, *here]
        return slices

    def _windows(self) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """What both share: in the window, and in the slice."""
        here, there = [], []
        for length in (self.rows, self.columns):
            first = (length - self.extent) // 2
            low, high = max(first, 0), min(first + self.extent, length)
            there.append(slice(low, high))
            here.append(slice(low - first, high - first))
        return (here[0], here[1]), (there[0], there[1])


def _resized(stack: Floats, side: int, method: Method) -> Floats:
    """Each slice of a stack, by Pillow, which averages what it makes smaller (nearest doesn't)."""
    from PIL import Image

    if stack.shape[1:] == (side, side):
        return stack
    ways = {"nearest": Image.Resampling.NEAREST, "linear": Image.Resampling.BILINEAR,
            "cubic": Image.Resampling.BICUBIC}  # fmt: skip
    out = np.empty((len(stack), side, side), dtype=np.float32)
    for n, piece in enumerate(stack):
        picture = Image.fromarray(np.ascontiguousarray(piece, dtype=np.float32))
        out[n] = np.asarray(picture.resize((side, side), ways[method]))
    return out


def axial(values: Floats, grid: Grid) -> Floats:
    """An image on its grid as slices: from below upwards, rows to the back, columns to the left.

    Axes are swapped and flipped to those nearest; no voxel is interpolated.
    """
    turned: Floats = nib.orientations.apply_orientation(values, _turn(grid))
    return np.ascontiguousarray(turned.transpose(2, 1, 0), dtype=np.float32)


def native(stack: Floats, grid: Grid) -> Floats:
    """Slices as `axial` gives them, back on the grid."""
    back = nib.orientations.ornt_transform(
        nib.orientations.axcodes2ornt(AXES), nib.orientations.io_orientation(grid.affine)
    )
    turned: Floats = nib.orientations.apply_orientation(stack.transpose(2, 1, 0), back)
    return np.ascontiguousarray(turned)


def _turn(grid: Grid) -> NDArray[np.float64]:
    turn: NDArray[np.float64] = nib.orientations.ornt_transform(
        nib.orientations.io_orientation(grid.affine), nib.orientations.axcodes2ornt(AXES)
    )
    return turn


def study_with_flair(subject: str, images: Images) -> Study:
    """A patient's images, checked, FLAIR among them.

    Raises:
        StudyError: there is no FLAIR; of `check_study`.
    """
    study = images.open_study()
    check_study(study)
    if Modality.FLAIR not in study.volumes:
        raise StudyError("a study holds FLAIR", source=subject, found=", ".join(study.volumes))
    return study


def drawn_slices(drawn: LabelMap, region: str, grid: Grid, *, subject: str) -> NDArray[np.bool_]:
    """A drawn region as slices (n, rows, columns) of an image.

    Args:
        drawn: On the image's voxels, by whatever axes.
        region: Such as 'WT'.
        grid: Of the image.
        subject: Whose it is, for the message.

    Raises:
        StudyError: it lies on another grid.
    """
    there = reoriented(drawn, grid)
    check_same_grid(there.grid, grid, source=f"{subject}, what is drawn", against="the image")
    return axial(there.region(region).astype(np.float32), grid) > 0


@dataclass(frozen=True, slots=True, eq=False)
class Slices:
    """Slices of many patients with what is drawn in them.

    Args:
        images: uint8 (n, channel, side, side).
        masks: bool (n, side, side).
        patients: (n,) row number of each slice's patient.
    """

    images: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    patients: NDArray[np.intp]

    @classmethod
    def of(
        cls,
        training: TrainingSet,
        read: Callable[[str, Images], Entering],
    ) -> Slices:
        """Slices of all patients whose region is drawn.

        Args:
            training: Its target is a place in the image.
            read: From a patient's name and images to what enters.

        Raises:
            StudyError: no images, another grid.
            UsageError: another target, nothing drawn.
        """
        known = training.labelled
        images, masks, rows = [], [], []
        for row, subject in enumerate(known.inputs.subjects):
            seen, grid, enter = read(subject, known.inputs.images_of(row))
            drawn = drawn_slices(
                known.masks.label_map(row), known.masks.region, grid, subject=subject
            )
            masks.append(enter(drawn.astype(np.float32)) > 0)
            images.append(seen)
            rows.append(np.full(len(seen), row))
        if not images:
            raise UsageError("a network learns from one patient or more whose region is drawn",
                             source=training.masks.name, found=0)  # fmt: skip
        return cls(np.concatenate(images), np.concatenate(masks), np.concatenate(rows))


def run_slices(network: RunnableNetwork, slices: Floats) -> Floats:
    """What a network gives (n, output, side, side) for slices (n, channel, side, side)."""
    parts = [slices[first : first + AT_ONCE] for first in range(0, len(slices), AT_ONCE)]
    return np.concatenate([network(part)[0] for part in parts])


def answered(
    patients: Inputs, mask: Callable[[str, Images], tuple[NDArray[np.bool_], Grid]]
) -> LabelMaps:
    """The whole tumour of each patient.

    Args:
        patients: Who is asked about.
        mask: From a patient's name and images to the tumour and its grid.
    """
    maps = []
    for row, subject in enumerate(patients.subjects):
        found, grid = mask(subject, patients.images_of(row))
        maps.append(LabelMap(grid, found.astype(np.uint8), WHOLE_TUMOUR))
    return LabelMaps(patients.subjects, tuple(maps))
