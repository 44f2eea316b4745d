"""Pictures show what was drawn, where it is, and say what is missing."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from gliokit.study import Grid, LabelMap, StudyError, UsageError
from gliokit.systems import Images, Inputs
from gliokit.systems.pictures import crop, read_picture, region_box, training_picture
from tests.systems.digital import LPS, SHAPE, digital_patients

FOUR = ("t1", "t1c", "t2", "flair")


def images(lacking: str = "") -> Images:
    found = digital_patients(lacking=lacking).inputs.images[0]
    assert found is not None
    return found


def test_a_picture_has_the_channels_asked_on_a_grid_of_cubes() -> None:
    picture = read_picture("d", images(), ("flair", "t1c"), spacing_mm=2, regions=("WT", "ET"))
    assert picture.image.shape == (2, *picture.grid.shape)
    assert picture.image.dtype == np.float32
    assert picture.grid.spacing_mm == pytest.approx((2, 2, 2))
    assert picture.grid.orientation == "RAS"
    assert picture.absent == frozenset()
    flair, t1c = picture.image
    assert flair[picture.regions["WT"]].mean() > flair[picture.brain].mean() + 0.5
    assert t1c[picture.regions["ET"]].mean() > t1c[picture.brain].mean() + 0.5
    assert not picture.regions["WT"][~picture.brain].any()


@pytest.mark.parametrize("spacing_mm", [1, 2, 3])
def test_a_region_stays_where_it_is_in_the_patient(spacing_mm: int) -> None:
    labels = images().open_label_map()  # type: ignore[misc]
    expected = labels.grid.to_mm(np.argwhere(labels.region("WT")).astype(float)).mean(axis=0)
    picture = read_picture("d", images(), FOUR, spacing_mm=spacing_mm, regions=("WT",))
    voxels = np.argwhere(picture.regions["WT"]).astype(float)
    np.testing.assert_allclose(picture.grid.to_mm(voxels).mean(axis=0), expected, atol=0.6)


def test_an_absent_sequence_is_0_and_named() -> None:
    picture = read_picture("d", images("t2"), FOUR)
    assert picture.absent == {"t2"}
    assert not picture.image[2].any()
    assert all(picture.image[i].any() for i in (0, 1, 3))
    with pytest.raises(StudyError, match="one of t2"):
        read_picture("d", images("t2"), ("t2",))


def test_a_region_smaller_than_half_a_voxel_is_not_lost() -> None:
    data = np.zeros(SHAPE, np.uint8)
    data[14, 16, 12] = 3
    tiny = replace(images(), open_label_map=lambda: LabelMap(Grid(SHAPE, LPS), data))
    found = read_picture("d", tiny, FOUR, spacing_mm=4, regions=("ET",)).regions["ET"]
    assert found.sum() == 1


def test_what_can_not_be_read_is_refused() -> None:
    with pytest.raises(UsageError, match="t1, t1c, t2, flair"):
        read_picture("d", images(), ("adc",))
    with pytest.raises(UsageError, match="whole number"):
        read_picture("d", images(), FOUR, spacing_mm=1.5)
    with pytest.raises(StudyError, match="no RC"):
        read_picture("d", images(), FOUR, regions=("WT", "RC"))
    bare = replace(images(), open_label_map=None)
    with pytest.raises(StudyError, match="no WT"):
        read_picture("d", bare, FOUR, regions=("WT",))
    with pytest.raises(StudyError, match="has images"):
        training_picture(Inputs(("p",), ("x",), np.zeros((1, 1))), 0, FOUR)


def test_a_whole_head_is_read_only_where_it_is_announced() -> None:
    study = images().open_study()
    volumes = {m: replace(v, read=lambda v=v: v.data + 1) for m, v in study.volumes.items()}
    head = replace(images(), open_study=lambda: replace(study, volumes=volumes))
    with pytest.raises(StudyError, match="0 in 0"):
        read_picture("d", head, FOUR)
    picture = read_picture("d", replace(head, whole_head=True), FOUR, regions=("WT",))
    assert picture.brain.all()
    assert picture.regions["WT"].any()


def test_a_box_is_cropped_with_its_margin_and_0_beyond_the_image() -> None:
    region = np.zeros((8, 9, 10), dtype=bool)
    region[0:2, 4:6, 9] = True
    corner, sides = region_box(region, margin_voxels=2)
    assert corner == (-2, 2, 7)
    assert sides == (6, 6, 5)
    image = np.arange(720, dtype=np.float32).reshape(1, 8, 9, 10) + 1
    cut = crop(image, corner, sides)
    assert cut.shape == (1, *sides)
    np.testing.assert_array_equal(cut[0, 2:, :, :3], image[0, :4, 2:8, 7:])
    assert not cut[0, :2].any()
    assert not cut[0, :, :, 3:].any()
    assert not crop(image, (20, 0, 0), (2, 2, 2)).any()
    with pytest.raises(StudyError, match="has a voxel"):
        region_box(np.zeros_like(region), margin_voxels=1)


def test_digital_patients_can_be_sent_to_another_process() -> None:
    sent = pickle.loads(pickle.dumps(images()))
    np.testing.assert_array_equal(
        read_picture("d", sent, FOUR).image, read_picture("d", images(), FOUR).image
    )
