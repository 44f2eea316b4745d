"""From a study as it was read to one grid, one brain, comparable intensities."""

from __future__ import annotations

from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.preprocessing.intensity import normalise
from gliokit.preprocessing.prepared import Alignment, PreparedStudy
from gliokit.preprocessing.skull import check_skull_stripped
from gliokit.study import STRUCTURAL, Grid, LabelMap, Modality, Notice, Study, check_study

__all__ = ["channels", "label_map_on", "map_to_native", "prepare", "to_native"]

SPACING_MM = 1.0
MARGIN_VOXELS = 2


def prepare(study: Study, *, whole_head: bool = False) -> PreparedStudy:
    """Bring the structural images of a study onto one 1 mm grid nearest to RAS.

    The images must share one grid already and hold a brain without its skull, as the
    cases of BraTS do. A grid of 1 mm is only turned and cropped, so that no voxel is
    changed; any other is resampled linearly along its own axes.

    Args:
        study: As it was read.
        whole_head: Take a head with its skull, in a background of 0, for what it is: 'brain'
            is the whole head then, and intensities are normalised in it.

    Raises:
        StudyError: images on different grids, an image without signal, one image given
            as two sequences, a head with its skull that was not announced.
    """
    check_study(study)
    if not whole_head:
        check_skull_stripped(study)
    grid = next(iter(study.volumes.values())).grid
    turned = {m: _turn(v.data, _alignment(grid)) for m, v in study.volumes.items()}
    # Air is 0 in these alone: in a CT beside them it is not.
    shown = [turned[m] for m in STRUCTURAL if m in turned] or list(turned.values())
    brain = np.logical_or.reduce([image != 0 for image in shown])
    box = _box(brain)
    brain = brain[box]
    images = {m: normalise(image[box], brain & (image[box] != 0)) for m, image in turned.items()}
    alignment = _cropped(_alignment(grid), tuple(s.start for s in box))
    return PreparedStudy(
        subject=study.subject,
        grid=_grid_of(alignment, brain.shape),
        images=images,
        brain=brain,
        alignment=alignment,
        notices=study.notices + _spacing_notice(grid),
        unscaled={m: image[box] for m, image in turned.items()},
    )


def _spacing_notice(grid: Grid) -> tuple[Notice, ...]:
    if _is_millimetre(grid):
        return ()
    spacing = " x ".join(f"{s:.3g}" for s in grid.spacing_mm)
    return (Notice("grid-resampled", values={"spacing": spacing}),)


def _is_millimetre(grid: Grid) -> bool:
    return bool(np.allclose(grid.spacing_mm, SPACING_MM, rtol=0.01))


def _alignment(grid: Grid) -> Alignment:
    """The turn of a native grid to the axes nearest to RAS, at 1 mm."""
    orientation = nib.orientations.io_orientation(grid.affine)
    axes = tuple(int(np.flatnonzero(orientation[:, 0] == a)[0]) for a in range(3))
    step, start = [], []
    for axis in axes:
        spacing, length = grid.spacing_mm[axis], grid.shape[axis]
        voxels = 1.0 if _is_millimetre(grid) else SPACING_MM / spacing
        # The first fine voxel begins where the first native voxel begins.
        first = (voxels - 1) / 2
        flipped = orientation[axis, 1] < 0
        step.append(-voxels if flipped else voxels)
        start.append(length - 1 - first if flipped else first)
    return Alignment(grid, axes, tuple(step), tuple(start))  # type: ignore[arg-type]


def _turn(image: NDArray[np.float32], alignment: Alignment) -> NDArray[np.float32]:
    turned = image.transpose(alignment.axes)
    if all(abs(s) == 1 for s in alignment.step):
        return turned[tuple(slice(None, None, int(s)) for s in alignment.step)]
    shape = tuple(round(n / abs(s)) for n, s in zip(turned.shape, alignment.step, strict=True))
    fine = ndimage.affine_transform(
        turned, alignment.step, offset=alignment.start, output_shape=shape, order=1, mode="nearest"
    )
    # Between brain and background lies neither: keep the brain where the nearest voxel was.
    inside = ndimage.affine_transform(
        (turned != 0).astype(np.uint8),
        alignment.step,
        offset=alignment.start,
        output_shape=shape,
        order=0,
        mode="nearest",
    )
    return np.where(inside, fine, 0).astype(np.float32)


