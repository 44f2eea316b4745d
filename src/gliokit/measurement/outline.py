"""Chords of a flat shape made of pixels: the longest, and the longest across it.

Pixel (a, b) covers a - 0.5 to a + 0.5. The shape is given by its pixel edges, so that
lengths run from outer edge to outer edge. A 2 x 2 matrix `step` takes pixel indices to
millimetres within the plane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Chord", "Outline"]

Floats = NDArray[np.float64]

PAIRS_AT_ONCE = 4096
NUDGE_MM = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Chord:
    """A straight line between two points of an outline.

    Args:
        ends: (2, 2), begin and end in pixel indices.
        length_mm: Its length in the plane.
    """

    ends: Floats
    length_mm: float


class Outline:
    """The edges of a flat shape.

    Args:
        shape: bool (a, b), at least one pixel, without holes.
        step: 2 x 2, pixel indices to millimetres in the plane.
    """

    def __init__(self, shape: NDArray[np.bool_], step: Floats) -> None:
        from scipy.spatial import ConvexHull

        self._step = step
        self._begins, self._ends = _edges(shape)
        self._corners = np.unique(np.concatenate([self._begins, self._ends]), axis=0)
        self._near = _near(shape)
        self._hull = self._corners[ConvexHull(self._corners @ step.T).vertices]
        between = _distances(self._hull @ step.T)
        self._farthest = self._hull[list(np.unravel_index(int(between.argmax()), between.shape))]
        self.caliper_mm = float(between.max())

    def longest_chord(self, least_mm: float = 0.0) -> Chord | None:
        """The longest line between two pixel corners that stays within the shape.

        Outlines of pixels are stairs: a line may pass outside by half a pixel.

        Args:
            least_mm: A shorter chord is of no interest; None then.
        """
        if self.caliper_mm >= least_mm and self._within(self._farthest[None])[0]:
            return Chord(self._farthest, self.caliper_mm)
        between = np.triu(_distances(self._corners @ self._step.T), 1)
        starts, stops = np.nonzero(between > least_mm)
        order = np.argsort(-between[starts, stops], kind="stable")
        for at in range(0, order.size, PAIRS_AT_ONCE):
            some = order[at : at + PAIRS_AT_ONCE]
            lines = np.stack([self._corners[starts[some]], self._corners[stops[some]]], axis=1)
            good = np.flatnonzero(self._within(lines))
            if good.size:
                found = some[good[0]]
                return Chord(lines[good[0]], float(between[starts[found], stops[found]]))
        return None

    def width_across_mm(self, chord: Chord) -> float:
        """Extent of the shape perpendicular to a chord: no chord across it is longer."""
        return float(np.ptp(self._hull @ self._step.T @ _across(self._direction(chord))))

    def longest_chord_across(self, chord: Chord) -> Chord:
        """The longest line within the shape that is perpendicular to a chord.

        It need not cross the chord. Exact: its length changes linearly between pixel
        corners, so lines close to either side of every corner hold the longest.
        """
        along = self._direction(chord)
        across = _across(along)
        begins, ends = self._begins @ self._step.T, self._ends @ self._step.T
        first, last = begins @ along, ends @ along
        corners = np.unique((self._corners @ self._step.T @ along).round(9))
        lines = np.concatenate([corners - NUDGE_MM, corners + NUDGE_MM])
        line, edge = np.nonzero((first < lines[:, None]) != (last < lines[:, None]))
        share = (lines[line] - first[edge]) / (last[edge] - first[edge])
        height = (begins[edge] + share[:, None] * (ends - begins)[edge]) @ across
        order = np.lexsort((height, line))
        # A line enters and leaves a shape in turns.
        low, high = order[0::2], order[1::2]
        best = int(np.argmax(height[high] - height[low]))
        both = [low[best], high[best]]
        position = self._begins[edge[both]] + share[both, None] * (
            self._ends[edge[both]] - self._begins[edge[both]]
        )
        return Chord(position, float(height[high[best]] - height[low[best]]))

    def _direction(self, chord: Chord) -> Floats:
        along = (chord.ends[1] - chord.ends[0]) @ self._step.T
        return np.asarray(along / np.linalg.norm(along))

    def _within(self, lines: Floats) -> NDArray[np.bool_]:
        """Whether lines (n, 2, 2) stay within the shape, tried at every half pixel."""
        span = lines[:, 1] - lines[:, 0]
        tries = 2 + int(2 * np.abs(span).max())
        share = np.linspace(0, 1, tries)[None, :, None]
        points = np.floor(lines[:, :1] + share * span[:, None]).astype(int) + 1
        return np.asarray(self._near[points[..., 0], points[..., 1]].all(axis=1))


def _near(shape: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """At [a + 1, b + 1]: one of the four pixels from (a, b) to (a + 1, b + 1) is inside."""
    padded = np.pad(shape, 1)
    rows = padded[:-1] | padded[1:]
    return np.asarray(rows[:, :-1] | rows[:, 1:])


def _edges(shape: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Begin and end of every pixel edge between inside and outside."""
    padded = np.pad(shape, 1)
    begins, ends = [], []
    for axis in (0, 1):
        middle = np.argwhere(np.diff(padded, axis=axis)).astype(np.float64) - 1
        middle[:, axis] += 0.5
        half = np.zeros(2)
        half[1 - axis] = 0.5
        begins.append(middle - half)
        ends.append(middle + half)
    return np.concatenate(begins), np.concatenate(ends)


def _distances(points: Floats) -> Floats:
    return np.asarray(np.linalg.norm(points[:, None] - points[None], axis=-1))


def _across(direction: Floats) -> Floats:
    return np.array([-direction[1], direction[0]])
