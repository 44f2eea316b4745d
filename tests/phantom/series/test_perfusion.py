from __future__ import annotations

import math

import numpy as np
import pytest

from gliokit.phantom.series.bolus import Bolus, convolved, gamma_variate, residue
from gliokit.phantom.series.perfusion import make_dsc
from gliokit.phantom.series.perfusion_truth import DscProtocol
from gliokit.phantom.tissue import Tissue
from gliokit.study import UsageError
from tests.phantom.series.tiny import only, tiny_maps

FINE = np.arange(0, 120, 0.001)


def _values(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_a_gamma_variate_as_worked_by_hand() -> None:
    # K = 1, alpha = 3, beta = 1.5 s: area 30.375, peak of 4.53685 at t0 + 4.5 s, mean t0 + 6 s.
    curve = gamma_variate(FINE, start_s=10, alpha=3, beta_s=1.5)
    assert curve.sum() * 0.001 == pytest.approx(30.375, rel=1e-4)
    assert curve.max() == pytest.approx(4.53685, rel=1e-5)
    assert FINE[curve.argmax()] == pytest.approx(14.5, abs=2e-3)
    assert (curve * FINE).sum() / curve.sum() == pytest.approx(16, rel=1e-4)


def test_a_bolus_peaks_as_asked_and_comes_again() -> None:
    bolus = Bolus(start_s=12, peak_per_s=250, recirculation=0.0)
    assert bolus.at(FINE).max() == pytest.approx(250, rel=1e-4)
    again = Bolus(start_s=12, peak_per_s=250, recirculation=0.3)
    assert again.at(FINE).sum() / bolus.at(FINE).sum() == pytest.approx(1.3, rel=1e-4)


@pytest.mark.parametrize("kind", ["exponential", "box"])
@pytest.mark.parametrize("mtt_s", [2.0, 4.013, 9.0])
def test_tissue_holds_as_much_as_flow_times_transit_time(kind: str, mtt_s: float) -> None:
    bolus, time_s = Bolus(recirculation=0.0), np.arange(0, 110, 0.5)
    curves = convolved(bolus, _values(mtt_s), time_s=time_s, delay_s=0.0, kind=kind)
    area = curves.sum() / bolus.at(time_s).sum()
    assert area == pytest.approx(mtt_s, rel=1e-3)


def test_convolution_with_an_exponential_is_the_closed_form() -> None:
    from scipy.special import gamma, gammainc

    bolus, time_s, mtt = Bolus(start_s=5, recirculation=0.0), np.arange(0, 60, 1.5), 4.03
    scale = bolus.peak_per_s / (4.5**3 * math.exp(-3))
    since, k = np.maximum(time_s - 5, 0), 1 / 1.5 - 1 / mtt
    expected = scale * np.exp(-since / mtt) * gamma(4) * gammainc(4, k * since) / k**4
    found = convolved(bolus, _values(3.0, mtt, 6.0), time_s=time_s, delay_s=0.0, kind="exponential")
    np.testing.assert_allclose(found[1], expected, atol=1e-3 * expected.max())


def test_a_delay_is_a_shift_in_time() -> None:
    time_s = np.arange(0, 60, 1.5)
    mtts = _values(4, 4, 4)
    curves = convolved(
        Bolus(), mtts, time_s=time_s, delay_s=_values(0, 3, -1.5), kind="exponential"
    )
    np.testing.assert_allclose(curves[1, 2:], curves[0, :-2], atol=1e-2)
    np.testing.assert_allclose(curves[2, :-1], curves[0, 1:], atol=1e-2)


def test_a_residue_starts_at_1_and_falls() -> None:
    time_s = np.arange(0, 20, 0.05)
    for kind in ("exponential", "box"):
        curve = residue(time_s, 4.0, kind)
        assert curve[0] == 1
        assert (np.diff(curve) <= 0).all()


def test_the_truth_of_grey_matter_is_the_table_s() -> None:
    made = make_dsc(only(Tissue.GREY_MATTER), seed=0, snr=None)
    np.testing.assert_allclose(made.truth.cbv, 4, rtol=1e-5)
    np.testing.assert_allclose(made.truth.cbf, 60, rtol=1e-5)
    np.testing.assert_allclose(made.truth.mtt_s, 4, rtol=1e-5)
    curve = made.series.data[5, 5, 5]
    np.testing.assert_allclose(curve[:10], made.truth.s0[5, 5, 5], rtol=1e-4)
    # Grey matter loses a quarter to a half of its signal in the clinic.
    assert 0.5 < curve.min() / curve[0] < 0.8
    assert curve[-1] == pytest.approx(curve[0], rel=0.03)


def test_tumour_holds_as_much_blood_as_asked() -> None:
    usual, more = (
        make_dsc(only(Tissue.TUMOUR), seed=0, rcbv=r).truth.cbv[1, 1, 1] for r in (None, 7.0)
    )
    assert usual == pytest.approx(8.0, rel=1e-5)
    assert more == pytest.approx(14.0, rel=1e-5)


def test_leakage_lifts_the_end_of_the_curve_at_large_flip_angles_and_lowers_it_at_small() -> None:
    maps = only(Tissue.TUMOUR)
    maps.leakage[:] = 1
    ends = []
    for flip in (90.0, 5.0):
        protocol = DscProtocol(flip_deg=flip)
        made = make_dsc(maps, seed=0, snr=None, protocol=protocol, ktrans_per_min=0.2)
        ends.append(made.series.data[3, 3, 3, -1] / made.truth.s0[3, 3, 3])
    assert ends[0] > 1.02
    assert ends[1] < 0.98


def test_no_leakage_is_asked_for_by_0() -> None:
    maps = only(Tissue.TUMOUR)
    closed = make_dsc(maps, seed=0, snr=None).series.data
    maps.leakage[:] = 1
    np.testing.assert_array_equal(
        make_dsc(maps, seed=0, snr=None, ktrans_per_min=0).series.data, closed
    )


def test_noise_is_as_asked() -> None:
    made = make_dsc(only(Tissue.WHITE_MATTER, shape=(30, 30, 30)), seed=2, snr=40.0)
    first, second = made.series.data[..., 0], made.series.data[..., 1]
    assert made.truth.s0.mean() / ((first - second).std() / math.sqrt(2)) == pytest.approx(
        40, rel=0.03
    )


def test_outside_the_brain_is_0_and_a_seed_gives_the_same_voxels() -> None:
    maps = tiny_maps()
    first, again = (make_dsc(maps, seed=3).series for _ in range(2))
    np.testing.assert_array_equal(first.data, again.data)
    assert not first.data[~maps.brain].any()
    assert first.tr_ms == 1500


@pytest.mark.parametrize(
    "make",
    [
        lambda: DscProtocol(frames=1),
        lambda: DscProtocol(flip_deg=120.0),
        lambda: DscProtocol(field_t=7.0),
        lambda: Bolus(alpha=0.0),
        lambda: make_dsc(only(Tissue.TUMOUR), seed=0, rcbv=100.0),
        lambda: make_dsc(only(Tissue.TUMOUR), seed=0, ktrans_per_min=-1.0),
    ],
)
def test_what_can_not_be_is_refused(make) -> None:
    with pytest.raises(UsageError):
        make()
