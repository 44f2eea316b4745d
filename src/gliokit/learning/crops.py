"""Boxes around a lesion, varied as few patients must be to teach a network."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gliokit.learning.augmentation import move

__all__ = ["vary_crop"]


def vary_crop(
    image: Tensor,
    generator: np.random.Generator,
    *,
    scale: float = 0.1,
    gain: float = 0.1,
    offset: float = 0.1,
) -> Tensor:
    """A box mirrored along any axis, turned by quarters in the axial plane, scaled, rescaled.

    Args:
        image: (channel, n, n, n), 0 outside the brain.
        generator: Where the draws come from.
        scale: Largest change of size, as a share.
        gain: Largest change of contrast, as a share, in each channel.
        offset: Largest shift, in each channel, where it is not 0.
    """
    matrix = np.diag(generator.choice([-1.0, 1.0], size=3))
    for _ in range(int(generator.integers(4))):
        matrix = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]) @ matrix
    matrix *= 1 + generator.uniform(-scale, scale)
    moved, _ = move(image, image[:0], matrix)
    outside = moved == 0
    shape = (len(moved), 1, 1, 1)
    factors = torch.from_numpy(1 + generator.uniform(-gain, gain, shape).astype(np.float32))
    shifts = torch.from_numpy(generator.uniform(-offset, offset, shape).astype(np.float32))
    return (moved * factors + shifts).masked_fill(outside, 0)
