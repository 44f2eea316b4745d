"""Volumes as 8-bit grey values, as two published systems make them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.study import StudyError

__all__ = ["over_maximum", "with_peak_at_100"]

GREY_OF_PEAK = 2.55
BIN = 2.0


def with_peak_at_100(volume: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Grey values whose fullest bin falls at 100, the 2nd percentile at 0, cut at 255.

    Both are of the voxels above 0. A bin is 2 wide where the brightest voxel is 255. It is
    sought above a tenth of the way from the 2nd to the 98th percentile: around a head with its
    skull there is noise, and most of the voxels are there.

    Raises:
        StudyError: the volume has no signal.

    Source: program of Buda 2019; the place from which the bin is sought is ours.
    """
    signal = volume[volume > 0]
    low, high = np.percentile(signal, (2, 98)) if signal.size else (0.0, 0.0)
    if not high > low:
        raise StudyError("an image has signal", found=f"2nd and 98th percentile {low:g}, {high:g}",
                         way_out="Export the image again.")  # fmt: skip
    width = BIN * float(signal.max()) / 255.0
    edges = np.arange(low, float(signal.max()) + 2 * width, width)
    filled, _ = np.histogram(signal, edges)
    first = int(np.searchsorted(edges, low + (high - low) / 10))
    peak = edges[first + int(filled[first:].argmax())] + width / 2
    return _eight_bit((volume - low) / (GREY_OF_PEAK * (peak - low)))


def over_maximum(volume: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Grey values of which the brightest voxel is 255; what is below 0 becomes 0.

    Raises:
        StudyError: no voxel is above 0.

    Source: program of Zeineldin 2020.
    """
    most = float(volume.max())
    if not most > 0:
        raise StudyError("an image has signal", found=f"nothing above {most:g}",
                         way_out="Export the image again.")  # fmt: skip
    return _eight_bit(volume / most)


def _eight_bit(shares: NDArray[np.float32]) -> NDArray[np.uint8]:
    grey: NDArray[np.uint8] = np.rint(np.clip(shares, 0, 1) * 255).astype(np.uint8)
    return grey
