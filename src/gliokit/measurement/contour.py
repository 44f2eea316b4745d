"""The outer contour of a flat shape, pixel after pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

__all__ = ["largest_piece", "outer_contour"]

Mask = NDArray[np.bool_]

AROUND = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
"""The eight neighbours of a pixel, turning from one to the next."""


def largest_piece(shape: Mask) -> Mask:
    """The largest part of a flat shape that is connected at edges or corners, holes filled.

    Args:
        shape: bool (a, b), at least one pixel.
    """
    parts, _ = ndimage.label(shape, structure=np.ones((3, 3)))
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return np.asarray(ndimage.binary_fill_holes(parts == sizes.argmax()))


def outer_contour(piece: Mask) -> NDArray[np.int64]:
    """Border pixels of a flat shape in the order in which one walks around it.

    A pixel is on the border where one of its four neighbours is outside. Where the shape
    is one pixel wide the walk passes it twice, once on each side.

    Args:
        piece: bool (a, b), one part without holes, as of `largest_piece`.

    Returns:
        (n, 2), indices; the walk is closed, its first pixel is not repeated.
    """
    padded = np.pad(piece, 1)
    first = divmod(int(padded.ravel().argmax()), padded.shape[1])
    inside = padded.tolist()
    at, came = first, 4
    walk: list[tuple[int, int]] = []
    start: tuple[tuple[int, int], int] | None = None
    while True:
        turn = _next(inside, at, came)
        if turn is None:
            return np.array([first]) - 1
        if start is None:
            start = (at, turn)
        elif (at, turn) == start:
            return np.array(walk, dtype=np.int64) - 1
        walk.append(at)
        at = (at[0] + AROUND[turn][0], at[1] + AROUND[turn][1])
        # Begin beside the pixel that we came from, on the outer side.
        came = (turn + 5 + turn % 2) % 8


def _next(inside: list[list[bool]], at: tuple[int, int], came: int) -> int | None:
    """First neighbour inside, turning on from a neighbour that is outside."""
    for more in range(8):
        turn = (came + more) % 8
        step = AROUND[turn]
        if inside[at[0] + step[0]][at[1] + step[1]]:
            return turn
    return None
