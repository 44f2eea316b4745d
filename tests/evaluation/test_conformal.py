"""Conformal quantiles: exact ranks, and the coverage that they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gliokit.evaluation import conformal_p, conformal_quantile, reachable_level


def test_the_quantile_is_the_rank_that_vovk_gives() -> None:
    # ceil(0.9 (n + 1)): the 9th of 9, the 18th of 19; 8 are too few.
    assert conformal_quantile(range(1, 10), level=0.9) == 9
    assert conformal_quantile(range(1, 20), level=0.9) == 18
    assert conformal_quantile(range(1, 9), level=0.9) == math.inf


@pytest.mark.parametrize("n", [9, 20, 37])
def test_a_new_score_stays_below_as_often_as_promised(n: int) -> None:
    draws = np.random.default_rng(0).lognormal(size=(20000, n + 1))
    held = [new <= conformal_quantile(known, level=0.9) for *known, new in draws.tolist()]
    exact = math.ceil(0.9 * (n + 1) - 1e-9) / (n + 1)
    assert np.mean(held) == pytest.approx(exact, abs=4 * math.sqrt(0.09 / 20000))
    assert exact >= 0.9 - 1e-9


@given(st.integers(1, 200))
def test_the_reachable_level_gives_a_finite_quantile(n: int) -> None:
    level = reachable_level(n, wanted=0.9)
    assert conformal_quantile(range(n), level=level) < math.inf
    assert level == min(0.9, n / (n + 1))


def test_the_strangest_has_the_smallest_p() -> None:
    assert conformal_p(range(19), 100) == 1 / 20
    assert conformal_p(range(19), -1) == 1
    assert conformal_p([1, 2, 3], 2) == 3 / 4


def test_what_can_not_be_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        conformal_quantile([1.0], level=1)
    with pytest.raises(ValueError, match="NaN"):
        conformal_quantile([math.nan], level=0.5)
    with pytest.raises(ValueError, match="1 or more"):
        reachable_level(0, wanted=0.9)
