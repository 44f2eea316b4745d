"""Undecimated wavelets: separable (25BO) and, in the Fourier domain, isotropic (LODD)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics.filter_settings import NonseparableWavelet, SeparableWavelet
from gliokit.measurement.radiomics.rotations import Kernels, convolve, pooled, rotated

__all__ = ["nonseparable", "separable", "taps_reach"]

Image = NDArray[np.float64]

_LOW_PASS: dict[str, tuple[float, ...]] = {
    "haar": (math.sqrt(0.5), math.sqrt(0.5)),
    "db2": (
        *(-0.12940952255126037, 0.2241438680420134),
        *(0.8365163037378079, 0.48296291314453416),
    ),
    "db3": (
        *(0.035226291885709533, -0.085441273882026658, -0.13501102001025458),
        *(0.45987750211849154, 0.80689150931109255, 0.33267055295008263),
    ),
    "coif1": (
        *(-0.01565572813546454, -0.0727326195128539, 0.38486484686420286),
        *(0.8525720202122554, 0.3378976624578092, -0.0727326195128539),
    ),
}
"""Decomposition low-pass taps (Daubechies, Ten lectures on wavelets, 1992)."""


def separable(image: Image, chosen: SeparableWavelet) -> Image:
    """The response of one combination of low and high passes at a level."""
    low = np.array(_LOW_PASS[chosen.wavelet])
    # Quadrature mirror: the low pass turned round, with every second sign changed.
    high = low[::-1] * np.array([(-1.0) ** (n + 1) for n in range(len(low))])
    low, high = (np.append(taps, 0.0) for taps in (low, high))
    kernels: Kernels = tuple(high if band == "H" else low for band in chosen.bands)
    smoothing: Kernels = (low,) * len(kernels)
    pairs = [(kernels, smoothing)]
    if chosen.rotation_invariant:
        pairs = [(moved[0], moved[1]) for moved in rotated(kernels, smoothing)]
    return pooled((_decomposed(image, k, s, chosen) for k, s in pairs), chosen.pooling)


def _decomposed(
    image: Image, kernels: Kernels, smoothing: Kernels, chosen: SeparableWavelet
) -> Image:
    """Low passes up to the level before, then the kernels; holes double at each level."""
    found = image
    for level in range(1, chosen.level + 1):
        taps = kernels if level == chosen.level else smoothing
        for axis, one in enumerate(taps):
            found = convolve(found, _with_holes(one, 2 ** (level - 1)), axis, chosen.boundary)
    return found


def _with_holes(taps: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    spread = np.zeros((len(taps) - 1) * step + 1)
    spread[::step] = taps
    return spread


def taps_reach(chosen: SeparableWavelet) -> int:
    """Voxels that a response looks to either side, over all levels."""
    return len(_LOW_PASS[chosen.wavelet]) * (int(2**chosen.level) - 1)


def nonseparable(image: Image, chosen: NonseparableWavelet) -> Image:
    """Response of an isotropic band pass at a level: each covers half the last one's band."""
    from scipy.fft import fftn, ifftn

    axes = (0, 1) if chosen.by_slice else (0, 1, 2)
    squared = np.zeros((1, 1, 1))
    for axis in axes:
        shape = [1, 1, 1]
        shape[axis] = -1
        squared = squared + (_frequencies(image.shape[axis]) ** 2).reshape(shape)
    # In units of half the sampling rate, brought back to the first level.
    radius = np.sqrt(squared) * 2 ** (chosen.level - 1)
    band = _simoncelli(radius) if chosen.wavelet == "simoncelli" else _shannon(radius)
    found: Image = ifftn(fftn(image, axes=axes) * band, axes=axes).real
    return found


def _frequencies(n: int) -> NDArray[np.float64]:
    """From -1 to 1, both ends included, as IBSI's reference maps have them, 0 first."""
    return np.fft.ifftshift(np.linspace(-1, 1, n)) if n > 1 else np.zeros(1)


def _simoncelli(radius: NDArray[np.float64]) -> NDArray[np.float64]:
    """cos(pi / 2 log2(2 r)) for 1/4 < r <= 1, else 0."""
    inside = (radius > 0.25) & (radius <= 1)
    logarithm = np.log2(2 * np.where(inside, radius, 0.5))
    return np.where(inside, np.cos(math.pi / 2 * logarithm), 0.0)


def _shannon(radius: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 for 1/2 < r <= 1, else 0."""
    return ((radius > 0.5) & (radius <= 1)).astype(np.float64)
