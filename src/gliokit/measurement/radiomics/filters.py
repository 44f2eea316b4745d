"""Response maps of filters (IBSI 2): one function a filter, all on the image's own grid."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.radiomics.filter_settings import (
    FilterSettings,
    Gabor,
    LaplacianOfGaussian,
    Laws,
    Mean,
    NonseparableWavelet,
    SeparableWavelet,
)
from gliokit.measurement.radiomics.gabor import gabor, gabor_reach_mm
from gliokit.measurement.radiomics.rotations import MODES, Kernels, convolve, pooled, rotated
from gliokit.measurement.radiomics.wavelets import nonseparable, separable, taps_reach

__all__ = ["reach_mm", "response"]

Image = NDArray[np.float64]
Spacing = tuple[float, float, float]

_LAWS = {
    "L5": (70.0, (1, 4, 6, 4, 1)),
    "E5": (10.0, (-1, -2, 0, 2, 1)),
    "S5": (6.0, (-1, 0, 2, 0, -1)),
    "W5": (10.0, (-1, 2, 0, -2, 1)),
    "R5": (70.0, (1, -4, 6, -4, 1)),
    "L3": (6.0, (1, 2, 1)),
    "E3": (2.0, (-1, 0, 1)),
    "S3": (6.0, (-1, 2, -1)),
}
"""Sum of squares and taps: kernels have length 1 (IBSI 2, table of Laws' kernels)."""


def response(image: Image, spacing_mm: Spacing, chosen: FilterSettings) -> Image:
    """The response map of an image.

    Args:
        image: (i, j, k); with `by_slice` each slice along k on its own.
        spacing_mm: Of a voxel.
        chosen: The filter and its settings.

    Source: Whybra et al., Radiology 310 (2024) e231319, doi:10.1148/radiol.231319, and the
        initiative's second reference manual.
    """
    match chosen:
        case Mean():
            return _mean(image, chosen)
        case LaplacianOfGaussian():
            return _laplacian_of_gaussian(image, spacing_mm, chosen)
        case Laws():
            return _laws(image, chosen)
        case Gabor():
            return gabor(image, spacing_mm, chosen)
        case SeparableWavelet():
            return separable(image, chosen)
        case NonseparableWavelet():
            return nonseparable(image, chosen)


def reach_mm(chosen: FilterSettings, spacing_mm: Spacing) -> float | None:
    """How far from a voxel its response looks; None: over the whole image."""
    largest = max(spacing_mm)
    if chosen.boundary == "periodic":
        return None
    match chosen:
        case Mean():
            return chosen.support_voxels // 2 * largest
        case LaplacianOfGaussian():
            return chosen.cutoff * chosen.sigma_mm + largest
        case Laws():
            return (2 + chosen.energy_distance_voxels) * largest
        case Gabor():
            return gabor_reach_mm(chosen) + largest
        case SeparableWavelet():
            return taps_reach(chosen) * largest
        case NonseparableWavelet():
            return None


def _axes(*, by_slice: bool) -> tuple[int, ...]:
    return (0, 1) if by_slice else (0, 1, 2)


def _mean(image: Image, chosen: Mean) -> Image:
    axes = _axes(by_slice=chosen.by_slice)
    found: Image = ndimage.uniform_filter(
        image, chosen.support_voxels, mode=MODES[chosen.boundary], axes=axes
    )
    return found


def _laplacian_of_gaussian(image: Image, spacing_mm: Spacing, chosen: LaplacianOfGaussian) -> Image:
    """The kernel, cut off in a cube, is a sum over axes of products of one-dimensional ones."""
    axes = _axes(by_slice=chosen.by_slice)
    kernels = {axis: _gaussian_and_curvature(chosen, spacing_mm[axis]) for axis in axes}
    total = np.zeros_like(image)
    for bent in axes:
        part = image
        for axis in axes:
            taps = kernels[axis][1 if axis == bent else 0]
            part = convolve(part, taps, axis, chosen.boundary)
        total += part
    return total


def _gaussian_and_curvature(
    chosen: LaplacianOfGaussian, size_mm: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A sampled Gaussian in voxels and its second derivative by voxels."""
    sigma = chosen.sigma_mm / size_mm
    reach = math.floor(chosen.cutoff * sigma + 0.5)
    x = np.arange(-reach, reach + 1) / sigma
    gaussian = np.exp(-(x**2) / 2) / (math.sqrt(2 * math.pi) * sigma)
    return gaussian, gaussian * (x**2 - 1) / sigma**2


def _laws(image: Image, chosen: Laws) -> Image:
    letters = [chosen.kernels[n : n + 2] for n in range(0, len(chosen.kernels), 2)]
    kernels: Kernels = tuple(
        np.array(_LAWS[name][1]) / math.sqrt(_LAWS[name][0]) for name in letters
    )
    turned = [moved[0] for moved in rotated(kernels)] if chosen.rotation_invariant else [kernels]
    found = pooled((_convolved(image, taps, chosen) for taps in turned), chosen.pooling)
    if chosen.energy_distance_voxels == 0:
        return found
    energy: Image = ndimage.uniform_filter(
        np.abs(found),
        2 * chosen.energy_distance_voxels + 1,
        mode=MODES[chosen.boundary],
        axes=_axes(by_slice=chosen.by_slice),
    )
    return energy


def _convolved(image: Image, kernels: Kernels, chosen: Laws) -> Image:
    for axis, taps in enumerate(kernels):
        image = convolve(image, taps, axis, chosen.boundary)
    return image
