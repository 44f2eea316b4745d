"""Blood volume and flow against worked numbers and published bias."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from gliokit.measurement.maps.deconvolution import (
    convolution_matrix,
    oscillation_index,
    scaled_residue,
)
from gliokit.measurement.maps.perfusion import concentration, perfusion
from gliokit.phantom.series.bolus import Bolus, convolved, gamma_variate
from gliokit.study import StudyError, UsageError

BOLUS = Bolus(start_s=10.0, recirculation=0.0)
FACTOR = (0.55 / 0.75) / 1.04


def curves(mtt_s, flow, *, step_s, frames=None, delay_s=0.0):
    """Curves without noise, their artery and their times; flow per minute and 100."""
    frames = round(90 / step_s) if frames is None else frames
    time_s = np.arange(frames) * step_s
    mtts = np.broadcast_to(np.float32(mtt_s), np.shape(flow)).astype(np.float32)
    held = convolved(BOLUS, mtts, time_s=time_s, delay_s=delay_s, kind="exponential")
    return held * (np.float32(flow) / np.float32(6000))[:, None], BOLUS.at(time_s), time_s


@pytest.mark.parametrize(("te_ms", "share", "expected"), [(30, 0.6, 17.0275), (35, 0.7, 10.1907)])
def test_concentration_as_worked_by_hand(te_ms: float, share: float, expected: float) -> None:
    signals = np.array([[99, 100, 100, 100, 100 * share]], np.float32)
    found = concentration(signals, te_ms=te_ms, baseline=slice(1, 4))
    np.testing.assert_allclose(found[0, 1:], [0, 0, 0, expected], atol=1e-3)


def test_concentration_of_a_signal_that_is_gone_is_finite() -> None:
    signals = np.array([[100, 100, 0, -3], [0, 0, 0, 0]], np.float32)
    found = concentration(signals, te_ms=30, baseline=slice(0, 2))
    assert np.isfinite(found).all()
    assert not found[1].any()


@pytest.mark.parametrize(
    ("step_s", "flow", "mtt_s", "ssvd", "csvd", "volume"),
    [
        (0.5, 60, 4, 40.8, 38.7, 0.04),
        (1.0, 60, 4, 37.3, 38.8, 0.04),
        (1.5, 60, 4, 34.1, 37.6, 0.04),
        (1.5, 20, 6, 12.9, 14.2, 0.02),
        (1.5, 180, 4, 102.3, 112.9, 0.12),
    ],
)
def test_flow_is_too_low_by_as_much_as_published(
    step_s: float, flow: float, mtt_s: float, ssvd: float, csvd: float, volume: float
) -> None:
    tissue, aif, _ = curves(mtt_s, [flow], step_s=step_s)
    for method, expected in (("ssvd", ssvd), ("csvd", csvd)):
        peak = scaled_residue(tissue, aif, step_s=step_s, method=method).max()
        assert 6000 * peak == pytest.approx(expected, rel=0.03), method
    assert tissue.sum() / aif.sum() == pytest.approx(volume, rel=2e-3)


@pytest.mark.parametrize("method", ["csvd", "osvd"])
def test_circular_flow_does_not_depend_on_when_the_bolus_comes(method: str) -> None:
    shifts = np.array([-3, -1.5, 0, 1.5, 3], np.float32)
    tissue, aif, time_s = curves(4, [60.0] * 5, step_s=1.5, delay_s=shifts)
    found = perfusion(tissue, aif, time_s=time_s, method=method)
    np.testing.assert_allclose(found.cbf, found.cbf[2], rtol=0.03)
    np.testing.assert_allclose(found.tmax_s - found.tmax_s[2], shifts, atol=1e-3)


def test_early_tissue_breaks_the_triangular_method() -> None:
    shifts = np.array([-3, 0], np.float32)
    tissue, aif, _ = curves(4, [60.0] * 2, step_s=1.5, delay_s=shifts)
    early, level = 6000 * scaled_residue(tissue, aif, step_s=1.5, method="ssvd").max(axis=1)
    assert early == pytest.approx(65.0, rel=0.03)
    assert level == pytest.approx(34.1, rel=0.03)


@pytest.mark.parametrize("method", ["ssvd", "csvd", "osvd"])
def test_ratios_of_flow_hold_at_one_transit_time(method: str) -> None:
    tissue, aif, time_s = curves(5, [20.0, 60, 180], step_s=1.5)
    found = perfusion(tissue, aif, time_s=time_s, method=method)
    np.testing.assert_allclose(found.cbf / found.cbf[0], [1, 3, 9], rtol=1e-3)


def test_volume_is_exact_and_transit_time_is_their_ratio() -> None:
    # Blood flow of 60 and a transit time of 4 s are a blood volume of 4.
    tissue, aif, time_s = curves(4, [60.0 / FACTOR], step_s=1.5)
    found = perfusion(tissue, aif, time_s=time_s, method="ssvd")
    assert found.cbv[0] == pytest.approx(4, rel=2e-3)
    assert found.mtt_s[0] == pytest.approx(60 * found.cbv[0] / found.cbf[0], rel=1e-5)


def test_the_matrix_convolves() -> None:
    aif, kernel = np.array([0.0, 2, 1, 0, 0]), np.array([1.0, 0.5, 0.25, 0, 0])
    expected = 1.5 * np.convolve(aif, kernel)[:5]
    plain = convolution_matrix(aif, step_s=1.5, circular=False)
    np.testing.assert_allclose(plain @ kernel, expected)
    padded = np.concatenate([kernel, np.zeros(5)])
    circular = convolution_matrix(aif, step_s=1.5, circular=True)
    np.testing.assert_allclose((circular @ padded)[:5], expected)


def test_osvd_smooths_noisy_voxels_more() -> None:
    tissue, aif, _ = curves(4, [60.0] * 50, step_s=1.5)
    rng = np.random.default_rng(0)
    noisy = tissue + (0.1 * tissue.max() * rng.standard_normal(tissue.shape)).astype(np.float32)
    for given in (tissue, noisy):
        residue = scaled_residue(given, aif, step_s=1.5, method="osvd")
        assert (oscillation_index(residue) <= 0.0351).all()
    raw = scaled_residue(noisy, aif, step_s=1.5, method="csvd", cut=0.01)
    assert (oscillation_index(raw) > 0.1).all()


def test_oscillation_of_a_straight_line_is_0_and_of_nothing_without_end() -> None:
    index = oscillation_index(np.array([[1, 2, 3, 4], [0, 1, 0, 1], [0, 0, 0, 0]], np.float32))
    np.testing.assert_allclose(index, [0, (2 + 2) / 4, np.inf])


def test_empty_voxels_get_nothing() -> None:
    aif = gamma_variate(np.arange(40) * 1.5, start_s=9, alpha=3, beta_s=1.5)
    found = perfusion(np.zeros((2, 40), np.float32), aif, time_s=np.arange(40) * 1.5)
    assert not found.cbv.any()
    assert not found.cbf.any()
    assert not found.mtt_s.any()


def test_what_can_not_be_is_refused() -> None:
    tissue, aif, time_s = curves(4, [60.0], step_s=1.5)
    with pytest.raises(StudyError, match="even steps"):
        perfusion(tissue, aif, time_s=time_s**1.1)
    with pytest.raises(UsageError, match="rises above 0"):
        perfusion(tissue, 0 * aif, time_s=time_s)
    with pytest.raises(UsageError, match="one value for each frame"):
        scaled_residue(tissue, aif[1:], step_s=1.5)
    with pytest.raises(UsageError, match="no part of osvd"):
        scaled_residue(tissue, aif, step_s=1.5, cut=0.2)
    with pytest.raises(UsageError, match="ssvd, csvd or osvd"):
        scaled_residue(tissue, aif, step_s=1.5, method="fourier")
    with pytest.raises(UsageError, match="baseline"):
        concentration(tissue, te_ms=30, baseline=slice(0, 0))


def test_arteries_of_a_public_set_show_their_delays_and_one_volume(shared_data) -> None:
    # Synthetic curves of OSIPI: groups of five rows differ in when the bolus comes, by a second.
    image = nib.load(shared_data / "other" / "dsc" / "test_concentration.nii.gz")
    data = np.asarray(image.dataobj, dtype=np.float32)[:, :, 0]
    assert data.shape == (25, 25, 40)
    aif = data[:, 22].max(axis=0).astype(np.float64)
    found = perfusion(data.reshape(-1, 40), aif, time_s=np.arange(40.0), method="csvd")
    late, cbv, cbf = (m.reshape(25, 25)[:, :20] for m in (found.tmax_s, found.cbv, found.cbf))
    np.testing.assert_allclose(np.diff(late[0, ::5]), 1, atol=0.01)
    np.testing.assert_allclose(cbv, cbv.mean(), rtol=0.03)
    np.testing.assert_allclose(cbf, cbf.mean(), rtol=0.03)
