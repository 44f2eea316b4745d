from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gliokit.phantom import BrainSettings, TumourSettings
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
        ("kind", "abscess"),
        ("kind", None),
        ("lobe", "brainstem"),
        ("foci", 0),
        ("enhancement_share", 1.01),
        ("margin_sharpness", -0.1),
        ("mismatch", 2.0),
        ("heterogeneity", float("nan")),
        ("calcification", -1.0),
        ("haemorrhage", 1.5),
        ("cortical", 3.0),
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


def test_lobe_and_seed_point_together_are_refused() -> None:
    with pytest.raises(UsageError, match="lobe or at a point"):
        TumourSettings(lobe="frontal", seed_point_mm=(0.0, 0.0, 0.0))


@pytest.mark.parametrize("name", ["atrophy", "ventricles", "volume_ml"])
def test_brain_that_cannot_be_is_refused_by_name(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        BrainSettings(**{name: -1.0})
    assert caught.value.source == name


def test_sharper_margin_is_a_narrower_front() -> None:
    fronts = []
    for sharpness in (0.0, 0.5, 1.0):
        plan = drawn(TumourSettings(margin_sharpness=sharpness), np.random.default_rng(3))
        fronts.append((plan.diffusion_mm2_per_day / plan.proliferation_per_day) ** 0.5)
        assert plan.margin_sharpness == sharpness
    np.testing.assert_allclose(fronts, (4.5, (4.5 * 0.8) ** 0.5, 0.8), rtol=1e-6)


def test_sharpness_is_that_of_the_asked_diffusion() -> None:
    asked = TumourSettings(diffusion_mm2_per_day=0.02 * 0.8**2, proliferation_per_day=0.02)
    plan = drawn(asked, np.random.default_rng(3))
    assert plan.margin_sharpness == pytest.approx(1)


def test_drawn_volumes_stay_in_their_range() -> None:
    rng = np.random.default_rng(0)
    plans = [drawn(TumourSettings(), rng) for _ in range(200)]
    assert all(40 <= p.whole_ml <= 220 for p in plans)
    assert {p.side for p in plans} == {"left", "right"}
