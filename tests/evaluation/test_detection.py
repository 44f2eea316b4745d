"""FROC: matching by hand, and the curve."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.evaluation.detection import froc_curve, match_detections


def test_the_highest_score_takes_the_lesion_and_a_second_hit_is_no_false_alarm() -> None:
    overlap = [[0.5, 0.0], [0.9, 0.0], [0.0, 0.05], [0.0, 0.0]]
    assert match_detections(overlap, [0.7, 0.6, 0.9, 0.1]).tolist() == [0, -2, -1, -1]


def test_a_detection_over_two_lesions_takes_the_free_one() -> None:
    assert match_detections([[0.8, 0.0], [0.7, 0.3]], [0.9, 0.5]).tolist() == [0, 1]


def test_matching_of_nothing_is_empty() -> None:
    assert match_detections(np.empty((0, 3)), []).size == 0
    assert match_detections(np.empty((2, 0)), [1, 2]).tolist() == [-1, -1]


def test_curve_by_hand() -> None:
    found = froc_curve([0.9, 0.8, 0.8, 0.5], [0, -1, 1, -1], lesions=4, patients=2)
    assert found.sensitivity.tolist() == [0, 0.25, 0.5, 0.5]
    assert found.false_alarms.tolist() == [0, 0, 0.5, 1]
    assert found.sensitivity_at(0.25) == 0.25
    assert found.sensitivity_at(8) == 0.5
    assert found.mean_sensitivity((0.25, 0.5)) == pytest.approx(0.375)


def test_second_hits_change_nothing() -> None:
    one = froc_curve([0.9, 0.5], [0, -1], lesions=1, patients=1)
    other = froc_curve([0.9, 0.7, 0.5], [0, -2, -1], lesions=1, patients=1)
    assert one.mean_sensitivity() == other.mean_sensitivity() == 1


def test_without_detections_nothing_is_found() -> None:
    assert froc_curve([], [], lesions=3, patients=2).mean_sensitivity() == 0


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="2 hits, but there are 1"):
        froc_curve([1, 2], [0, 1], lesions=1, patients=1)
    with pytest.raises(ValueError, match="at least 1; got 0, 1"):
        froc_curve([1], [0], lesions=0, patients=1)
    with pytest.raises(ValueError, match="one length"):
        froc_curve([1], [0, 1], lesions=2, patients=1)
    with pytest.raises(ValueError, match="score a detection"):
        match_detections([[0.5]], [1, 2])
    with pytest.raises(ValueError, match="overlap must lie between 0 and 1"):
        match_detections([[5.0]], [1])
    with pytest.raises(ValueError, match="must not be negative"):
        froc_curve([1], [0], lesions=1, patients=1).sensitivity_at(-1)
