"""Regions at the edge of what can be measured: a defined value or an explained NaN."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gliokit.measurement.radiomics import FEATURES, RadiomicsSettings, explain, extract
from gliokit.measurement.radiomics.extract import wanted
from gliokit.study import StudyError, UsageError

SPACING_MM = (1.0, 1.2, 2.0)
SHAPE = (9, 8, 7)
ALL_WAYS = RadiomicsSettings.model_validate(
    {"aggregations": ("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb", "3D_avg", "3D_comb")}
)


def _noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(100, 20, SHAPE)


def _nan(found: dict[str, float]) -> set[str]:
    return {name for name, value in found.items() if math.isnan(value)}


def test_an_empty_region_is_nan_and_says_so() -> None:
    found = extract(_noise(), np.zeros(SHAPE), SPACING_MM, ALL_WAYS)
    assert _nan(found) == set(found) == set(FEATURES)
    assert set(explain(found).values()) == {"the region is empty"}


def test_a_region_that_resegmentation_empties_is_nan() -> None:
    settings = RadiomicsSettings.model_validate({"resegmentation": {"range": (900.0, 999.0)}})
    found = extract(_noise(), np.ones(SHAPE), SPACING_MM, settings)
    assert _nan(found) == set(found)


def test_one_voxel_has_values_or_reasons() -> None:
    mask = np.zeros(SHAPE, bool)
    mask[4, 4, 3] = True
    found = extract(_noise(), mask, SPACING_MM, ALL_WAYS)
    assert found["morph_vol_approx"] == pytest.approx(2.4)
    assert found["morph_pca_maj_axis"] == 0
    assert found["stat_var"] == 0
    assert found["szm_z_perc_3D"] == 1
    assert math.isnan(found["cm_contrast_3D_comb"])
    assert math.isnan(found["ngt_coarseness_3D"])
    reasons = explain(found)
    assert set(reasons) == _nan(found)
    assert "the region is empty" not in reasons.values()
    assert reasons["morph_pca_elongation"] == "the region is one voxel"


@pytest.mark.parametrize("value", [0.0, 7.1, -3.0])
def test_a_flat_region_has_values_or_reasons(value: float) -> None:
    found = extract(np.full(SHAPE, value), np.ones(SHAPE), SPACING_MM, ALL_WAYS)
    assert found["stat_var"] == found["stat_skew"] == found["stat_kurt"] == 0
    assert found["ih_entropy"] == 0
    assert found["cm_joint_max_3D_comb"] == 1
    assert found["cm_corr_3D_comb"] == 1
    assert found["ngt_coarseness_3D"] == 1e6
    assert found["ngt_busyness_3D"] == 0
    reasons = explain(found)
    assert set(reasons) == _nan(found)
    assert "the region is empty" not in reasons.values()
    assert {"morph_moran_i", "ivh_v10", "cm_info_corr1_3D_comb"} <= set(reasons)
    assert ("stat_cov" in reasons) == (value == 0)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_region_of_one_slice_has_no_ellipsoid_but_all_else(axis: int) -> None:
    mask = np.zeros(SHAPE, bool)
    mask[tuple(3 if a == axis else slice(2, 6) for a in range(3))] = True
    found = extract(_noise(), mask, SPACING_MM, RadiomicsSettings())
    assert _nan(found) == {"morph_vol_dens_aee"}
    assert explain(found) == {
        "morph_vol_dens_aee": "the region has no extent along one of its axes"
    }


def test_a_region_at_the_border_is_measured_as_one_inside() -> None:
    image, mask = _noise(), np.ones(SHAPE, bool)
    mask[0, 0, 0] = mask[4, 4, 4] = False
    inside = RadiomicsSettings(
        families=tuple(f for f in RadiomicsSettings().families if f != "local_intensity")
    )
    at_border = extract(image, mask, SPACING_MM, inside)
    padded = extract(np.pad(image, 5), np.pad(mask, 5), SPACING_MM, inside)
    assert padded == pytest.approx(at_border, rel=1e-9)
    assert not _nan(at_border)


def test_two_parts_apart_are_one_region() -> None:
    mask = np.zeros(SHAPE, bool)
    mask[0, 0, 0] = mask[8, 7, 6] = True
    found = extract(_noise(), mask, SPACING_MM, RadiomicsSettings())
    assert found["morph_vol_approx"] == pytest.approx(4.8)
    assert set(explain(found)) == _nan(found)


def test_intensities_outside_the_intensity_mask_do_not_count() -> None:
    image, mask = _noise(), np.ones(SHAPE, bool)
    within = mask.copy()
    within[0] = False
    image[0] = 1e6
    found = extract(image, mask, SPACING_MM, RadiomicsSettings(), intensity_mask=within)
    assert found["stat_max"] == image[1:].max()
    assert found["morph_vol_approx"] == pytest.approx(mask.sum() * 2.4)


def test_features_come_in_the_order_of_the_catalogue() -> None:
    found = extract(_noise(), np.ones(SHAPE), SPACING_MM, RadiomicsSettings())
    assert list(found) == [f.name for f in wanted(RadiomicsSettings())]
    assert [n for n in FEATURES if n in found] == list(found)


def test_every_feature_has_a_code_of_its_own() -> None:
    codes = {f.base: f.code for f in FEATURES.values()}
    assert len(set(codes.values())) == len(codes)
    assert all(len(code) == 4 and code.isalnum() for code in codes.values())


def test_wrong_shapes_and_sizes_are_refused() -> None:
    with pytest.raises(UsageError, match="must have the image's shape"):
        extract(_noise(), np.ones((9, 8, 6)), SPACING_MM, RadiomicsSettings())
    with pytest.raises(UsageError, match="three axes"):
        extract(np.ones((4, 4)), np.ones((4, 4)), SPACING_MM, RadiomicsSettings())
    with pytest.raises(UsageError, match="above 0 mm"):
        extract(_noise(), np.ones(SHAPE), (1.0, 0.0, 1.0), RadiomicsSettings())


def test_intensities_that_are_not_finite_are_refused() -> None:
    image = _noise()
    image[3, 3, 3] = np.nan
    with pytest.raises(StudyError, match="finite"):
        extract(image, np.ones(SHAPE), SPACING_MM, RadiomicsSettings())


def test_the_same_region_gives_the_same_values_twice() -> None:
    mask = _noise(1) > 90
    first = extract(_noise(), mask, SPACING_MM, RadiomicsSettings())
    assert extract(_noise(), mask, SPACING_MM, RadiomicsSettings()) == first
