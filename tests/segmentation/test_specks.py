"""Small pieces of a region."""

import numpy as np

from gliokit.segmentation import labels_of
from gliokit.segmentation.specks import SMALLEST_ML, without_specks


def test_a_piece_of_the_smallest_volume_stays_and_one_below_it_goes() -> None:
    region = np.zeros((20, 20, 20), dtype=bool)
    region[2:7, 2:7, 2:6] = True  # 100 voxels
    region[12:17, 12:17, 12:16] = True
    region[12, 12, 12] = False  # 99
    kept = without_specks(region, 0.1, 0.001)
    assert kept.sum() == 100
    assert kept[2:7, 2:7, 2:6].all()


def test_pieces_that_touch_at_a_corner_are_one() -> None:
    region = np.zeros((12, 12, 12), dtype=bool)
    region[1:5, 1:5, 1:5] = True
    region[5:9, 5:9, 5:9] = True
    assert without_specks(region, 0.128, 0.001).sum() == 128


def test_an_empty_region_stays_empty() -> None:
    assert not without_specks(np.zeros((4, 4, 4), dtype=bool), 0.5, 0.001).any()


def test_a_larger_voxel_makes_a_larger_piece() -> None:
    region = np.zeros((8, 8, 8), dtype=bool)
    region[2:4, 2:4, 2:4] = True
    assert not without_specks(region, 0.05, 0.001).any()
    assert without_specks(region, 0.05, 0.008).sum() == 8


def test_a_core_outside_the_tumour_is_none_and_specks_fall_to_the_region_around() -> None:
    shape = (40, 40, 40)
    probabilities = {r: np.zeros(shape, dtype=np.float32) for r in SMALLEST_ML}
    probabilities["WT"][5:25, 5:25, 5:25] = 1
    probabilities["TC"][8:18, 8:18, 8:18] = 1
    probabilities["TC"][30:38, 30:38, 30:38] = 1
    probabilities["ET"][9:12, 9:12, 9:12] = 1  # 27 voxels of a microlitre
    labels = labels_of(probabilities)
    assert labels[10, 10, 10] == 1
    assert labels[20, 20, 20] == 2
    assert not labels[30:38, 30:38, 30:38].any()
    every = labels_of(probabilities, smallest_ml={"WT": 0, "TC": 0, "ET": 0})
    assert every[10, 10, 10] == 3
