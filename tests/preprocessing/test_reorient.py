"""A label map keeps its voxels' places, whichever way its axes run."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from gliokit.preprocessing import reoriented
from gliokit.study import Grid, LabelMap
from tests.preprocessing.test_prepare import oblique, orientations

SHAPE = (6, 7, 8)


def labels() -> LabelMap:
    data = np.random.default_rng(0).integers(0, 4, SHAPE).astype(np.uint8)
    return LabelMap(Grid(SHAPE, oblique(SHAPE)), data)


@pytest.mark.parametrize("orientation", orientations())
def test_any_orientation_comes_back_voxel_for_voxel(orientation: np.ndarray) -> None:
    native = labels()
    data = nib.orientations.apply_orientation(native.data, orientation)
    affine = native.grid.affine @ nib.orientations.inv_ornt_aff(orientation, SHAPE)
    back = reoriented(LabelMap(Grid(data.shape, affine), data), native.grid)
    assert back.grid.same_as(native.grid)
    assert np.array_equal(back.data, native.data)


def test_a_label_map_that_lies_right_is_given_as_it_is() -> None:
    native = labels()
    assert reoriented(native, native.grid) is native
