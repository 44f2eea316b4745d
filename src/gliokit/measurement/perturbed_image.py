"""An image acquired again: with other noise, with the patient lying otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

__all__ = ["moved_image", "moved_mask", "noise_deviation", "noisy_image"]

Mask = NDArray[np.bool_]
Image = NDArray[np.float32]


def noise_deviation(image: Image) -> float:
    """Standard deviation of the noise of an image, where it is not 0.

    The median of what is left at the finest scale in all three directions (Haar wavelet),
    over 0.6745. Interpolated images show less noise than they had. 0 where less than eight
    neighbouring voxels hold a signal.

    Source: Donoho and Johnstone, Biometrika 81 (1994) 425.
    """
    even = image[tuple(slice(0, n - n % 2) for n in image.shape)].astype(np.float64)
    filled = (even != 0).astype(np.float64)
    for axis in range(3):
        one, other = (np.take(even, range(s, even.shape[axis], 2), axis) for s in (0, 1))
        both = [np.take(filled, range(s, filled.shape[axis], 2), axis) for s in (0, 1)]
        even, filled = (one - other) / np.sqrt(2), both[0] * both[1]
    rest = np.abs(even[filled > 0])
    return float(np.median(rest) / 0.6745) if rest.size else 0.0


def noisy_image(image: Image, deviation: float, generator: np.random.Generator) -> Image:
    """The image with Gaussian noise where it is not 0.

    Args:
        image: 0 is background and stays so.
        deviation: Standard deviation, in the image's unit; 0 changes nothing.
        generator: Draws it.
    """
    if deviation == 0:
        return image
    noise = generator.standard_normal(image.shape, dtype=np.float32) * np.float32(deviation)
    return np.where(image != 0, image + noise, image).astype(np.float32)


def moved_image(
    image: Image,
    spacing_mm: Sequence[float],
    *,
    degrees: float = 0.0,
    shift_mm: Sequence[float] = (0.0, 0.0, 0.0),
) -> Image:
    """The image turned about the middle of its slices and shifted, interpolated linearly.

    Args:
        image: (i, j, k); beyond it is 0.
        spacing_mm: Of a voxel; the turn is one of the patient, not of the array.
        degrees: About axis k, from i towards j.
        shift_mm: Along i, j, k.
    """
    if degrees == 0 and not any(shift_mm):
        return image
    matrix, offset = _motion(image.shape, spacing_mm, degrees, shift_mm)
    return np.asarray(
        ndimage.affine_transform(image, matrix, offset, order=1, mode="constant"), dtype=np.float32
    )


def moved_mask(
    mask: Mask,
    spacing_mm: Sequence[float],
    *,
    degrees: float = 0.0,
    shift_mm: Sequence[float] = (0.0, 0.0, 0.0),
) -> Mask:
    """The mask moved as `moved_image` moves; voxels that it fills by half or more are kept."""
    if degrees == 0 and not any(shift_mm):
        return mask.copy()
    return moved_image(mask.astype(np.float32), spacing_mm, degrees=degrees, shift_mm=shift_mm) >= (
        0.5
    )


def _motion(
    shape: Sequence[int], spacing_mm: Sequence[float], degrees: float, shift_mm: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Matrix and offset that give the old index of each new one."""
    spacing, angle = np.asarray(spacing_mm, dtype=np.float64), np.deg2rad(degrees)
    turn = np.eye(3)
    turn[:2, :2] = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    matrix = turn * spacing[None, :] / spacing[:, None]
    centre = (np.asarray(shape) - 1) / 2
    return matrix, centre - matrix @ (centre + np.asarray(shift_mm) / spacing)
