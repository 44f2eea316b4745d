"""Intervals and expected Dice: from a network's doubt and from patients whom experts outlined."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gliokit.measurement import Measurements, RegionFigures
from gliokit.measurement.doubt import Interval
from gliokit.segmentation.calibration import Calibration, RegionCalibration
from gliokit.segmentation.doubt import (
    ADDED_ML,
    RegionCase,
    Sizes,
    calibrate_region,
    doubt_of,
    expected_dice,
    interval,
    region_doubts,
    sizes_of,
    tails,
    trust,
)
from gliokit.segmentation.looks import RegionLook


def look(trusted: float = 0.9, spread: float = 0.1) -> RegionLook:
    return RegionLook(trusted, trusted, None, 0.5, spread)


def drawn_case(rng: np.random.Generator) -> RegionCase:
    """Volumes off by as much as the spread lets expect; Dice follows the trust."""
    spread, trusted = rng.uniform(0.05, 0.5), rng.uniform(0.5, 1)
    expert_ml = rng.lognormal(3, 1)
    found_ml = expert_ml * math.exp(rng.normal(0, 1) * (0.1 + spread))
    dice = 0.2 + 0.7 * trusted + rng.normal(0, 0.02)
    return RegionCase(look(trusted, spread), Sizes(found_ml), Sizes(expert_ml), dice)


def volume_of(case: RegionCase, read: RegionCalibration) -> Interval:
    return region_doubts({"WT": case.found}, {"WT": case.look}, {"WT": read})["WT"].volume_ml


def test_intervals_hold_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    held = []
    for _ in range(400):
        read = calibrate_region([drawn_case(rng) for _ in range(36)], level=0.9)
        new = drawn_case(rng)
        ends = volume_of(new, read)
        held.append(ends.low <= new.expert.volume_ml <= ends.high)
    assert np.mean(held) == pytest.approx(0.92, abs=0.045)


def test_more_spread_means_a_wider_interval() -> None:
    widths = []
    for spread in (0, 0.2, 0.6):
        ends = interval(20.0, ADDED_ML, (1.5, 1.5), look(spread=spread))
        assert ends.low < 20 < ends.high
        widths.append(ends.high - ends.low)
    assert all(np.diff(widths) > 0)


def test_an_absent_region_has_an_interval_from_nothing() -> None:
    ends = interval(0.0, ADDED_ML, (2.0, 2.0), look())
    assert ends.low == 0
    assert 0 < ends.high < 1


def test_the_widest_error_of_nine_is_the_quantile_and_covers_it() -> None:
    rng = np.random.default_rng(1)
    cases = [drawn_case(rng) for _ in range(9)]
    read = calibrate_region(cases, level=0.9)
    for case in cases:
        ends = volume_of(case, read)
        assert ends.low - 1e-9 <= case.expert.volume_ml <= ends.high + 1e-9


def test_each_side_has_its_own_quantile_once_there_are_nineteen() -> None:
    errors = [-float(n) for n in range(1, 19)]
    assert tails(errors, level=0.9) == (18, 18)
    assert tails([*errors, 0.5], level=0.9) == (18, 0.5)
    assert tails(errors[:8], level=0.9) == (math.inf, math.inf)


def test_a_region_within_another_is_no_larger_than_it_may_be() -> None:
    wide = RegionCalibration(dice_intercept=0, dice_slope=1, volume=(1, 30))
    narrow = RegionCalibration(dice_intercept=0, dice_slope=1, volume=(1, 1))
    sizes = {"WT": Sizes(20), "TC": Sizes(10), "ET": Sizes(5)}
    looks = dict.fromkeys(sizes, look())
    found = region_doubts(sizes, looks, {"WT": narrow, "TC": wide, "ET": wide})
    highest = found["WT"].volume_ml.high
    assert [found[r].volume_ml.high for r in ("TC", "ET")] == [highest, highest]


def test_dice_is_expected_where_the_trust_has_been_seen_to_lead() -> None:
    rng = np.random.default_rng(2)
    read = calibrate_region([drawn_case(rng) for _ in range(40)], level=0.9)
    for trusted in (0.55, 0.8, 0.95):
        assert expected_dice(look(trusted), read) == pytest.approx(0.2 + 0.7 * trusted, abs=0.02)


def test_more_trust_never_lowers_the_expected_dice() -> None:
    against = [RegionCase(look(t), Sizes(1), Sizes(1), 1 - t) for t in (0.2, 0.5, 0.8)]
    read = calibrate_region(against, level=0.5)
    assert read.dice_slope == 0
    assert expected_dice(look(0.9), read) == pytest.approx(0.5)
    steep = RegionCalibration(dice_intercept=-3, dice_slope=5, volume=(1, 1))
    assert expected_dice(look(0.1), steep) == 0
    assert expected_dice(look(0.9), steep) == 1


def test_trust_is_the_mean_of_what_is_known() -> None:
    assert trust(RegionLook(0.8, None, None, 0, 0)) == pytest.approx(0.8)
    assert trust(RegionLook(0.8, 0.6, 1.0, 0, 0)) == pytest.approx(0.8)


EMPTY = RegionFigures(
    volume_ml=0, longest_diameter_mm=None, surface_area_mm2=0, centroid_mm=None,
    bidimensional=None, lesions=(), sum_of_products_mm2=0, targets=0,
)  # fmt: skip


def test_sizes_are_those_that_rano_has() -> None:
    assert sizes_of(EMPTY) == Sizes(0, 0.0, 0.0)
    core = EMPTY.model_copy(update={"targets": None, "volume_ml": 3.0})
    assert sizes_of(core) == Sizes(3.0)
    assert set(sizes_of(core).known) == {"volume"}


def test_without_a_calibration_nothing_is_claimed() -> None:
    figures = Measurements(
        subject="p", segmentation="automatic", regions={"ET": EMPTY}, proportions=None,
        location=None,
    )  # fmt: skip
    read = RegionCalibration(
        dice_intercept=0, dice_slope=1, volume=(1, 1), longest=(1, 1),
        perpendicular=(1, 1),
    )  # fmt: skip
    known = Calibration(
        networks=("a",), made_with="", level=0.9, patients=9, usual={}, usual_limit=4,
        usual_patients=9, qualities={"standard": {"ET": read}},
    )  # fmt: skip
    looks = {"ET": look()}
    assert doubt_of(figures, looks, None, quality="standard") is None
    assert doubt_of(figures, None, known, quality="standard") is None
    assert doubt_of(figures, looks, known, quality="best") is None
    found = doubt_of(figures, looks, known, quality="standard")
    assert found is not None
    assert found.regions["ET"].longest_mm is not None
    assert found.regions["ET"].longest_mm.low == 0
    with_doubt = figures.model_copy(update={"doubt": found})
    assert Measurements.model_validate_json(with_doubt.model_dump_json()) == with_doubt
