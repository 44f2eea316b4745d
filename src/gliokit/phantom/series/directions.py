"""Diffusion weightings and directions that cover the sphere evenly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gliokit.study import UsageError

__all__ = ["DiffusionTable", "diffusion_table", "even_directions"]

Numbers = NDArray[np.float64]

B_LIMIT = 20_000.0
PUSHES = 300


@dataclass(frozen=True, slots=True, eq=False)
class DiffusionTable:
    """Which gradient each frame has.

    Args:
        bvals: (frame,), s/mm2.
        bvecs: (frame, 3), unit vectors in RAS+; 0 0 0 where b is 0.
    """

    bvals: Numbers
    bvecs: Numbers


def diffusion_table(shells: Mapping[float, int], *, unweighted: int = 1) -> DiffusionTable:
    """Frames of b = 0, then each shell with directions spread evenly.

    Args:
        shells: Directions of each b-value in s/mm2, such as {1000: 32, 2500: 64}.
        unweighted: Frames of b = 0.

    Raises:
        UsageError: a b-value that is not above 0 and at most 20000, or a count below 1.
    """
    counts = [unweighted, *shells.values()]
    if min(counts) < 1 or not all(0 < b <= B_LIMIT for b in shells) or not shells:
        raise UsageError(
            f"a table has b = 0 and shells of 0 to {B_LIMIT:g} s/mm2, each of 1 frame or more",
            source="diffusion table",
            found=f"{unweighted} of b = 0, {dict(shells)}",
        )
    bvals, bvecs = [np.zeros(unweighted)], [np.zeros((unweighted, 3))]
    for number, (b, count) in enumerate(sorted(shells.items())):
        turn = _turn_about_oblique_axis(number * np.pi * (3 - np.sqrt(5)))
        bvals.append(np.full(count, float(b)))
        bvecs.append(even_directions(count) @ turn.T)
    return DiffusionTable(np.concatenate(bvals), np.concatenate(bvecs))


@lru_cache(maxsize=32)
def even_directions(count: int) -> Numbers:
    """Unit vectors (count, 3) of one hemisphere, spread evenly; the same at each call.

    A spiral, then vectors and their opposites repel each other as charges do.

    References:
        Jones DK, Horsfield MA, Simmons A. Magn Reson Med 1999;42:515.
    """
    place = np.arange(count) + 0.5
    height = 1 - place / count
    angle = np.pi * (1 + np.sqrt(5)) * place
    flat = np.sqrt(1 - height**2)
    vectors = np.stack([flat * np.cos(angle), flat * np.sin(angle), height], axis=1)
    for push in range(PUSHES if count > 1 else 0):
        force = np.zeros_like(vectors)
        for sign in (1, -1):
            apart = vectors[:, None] - sign * vectors[None]
            distance = np.linalg.norm(apart, axis=2)
            np.fill_diagonal(distance, np.inf)
            force += (apart / distance[:, :, None] ** 3).sum(axis=1)
        force -= (force * vectors).sum(axis=1, keepdims=True) * vectors
        step = 0.1 * (1 - push / PUSHES) / count
        largest = np.linalg.norm(force, axis=1).max()
        vectors = vectors + force * (step / max(largest, 1e-12)) * np.sqrt(count)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors.setflags(write=False)
    return vectors


def _turn_about_oblique_axis(angle: float) -> Numbers:
    axis = np.ones(3) / np.sqrt(3)
    cross = np.cross(np.eye(3), axis)
    turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return np.asarray(turn, dtype=np.float64)
