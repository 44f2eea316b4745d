"""Dice and HD95 against hand-made cases."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.evaluation import bootstrap_mean, dice, hd95_mm


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


def test_hd95_of_a_plane_moved_by_two_voxels_is_two_spacings() -> None:
    one = box(slice(3, 4), slice(None), slice(None))
    other = box(slice(5, 6), slice(None), slice(None))
    assert hd95_mm(one, other, (1.5, 1.0, 1.0)) == pytest.approx(3.0)
    assert hd95_mm(other, one, (1.5, 1.0, 1.0)) == pytest.approx(3.0)


def test_hd95_ignores_the_farthest_twentieth_of_the_surface() -> None:
    one = box(slice(5, 6), slice(None), slice(None))
    other = one.copy()
    other[0, 0, 0] = True
    assert hd95_mm(one, other, (1, 1, 1)) == 0.0


def test_hd95_of_equal_masks_is_0_and_of_one_empty_mask_unknown() -> None:
    mask, empty = box(slice(2, 5), slice(2, 5), slice(2, 5)), np.zeros((10, 10, 10), bool)
    assert hd95_mm(mask, mask, (1, 1, 1)) == 0.0
    assert hd95_mm(empty, empty, (1, 1, 1)) == 0.0
    assert hd95_mm(mask, empty, (1, 1, 1)) is None


@pytest.mark.parametrize("function", [dice, lambda a, b: hd95_mm(a, b, (1, 1, 1))])
def test_masks_of_different_shapes_are_refused(function: object) -> None:
    with pytest.raises(ValueError, match="shape of reference"):
        function(np.ones((2, 2, 2), bool), np.ones((2, 2, 3), bool))  # type: ignore[operator]


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
