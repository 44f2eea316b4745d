"""Maps of slow fluctuations in resting-state BOLD: ALFF, fALFF, ReHo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.maps.voxels import CHUNK, Array
from gliokit.study import StudyError, UsageError

__all__ = ["SLOW_BANDS_HZ", "fluctuation_amplitude", "kendall_w", "regional_homogeneity"]

SLOW_BANDS_HZ = {
    "slow-5": (0.010, 0.027),
    "slow-4": (0.027, 0.073),
    "slow-3": (0.073, 0.198),
    "slow-2": (0.198, 0.250),
}
"""Zuo XN et al. NeuroImage 2010;49:1432, after Buzsaki and Draguhn."""
USUAL_BAND_HZ = (0.01, 0.08)


def fluctuation_amplitude(
    curves: Array, *, step_s: float, band_hz: tuple[float, float] = USUAL_BAND_HZ
) -> tuple[Array, Array]:
    """ALFF and fALFF.

    After a straight line is taken out, the amplitude at each frequency is 2/n times the
    modulus of the discrete Fourier transform, so that a sine of height a at one of its
    frequencies has a there. ALFF is the mean amplitude over the band, in the unit of the
    signal; fALFF is the sum over the band by the sum over all frequencies above 0.

    Args:
        curves: (voxel, frame).
        step_s: Between frames.
        band_hz: Lowest and highest frequency, both within.

    Returns:
        float32 (voxel,) each; fALFF is 0 for a voxel that does not change.

    Raises:
        StudyError: the series is too short or too slow to hold a frequency of the band.

    References:
        Zang YF et al. Brain Dev 2007;29:83. Zou QH et al. J Neurosci Methods 2008;172:137.
    """
    frames = curves.shape[1]
    frequency = np.fft.rfftfreq(frames, step_s)
    inside = (frequency >= band_hz[0]) & (frequency <= band_hz[1]) & (frequency > 0)
    if not inside.any() or band_hz[1] > frequency[-1] + 1e-9:
        raise StudyError(
            "a series holds the frequencies that are asked for",
            found=f"{frames} frames of {step_s:g} s, asked {band_hz[0]:g} to {band_hz[1]:g} Hz",
            way_out="Take a longer series, or a lower band.",
        )
    time = np.linspace(-1, 1, frames)
    line = np.stack([np.ones(frames) / np.sqrt(frames), time / np.linalg.norm(time)])
    mean, share = np.empty((2, len(curves)), dtype=np.float32)
    for start in range(0, len(curves), CHUNK):
        part = slice(start, start + CHUNK)
        values = curves[part].astype(np.float64)
        values -= (values @ line.T) @ line
        amplitude = np.abs(np.fft.rfft(values, axis=1)) * (2 / frames)
        total = amplitude[:, 1:].sum(axis=1)
        band = amplitude[:, inside]
        mean[part] = band.mean(axis=1)
        share[part] = np.divide(band.sum(axis=1), total, out=np.zeros_like(total), where=total > 0)
    return mean, share


def kendall_w(curves: Array) -> float:
    """Kendall's concordance of m curves (m, frame): 12 sum (R - mean R)^2 / (m^2 (n^3 - n)).

    R is the sum of ranks at each frame; equal values share their mean rank, without
    correction.
    """
    from scipy import stats

    if curves.ndim != 2 or min(curves.shape) < 2:
        rule = "concordance needs two curves of two frames"
        raise UsageError(rule, source="curves", found=curves.shape)
    return float(_concordance(stats.rankdata(curves, axis=1).sum(axis=0), *curves.shape))


def _concordance(
    rank_sums: NDArray[np.float64], curves: int | NDArray[np.float64], frames: int
) -> NDArray[np.float64]:
    spread = ((rank_sums - rank_sums.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
    return np.asarray(12 * spread / (np.square(curves) * (frames**3 - frames)))


def regional_homogeneity(data: Array, mask: NDArray[np.bool_]) -> Array:
    """ReHo: Kendall's W of each voxel of a mask and its neighbours within it, 3 x 3 x 3.

    Args:
        data: (i, j, k, frame).
        mask: bool (i, j, k).

    Returns:
        float32 (i, j, k), 0 outside the mask and for a voxel without neighbours.

    References:
        Zang Y et al. NeuroImage 2004;22:394.
    """
    from scipy import ndimage, stats

    ranks = np.zeros(data.shape, dtype=np.float32)
    ranks[mask] = stats.rankdata(data[mask], axis=1)
    frames = data.shape[3]
    block = np.ones((3, 3, 3))
    members = ndimage.convolve(mask.astype(np.float32), block, mode="constant")
    sums = np.empty_like(ranks)
    for frame in range(frames):
        sums[..., frame] = ndimage.convolve(ranks[..., frame], block, mode="constant")
    found = np.zeros(mask.shape, dtype=np.float32)
    together = mask & (members > 1)
    found[together] = _concordance(
        sums[together].astype(np.float64), members[together].astype(np.float64), frames
    )
    return found
