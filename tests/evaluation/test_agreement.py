"""Agreement against published worked figures, and what must hold for any figures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gliokit.evaluation import (
    bland_altman,
    concordance,
    icc_agreement,
    icc_consistency,
)

# Shrout and Fleiss, Psychological Bulletin 86 (1979) 420, table 2: six targets, four judges.
SHROUT_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]

# Bland and Altman, Lancet 327 (1986) 307, table 1: peak flow in l/min, first measurements.
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def _tables() -> list[np.ndarray]:
    """Ratings of 3 to 12 patients by 2 to 5 raters: noise, agreement, ties, one odd value."""
    rng = np.random.default_rng(11)
    tables = [rng.normal(size=(n, k)) for n, k in ((3, 2), (5, 3), (12, 5))]
    tables += [rng.normal(size=(8, 1)) * 9 + rng.normal(size=(8, k)) for k in (2, 4)]
    tables += [rng.integers(0, 2, (6, 3)).astype(float), np.eye(5)[:, :3] * 7]
    return tables


TABLES = _tables()


def test_icc_of_shrout_and_fleiss() -> None:
    agreement, consistency = icc_agreement(SHROUT_FLEISS), icc_consistency(SHROUT_FLEISS)
    assert agreement.value == pytest.approx(0.2898, abs=5e-5)
    assert (agreement.low, agreement.high) == pytest.approx((0.02, 0.76), abs=5e-3)
    assert consistency.value == pytest.approx(0.7148, abs=5e-5)
    assert (consistency.low, consistency.high) == pytest.approx((0.34, 0.95), abs=5e-3)
    assert agreement.n == 6


def test_concordance_takes_variances_over_n() -> None:
    found = concordance([1, 2, 3, 4, 5], [1.1, 2.1, 2.9, 4.5, 5.4])
    assert found.value == pytest.approx(0.980392, abs=5e-7)


def test_concordance_of_the_peak_flow_meters() -> None:
    """Without bias the interval is nearly Fisher's, with n - 2 in the place of n - 3."""
    found = concordance(WRIGHT, MINI)
    assert found.value == pytest.approx(0.943, abs=5e-4)
    half = 1.959964 / math.sqrt(17 - 2)
    z = math.atanh(found.value)
    assert found.low == pytest.approx(math.tanh(z - half), abs=2e-3)
    assert found.high == pytest.approx(math.tanh(z + half), abs=2e-3)


def test_limits_of_the_peak_flow_meters() -> None:
    found = bland_altman(WRIGHT, MINI)
    assert found.difference == pytest.approx(-2.1, abs=0.05)
    assert found.standard_deviation == pytest.approx(38.8, abs=0.05)
    assert (found.lower, found.upper) == pytest.approx((-79.7, 75.5), abs=0.1)
    assert found.difference_interval == pytest.approx((-22.0, 17.8), abs=0.1)
    assert found.lower_interval == pytest.approx((-114.3, -45.1), abs=0.35)
    assert found.upper_interval == pytest.approx((40.9, 110.1), abs=0.35)


@pytest.mark.parametrize("table", TABLES)
def test_a_constant_offset_of_a_rater_lowers_agreement_alone(table: np.ndarray) -> None:
    moved = table.copy()
    moved[:, 0] += 100 * table.std() + (table.max() - table.min())
    before, after = icc_consistency(table), icc_consistency(moved)
    assert after.value == pytest.approx(before.value, abs=1e-6)
    if before.value > 0:
        assert icc_agreement(moved).value < icc_agreement(table).value + 1e-9


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(("scale", "shift"), [(0.01, 5.0), (90.0, -3.0)])
def test_no_coefficient_changes_with_the_unit(
    table: np.ndarray, scale: float, shift: float
) -> None:
    other = table * scale + shift
    for coefficient in (icc_agreement, icc_consistency):
        one, two = coefficient(table), coefficient(other)
        assert two.value == pytest.approx(one.value, abs=1e-5, nan_ok=True)
        assert two.low == pytest.approx(one.low, abs=1e-4, nan_ok=True)
    one, two = (concordance(t[:, 0], t[:, 1]) for t in (table, other))
    assert two.value == pytest.approx(one.value, abs=1e-5, nan_ok=True)


@pytest.mark.parametrize("table", TABLES)
def test_the_value_lies_in_its_interval(table: np.ndarray) -> None:
    for found in (
        icc_agreement(table),
        icc_consistency(table),
        concordance(table[:, 0], table[:, 1]),
    ):
        if not math.isnan(found.low):
            assert found.low - 1e-9 <= found.value <= found.high + 1e-9


def test_concordance_is_a_product_of_correlation_and_bias() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=40)
    y = 1.3 * x + rng.normal(size=40) + 0.5
    v, u = x.std() / y.std(), (x.mean() - y.mean()) / math.sqrt(x.std() * y.std())
    bias = 2 / (v + 1 / v + u**2)
    assert concordance(x, y).value == pytest.approx(np.corrcoef(x, y)[0, 1] * bias)


@pytest.mark.parametrize("coefficient", ["agreement", "consistency", "concordance"])
def test_intervals_hold_what_they_promise(coefficient: str) -> None:
    """Of 200 samples with a known coefficient of 0.8, about 95 % of intervals hold it."""
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(200):
        table = rng.normal(scale=2, size=(30, 1)) + rng.normal(size=(30, 2))
        if coefficient == "concordance":
            found = concordance(table[:, 0], table[:, 1])
        else:
            found = (icc_agreement if coefficient == "agreement" else icc_consistency)(table)
        held += found.low <= 0.8 <= found.high
    assert 0.91 <= held / 200 <= 0.985


def test_perfect_agreement_is_1_and_no_variation_is_nan() -> None:
    same = np.tile(np.arange(5.0)[:, None], (1, 3))
    for coefficient in (icc_agreement, icc_consistency):
        assert coefficient(same).value == 1
        assert math.isnan(coefficient(np.full((5, 3), 0.1)).value)
    assert concordance(same[:, 0], same[:, 1]).value == pytest.approx(1)
    assert math.isnan(concordance([2, 2, 2], [2, 2, 2]).value)
    assert concordance([2, 2, 2], [3, 3, 3]).value == 0


@pytest.mark.parametrize("table", [[[1, 2]], [[1], [2]], [1, 2, 3]])
def test_a_table_too_small_is_refused(table: list[object]) -> None:
    with pytest.raises(ValueError, match="at least 2 rows and 2 columns"):
        icc_agreement(table)


def test_what_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="1 values that are not"):
        icc_consistency([[1, 2], [3, math.nan]])
    with pytest.raises(ValueError, match="of one length"):
        concordance([1, 2], [1, 2, 3])