def _box(brain: NDArray[np.bool_]) -> tuple[slice, slice, slice]:
    """The bounding box of the brain with a margin, within the image."""
    slices = []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        there = np.flatnonzero(brain.any(axis=others))
        first = max(int(there[0]) - MARGIN_VOXELS, 0)
        last = min(int(there[-1]) + MARGIN_VOXELS + 1, brain.shape[axis])
        slices.append(slice(first, last))
    return (slices[0], slices[1], slices[2])


def _cropped(alignment: Alignment, corner: tuple[int, ...]) -> Alignment:
    start = tuple(
        s + d * c for s, d, c in zip(alignment.start, alignment.step, corner, strict=True)
    )
    return Alignment(alignment.native, alignment.axes, alignment.step, start)  # type: ignore[arg-type]


def _grid_of(alignment: Alignment, shape: tuple[int, ...]) -> Grid:
    turn = np.zeros((4, 4))
    turn[3, 3] = 1
    for a, axis in enumerate(alignment.axes):
        turn[axis, a] = alignment.step[a]
        turn[axis, 3] = alignment.start[a]
    return Grid(shape, alignment.native.affine @ turn)  # type: ignore[arg-type]


def to_native(label_map: LabelMap, prepared: PreparedStudy) -> LabelMap:
    """A label map of the prepared grid in the grid of the images as they were read.

    Each native voxel takes the label of the prepared voxel that its centre lies in;
    beyond the prepared box it is background.
    """
    native = np.zeros(prepared.alignment.native.shape, dtype=np.uint8)
    _fill(native, label_map.data, prepared.alignment)
    return LabelMap(prepared.alignment.native, native, label_map.labels)


def map_to_native(values: NDArray[np.float32], prepared: PreparedStudy) -> NDArray[np.float32]:
    """A map of the prepared grid, such as a probability, in the grid of the images.

    Voxels correspond as in `to_native`; beyond the prepared box the map is 0.

    Args:
        values: (i, j, k) of the prepared grid.
        prepared: Whose grid it is.
    """
    native = np.zeros(prepared.alignment.native.shape, dtype=np.float32)
    _fill(native, values, prepared.alignment)
    return native


def _fill(native: NDArray[Any], values: NDArray[Any], alignment: Alignment) -> None:
    turned = native.transpose(alignment.axes)
    there, here = [], []
    for a in range(3):
        position = (np.arange(turned.shape[a]) - alignment.start[a]) / alignment.step[a]
        index = np.floor(position + 0.5).astype(int)
        inside = (index >= 0) & (index < values.shape[a])
        there.append(np.flatnonzero(inside))
        here.append(index[inside])
    turned[np.ix_(*there)] = values[np.ix_(*here)]


def label_map_on(label_map: LabelMap, prepared: PreparedStudy) -> LabelMap:
    """A label map of the native grid, taken to the prepared grid (nearest voxel)."""
    alignment = prepared.alignment
    turned = label_map.data.transpose(alignment.axes)
    index = []
    for a, length in enumerate(prepared.grid.shape):
        position = alignment.start[a] + alignment.step[a] * np.arange(length)
        index.append(np.clip(np.floor(position + 0.5).astype(int), 0, turned.shape[a] - 1))
    return LabelMap(prepared.grid, turned[np.ix_(*index)], label_map.labels)


def channels(prepared: PreparedStudy, modalities: tuple[Modality, ...]) -> NDArray[np.float32]:
    """The images as one array (channel, i, j, k); an absent sequence is all 0."""
    empty = np.zeros(prepared.grid.shape, dtype=np.float32)
    return np.stack([prepared.images.get(m, empty) for m in modalities])
