"""From what a voxel is made of to the image that a scanner gives of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.acquisition import Sequence, brightness
from gliokit.phantom.anatomy import Frame
from gliokit.phantom.fields import smooth_field
from gliokit.phantom.tissue import Relaxation, Tissue

__all__ = ["Shares", "draw_texture", "image_of", "shown"]

Array = NDArray[np.float32]
Shares = Mapping[Tissue, Array]
"""Share of each tissue in each voxel of the brain, one axis."""

TEXTURES_MM = ((40.0, 0.5), (8.0, 0.5), (3.0, 0.6))
SHADING_MM = 80.0
# Images come resampled to BraTS' grid, which makes the noise of neighbours alike.
NOISE_BLUR_MM = 0.5
LEVELS = 400.0


def draw_texture(rng: np.random.Generator, frame: Frame, brain: NDArray[np.bool_]) -> Array:
    """Places within a tissue differ: one value for each voxel of the brain, sd about 1."""
    parts = [a * smooth_field(rng, length_mm=mm, at=frame.at)[brain] for mm, a in TEXTURES_MM]
    return np.asarray(sum(parts), dtype=np.float32)


def shown(
    sequence: Sequence,
    shares: Shares,
    *,
    table: Mapping[Tissue, Relaxation],
    texture: tuple[Array, Array],
    concentration_mm: Mapping[Tissue, Array],
) -> Array:
    """Signal of mixed voxels without noise: signals of their tissues by share.

    Args:
        shares: For each voxel of the brain.
        table: Relaxation times of this patient.
        texture: How T1 and T2 of each voxel depart from the table, in its spreads.
        concentration_mm: Contrast agent in the tissues that have any.
    """
    total = np.zeros_like(texture[0])
    for tissue, share in shares.items():
        there = np.flatnonzero(share > 1e-3)
        row = table[tissue]
        concentration = concentration_mm.get(tissue)
        signal = brightness(
            sequence,
            t1_ms=row.t1_ms * np.exp(row.spread * texture[0][there]),
            t2_ms=row.t2_ms * np.exp(row.spread * texture[1][there]),
            density=row.density,
            concentration_mm=0.0 if concentration is None else concentration[there],
        )
        total[there] += share[there] * signal
    return total


def image_of(
    signal: Array,
    sequence: Sequence,
    *,
    frame: Frame,
    brain: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Array:
    """The image: point spread, shading, Rician noise, whole numbers; exact 0 outside the brain.

    The point spread is normalised within the brain, as though the skull had been taken off
    after imaging. Noise is drawn for real and imaginary part, then the magnitude is taken
    (Gudbjartsson and Patz, Magn Reson Med 1995;34:910).

    Returns:
        float32 on the frame; the brain's voxels are whole numbers of at least 1, with a
        median of about 400.
    """
    from scipy import ndimage

    spacing = frame.grid.spacing_mm[0]
    sigma = [mm / spacing for mm in sequence.blur_mm]
    clean = np.zeros(brain.shape, dtype=np.float32)
    clean[brain] = signal
    weight = ndimage.gaussian_filter(brain.astype(np.float32), sigma, truncate=3)
    clean = ndimage.gaussian_filter(clean, sigma, truncate=3)[brain] / weight[brain]
    shading = smooth_field(rng, length_mm=SHADING_MM, at=frame.at)[brain]
    clean *= np.exp(np.float32(sequence.shading) * shading)
    middle = float(np.median(clean))
    real, imaginary = (_noise(rng, frame, brain) * sequence.noise * middle for _ in range(2))
    magnitude = np.hypot(clean + real, imaginary)
    image = np.zeros(brain.shape, dtype=np.float32)
    image[brain] = np.maximum(np.rint(magnitude * (LEVELS / middle)), 1)
    return image


def _noise(rng: np.random.Generator, frame: Frame, brain: NDArray[np.bool_]) -> Array:
    from scipy import ndimage

    white = rng.standard_normal(brain.shape, dtype=np.float32)
    blurred = ndimage.gaussian_filter(white, NOISE_BLUR_MM / frame.grid.spacing_mm[0], truncate=3)
    return np.asarray(blurred / blurred.std(), dtype=np.float32)[brain]
