"""Pieces of a region that are too small to be believed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

__all__ = ["SMALLEST_ML", "without_specks"]

SMALLEST_ML: Mapping[str, float] = MappingProxyType({"WT": 0.5, "TC": 0.2, "ET": 0.1})
"""Smallest piece of each region that is kept.

Chosen on patients that the network had not seen (results/segmentation/specks.json): what
is left out changes no mean Dice of a region, and spares most of what is found falsely.
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
