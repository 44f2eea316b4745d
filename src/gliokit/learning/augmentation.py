"""Training examples varied as scanners and heads vary.

Every variation is drawn first, from a generator that the caller hands in, and then
applied by a pure function, so that any example can be made again from its seed.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from gliokit.learning.settings import AugmentationSettings

__all__ = ["NO_SIGNAL", "augment", "drop_sequences", "move", "vary_intensity"]

NO_SIGNAL = 4.0
"""How far below the brain's middle an intensity of nothing lies, roughly, in normalised units."""


def augment(
    image: Tensor,
    regions: Tensor,
    settings: AugmentationSettings,
    generator: np.random.Generator,
    patch: tuple[int, int, int] | None = None,
) -> tuple[Tensor, Tensor]:
    """One varied copy of an example.

    Args:
        image: (channel, i, j, k), normalised, 0 outside the brain.
        regions: (region, i, j, k), between 0 and 1.
        settings: The ranges.
        generator: Where the draws come from.
        patch: Size of the copy; smaller than the image where a turned corner is to show
            what is there. The image's own size unless given.
    """
    image, regions = move(image, regions, draw_affine(settings, generator), patch)
    image = torch.stack([vary_intensity(c, settings, generator) for c in image])
    return drop_sequences(image, settings, generator), regions


def draw_affine(
    settings: AugmentationSettings, generator: np.random.Generator
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A 3x3 matrix of rotation, scale and left-right flip."""
    angles = np.deg2rad(generator.uniform(-1, 1, 3) * settings.rotation_degrees)
    matrix = np.diag(np.exp(generator.uniform(-1, 1, 3) * np.log1p(settings.scale)))
    for axis, angle in enumerate(angles):
        a, b = [n for n in range(3) if n != axis]
        turn = np.eye(3)
        turn[a, a] = turn[b, b] = np.cos(angle)
        turn[a, b], turn[b, a] = -np.sin(angle), np.sin(angle)
        matrix = turn @ matrix
    if generator.random() < settings.flip:
        matrix[:, 0] *= -1
    return matrix


def move(
    image: Tensor,
    regions: Tensor,
    matrix: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    patch: tuple[int, int, int] | None = None,
) -> tuple[Tensor, Tensor]:
    """Turn and scale about the centre, linear interpolation, 0 beyond; cut to a patch."""
    size = np.array(image.shape[1:], dtype=np.float64)
    wanted = size if patch is None else np.array(patch, dtype=np.float64)
    # grid_sample counts its axes from the last one and in half sides.
    scaled = (matrix * wanted[None, :] / size[:, None])[::-1, ::-1].copy()
    theta = torch.zeros(1, 3, 4)
    theta[0, :, :3] = torch.from_numpy(scaled)
    both = torch.cat([image, regions])[None]
    shape = [1, both.shape[1], *(int(n) for n in wanted)]
    grid = functional.affine_grid(theta, shape, align_corners=False)
    moved = functional.grid_sample(both, grid, mode="bilinear", align_corners=False)[0]
    return moved[: len(image)], moved[len(image) :]


def vary_intensity(
    channel: Tensor, settings: AugmentationSettings, generator: np.random.Generator
) -> Tensor:
    """One sequence as another scanner might have given it; 0 outside the brain stays."""
    outside = channel == 0
    if generator.random() < settings.thick_slices:
        channel = _thicken(channel, int(generator.integers(3)), int(generator.integers(2, 6)))
    if generator.random() < settings.often:
        channel = _blur(channel, generator.uniform(0.3, 1) * settings.blur_voxels)
    if generator.random() < settings.often:
        channel = _gamma(channel, np.exp(generator.uniform(-1, 1) * settings.gamma))
    if generator.random() < settings.clip:
        channel = channel.clamp(-generator.uniform(1.5, 5), generator.uniform(1.5, 5))
    if generator.random() < settings.often:
        channel = channel * np.exp(generator.uniform(-1, 1) * settings.contrast)
        channel = channel + generator.uniform(-1, 1) * settings.shift
    if generator.random() < settings.often:
        field = _smooth_field(list(channel.shape), settings.bias_field, generator)
        channel = (channel + NO_SIGNAL) * torch.exp(field) - NO_SIGNAL
    if generator.random() < settings.ghosts:
        channel = _ghosted(channel, generator)
    if generator.random() < settings.often:
        strength = generator.uniform(0, settings.noise)
        noise = generator.standard_normal(tuple(channel.shape), dtype=np.float32)
        channel = channel + strength * torch.from_numpy(noise)
    return channel.clamp(-5, 5).masked_fill(outside, 0)


def _thicken(channel: Tensor, axis: int, voxels: int) -> Tensor:
    """Thick slices along one axis, interpolated back."""
    size = list(channel.shape)
    thick = list(size)
    thick[axis] = max(size[axis] // voxels, 2)
    coarse = functional.interpolate(channel[None, None], size=thick, mode="area")
    return functional.interpolate(coarse, size=size, mode="trilinear", align_corners=False)[0, 0]


def _blur(channel: Tensor, sigma: float) -> Tensor:
    offsets = torch.arange(-2, 3, dtype=torch.float32)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    kernel = kernel / kernel.sum()
    out = channel[None, None]
    for axis in range(3):
        shape = [1, 1, 1, 1, 1]
        shape[2 + axis] = 5
        padding = [0, 0, 0]
        padding[axis] = 2
        out = functional.conv3d(out, kernel.reshape(shape), padding=padding)
    return out[0, 0]


def _gamma(channel: Tensor, gamma: float) -> Tensor:
    """A monotone curve that leaves the middle half of the brain where it was."""

    def curve(z: Tensor) -> Tensor:
        return ((z.clamp(-4.9, 5) + 5) / 10) ** gamma

    low, middle, high = curve(torch.tensor([-1.0, 0.0, 1.0]))
    bent: Tensor = 2 * (curve(channel) - middle) / (high - low)
    return bent


def _smooth_field(size: list[int], strength: float, generator: np.random.Generator) -> Tensor:
    """The logarithm of a factor, linear between two to four knots along each axis."""
    knots = int(generator.integers(2, 5))
    field = generator.uniform(-strength, strength, (1, 1, knots, knots, knots))
    return functional.interpolate(
        torch.from_numpy(field.astype(np.float32)), size=size, mode="trilinear", align_corners=True
    )[0, 0]


def _ghosted(channel: Tensor, generator: np.random.Generator) -> Tensor:
    """Copies of a head that moved, fainter and shifted along one axis by a part of its side."""
    axis = int(generator.integers(3))
    shift = channel.shape[axis] // int(generator.integers(2, 7))
    strength = generator.uniform(0.1, 0.4)
    copies = channel.roll(shift, axis) + channel.roll(-shift, axis)
    ghosted: Tensor = (1 - strength) * channel + strength * copies / 2
    return ghosted


def drop_sequences(
    image: Tensor, settings: AugmentationSettings, generator: np.random.Generator
) -> Tensor:
    """Sometimes only a subset of the sequences that are there (not 0 throughout).

    Each subset but the empty one is as likely.
    """
    there = [c for c, channel in enumerate(image) if channel.any()]
    if generator.random() >= settings.dropout or not there:
        return image
    subset = int(generator.integers(1, 2 ** len(there)))
    kept = torch.zeros(len(image), dtype=torch.bool)
    kept[there] = torch.tensor([(subset >> n) & 1 == 1 for n in range(len(there))])
    return image * kept[:, None, None, None]
