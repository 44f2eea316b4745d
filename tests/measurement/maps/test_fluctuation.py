from __future__ import annotations

import numpy as np
import pytest

from gliokit.measurement.maps import (
    SLOW_BANDS_HZ,
    fluctuation_amplitude,
    kendall_w,
    regional_homogeneity,
)
from gliokit.study import StudyError, UsageError

TIME_S = np.arange(200) * 2.0


def _curve(hertz: float, height: float = 3.0) -> np.ndarray:
    return (100 + height * np.sin(2 * np.pi * hertz * TIME_S))[None].astype(np.float32)


def test_a_sine_of_20_mhz_raises_slow_5_only() -> None:
    found = {
        name: fluctuation_amplitude(_curve(0.02), step_s=2.0, band_hz=band)[1][0]
        for name, band in SLOW_BANDS_HZ.items()
    }
    assert found["slow-5"] > 0.7
    assert max(found["slow-4"], found["slow-3"], found["slow-2"]) < 0.1


def test_the_mean_amplitude_of_a_band_that_holds_one_frequency_is_the_sine_s() -> None:
    alff, _ = fluctuation_amplitude(_curve(0.1), step_s=2.0, band_hz=(0.0999, 0.1001))
    assert alff[0] == pytest.approx(3.0, rel=1e-3)


def test_white_noise_is_as_strong_in_every_band() -> None:
    noise = np.random.default_rng(0).standard_normal((400, 200)).astype(np.float32)
    found = [
        fluctuation_amplitude(noise, step_s=2.0, band_hz=band)[0].mean()
        for band in SLOW_BANDS_HZ.values()
    ]
    np.testing.assert_allclose(found, found[1], rtol=0.05)


def test_alff_scales_with_the_signal_and_falff_does_not() -> None:
    noise = np.random.default_rng(0).standard_normal((5, 200)).astype(np.float32)
    first, second = (fluctuation_amplitude(k * noise, step_s=2.0) for k in np.float32([1, 7]))
    np.testing.assert_allclose(second[0], 7 * first[0], rtol=1e-4)
    np.testing.assert_allclose(second[1], first[1], rtol=1e-4)


def test_a_drift_and_a_still_voxel_count_for_nothing() -> None:
    drift = np.stack([50 + 0.3 * TIME_S, np.full(200, 8.0)]).astype(np.float32)
    alff, falff = fluctuation_amplitude(drift, step_s=2.0)
    assert alff.max() < 1e-4
    assert falff[1] == 0


def test_a_band_beyond_the_series_is_refused() -> None:
    with pytest.raises(StudyError, match="frequencies that are asked"):
        fluctuation_amplitude(_curve(0.02), step_s=2.0, band_hz=(0.2, 0.4))


def test_concordance_as_worked_by_hand() -> None:
    ranks = np.array([[1, 2, 3, 4], [1, 3, 2, 4], [2, 1, 3, 4]])
    assert kendall_w(ranks) == pytest.approx(0.7778, abs=1e-4)
    with pytest.raises(UsageError, match="two curves"):
        kendall_w(ranks[:1])


def test_homogeneity_is_the_concordance_of_a_block() -> None:
    rng = np.random.default_rng(1)
    data = rng.standard_normal((4, 4, 4, 30)).astype(np.float32)
    found = regional_homogeneity(data, np.ones((4, 4, 4), bool))
    block = data[0:3, 0:3, 0:3].reshape(27, 30)
    assert found[1, 1, 1] == pytest.approx(kendall_w(block), rel=1e-5)
    corner = data[:2, :2, :2].reshape(8, 30)
    assert found[0, 0, 0] == pytest.approx(kendall_w(corner), rel=1e-5)


def test_voxels_that_move_as_one_have_a_homogeneity_of_1_and_a_lone_one_has_0() -> None:
    data = np.broadcast_to(np.arange(20, dtype=np.float32), (3, 3, 3, 20))
    mask = np.zeros((3, 3, 3), bool)
    mask[0, 0, :2] = mask[2, 2, 2] = True
    found = regional_homogeneity(data, mask)
    assert found[0, 0, 0] == pytest.approx(1)
    assert found[2, 2, 2] == 0
