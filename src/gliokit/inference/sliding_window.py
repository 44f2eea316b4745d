"""A network that sees one window at a time, moved over a whole image."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["slide", "window_starts", "window_weights"]

Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def slide(
    run: Run,
    image: NDArray[np.float32],
    patch: tuple[int, int, int],
    *,
    overlap: float,
    window: Literal["gaussian", "constant"],
) -> NDArray[np.float32]:
    """Weighted mean of what a network answers in windows that cover an image.

    An image smaller than the window is filled up with 0, on both sides alike.

    Args:
        run: From (channel, *patch) to (output, *patch).
        image: (channel, i, j, k).
        patch: Voxels of the window.
        overlap: Part of a window that the next one covers again, at least.
        window: 'gaussian' trusts a window's middle more than its sides.

    Returns:
        (output, i, j, k).
    """
    shape = image.shape[1:]
    short = [max(p - n, 0) for p, n in zip(patch, shape, strict=True)]
    pads = [(0, 0)] + [(s // 2, s - s // 2) for s in short]
    padded = np.pad(image, pads)
    weights = window_weights(patch, window)
    places = [
        window_starts(n, p, overlap=overlap) for n, p in zip(padded.shape[1:], patch, strict=True)
    ]
    total: NDArray[np.float32] | None = None
    covered = np.zeros(padded.shape[1:], dtype=np.float32)
    for corner in product(*places):
        there = tuple(slice(c, c + p) for c, p in zip(corner, patch, strict=True))
        answer = run(padded[(slice(None), *there)])
        if total is None:
            total = np.zeros((answer.shape[0], *padded.shape[1:]), dtype=np.float32)
        total[(slice(None), *there)] += answer * weights
        covered[there] += weights
    assert total is not None
    total /= covered
    inner = tuple(slice(b, b + n) for (b, _), n in zip(pads[1:], shape, strict=True))
    return total[(slice(None), *inner)]


def window_starts(length: int, patch: int, *, overlap: float) -> tuple[int, ...]:
    """Where windows begin along an axis: evenly spread, from the first voxel to the last.

    Source: as nnU-Net lays them (Isensee et al., Nature Methods 18 (2021) 203).
    """
    room = length - patch
    if room <= 0:
        return (0,)
    steps = math.ceil(room / (patch * (1 - overlap)))
    return tuple(dict.fromkeys(round(room / steps * n) for n in range(steps + 1)))


def window_weights(
    patch: tuple[int, int, int], window: Literal["gaussian", "constant"]
) -> NDArray[np.float32]:
    """Weight of each voxel of a window, above 0.

    The Gaussian has an eighth of the side as its standard deviation.
    """
    if window == "constant":
        return np.ones(patch, dtype=np.float32)
    weights = np.ones(patch)
    for axis, side in enumerate(patch):
        from_middle = np.arange(side) - side // 2
        line = np.exp(-0.5 * (from_middle / (side / 8)) ** 2)
        weights *= line.reshape([-1 if a == axis else 1 for a in range(3)])
    floor = 1e-4  # far corners count little, never nothing
    lifted: NDArray[np.float32] = np.maximum(weights / weights.max(), floor).astype(np.float32)
    return lifted
