"""How well two masks of one region agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["check_shapes", "dice"]


def dice(reference: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> float:
    """Twice the common voxels over the voxels of both.

    Two empty masks agree perfectly, 1; one empty mask gives 0.

    Args:
        reference: Any shape.
        predicted: The same shape.

    Raises:
        ValueError: the shapes differ.

    Source: Dice, Ecology 26 (1945) 297.
    """
    check_shapes(reference, predicted)
    total = int(np.count_nonzero(reference)) + int(np.count_nonzero(predicted))
    if total == 0:
        return 1.0
    return 2 * int(np.count_nonzero(reference & predicted)) / total


def check_shapes(reference: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> None:
    """Refuse masks that don't lie on one grid.

    Raises:
        ValueError: the shapes differ.
    """
    if reference.shape != predicted.shape:
        raise ValueError(
            f"predicted must have the shape of reference, {reference.shape}; got {predicted.shape}"
        )
