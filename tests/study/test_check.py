"""What only all the voxels of a study show."""

import numpy as np
import pytest

from gliokit.study import Grid, Modality, Study, StudyError, Volume, check_study, read_study

AFFINE = np.diag([-1.0, -1, 1, 1])
SHAPE = (6, 7, 8)


def image(modality, data=None, *, affine=AFFINE, seed=0):
    if data is None:
        data = np.random.default_rng(seed).normal(100, 20, SHAPE)
    data = np.asarray(data, np.float32)
    return Volume.from_array(modality, Grid(data.shape, affine), data, source=f"{modality}.nii")


def refusal(*volumes):
    with pytest.raises(StudyError) as caught:
        check_study(Study("a", {v.modality: v for v in volumes}))
    return str(caught.value)


def test_a_good_study_passes(tiny_study):
    check_study(read_study(tiny_study))


def test_one_sequence_is_enough():
    check_study(Study("a", {Modality.FLAIR: image(Modality.FLAIR)}))


def test_none_of_the_four_is_refused():
    assert "T1, T1C, T2 and FLAIR; found adc" in refusal(image(Modality.ADC))


@pytest.mark.parametrize("value", [0, 7])
def test_an_image_of_one_value_is_refused(value):
    text = refusal(image(Modality.T1), image(Modality.T2, np.full(SHAPE, value)))
    assert text.startswith("t2.nii: ")
    assert f"{value} in all 336 voxels" in text


@pytest.mark.parametrize("values", [(0, 1), (0, 1, 2, 3), (0, 1, 2, 4), (0, 255)])
def test_a_label_map_given_as_an_image_is_refused(values):
    text = refusal(image(Modality.T1, np.resize(values, SHAPE)))
    assert "not labels; found only the values " + ", ".join(map(str, values)) in text


def test_a_large_label_map_with_rare_values_is_refused():
    data = np.zeros((60, 60, 60))
    data[30, 30, 30:33] = (1, 2, 4)
    assert "only the values 0, 1, 2, 4" in refusal(image(Modality.T1, data))


@pytest.mark.parametrize("data", [np.arange(336) % 20, (np.arange(336) % 4) / 3])
def test_a_coarse_image_is_no_label_map(data):
    check_study(Study("a", {Modality.T1: image(Modality.T1, data.reshape(SHAPE))}))


def test_one_image_given_as_two_sequences_is_refused():
    text = refusal(image(Modality.T1, seed=1), image(Modality.T2), image(Modality.FLAIR))
    assert "T2 and FLAIR are two images" in text
    assert "flair.nii" in text
    assert "t2.nii" in text


def test_sequences_of_different_shape_are_refused_before_any_voxel_is_read():
    def read():
        raise AssertionError("voxels were read")

    one = Volume(Modality.T1, Grid((4, 4, 4), AFFINE), "t1.nii", read)
    other = Volume(Modality.T2, Grid((4, 4, 5), AFFINE), "t2.nii", read)
    assert "4 x 4 x 5 voxels, there 4 x 4 x 4" in refusal(one, other)


def test_sequences_at_different_places_are_refused_in_mm():
    moved = AFFINE.copy()
    moved[:3, 3] = (3, 4, 0)
    text = refusal(image(Modality.T1), image(Modality.T2, affine=moved, seed=1))
    assert "5.0 mm apart" in text
    assert "t1.nii" in text


def test_images_that_are_not_structural_may_lie_elsewhere():
    volumes = (
        image(Modality.T1),
        image(Modality.ADC, affine=AFFINE * 1.5 - np.diag([0, 0, 0, 0.5])),
    )
    check_study(Study("a", {v.modality: v for v in volumes}))


def test_nan_is_refused():
    data = np.ones(SHAPE)
    data[0, 0, 0] = np.nan
    assert "NaN" in refusal(image(Modality.T1, data))
