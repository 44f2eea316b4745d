"""The interval of a proportion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gliokit.evaluation.proportion import wilson_interval


@pytest.mark.parametrize(
    ("right", "n", "expected"),
    # Newcombe, Stat Med 17 (1998) 857, table I, method 3.
    [
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_interval_is_the_published_one(right: int, n: int, expected: tuple[float, float]) -> None:
    assert wilson_interval(right, n) == pytest.approx(expected, abs=5e-5)


@given(n=st.integers(1, 500), part=st.floats(0, 1), level=st.floats(0.5, 0.99))
def test_interval_holds_the_share_and_mirrors(n: int, part: float, level: float) -> None:
    right = round(part * n)
    low, high = wilson_interval(right, n, level=level)
    assert 0 <= low <= right / n <= high <= 1
    mirrored = wilson_interval(n - right, n, level=level)
    assert mirrored == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(("right", "n"), [(0, 0), (3, 2), (-1, 5)])
def test_what_is_no_proportion_is_refused(right: int, n: int) -> None:
    with pytest.raises(ValueError, match="between 0 and n"):
        wilson_interval(right, n)
