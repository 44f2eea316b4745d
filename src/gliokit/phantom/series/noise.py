"""Noise of magnitude images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.study import UsageError

__all__ = ["rician", "sigma_for"]

Array = NDArray[np.float32]
CHUNK = 16384


def sigma_for(reference: Array, snr: float | None) -> float:
    """Standard deviation of the noise in each channel that gives an SNR.

    Definition: SNR is the mean of the noise-free reference image over the brain, divided
    by sigma. None stands for no noise.

    Raises:
        UsageError: the SNR is not above 0.
    """
    if snr is None:
        return 0.0
    if not snr > 0:
        rule = "a signal-to-noise ratio is above 0; None is without noise"
        raise UsageError(rule, source="snr", found=snr)
    return float(reference.mean(dtype=np.float64)) / snr


def rician(signals: Array, sigma: float, rng: np.random.Generator) -> Array:
    """Magnitude of a signal with independent normal noise in its real and imaginary part.

    Args:
        signals: (voxel, frame), 0 or more.
        sigma: Of each part; 0 gives the signal itself.

    References:
        Gudbjartsson H, Patz S. Magn Reson Med 1995;34:910.
    """
    if sigma == 0:
        return signals
    noisy = np.empty_like(signals, dtype=np.float32)
    for start in range(0, len(signals), CHUNK):
        part = signals[start : start + CHUNK]
        real, imaginary = rng.standard_normal((2, *part.shape), dtype=np.float32)
        real *= np.float32(sigma)
        imaginary *= np.float32(sigma)
        real += part
        np.hypot(real, imaginary, out=noisy[start : start + CHUNK])
    return noisy
