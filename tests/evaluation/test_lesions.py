"""Lesion-wise figures: against figures that the organisers' code gave, case by case."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.evaluation.lesions import LESION_RULES, lesion_wise


def cubes(*corners: tuple[int, int, int, int]) -> np.ndarray:
    """Cubes of a side from a corner: (z, y, x, side)."""
    mask = np.zeros((64, 64, 64), bool)
    for z, y, x, side in corners:
        mask[z : z + side, y : y + side, x : x + side] = True
    return mask


def bar() -> np.ndarray:
    mask = cubes()
    mask[10:20, 10:20, 10:50] = True
    return mask


def gap(voxels: int) -> np.ndarray:
    return cubes((10, 10, 10, 10), (10, 10, 20 + voxels, 10))


FIRST = cubes((10, 10, 10, 10))
NONE = cubes()
SMALL = cubes((40, 40, 40, 3))
# name, reference, prediction, challenge, (TP, FP, FN), Dice, HD95
CASES = [
    ("equal", FIRST, FIRST, "GLI", (1, 0, 0), 1, 0),
    ("false alarm", FIRST, FIRST | cubes((50, 50, 50, 2)), "GLI", (1, 1, 0), 0.5, 187),
    ("missed", FIRST | cubes((40, 40, 40, 6)), FIRST, "GLI", (1, 0, 1), 0.5, 187),
    ("small one missed", FIRST | SMALL, FIRST, "GLI", (1, 0, 0), 1, 0),
    ("small one found", FIRST | SMALL, FIRST | SMALL, "GLI", (1, 0, 0), 1, 0),
    ("gap of 6, 3 dilations", gap(6), FIRST, "GLI", (1, 0, 0), 2 / 3, 16),
    ("gap of 7, 3 dilations", gap(7), FIRST, "GLI", (1, 0, 1), 0.5, 187),
    ("gap of 2, 1 dilation", gap(2), FIRST, "MET", (1, 0, 0), 2 / 3, 12),
    ("gap of 3, 1 dilation", gap(3), FIRST, "MET", (1, 0, 1), 0.5, 187),
    ("both empty", NONE, NONE, "GLI", (0, 0, 0), 1, 0),
    ("nothing there", NONE, FIRST, "GLI", (0, 1, 0), 0, 374),
    ("nothing found", FIRST, NONE, "GLI", (0, 0, 1), 0, 374),
    ("only a small one", SMALL, NONE, "GLI", (0, 0, 0), 1, 0),
    ("one for two", cubes((10, 10, 10, 10), (10, 10, 40, 10)), bar(), "GLI", (2, 0, 0), 0.4, 30),
    ("moved by 3", FIRST, cubes((10, 10, 13, 10)), "GLI", (1, 0, 0), 0.7, 3),
    ("2 voxels away", FIRST, cubes((10, 10, 22, 10)), "GLI", (1, 0, 0), 0, 12),
    ("3 voxels away", FIRST, cubes((10, 10, 23, 10)), "GLI", (0, 1, 1), 0, 374),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0])
def test_figures_are_those_of_the_organisers_code(case: tuple) -> None:
    _, reference, predicted, challenge, counts, dice, hd95 = case
    found = lesion_wise(reference, predicted, (1, 1, 1), rules=LESION_RULES[challenge])
    assert (found.true_positives, found.false_positives, found.false_negatives) == counts
    assert found.dice == pytest.approx(dice)
    assert found.hd95_mm == pytest.approx(hd95)


def test_a_lesion_of_exactly_the_smallest_volume_does_not_count() -> None:
    mask = np.zeros((20, 20, 20), bool)
    mask[5:10, 5:10, 5:7] = True
    assert lesion_wise(mask, mask, (1, 1, 1)).lesions == ()
    mask[5, 5, 7] = True
    (lesion,) = lesion_wise(mask, mask, (1, 1, 1)).lesions
    assert lesion.volume_mm3 == 51


def test_dilations_see_18_neighbours_and_components_26() -> None:
    one, other = np.zeros((20, 20, 20), bool), np.zeros((20, 20, 20), bool)
    one[4:8, 4:8, 4:8] = True
    other[8:10, 8:10, 8:10] = True  # touches by a corner alone
    assert len(lesion_wise(one | other, one, (1, 1, 1)).lesions) == 1
    # A corner neighbour of the outermost voxel is out of reach of one dilation.
    rules = LESION_RULES["MEN"]
    assert lesion_wise(one, other, (1, 1, 1), rules=rules).true_positives == 0
    assert lesion_wise(one, np.roll(other, -1, 2), (1, 1, 1), rules=rules).true_positives == 1


def test_figures_do_not_depend_on_the_background_around() -> None:
    one, other = gap(7), FIRST | cubes((40, 10, 10, 3))
    cut = (slice(8, 45), slice(9, 22), slice(10, 40))
    whole = lesion_wise(one, other, (1, 1, 1))
    assert lesion_wise(one[cut], other[cut], (1, 1, 1)) == whole
    assert whole.false_positives == 1


def test_masks_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="shape of reference"):
        lesion_wise(np.ones((2, 2, 2), bool), np.ones((2, 2, 3), bool), (1, 1, 1))
