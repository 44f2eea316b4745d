"""Training examples varied as nnU-Net varies them: its kinds of change, chances and ranges.

Source: Isensee et al., Nature Methods 18 (2021) 203, supplementary note 4, and the training
transforms of nnU-Net v2. Means and ranges are taken within the brain here, since 0 outside
it is no intensity, and regions are moved as parts of voxels, not as labels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from gliokit.learning.augmentation import move

__all__ = ["vary_as_nnunet"]

Change = Callable[[Tensor, np.random.Generator], Tensor]


def vary_as_nnunet(
    image: Tensor,
    regions: Tensor,
    generator: np.random.Generator,
    patch: tuple[int, int, int] | None = None,
) -> tuple[Tensor, Tensor]:
    """One varied copy of an example.

    Args:
        image: (channel, i, j, k), normalised, 0 outside the brain.
        regions: (region, i, j, k), between 0 and 1.
        generator: Where the draws come from.
        patch: Size of the copy; the image's own unless given.
    """
    image, regions = move(image, regions, _draw_affine(generator), patch)
    outside = image == 0
    for chance, each, change in CHANGES:
        if generator.random() < chance:
            image = torch.stack(
                [change(c, generator) if generator.random() < each else c for c in image]
            ).masked_fill(outside, 0)
    return image, regions


def _draw_affine(
    generator: np.random.Generator,
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Turned in one of five, scaled in one of five, each axis mirrored in one of two."""
    matrix = np.eye(3)
    if generator.random() < 0.2:
        matrix *= generator.uniform(0.7, 1.4)
    if generator.random() < 0.2:
        for axis, angle in enumerate(np.deg2rad(generator.uniform(-30, 30, 3))):
            a, b = [n for n in range(3) if n != axis]
            turn = np.eye(3)
            turn[a, a] = turn[b, b] = np.cos(angle)
            turn[a, b], turn[b, a] = -np.sin(angle), np.sin(angle)
            matrix = turn @ matrix
    return matrix * np.where(generator.random(3) < 0.5, -1.0, 1.0)


def _noise(channel: Tensor, generator: np.random.Generator) -> Tensor:
    strength = np.sqrt(generator.uniform(0, 0.1))
    noise = generator.standard_normal(tuple(channel.shape), dtype=np.float32)
    return channel + float(strength) * torch.from_numpy(noise)


def _blur(channel: Tensor, generator: np.random.Generator) -> Tensor:
    out = channel[None, None]
    for axis, sigma in enumerate(generator.uniform(0.5, 1.0, 3)):
        offsets = torch.arange(-4, 5, dtype=torch.float32)
        kernel = torch.exp(-0.5 * (offsets / float(sigma)) ** 2)
        shape, padding = [1, 1, 1, 1, 1], [0, 0, 0]
        shape[2 + axis], padding[axis] = len(offsets), 4
        out = functional.conv3d(out, (kernel / kernel.sum()).reshape(shape), padding=padding)
    return out[0, 0]


def _brightness(channel: Tensor, generator: np.random.Generator) -> Tensor:
    return channel * _either_side_of_1(0.75, 1.25, generator)


def _contrast(channel: Tensor, generator: np.random.Generator) -> Tensor:
    """Away from the mean or towards it, within the range that was there."""
    brain = channel[channel != 0]
    if not len(brain):
        return channel
    mean = brain.mean()
    stretched = (channel - mean) * _either_side_of_1(0.75, 1.25, generator) + mean
    return stretched.clamp(float(brain.min()), float(brain.max()))


def _low_resolution(channel: Tensor, generator: np.random.Generator) -> Tensor:
    size = list(channel.shape)
    factor = generator.uniform(0.5, 1.0)
    small = [max(round(side * factor), 1) for side in size]
    coarse = functional.interpolate(channel[None, None], size=small, mode="nearest-exact")
    return functional.interpolate(coarse, size=size, mode="trilinear", align_corners=False)[0, 0]


def _gamma(channel: Tensor, generator: np.random.Generator) -> Tensor:
    """A power of the range, with mean and spread as they were."""
    power = _either_side_of_1(0.7, 1.5, generator)
    brain = channel[channel != 0]
    if len(brain) < 2:
        return channel
    low, span = brain.min(), (brain.max() - brain.min()).clamp_min(1e-7)
    bent: Tensor = (((channel - low) / span).clamp(0, 1)) ** power
    inside = bent[channel != 0]
    scaled: Tensor = (bent - inside.mean()) / inside.std().clamp_min(1e-7)
    return scaled * brain.std() + brain.mean()


def _inverted_gamma(channel: Tensor, generator: np.random.Generator) -> Tensor:
    return -_gamma(-channel, generator)


def _either_side_of_1(low: float, high: float, generator: np.random.Generator) -> float:
    """Below 1 as often as above."""
    below = generator.random() < 0.5
    return float(generator.uniform(low, 1) if below else generator.uniform(1, high))


CHANGES: tuple[tuple[float, float, Change], ...] = (
    (0.10, 1.0, _noise),
    (0.20, 0.5, _blur),
    (0.15, 1.0, _brightness),
    (0.15, 1.0, _contrast),
    (0.25, 0.5, _low_resolution),
    (0.10, 1.0, _inverted_gamma),
    (0.30, 1.0, _gamma),
)
"""In their order: how likely a change is for an example, then for each of its sequences."""
