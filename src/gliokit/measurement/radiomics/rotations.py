"""Convolution along axes, right-angled rotations of separable kernels, and pooling (IBSI 2)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.radiomics.filter_settings import Boundary, Pooling

__all__ = ["MODES", "Kernels", "convolve", "pooled", "rotated"]

Image = NDArray[np.float64]
Kernels = tuple[NDArray[np.float64], ...]

MODES: dict[Boundary, str] = {
    "mirror": "reflect",
    "nearest": "nearest",
    "periodic": "wrap",
    "zero": "constant",
}
"""scipy's names of the boundaries."""


def convolve(image: Image, taps: NDArray[np.float64], axis: int, boundary: Boundary) -> Image:
    """Convolution along one axis; an even number of taps has its centre after the middle."""
    origin = 0 if len(taps) % 2 else -1
    found: Image = ndimage.convolve1d(image, taps, axis, mode=MODES[boundary], origin=origin)
    return found


def rotated(*sets: Kernels) -> list[tuple[Kernels, ...]]:
    """Sets of kernels, one kernel an axis, in all right-angled rotations, each once.

    A rotation exchanges axes and turns some round so that the handedness stays: 4 in a
    slice, 24 in 3-D. All sets turn together.
    """
    n = len(sets[0])
    found: dict[tuple[bytes, ...], tuple[Kernels, ...]] = {}
    for order in permutations(range(n)):
        odd = sum(order[a] > order[b] for a in range(n) for b in range(a + 1, n)) % 2
        for turned in product((False, True), repeat=n):
            if (odd + sum(turned)) % 2 == 0:
                moved = tuple(_moved(kernels, order, turned) for kernels in sets)
                key = tuple(taps.tobytes() for kernels in moved for taps in kernels)
                found.setdefault(key, moved)
    return list(found.values())


def _moved(kernels: Kernels, order: tuple[int, ...], turned: tuple[bool, ...]) -> Kernels:
    return tuple(
        kernels[axis][::-1] if back else kernels[axis]
        for axis, back in zip(order, turned, strict=True)
    )


def pooled(responses: Iterable[Image], pooling: Pooling) -> Image:
    """One map of several, voxel by voxel."""
    total: Image | None = None
    count = 0
    for response in responses:
        count += 1
        if total is None:
            total = response.copy()
        elif pooling == "mean":
            total += response
        else:
            (np.maximum if pooling == "max" else np.minimum)(total, response, out=total)
    if total is None:
        raise ValueError("there is no response to pool")
    return total / count if pooling == "mean" else total
