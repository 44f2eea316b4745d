"""What the voxels of a study must be, and only all of them can show."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gliokit.study.errors import StudyError
from gliokit.study.grid import check_same_grid
from gliokit.study.modality import STRUCTURAL
from gliokit.study.study import Study
from gliokit.study.volume import Volume

__all__ = ["check_study"]

FEW_VALUES = 8
"""A label map of a tumour has up to five values; a coarse 8-bit image still has over thirty."""

SAMPLE = 50_000


def check_study(study: Study) -> None:
    """Hold that the structural images are images, each its own, voxel on voxel.

    Headers are compared first, so that what they show costs no reading; then the voxels
    are read. That a study is a brain without its skull is checked where it is prepared.

    Raises:
        StudyError: none of the four sequences is there; grids differ; an image can't be
            read, holds NaN or infinity, has one value throughout, or so few whole
            numbers that it is a label map; two sequences are one image.
    """
    volumes = [study.volumes[m] for m in STRUCTURAL if m in study.volumes]
    if not volumes:
        raise StudyError(
            "a study holds at least one of T1, T1C, T2 and FLAIR",
            source=study.subject,
            found=", ".join(study.volumes),
        )
    for volume in volumes[1:]:
        first = volumes[0]
        check_same_grid(volume.grid, first.grid, source=volume.source, against=first.source)
    for volume in volumes:
        _check_is_image(volume)
    for one, other in combinations(volumes, 2):
        _check_differ(one, other)


def _check_is_image(volume: Volume) -> None:
    data = volume.data
    low, high = float(data.min()), float(data.max())
    if low == high:
        raise StudyError(
            "an image holds more than one value",
            source=volume.source,
            found=f"{low:g} in all {data.size} voxels",
            way_out=f"Export it again, or leave {volume.modality.upper()} out.",
        )
    values = _few_whole_numbers(data)
    if values is not None:
        raise StudyError(
            f"a {volume.modality.upper()} image holds a signal, not labels",
            source=volume.source,
            found="only the values " + ", ".join(f"{v:g}" for v in values),
            way_out="Give the image; a label map goes in as a segmentation.",
        )


def _few_whole_numbers(data: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The values of an image that has few and whole ones; None if it has others.

    A sample settles it for any true image; only a suspect is looked through.
    """
    step = max(1, data.size // SAMPLE)
    values = np.unique(data.ravel()[::step])
    if values.size <= FEW_VALUES:
        values = np.unique(data)
    is_few = values.size <= FEW_VALUES and bool((values == np.round(values)).all())
    return values if is_few else None


def _check_differ(one: Volume, other: Volume) -> None:
    if np.array_equal(one.data, other.data):
        raise StudyError(
            f"{one.modality.upper()} and {other.modality.upper()} are two images",
            source=other.source,
            found=f"the voxels of {one.source}, every one the same",
            way_out="Leave out the sequence that was not taken; it may be missing.",
        )
