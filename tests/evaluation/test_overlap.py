"""Dice and the bootstrap against hand-made cases."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.evaluation import bootstrap_mean, dice


def box(*slices: slice, shape: tuple[int, int, int] = (10, 10, 10)) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    mask[slices] = True
    return mask


def test_dice_of_half_overlapping_boxes_is_one_half() -> None:
    one = box(slice(0, 4), slice(0, 4), slice(0, 4))
    other = box(slice(2, 6), slice(0, 4), slice(0, 4))
    assert dice(one, other) == 0.5


def test_dice_of_two_empty_masks_is_1_and_of_one_empty_mask_0() -> None:
    empty, full = np.zeros((3, 3, 3), bool), np.ones((3, 3, 3), bool)
    assert dice(empty, empty) == 1.0
    assert dice(empty, full) == dice(full, empty) == 0.0


def test_masks_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="shape of reference"):
        dice(np.ones((2, 2, 2), bool), np.ones((2, 2, 3), bool))


def test_bootstrap_interval_holds_the_mean_and_repeats_with_its_seed() -> None:
    values = [0.8, 0.9, 0.7, 0.95, 0.85]
    mean, low, high = bootstrap_mean(values, seed=1)
    assert mean == pytest.approx(0.84)
    assert low < mean < high
    assert bootstrap_mean(values, seed=1) == (mean, low, high)
    assert bootstrap_mean([0.5] * 4, seed=0) == (0.5, 0.5, 0.5)


def test_bootstrap_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one figure"):
        bootstrap_mean([], seed=0)
