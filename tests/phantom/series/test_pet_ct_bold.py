from __future__ import annotations

import math

import numpy as np
import pytest

from gliokit.measurement.maps import fluctuation_amplitude
from gliokit.phantom.series import make_bold, make_ct, make_fet_pet
from gliokit.phantom.series.bold import draw_regions, slow_courses
from gliokit.phantom.series.substance import SUBSTANCES, substance_of
from gliokit.phantom.tissue import Tissue
from gliokit.study import UsageError
from tests.phantom.series.tiny import only, tiny_maps

BIG = (24, 24, 24)


@pytest.mark.parametrize("tissue", list(Tissue))
def test_every_tissue_of_a_patient_has_its_figures(tissue: Tissue) -> None:
    row = substance_of(tissue)
    assert 0 <= row.water <= 1
    assert row.cbf_ml_per_min == 0 or 1 < 60 * row.cbv_ml / row.cbf_ml_per_min < 20


def test_an_unknown_tissue_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="found bone"):
        substance_of("bone")


def test_uptake_grows_with_the_density_of_cells_to_the_ratio_asked_for() -> None:
    maps = only(Tissue.TUMOUR)
    dense = only(Tissue.TUMOUR)
    dense.cell_density[:] = 1
    asked = {"seed": 0, "snr": None, "tumour_to_brain": 4.0}
    low, high = (make_fet_pet(m, **asked).uptake_suv.mean() for m in (maps, dense))
    white = SUBSTANCES["white_matter"].uptake_suv
    assert high == pytest.approx(4 * white, rel=1e-5)
    assert low == pytest.approx(2.5 * white, rel=1e-5)


def test_the_scanner_s_point_spread_keeps_the_sum_within_the_box() -> None:
    maps = tiny_maps(shape=BIG)
    point = np.zeros(BIG, np.float32)
    point[12, 12, 12] = 1
    from gliokit.phantom.series.pet import blurred

    image = blurred(point, 6.0, maps)
    assert image.sum() == pytest.approx(1, rel=1e-4)
    # Half as high 3 mm away; voxels are 2 mm, so at 4 mm it is 2^-(16/9).
    assert image[14, 12, 12] / image[12, 12, 12] == pytest.approx(2 ** (-16 / 9), rel=1e-3)


def test_noise_of_pet_is_as_asked_where_uptake_is_1() -> None:
    made = make_fet_pet(only(Tissue.WHITE_MATTER, shape=BIG), seed=1, snr=12.0, fwhm_mm=0.0)
    inner = made.volume.data[4:-4, 4:-4, 4:-4]
    assert inner.mean() / inner.std() == pytest.approx(12, rel=0.1)


def test_ct_has_the_numbers_of_the_table_in_whole_hounsfield_units_and_air_around() -> None:
    maps = tiny_maps()
    made = make_ct(maps, seed=0, noise_hu=0.0, fwhm_mm=0.0)
    expected = sum(SUBSTANCES[t].hu * share for t, share in maps.tissue_fractions.items())
    np.testing.assert_allclose(made.volume.data[maps.brain], expected[maps.brain], atol=0.51)
    assert (made.volume.data[~maps.brain] == -1000).all()
    np.testing.assert_array_equal(made.volume.data, np.rint(made.volume.data))


def test_noise_of_ct_is_as_asked() -> None:
    made = make_ct(only(Tissue.GREY_MATTER, shape=BIG), seed=3, noise_hu=6.0)
    assert made.volume.data.std() == pytest.approx(6, rel=0.03)
    assert made.volume.data.mean() == pytest.approx(SUBSTANCES["grey_matter"].hu, abs=0.3)


def test_courses_have_variance_1_within_the_band_and_nothing_outside() -> None:
    courses = slow_courses(5, frames=180, tr_s=2.0, rng=np.random.default_rng(0))
    np.testing.assert_allclose(courses.var(axis=1), 1, rtol=1e-9)
    np.testing.assert_allclose(courses.mean(axis=1), 0, atol=1e-12)
    frequency = np.fft.rfftfreq(180, 2.0)
    power = np.abs(np.fft.rfft(courses, axis=1))
    assert power[:, (frequency < 0.01) | (frequency > 0.08)].max() < 1e-9


def test_a_region_swings_as_much_as_asked_and_all_of_it_together() -> None:
    maps = only(Tissue.GREY_MATTER)
    regions = np.ones(maps.brain.shape, np.uint8)
    regions[6:] = 2
    amplitude = np.where(regions == 1, np.float32(2.0), np.float32(0.5))
    made = make_bold(
        maps, seed=0, snr=None, frames=120, regions=regions, amplitude_percent=amplitude
    )
    data = made.series.data.astype(float)
    swing = 100 * data.std(axis=-1) / data.mean(axis=-1)
    np.testing.assert_allclose(swing, amplitude, rtol=1e-3)
    assert np.corrcoef(data[0, 0, 0], data[5, 9, 9])[0, 1] > 0.999
    assert abs(np.corrcoef(data[0, 0, 0], data[9, 9, 9])[0, 1]) < 0.6


def test_alff_finds_the_amplitude_that_was_put_in() -> None:
    maps = tiny_maps()
    made = make_bold(maps, seed=1, snr=None, frames=150)
    curves = made.series.data[maps.brain]
    alff, falff = fluctuation_amplitude(curves, step_s=2.0)
    frequencies = np.fft.rfftfreq(150, 2.0)
    count = int(((frequencies >= 0.01) & (frequencies <= 0.08)).sum())
    swing = made.amplitude_percent[maps.brain] / 100 * made.s0[maps.brain]
    moves = swing > 0.05
    # All power lies at whole frequencies; a straight line through them takes a little out.
    np.testing.assert_allclose(alff[moves], swing[moves] * math.sqrt(2 / count), rtol=0.08)
    assert (falff[moves] > 0.8).all()


def test_networks_cover_the_brain() -> None:
    maps = tiny_maps()
    regions = draw_regions(maps, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(regions > 0, maps.brain)
    assert set(np.unique(regions[maps.brain])) == set(range(1, 8))


@pytest.mark.parametrize(
    "make",
    [
        lambda m: make_bold(m, seed=0, frames=10),
        lambda m: make_bold(m, seed=0, regions=np.zeros(m.brain.shape, np.uint8)),
        lambda m: make_bold(m, seed=0, amplitude_percent=np.full(m.brain.shape, 50, np.float32)),
        lambda m: make_fet_pet(m, seed=0, fwhm_mm=99.0),
        lambda m: make_fet_pet(m, seed=0, tumour_to_brain=0.0),
        lambda m: make_fet_pet(m, seed=0, snr=-1.0),
        lambda m: make_ct(m, seed=0, noise_hu=-1.0),
    ],
)
def test_what_can_not_be_is_refused(make) -> None:
    with pytest.raises(UsageError):
        make(tiny_maps())
