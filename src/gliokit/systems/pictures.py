"""A patient's images as one array that a network can see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gliokit.preprocessing import PreparedStudy, block_mean, channels, label_map_on, prepare
from gliokit.study import STRUCTURAL, Grid, LabelMap, Modality, StudyError, UsageError
from gliokit.systems.inputs import Images, Inputs

__all__ = ["Picture", "crop", "read_picture", "region_box", "training_picture"]

HALF = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One patient on a coarse grid of cubic voxels, axes nearest to RAS.

    Args:
        subject: Name of the patient.
        sequences: (c,), in the order asked.
        absent: Those of them that the patient lacks; their channels are all 0.
        image: float32 (c, i, j, k), normalised within the brain, 0 outside.
        regions: bool (i, j, k) of each region asked.
        brain: bool (i, j, k).
        grid: Of all these.
    """

    subject: str
    sequences: tuple[str, ...]
    absent: frozenset[str]
    image: NDArray[np.float32]
    regions: Mapping[str, NDArray[np.bool_]]
    brain: NDArray[np.bool_]
    grid: Grid

    def __post_init__(self) -> None:
        object.__setattr__(self, "regions", MappingProxyType(dict(self.regions)))
        shape = (len(self.sequences), *self.grid.shape)
        if self.image.shape != shape:
            raise StudyError(f"a picture has the shape {shape} of its sequences and grid",
                             source=self.subject, found=self.image.shape)  # fmt: skip


def read_picture(
    subject: str,
    images: Images,
    sequences: Sequence[str],
    *,
    spacing_mm: float = 2.0,
    regions: Sequence[str] = (),
) -> Picture:
    """Open, prepare and coarsen one patient's structural images.

    Images are brought to 1 mm by `preprocessing.prepare`, then each block of voxels becomes its
    mean. A region holds the coarse voxels that lie in it by half or more; where none does, those
    that lie in it most: what is drawn is never lost.

    Args:
        subject: Name of the patient.
        images: As of `Inputs.images`.
        sequences: Channels, of t1, t1c, t2, flair; one that is absent is 0 and named so.
        spacing_mm: Voxel size, a whole number of millimetres.
        regions: Such as 'WT'.

    Raises:
        UsageError: another sequence, a spacing that can't be.
        StudyError: none of the sequences is there; a region is not drawn; of `prepare`.
    """
    known = {m.value: m for m in STRUCTURAL}
    strange = [s for s in sequences if s not in known]
    if strange or not sequences:
        raise UsageError(f"a sequence is one of {', '.join(known)}", source=subject,
                         found=", ".join(strange) or "none")  # fmt: skip
    if int(spacing_mm) != spacing_mm or spacing_mm < 1:
        raise UsageError("voxels measure a whole number of mm", source=subject, found=spacing_mm)
    factor = int(spacing_mm)
    prepared = prepare(images.open_study(), whole_head=images.whole_head)
    modalities: tuple[Modality, ...] = tuple(known[s] for s in sequences)
    absent = frozenset(s for s, m in zip(sequences, modalities, strict=True)
                       if m not in prepared.images)  # fmt: skip
    if len(absent) == len(sequences):
        raise StudyError(f"a patient has one of {', '.join(sequences)}", source=subject,
                         found=", ".join(prepared.images))  # fmt: skip
    image = block_mean(channels(prepared, modalities), factor)
    return Picture(
        subject,
        tuple(sequences),
        absent,
        image,
        _regions(subject, images, prepared, regions, factor),
        block_mean(prepared.brain.astype(np.float32), factor) >= HALF,
        _coarse(prepared.grid, image.shape[1:], factor),
    )


def training_picture(
    inputs: Inputs, row: int, sequences: Sequence[str], *, spacing_mm: float = 2.0,
    regions: Sequence[str] = (),
) -> Picture:  # fmt: skip
    """The picture of the patient of a row number; see `read_picture`.

    Raises:
        StudyError: the patient has no images.
    """
    return read_picture(
        inputs.subjects[row],
        inputs.images_of(row),
        sequences,
        spacing_mm=spacing_mm,
        regions=regions,
    )


def _regions(
    subject: str, images: Images, prepared: PreparedStudy, names: Sequence[str], factor: int
) -> dict[str, NDArray[np.bool_]]:
    if not names:
        return {}
    drawn: LabelMap | None = None if images.open_label_map is None else images.open_label_map()
    lacks = [name for name in names if drawn is None or not drawn.knows(name)]
    if drawn is None or lacks:
        raise StudyError(f"regions are drawn: {', '.join(names)}", source=subject,
                         found=f"no {', '.join(lacks)}")  # fmt: skip
    there = label_map_on(drawn, prepared)
    found = {}
    for name in names:
        share = block_mean(there.region(name).astype(np.float32), factor)
        most = float(share.max())
        found[name] = share >= min(HALF, most) if most > 0 else np.zeros(share.shape, dtype=bool)
    return found


def _coarse(grid: Grid, shape: tuple[int, ...], factor: int) -> Grid:
    """The grid of blocks of voxels."""
    affine = grid.affine.copy()
    affine[:3, 3] = grid.to_mm(np.full(3, (factor - 1) / 2))
    affine[:3, :3] *= factor
    return Grid((shape[0], shape[1], shape[2]), affine)


def region_box(
    region: NDArray[np.bool_], *, margin_voxels: int
) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """First corner and sides of a region's bounding box with a margin, perhaps beyond the image.

    Raises:
        StudyError: the region is empty.
    """
    there = np.argwhere(region)
    if not len(there):
        raise StudyError("the region that an image is cropped to has a voxel", found="none")
    low, high = there.min(axis=0) - margin_voxels, there.max(axis=0) + margin_voxels + 1
    corner, sides = (tuple(int(v) for v in values) for values in (low, high - low))
    return corner, sides  # type: ignore[return-value]


def crop(
    image: NDArray[np.float32], corner: Sequence[int], sides: Sequence[int]
) -> NDArray[np.float32]:
    """The box of an image (c, i, j, k) that begins at a corner; beyond the image it is 0."""
    out = np.zeros((image.shape[0], *sides), dtype=image.dtype)
    there, here = [slice(None)], [slice(None)]
    for first, length, side in zip(corner, image.shape[1:], sides, strict=True):
        low, high = max(first, 0), min(first + side, length)
        there.append(slice(low, max(low, high)))
        here.append(slice(low - first, max(low, high) - first))
    out[tuple(here)] = image[tuple(there)]
    return out
