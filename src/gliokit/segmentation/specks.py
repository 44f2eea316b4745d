"""Pieces of a region that are too small to be believed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

__all__ = ["SMALLEST_ML", "without_specks"]

SMALLEST_ML: Mapping[str, float] = MappingProxyType({"WT": 2.0, "TC": 0.5, "ET": 0.5})
"""Smallest piece of each region that is kept.

Half a millilitre is a ball of 10 mm, the least that RANO measures. Larger pieces would be left out
if Dice alone decided (results/segmentation/specks.json): in every four of five folds the largest
piece that was tried scores best on the fifth, but small tumours are tumours.
"""


def without_specks(
    region: NDArray[np.bool_], smallest_ml: float, voxel_ml: float
) -> NDArray[np.bool_]:
    """A region without its pieces below a volume; pieces touch at faces, edges or corners.

    Args:
        region: (i, j, k).
        smallest_ml: A piece of this volume stays.
        voxel_ml: Volume of a voxel.
    """
    from scipy import ndimage

    pieces, _ = ndimage.label(region, np.ones((3, 3, 3)))
    # A hundred-thousandth of a voxel of room for the rounding of voxel_ml.
    kept = np.bincount(pieces.ravel()) + 1e-5 >= smallest_ml / voxel_ml
    kept[0] = False
    large: NDArray[np.bool_] = kept[pieces]
    return large
