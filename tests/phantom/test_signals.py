from __future__ import annotations

import math

import numpy as np
import pytest

from gliokit.phantom.signals import (
    inversion_recovery,
    mprage,
    null_time_ms,
    spin_echo,
    with_gadolinium,
)
from gliokit.phantom.tissue import Tissue, relaxation


def _times(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def test_gadolinium_shortens_t1_as_worked_by_hand() -> None:
    # T1 1600 ms, r1 4.5: 1 / (1/1600 + 4.5 C / 1000).
    t1 = with_gadolinium(_times(1600, 1600, 1600), _times(0.1, 0.5, 1.0), relaxivity=4.5)
    np.testing.assert_allclose(t1, (930, 348, 195), atol=0.5)


def test_no_gadolinium_changes_nothing() -> None:
    np.testing.assert_allclose(with_gadolinium(_times(900), 0.0, relaxivity=4.5), 900)


def test_spin_echo_of_long_tr_and_short_te_is_density() -> None:
    np.testing.assert_allclose(
        spin_echo(_times(1000), _times(80), 0.7, tr_ms=1e6, te_ms=0.0), 0.7, rtol=1e-6
    )


def test_spin_echo_in_closed_form() -> None:
    expected = 0.8 * (1 - math.exp(-500 / 1000)) * math.exp(-20 / 100)
    np.testing.assert_allclose(
        spin_echo(_times(1000), _times(100), 0.8, tr_ms=500, te_ms=20), expected, rtol=1e-6
    )


def test_flair_nulls_fluid_at_t1_ln_2_for_long_tr() -> None:
    assert null_time_ms(4000, tr_ms=1e6) == pytest.approx(4000 * math.log(2))


@pytest.mark.parametrize("tr_ms", [6000.0, 9000.0, 1e5])
def test_flair_nulls_fluid_at_its_null_time(tr_ms: float) -> None:
    ti_ms = null_time_ms(4000, tr_ms=tr_ms)
    signal = inversion_recovery(
        _times(4000, 1000), _times(2000, 80), 1.0, tr_ms=tr_ms, te_ms=100, ti_ms=ti_ms
    )
    assert signal[0] == pytest.approx(0, abs=1e-6)
    assert signal[1] > 0.1


def _mprage(t1_ms: np.ndarray, flip_deg: float, ti_ms: float = 1000.0) -> np.ndarray:
    return mprage(
        t1_ms, 1.0, tr_ms=2200, ti_ms=ti_ms, flip_deg=flip_deg, echo_spacing_ms=7.5, echoes=176
    )


def test_mprage_of_tiny_flips_is_plain_inversion_recovery() -> None:
    # Flips that disturb nothing: M(TI) = 1 - 2 exp(-TI/T1) / (1 + exp(-TR/T1)).
    t1, flip = _times(800, 1400, 4000), 0.01
    expected = np.abs(1 - 2 * np.exp(-1000 / t1) / (1 + np.exp(-2200 / t1)))
    signal = _mprage(t1, flip) / math.sin(math.radians(flip))
    np.testing.assert_allclose(signal, expected, rtol=1e-3, atol=1e-3)


def test_mprage_agrees_with_pulse_after_pulse() -> None:
    t1, flip = 1100.0, math.radians(9)
    m, middle = 1.0, 0.0
    for _ in range(30):
        m = 1 - (1 + m) * math.exp(-(1000 - 88 * 7.5) / t1)
        for pulse in range(176):
            if pulse == 88:
                middle = m
            m = 1 - (1 - m * math.cos(flip)) * math.exp(-7.5 / t1)
        m = 1 - (1 - m) * math.exp(-(2200 - 1000 - 88 * 7.5) / t1)
    expected = math.sin(flip) * abs(middle)
    np.testing.assert_allclose(_mprage(_times(t1), 9.0), expected, rtol=1e-4)


def test_mprage_shows_white_matter_brighter_than_grey_brighter_than_fluid() -> None:
    white, grey, fluid = _mprage(_times(950, 1330, 4000), 9.0)
    assert white > grey > fluid


def test_mprage_refuses_a_train_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match="fits between"):
        _mprage(_times(1000), 9.0, ti_ms=400)


RANGES_MS = {
    (1.5, Tissue.WHITE_MATTER): ((834, 934), (68, 76)),
    (1.5, Tissue.GREY_MATTER): ((1074, 1174), (87, 103)),
    (1.5, Tissue.TUMOUR): ((1200, 1500), (110, 150)),
    (1.5, Tissue.OEDEMA): ((1300, 1600), (150, 200)),
    (3.0, Tissue.WHITE_MATTER): ((832, 1084), (69, 80)),
    (3.0, Tissue.TUMOUR): ((1400, 1800), (100, 150)),
    (3.0, Tissue.OEDEMA): ((1500, 1900), (130, 180)),
}


@pytest.mark.parametrize(("field_t", "tissue"), RANGES_MS)
def test_relaxation_times_lie_in_the_ranges_of_their_field(field_t: float, tissue: Tissue) -> None:
    row, (t1_ms, t2_ms) = relaxation(field_t)[tissue], RANGES_MS[field_t, tissue]
    assert t1_ms[0] <= row.t1_ms <= t1_ms[1]
    assert t2_ms[0] <= row.t2_ms <= t2_ms[1]


def test_all_tissue_but_fluid_is_quicker_at_the_lower_field() -> None:
    low, high = relaxation(1.5), relaxation(3.0)
    assert set(low) == set(high) == set(Tissue)
    for tissue in set(Tissue) - {Tissue.CSF}:
        assert low[tissue].t1_ms < high[tissue].t1_ms
