"""Spatial autocorrelation of intensities: Moran's I (N365) and Geary's C (NPT7).

Both weigh all pairs of voxels by the inverse of their distance. Sums over pairs are products in
the Fourier domain: exact, and quick for large regions.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["moran_and_geary"]


def moran_and_geary(
    image: NDArray[np.float64], mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float]
) -> tuple[float, float]:
    """Moran's I and Geary's C; NaN for one voxel and for equal intensities.

    Args:
        image: The region's box.
        mask: Of its shape, at least one voxel.
        spacing_mm: Size of a voxel.
    """
    n = int(np.count_nonzero(mask))
    intensities = image[mask]
    if n < 2 or intensities.min() == intensities.max():
        return float("nan"), float("nan")
    centred = np.where(mask, image - intensities.mean(), 0.0)
    scale = float(np.abs(centred).max())
    centred /= scale
    variation = float((centred**2).sum())
    pairs, products, squares = _sums_over_pairs(centred, mask, spacing_mm)
    moran = n / pairs * products / variation
    geary = (n - 1) / pairs * (squares - products) / variation
    return moran, geary


def _sums_over_pairs(
    x: NDArray[np.float64], mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Sums over ordered pairs of the weight, of weight x_i x_j, and of weight x_i^2."""
    from scipy.fft import rfftn

    shape = _periodic(x.shape)
    spectrum = rfftn(x, shape)
    products = _inner(_weights(shape, spacing_mm) * spectrum, spectrum, shape[2])
    reach = _reach(mask.tobytes(), mask.shape, spacing_mm)
    squares = float(reach @ x[mask] ** 2)
    return float(reach.sum()), products / (shape[0] * shape[1]), squares


def _periodic(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Of a grid that holds all differences of a box's voxels without overlap."""
    from scipy.fft import next_fast_len

    return tuple(next_fast_len(2 * n - 1, real=True) for n in shape)


@lru_cache(maxsize=4)
def _reach(
    voxels: bytes, shape: tuple[int, ...], spacing_mm: tuple[float, float, float]
) -> NDArray[np.float64]:
    """Of each voxel of the mask the sum of its weights to all others, in array order.

    The mask alone decides: kept, since sequences of a patient share their regions.
    """
    from scipy.fft import irfftn, rfftn

    mask = np.frombuffer(voxels, bool).reshape(shape)
    wide = _periodic(shape)
    spectrum = _weights(wide, spacing_mm) * rfftn(mask.astype(np.float64), wide)
    sums = irfftn(spectrum, wide)[: shape[0], : shape[1], : shape[2]]
    of_voxels: NDArray[np.float64] = sums[mask]
    return of_voxels


def _inner(a: NDArray[np.complex128], b: NDArray[np.complex128], last: int) -> float:
    """Parseval's sum over a spectrum whose last axis, of `last`, is stored by half."""
    planes = (a.real * b.real + a.imag * b.imag).sum(axis=(0, 1))
    twice = np.full(len(planes), 2.0)
    twice[0] = 1.0
    if last % 2 == 0:
        twice[-1] = 1.0
    return float(planes @ twice) / last


@lru_cache(maxsize=3)
def _weights(shape: tuple[int, ...], spacing_mm: tuple[float, float, float]) -> NDArray[np.float64]:
    """Spectrum of the inverse distance on a periodic grid, 0 at distance 0; real by symmetry."""
    from scipy.fft import rfftn

    i, j, k = (
        (np.minimum(np.arange(n), n - np.arange(n)) * s) ** 2
        for n, s in zip(shape, spacing_mm, strict=True)
    )
    squared = i[:, None, None] + j[:, None] + k
    squared[0, 0, 0] = np.inf
    spectrum: NDArray[np.float64] = rfftn(1 / np.sqrt(squared)).real
    return spectrum
