from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gliokit.phantom import TumourSettings
from gliokit.phantom.settings import drawn
from gliokit.study import UsageError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("whole_ml", 0.0),
        ("whole_ml", 400.0),
        ("whole_ml", float("nan")),
        ("core_fraction", 1.2),
        ("necrotic_fraction", -0.1),
        ("diffusion_mm2_per_day", 0.0),
        ("proliferation_per_day", 5.0),
        ("mass_effect", 2.0),
        ("side", "middle"),
    ],
)
def test_value_that_cannot_be_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(UsageError) as caught:
        TumourSettings(**{name: value})
    assert caught.value.source == name


def test_fixing_one_value_leaves_the_others_as_drawn() -> None:
    free = drawn(TumourSettings(), np.random.default_rng(3))
    fixed = drawn(TumourSettings(whole_ml=70.0), np.random.default_rng(3))
    assert fixed.whole_ml == 70
    assert fixed.core_fraction == free.core_fraction
    assert fixed.side == free.side


def test_drawn_volumes_stay_in_their_range() -> None:
    rng = np.random.default_rng(0)
    plans = [drawn(TumourSettings(), rng) for _ in range(200)]
    assert all(30 <= p.whole_ml <= 150 for p in plans)
    assert {p.side for p in plans} == {"left", "right"}
