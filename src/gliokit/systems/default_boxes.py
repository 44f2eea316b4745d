"""Boxes of a slice: defaults, overlap, what a network is to say of each, and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["Matching", "decoded", "default_boxes", "encoded", "kept_boxes", "overlap"]

LEVELS = 5
SHAPES = ((1.0, 1.0), (2**0.5, 2**0.5), (2**0.5, 0.5**0.5), (0.5**0.5, 2**0.5))
SMALLEST = 4.0
NEITHER = -1

Boxes = NDArray[np.float64]
"""(n, 4): middle along both axes, then sides along both, in pixels."""


@dataclass(frozen=True, slots=True)
class Matching:
    """From which overlap a default box counts as a lesion's.

    Args:
        usual: Of a lesion.
        tiny: Of one whose longer side is shorter than `tiny_px`.
        tiny_px: See `tiny`.
        background: Below it a box is background; between, neither.
    """

    usual: float = 0.5
    tiny: float = 0.3
    tiny_px: float = 6.0
    background: float = 0.3


@lru_cache(maxsize=4)
def default_boxes(side: int) -> Boxes:
    """Four boxes a cell at five levels of cells of 2, 4, 8, 16 and 32 pixels.

    Level l has boxes of 4 x 2^l pixels: square, square and 1.4 times as long, and twice as
    long as wide either way. In the order of `networks.SingleShot`.

    Args:
        side: Of the slice, a multiple of 32.
    """
    found = []
    for level in range(LEVELS):
        step, size = 2 ** (level + 1), SMALLEST * 2**level
        middles = (np.arange(side // step) + 0.5) * step - 0.5
        i, j = np.meshgrid(middles, middles, indexing="ij")
        for_cell = np.array([(size * a, size * b) for a, b in SHAPES])
        places = np.stack([i, j], axis=-1).reshape(-1, 1, 2).repeat(len(SHAPES), axis=1)
        sides = np.broadcast_to(for_cell, places.shape)
        found.append(np.concatenate([places, sides], axis=2).reshape(-1, 4))
    boxes = np.concatenate(found)
    boxes.flags.writeable = False
    return boxes


def overlap(one: Boxes, other: Boxes) -> NDArray[np.float64]:
    """Intersection over union of each of n with each of m boxes, (n, m)."""
    low = np.maximum(_low(one)[:, None], _low(other)[None])
    high = np.minimum(_high(one)[:, None], _high(other)[None])
    both = np.maximum(high - low, 0).prod(axis=2)
    areas = one[:, 2:].prod(axis=1)[:, None] + other[:, 2:].prod(axis=1)[None]
    return np.asarray(both / (areas - both))


def encoded(
    lesions: Boxes, defaults: Boxes, matching: Matching = Matching()
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """What a network is to say: 1, 0 or -1 (neither) of each default box, and its offset.

    Each lesion has the box that overlaps it most, and all that overlap it enough. An offset is
    the middle's way over the default's sides, and the logarithm of the ratio of sides.
    """
    kinds = np.zeros(len(defaults), dtype=np.int64)
    offsets = np.zeros((len(defaults), 4), dtype=np.float32)
    if not len(lesions):
        return kinds, offsets
    shares = overlap(defaults, lesions)
    lesion, most = shares.argmax(axis=1), shares.max(axis=1)
    kinds[most >= matching.background] = NEITHER
    tiny = lesions[:, 2:].max(axis=1) < matching.tiny_px
    least = np.where(tiny, matching.tiny, matching.usual)
    kinds[most >= least[lesion]] = 1
    best = shares.argmax(axis=0)
    kinds[best], lesion[best] = 1, np.arange(len(lesions))
    matched = kinds == 1
    wanted, found = lesions[lesion[matched]], defaults[matched]
    offsets[matched, :2] = (wanted[:, :2] - found[:, :2]) / found[:, 2:]
    offsets[matched, 2:] = np.log(wanted[:, 2:] / found[:, 2:])
    return kinds, offsets


def decoded(offsets: NDArray[np.floating], defaults: Boxes) -> Boxes:
    """Boxes of offsets: what `encoded` did, backwards. Sides change by a factor of 50 at most."""
    moved = defaults[:, :2] + offsets[:, :2] * defaults[:, 2:]
    sides = defaults[:, 2:] * np.exp(np.clip(offsets[:, 2:], -4, 4))
    return np.concatenate([moved, sides], axis=1)


def kept_boxes(boxes: Boxes, scores: NDArray[np.float64], *, most: float) -> NDArray[np.intp]:
    """Which boxes remain, the best first, when none overlaps a better one by more than `most`."""
    left = list(np.argsort(-scores, kind="stable"))
    kept = []
    while left:
        first = left.pop(0)
        kept.append(first)
        if left:
            shares = overlap(boxes[[first]], boxes[left])[0]
            left = [row for row, share in zip(left, shares, strict=True) if share <= most]
    return np.array(kept, dtype=np.intp)


def _low(boxes: Boxes) -> Boxes:
    return boxes[:, :2] - boxes[:, 2:] / 2


def _high(boxes: Boxes) -> Boxes:
    return boxes[:, :2] + boxes[:, 2:] / 2
