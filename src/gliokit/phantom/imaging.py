"""From what a voxel is made of to the image that a scanner gives of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.acquisition import Sequence, brightness
from gliokit.phantom.anatomy import Frame
from gliokit.phantom.fields import smooth_field
from gliokit.phantom.tissue import Relaxation, Tissue

__all__ = ["Picture", "Shares", "draw_texture", "ghosted", "image_of", "shown", "slices_of"]

Array = NDArray[np.float32]
Shares = Mapping[Tissue, Array]
"""Share of each tissue in each voxel of the brain, one axis."""

TEXTURES_MM = ((40.0, 0.6), (10.0, 0.55), (3.5, 0.5))
# Places of one tissue differ more in T2 than in T1, as water lengthens T2 more: so they do in
# the lesions of real patients.
T2_TO_T1 = 2.4
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
        texture: How T1 and T2 of each voxel depart from the table, in its spreads (T2: in
            2.4 of them).
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
            t2_ms=row.t2_ms * np.exp(T2_TO_T1 * row.spread * texture[1][there]),
            density=row.density,
            concentration_mm=0.0 if concentration is None else concentration[there],
        )
        total[there] += share[there] * signal
    return total


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One image, in two forms.

    Args:
        on_frame: float32 on the frame, whole numbers of at least 1 in the brain with a median
            of about 400, exactly 0 outside it.
        acquired: As the scanner gave it, float32: the same rows and columns, its own slices,
            noise alone where no brain is.
        slices_mm: Centres of those slices in the box.
    """

    on_frame: Array
    acquired: Array
    slices_mm: NDArray[np.float64]


def image_of(
    signal: Array,
    sequence: Sequence,
    *,
    frame: Frame,
    brain: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Picture:
    """The image: point spread, slices, shading, motion, Rician noise, whole numbers.

    The point spread is normalised within the brain, as though the skull had been taken off
    after imaging. Thick slices are averages over their thickness; what the form of BraTS
    shows is read linearly between them. Motion shifts the lines of phase encoding to and
    fro. Noise is drawn for real and imaginary part, then the magnitude is taken
    (Gudbjartsson and Patz, Magn Reson Med 1995;34:910).
    """
    from scipy import ndimage

    spacing = frame.grid.spacing_mm[0]
    into, back, slices_mm = slices_of(frame.at[2], sequence, spacing)
    plane = sequence.blur_mm / spacing
    sigma = (plane, plane, plane if into is None else 0.0)
    clean = np.zeros(brain.shape, dtype=np.float32)
    clean[brain] = signal
    weight = ndimage.gaussian_filter(brain.astype(np.float32), sigma, truncate=3)
    clean = ndimage.gaussian_filter(clean, sigma, truncate=3)
    if into is not None:
        clean, weight = clean @ into, weight @ into
    clean = np.where(weight > 0.02, clean / np.maximum(weight, 0.02), 0)
    inside = weight > 0.5
    shading = smooth_field(rng, length_mm=SHADING_MM, at=(frame.at[0], frame.at[1], slices_mm))
    clean *= np.exp(np.float32(sequence.shading) * shading)
    middle = float(np.median(clean[inside]))
    moved = ghosted(clean, shift_voxels=sequence.ghost_mm / spacing, rng=rng)
    level = np.float32(sequence.noise * middle)
    size = NOISE_BLUR_MM / spacing
    magnitude = np.hypot(
        np.real(moved) + level * _noise(rng, clean.shape, size, thick=into is not None),
        np.imag(moved) + level * _noise(rng, clean.shape, size, thick=into is not None),
    )
    acquired = np.rint(magnitude * (LEVELS / middle)).astype(np.float32)
    shown_ = acquired if back is None else np.rint(_between(acquired, weight, back))
    image = np.zeros(brain.shape, dtype=np.float32)
    image[brain] = np.maximum(shown_[brain], 1)
    return Picture(image, acquired, slices_mm)


def _between(acquired: Array, weight: Array, back: Array) -> Array:
    """Read between slices; at the brain's edge only from those that show it."""
    there = (weight > 0.02).astype(np.float32)
    read: Array = (acquired * there) @ back / np.maximum(there @ back, 1e-3)
    return read


def slices_of(
    at_mm: NDArray[np.float64], sequence: Sequence, spacing_mm: float
) -> tuple[Array | None, Array | None, NDArray[np.float64]]:
    """Slices through voxels along the last axis.

    Returns:
        (k, s), the share of each voxel in each slice; (s, k), each voxel between its slices;
        both None where slices are no thicker than voxels; and the centres of the slices.
    """
    apart_mm = sequence.slice_mm + sequence.gap_mm
    if sequence.slice_mm <= spacing_mm:
        return None, None, at_mm
    count = int(np.ceil((at_mm[-1] - at_mm[0]) / apart_mm)) + 1
    centres = at_mm[0] + apart_mm * np.arange(count)
    # A box of the slice's thickness, cut off by the voxels.
    reach = (sequence.slice_mm + spacing_mm) / 2 - np.abs(at_mm[:, None] - centres[None])
    into = np.clip(reach / spacing_mm, 0, 1)
    into /= np.maximum(into.sum(axis=0), 1e-6)
    back = np.clip(1 - np.abs(centres[:, None] - at_mm[None]) / apart_mm, 0, 1)
    return into.astype(np.float32), back.astype(np.float32), centres


def ghosted(
    image: Array, *, shift_voxels: float, rng: np.random.Generator
) -> NDArray[np.complex64] | Array:
    """What periodic motion along the phase encoding (the second axis) does: ghosts.

    Each line of k-space is taken with the head displaced by shift * sin(phase of the
    line), which runs through 3 to 8 breaths; the ghosts lie that many voxels apart.

    References:
        Wood ML, Henkelman RM. Med Phys 1985;12:143.
    """
    periods, start = int(rng.integers(3, 9)), float(rng.uniform(0, 2 * np.pi))
    if shift_voxels <= 0:
        return image
    from scipy import fft

    count = image.shape[1]
    frequency = fft.fftfreq(count)
    line = np.round(frequency * count)
    moved = shift_voxels * np.sin(2 * np.pi * periods * line / count + start)
    turn = np.exp(-2j * np.pi * frequency * moved).astype(np.complex64)
    lines = fft.fft(image, axis=1) * turn[None, :, None]
    return np.asarray(fft.ifft(lines, axis=1), dtype=np.complex64)


def _noise(rng: np.random.Generator, shape: tuple[int, ...], size: float, *, thick: bool) -> Array:
    from scipy import ndimage

    white = rng.standard_normal(shape, dtype=np.float32)
    sigma = (size, size, 0.0 if thick else size)
    noise = ndimage.gaussian_filter(white, sigma, truncate=3)
    return np.asarray(noise / noise.std(), dtype=np.float32)
