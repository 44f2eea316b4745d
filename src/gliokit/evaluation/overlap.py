"""How well two masks of one region agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["dice", "hd95_mm"]


def dice(reference: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> float:
    """Twice the common voxels over the voxels of both.

    Two empty masks agree perfectly, 1; one empty mask gives 0.

    Args:
        reference: Any shape.
        predicted: The same shape.

    Raises:
        ValueError: the shapes differ.

    Source: Dice, Ecology 26 (1945) 297.
    """
    _check_shapes(reference, predicted)
    total = int(np.count_nonzero(reference)) + int(np.count_nonzero(predicted))
    if total == 0:
        return 1.0
    return 2 * int(np.count_nonzero(reference & predicted)) / total


def hd95_mm(
    reference: NDArray[np.bool_], predicted: NDArray[np.bool_], spacing_mm: Sequence[float]
) -> float | None:
    """The 95th percentile of the distances between the surfaces of both masks.

    The surface of a mask is its voxels that have a face outside it. The distances of both
    directions are pooled before the percentile is taken. Two empty masks give 0; where one
    alone is empty there is no distance: None.

    Args:
        reference: (i, j, k).
        predicted: The same shape.
        spacing_mm: Distance of voxel centres along each axis.

    Raises:
        ValueError: the shapes differ.

    Source: Huttenlocher et al., IEEE TPAMI 15 (1993) 850; the percentile as in BraTS.
    """
    from scipy import ndimage

    _check_shapes(reference, predicted)
    if not reference.any() and not predicted.any():
        return 0.0
    if not reference.any() or not predicted.any():
        return None
    box = ndimage.find_objects((reference | predicted).astype(np.uint8))[0]
    one, other = (np.pad(mask[box], 1) for mask in (reference, predicted))
    surfaces = [mask & ~ndimage.binary_erosion(mask) for mask in (one, other)]
    there = ndimage.distance_transform_edt(~surfaces[1], sampling=spacing_mm)[surfaces[0]]
    back = ndimage.distance_transform_edt(~surfaces[0], sampling=spacing_mm)[surfaces[1]]
    return float(np.percentile(np.concatenate([there, back]), 95))


def _check_shapes(reference: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> None:
    if reference.shape != predicted.shape:
        raise ValueError(
            f"predicted must have the shape of reference, {reference.shape}; got {predicted.shape}"
        )
