from __future__ import annotations

import numpy as np
import pytest

from gliokit.phantom import DigitalPatient, Tissue, with_head
from gliokit.study import Modality, Volume


@pytest.fixture(scope="module")
def heads(healthy: DigitalPatient) -> dict[Modality, Volume]:
    return with_head(healthy)


def test_brain_is_as_in_the_study(healthy: DigitalPatient, heads: dict[Modality, Volume]) -> None:
    for modality, volume in heads.items():
        study = healthy.study.volumes[modality]
        assert volume.grid.same_as(study.grid)
        np.testing.assert_array_equal(
            volume.data[healthy.brain], study.data[healthy.brain], err_msg=modality
        )


def test_head_is_larger_than_the_brain_and_stands_in_air(
    healthy: DigitalPatient, heads: dict[Modality, Volume]
) -> None:
    image = heads[Modality.T1].data
    white = np.median(image[healthy.tissue[Tissue.WHITE_MATTER] > 0.9])
    signal = image > 0.2 * white
    assert signal.sum() > 1.5 * healthy.brain.sum()
    assert np.median(image[:3, :3]) < 0.1 * white


def test_skull_is_dark_and_fat_is_bright_in_t1(
    healthy: DigitalPatient, heads: dict[Modality, Volume]
) -> None:
    from scipy import ndimage

    image = heads[Modality.T1].data
    white = np.median(image[healthy.tissue[Tissue.WHITE_MATTER] > 0.9])
    beyond_mm = 3 * ndimage.distance_transform_edt(~healthy.brain)
    k = int(np.argwhere(healthy.brain).mean(0)[2]) + 8
    beyond_mm, image = beyond_mm[:, :, k:], image[:, :, k:]
    assert np.percentile(image[(beyond_mm > 2) & (beyond_mm < 6)], 10) < 0.3 * white
    assert np.percentile(image[(beyond_mm > 8) & (beyond_mm < 20)], 90) > white


def test_same_patient_has_the_same_head(
    healthy: DigitalPatient, heads: dict[Modality, Volume]
) -> None:
    again = with_head(healthy)[Modality.T2].data
    np.testing.assert_array_equal(again, heads[Modality.T2].data)
