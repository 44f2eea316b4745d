"""Local and global intensity peak (IBSI 1, 3.2; 9ST6)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics.region import Region
from gliokit.measurement.radiomics.values import Values

__all__ = ["RADIUS_MM", "local_intensity"]

RADIUS_MM = 10 * (3 / (4 * math.pi)) ** (1 / 3)
"""Of a ball of 1 mL."""


def local_intensity(region: Region) -> Values:
    """Peaks of the mean over a ball of 1 mL, which may reach out of the region.

    `loc_peak_loc` is that about the voxel of the greatest intensity (of several, the
    greatest peak), `loc_peak_glob` the greatest of all. Of the ball, what lies in the image
    counts.
    """
    from gliokit.measurement.radiomics.kernels import sphere_means

    first = np.zeros((*region.image.shape[:2], 1))
    sums = np.concatenate([first, np.cumsum(region.image, axis=2)], axis=2)
    voxels = np.argwhere(region.intensity)
    means = sphere_means(sums, voxels, _rows(region.spacing_mm))
    intensities = region.intensities()
    at_peak = means[intensities == intensities.max()]
    return {"loc_peak_loc": float(at_peak.max()), "loc_peak_glob": float(means.max())}


def _rows(spacing_mm: tuple[float, float, float]) -> NDArray[np.int64]:
    """The ball as rows along k: offsets in i and j, half length in voxels."""
    di, dj, dk = spacing_mm
    reach = RADIUS_MM**2
    ni, nj = int(RADIUS_MM / di), int(RADIUS_MM / dj)
    rows = [
        (i, j, int(math.sqrt(left) / dk))
        for i in range(-ni, ni + 1)
        for j in range(-nj, nj + 1)
        if (left := reach - (i * di) ** 2 - (j * dj) ** 2) >= 0
    ]
    return np.array(rows, dtype=np.int64)
