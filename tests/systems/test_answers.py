"""Answers refuse what they can't be."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.study import Grid, LabelMap, StudyError
from gliokit.systems import Detection, Detections, LabelMaps, VoxelMap, VoxelMaps
from tests.systems.answers import numbers_of

GRID = Grid((2, 3, 4), np.eye(4))
MAP = LabelMap(GRID, np.zeros((2, 3, 4), np.uint8))
VALUES = np.zeros((2, 3, 4), np.float32)


def test_every_patient_has_an_answer_of_each_kind() -> None:
    assert LabelMaps(("a",), (MAP,)).maps[0] is MAP
    assert Detections(("a", "b"), ((), (Detection((0, 0, 0), 5, 0.5),))).found[0] == ()
    with pytest.raises(StudyError, match="a label map for each patient"):
        LabelMaps(("a", "b"), (MAP,))
    with pytest.raises(StudyError, match="a voxel map for each patient"):
        VoxelMaps((), (VoxelMap(VALUES, GRID),), "risk")
    with pytest.raises(StudyError, match="detections for each patient"):
        Detections(("a",), ())


def test_a_map_is_of_its_grid_finite_and_says_what_it_means() -> None:
    with pytest.raises(StudyError, match="every voxel"):
        VoxelMap(VALUES[1:], GRID)
    with pytest.raises(StudyError, match="every voxel"):
        VoxelMap(VALUES + np.float32("nan"), GRID)
    with pytest.raises(StudyError, match="what its numbers mean"):
        VoxelMaps(("a",), (VoxelMap(VALUES, GRID),), "")


@pytest.mark.parametrize(
    ("centre", "radius", "probability"),
    [((0, 0, np.nan), 5, 0.5), ((0, 0, 0), 0, 0.5), ((0, 0, 0), 5, 1.1), ((0, 0, 0), 5, np.nan)],
)
def test_a_detection_that_can_not_be_is_refused(
    centre: tuple[float, float, float], radius: float, probability: float
) -> None:
    with pytest.raises(StudyError, match="detection"):
        Detection(centre, radius, probability)


def test_the_numbers_of_answers_tell_them_apart() -> None:
    one = Detections(("a",), ((Detection((1, 2, 3), 5, 0.5),),))
    other = Detections(("a",), ((Detection((1, 2, 4), 5, 0.5),),))
    assert not np.array_equal(numbers_of(one), numbers_of(other))
    assert numbers_of(LabelMaps(("a",), (MAP,))).size == VALUES.size
