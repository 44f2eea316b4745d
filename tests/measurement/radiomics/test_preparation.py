"""Settings, interpolation, resegmentation and discretisation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gliokit.measurement.radiomics import (
    Discretisation,
    Interpolation,
    RadiomicsSettings,
    Resegmentation,
    extract,
    read_settings,
)
from gliokit.measurement.radiomics.discretisation import discretise
from gliokit.measurement.radiomics.interpolation import axes_of, interpolate
from gliokit.measurement.radiomics.region import region_of
from gliokit.study import StudyError, UsageError

MM = (1.0, 1.0, 3.0)


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_settings_are_read_from_toml(tmp_path: Path) -> None:
    text = """
    families = ["statistics", "glcm"]
    [discretisation]
    method = "fixed_width"
    width = 10
    [[filters]]
    kind = "log"
    name = "log-2mm"
    sigma_mm = 2.0
    """
    settings = read_settings(_written(tmp_path, text))
    assert settings.families == ("statistics", "glcm")
    assert settings.discretisation.width == 10
    assert settings.filters[0].name == "log-2mm"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("familes = ['glcm']", "the nearest is 'families'"),
        ("[discretisation]\nbin_width = 3", "the nearest is 'width'"),
        ("[[filters]]\nkind = 'log'\nname = 'a'\nsigma = 3.0", "the nearest is 'sigma_mm'"),
        ("families = ['glmc']", "families.0"),
        ("families = []", "at least one"),
        ("[resegmentation]\nrange = [3.0, 1.0]", "below the second"),
        ("[interpolation]\nspacing_mm = [0, 0, 0]", "above 0 mm"),
        ("families = [", "must be TOML"),
        ("[[filters]]\nkind = 'mean'\nname = 'a:b'\nsupport_voxels = 3", "pattern"),
        ("[[filters]]\nkind = 'mean'\nname = 'a'\nsupport_voxels = 4", "odd"),
        ("[[filters]]\nkind = 'laws'\nname = 'a'\nkernels = 'L5E5'", "three in 3-D"),
        ("[[filters]]\nkind = 'wavelet'\nname = 'a'\nbands = 'LH'", "three in 3-D"),
    ],
)
def test_what_settings_cannot_be_is_said(tmp_path: Path, text: str, says: str) -> None:
    path = _written(tmp_path, text)
    with pytest.raises(UsageError, match=says) as caught:
        read_settings(path)
    assert str(path) in str(caught.value)


def test_settings_that_are_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can be read"):
        read_settings(tmp_path / "none.toml")


def test_two_filters_have_two_names() -> None:
    one = {"kind": "mean", "name": "a", "support_voxels": 3}
    with pytest.raises(ValidationError, match="two filters"):
        RadiomicsSettings.model_validate({"filters": [one, one]})


def test_the_digest_is_equal_for_equal_settings_only() -> None:
    plain = RadiomicsSettings()
    assert plain.digest() == RadiomicsSettings(discretisation=Discretisation(bins=32)).digest()
    assert plain.digest() != RadiomicsSettings(discretisation=Discretisation(bins=33)).digest()
    assert len(plain.digest()) == 12


def test_without_interpolation_the_image_stays() -> None:
    image = np.random.default_rng(0).random((4, 5, 6))
    assert (interpolate(image, axes_of(image.shape, MM, None), "nearest") == image).all()


@pytest.mark.parametrize("method", ["linear", "cubic"])
def test_a_ramp_stays_a_ramp_about_the_centre(method: str) -> None:
    i, j, k = np.indices((30, 28, 20))
    image = 2.0 * i - j + 0.5 * k
    settings = Interpolation(spacing_mm=(2.0, 0.7, 0.0), method=method)
    axes = axes_of(image.shape, MM, settings)
    found = interpolate(image, axes, method)
    assert found.shape == (15, 40, 20)
    places = [axis.first + np.arange(axis.stop) * axis.step for axis in axes]
    a, b, c = np.ix_(*places)
    expected = 2.0 * a - b + 0.5 * c
    # A spline feels the flat beyond the border for some voxels.
    inside = (slice(5, -5), slice(9, -9), slice(None))
    assert found[inside] == pytest.approx(expected[inside], abs=1e-3)
    assert [(p[0] + p[-1]) / 2 for p in places] == pytest.approx([14.5, 13.5, 9.5])


def test_a_cut_box_has_the_voxels_of_the_whole() -> None:
    rng = np.random.default_rng(1)
    image, mask = rng.normal(9, 2, (40, 36, 30)), np.zeros((40, 36, 30), bool)
    mask[10:20, 3:9, 12:18] = True
    for method in ("nearest", "linear", "cubic"):
        chosen = Interpolation(spacing_mm=(1.5, 1.3, 2.0), method=method)
        settings = RadiomicsSettings(interpolation=chosen)
        whole = region_of(image, mask, MM, settings, margin_mm=None)
        part = region_of(image, mask, MM, settings, margin_mm=2.0)
        assert whole is not None
        assert part is not None
        assert part.image.size < whole.image.size
        assert part.intensities() == pytest.approx(whole.intensities(), abs=1e-6)


def test_the_range_is_kept_and_the_form_too() -> None:
    image = np.arange(60.0).reshape(3, 4, 5)
    settings = RadiomicsSettings(resegmentation=Resegmentation(range=(10, 20)))
    region = region_of(image, np.ones(image.shape), MM, settings)
    assert region is not None
    assert (region.intensities() == np.arange(10, 21)).all()
    assert region.morphological.all()


def test_outliers_are_left_out() -> None:
    image = np.random.default_rng(2).normal(0, 1, (9, 9, 9))
    image[0, 0, 0] = 50
    settings = RadiomicsSettings(resegmentation=Resegmentation(sigma=3))
    region = region_of(image, np.ones(image.shape), MM, settings)
    assert region is not None
    assert region.intensities().max() < image.mean() + 3 * image.std()


@given(
    values=st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=40),
    bins=st.integers(2, 64),
)
def test_a_fixed_number_of_bins_is_kept_and_in_order(values: list[float], bins: int) -> None:
    x = np.array(values)
    levels, n = discretise(x, Discretisation(bins=bins), Resegmentation())
    assert levels.min() >= 1
    assert levels.max() <= n <= bins
    order = np.argsort(x, kind="stable")
    assert (np.diff(levels[order]) >= 0).all()
    if x.max() > x.min():
        assert levels[x.argmax()] == bins
        assert levels[x.argmin()] == 1


def test_bins_of_a_fixed_width_begin_where_ibsi_says() -> None:
    x = np.array([3.0, 12.0, 27.0])
    chosen = Discretisation(method="fixed_width", width=10)
    assert discretise(x, chosen, Resegmentation())[0].tolist() == [1, 1, 3]
    assert discretise(x, chosen, Resegmentation(range=(0, 99)))[0].tolist() == [1, 2, 3]
    from_zero = Discretisation(method="fixed_width", width=10, start="zero")
    assert discretise(x, from_zero, Resegmentation())[0].tolist() == [1, 2, 3]
    from_number = Discretisation(method="fixed_width", width=10, start=-5)
    assert discretise(x, from_number, Resegmentation())[0].tolist() == [1, 2, 4]


def test_too_many_levels_and_no_levels_are_refused() -> None:
    x = np.array([0.0, 1e6])
    with pytest.raises(StudyError, match="4096"):
        discretise(x, Discretisation(method="fixed_width", width=1), Resegmentation())
    with pytest.raises(StudyError, match="whole numbers"):
        discretise(np.array([1.0, 2.5]), Discretisation(method="none"), Resegmentation())


def test_filtered_features_carry_the_filters_name() -> None:
    image = np.random.default_rng(3).normal(100, 9, (12, 12, 12))
    settings = RadiomicsSettings.model_validate(
        {
            "families": ["morphology", "statistics"],
            "filters": [{"kind": "mean", "name": "smooth", "support_voxels": 3}],
        }
    )
    found = extract(image, np.ones(image.shape), MM, settings)
    assert found["smooth:stat_var"] < found["stat_var"]
    assert not any(name.startswith("smooth:morph") for name in found)
