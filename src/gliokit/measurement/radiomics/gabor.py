"""Gabor's filter (Q88H): the modulus of a complex wave under a Gaussian, in slices."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics.filter_settings import Gabor
from gliokit.measurement.radiomics.rotations import pooled

__all__ = ["gabor", "gabor_reach_mm"]

Image = NDArray[np.float64]

_PAD = {"mirror": "symmetric", "nearest": "edge", "periodic": "wrap", "zero": "constant"}

_REACH_SIGMAS = 6.0
"""Where the envelope has fallen to 1e-8."""


def gabor(image: Image, spacing_mm: tuple[float, float, float], chosen: Gabor) -> Image:
    """Response by slice along k, or pooled over the slices along all three axes."""
    planes = [(0, 1, 2)] if chosen.by_slice else [(0, 1, 2), (0, 2, 1), (1, 2, 0)]
    return pooled(
        (
            np.moveaxis(response, (0, 1, 2), plane)
            for plane in planes
            for response in _responses(
                image.transpose(plane), (spacing_mm[plane[0]], spacing_mm[plane[1]]), chosen
            )
        ),
        chosen.pooling,
    )


def gabor_reach_mm(chosen: Gabor) -> float:
    """How far the kernel reaches from its centre."""
    return _REACH_SIGMAS * chosen.sigma_mm / min(chosen.gamma, 1.0)


def _responses(image: Image, size_mm: tuple[float, float], chosen: Gabor) -> Iterator[Image]:
    """The modulus in every slice along the last axis, for each orientation."""
    from scipy.fft import fft2, ifft2, next_fast_len

    reach = [math.ceil(gabor_reach_mm(chosen) / size) for size in size_mm]
    padded = np.pad(image, [(r, r) for r in reach] + [(0, 0)], mode=_PAD[chosen.boundary])  # type: ignore[call-overload]
    shape = [next_fast_len(n) for n in padded.shape[:2]]
    spectrum = fft2(padded, shape, axes=(0, 1))
    for theta in _orientations(chosen):
        kernel = _kernel(theta, reach, size_mm, chosen)
        found = np.abs(ifft2(spectrum * fft2(kernel, shape)[:, :, None], axes=(0, 1)))
        i, j = (slice(2 * r, 2 * r + n) for r, n in zip(reach, image.shape[:2], strict=True))
        yield found[i, j]


def _orientations(chosen: Gabor) -> list[float]:
    """In radians; half a turn suffices, since opposite waves have one modulus."""
    if not chosen.rotation_invariant:
        return [math.radians(chosen.theta_degrees)]
    steps = max(round(180 / chosen.theta_degrees), 1)
    return [math.radians(n * chosen.theta_degrees) for n in range(steps)]


def _kernel(
    theta: float, reach: list[int], size_mm: tuple[float, float], chosen: Gabor
) -> NDArray[np.complex128]:
    u, v = (np.arange(-r, r + 1) * s for r, s in zip(reach, size_mm, strict=True))
    along = u[:, None] * math.cos(theta) + v * math.sin(theta)
    across = -u[:, None] * math.sin(theta) + v * math.cos(theta)
    envelope = (along**2 + (chosen.gamma * across) ** 2) / (2 * chosen.sigma_mm**2)
    kernel: NDArray[np.complex128] = np.exp(-envelope + 2j * math.pi * along / chosen.wavelength_mm)
    return kernel
