"""A region drawn otherwise: with a margin, with another volume, along other edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

__all__ = ["randomised_contour", "resized_mask", "with_margin_mm"]

Mask = NDArray[np.bool_]
Image = NDArray[np.float32]

SUPERVOXEL_MM3 = 500.0
ALWAYS, NEVER = 0.9, 0.2
"""Share of a supervoxel within the mask from which it is always, and below which never, taken."""

CONTOUR_MARGIN_MM = 25.0


def with_margin_mm(mask: Mask, spacing_mm: Sequence[float], margin_mm: float) -> Mask:
    """The mask dilated (margin above 0) or eroded (below 0) by a ball, in millimetres.

    A voxel is gained or lost by the distance of its centre from the nearest centre on the
    other side. An empty mask stays empty; erosion may empty one. Beyond the image is outside.

    Args:
        mask: (i, j, k).
        spacing_mm: Of a voxel.
        margin_mm: Any length.
    """
    if margin_mm == 0 or not mask.any():
        return mask.copy()
    if margin_mm > 0:
        return np.asarray(_distance(~mask, spacing_mm) <= margin_mm)
    outside = np.pad(mask, 1)
    return np.asarray(_distance(outside, spacing_mm)[1:-1, 1:-1, 1:-1] > -margin_mm)


def _distance(inside: Mask, spacing_mm: Sequence[float]) -> NDArray[np.float64]:
    """Of each voxel inside from the nearest voxel outside, in millimetres; 0 outside."""
    return np.asarray(ndimage.distance_transform_edt(inside, sampling=tuple(spacing_mm)))


def resized_mask(
    mask: Mask, spacing_mm: Sequence[float], change: float, generator: np.random.Generator
) -> Mask:
    """The mask with a part of its volume added or taken away at its border.

    Voxels are added, or taken away, in the order of their distance from the border; among
    those of one distance chance decides. The volume changes by exactly the part, rounded to
    voxels and as far as the image reaches; at least one voxel stays.

    Args:
        mask: (i, j, k); empty stays empty.
        spacing_mm: Of a voxel.
        change: Of the volume, above -1.
        generator: Breaks ties.

    Source: volume adaptation of Zwanenburg et al., Scientific Reports 9 (2019) 614.
    """
    count = int(np.count_nonzero(mask))
    wanted = max(round(count * (1 + change)), 1) if count else 0
    if wanted == count:
        return mask.copy()
    grown = wanted > count
    distance = _distance(~mask, spacing_mm) if grown else _distance(np.pad(mask, 1), spacing_mm)
    if not grown:
        distance = distance[1:-1, 1:-1, 1:-1]
    movable = np.flatnonzero(~mask if grown else mask)
    order = np.lexsort((generator.random(movable.size), distance.ravel()[movable]))
    made = mask.copy()
    made.ravel()[movable[order[: abs(wanted - count)]]] = grown
    return made


def randomised_contour(
    image: Image, mask: Mask, spacing_mm: Sequence[float], generator: np.random.Generator
) -> Mask:
    """The mask with its border drawn anew along the edges of supervoxels.

    Supervoxels (SLIC, of 0.5 mL, or a tenth of a smaller mask) follow the image. One that
    the mask covers by at least 90 % is taken, one below 20 % is left out, another is taken
    with a chance of that share. Where nothing would be taken, the supervoxel that is covered
    most is.

    Args:
        image: (i, j, k).
        mask: The same shape; empty stays empty.
        spacing_mm: Of a voxel.
        generator: Decides about supervoxels on the border.

    Source: contour randomisation of Zwanenburg et al., Scientific Reports 9 (2019) 614;
        SLIC of Achanta et al., IEEE TPAMI 34 (2012) 2274.
    """
    from skimage.segmentation import slic

    if not mask.any():
        return mask.copy()
    box = _box(mask, spacing_mm)
    near, inside = image[box], mask[box]
    aimed = min(SUPERVOXEL_MM3 / float(np.prod(spacing_mm)), np.count_nonzero(mask) / 10)
    low, high = (float(p) for p in np.percentile(near, (1, 99)))
    scaled = np.clip((near - low) / max(high - low, 1e-6), 0, 1)
    numbers = slic(
        scaled, n_segments=max(round(near.size / max(aimed, 8)), 2), compactness=0.1,
        spacing=tuple(spacing_mm), channel_axis=None, start_label=0,
    )  # fmt: skip
    share = np.bincount(numbers.ravel(), inside.ravel()) / np.bincount(numbers.ravel())
    chance = np.where(share >= ALWAYS, 1.0, np.where(share < NEVER, 0.0, share))
    taken = generator.random(share.size) < chance
    if not taken.any():
        taken[int(share.argmax())] = True
    made = np.zeros_like(mask)
    made[box] = taken[numbers]
    return made


def _box(mask: Mask, spacing_mm: Sequence[float]) -> tuple[slice, ...]:
    """The box of a mask with a margin, within the image."""
    (tight,) = ndimage.find_objects(mask.astype(np.uint8))
    return tuple(
        slice(max(s.start - pad, 0), min(s.stop + pad, n))
        for s, n, pad in zip(
            tight, mask.shape, (round(CONTOUR_MARGIN_MM / s) for s in spacing_mm), strict=True
        )
    )
