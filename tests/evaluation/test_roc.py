"""AUC, ROC, precision and recall against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gliokit.evaluation.roc import (
    auc,
    average_precision,
    precision_recall_curve,
    roc_curve,
    youden_threshold,
)

TIED = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5)), min_size=2, max_size=40).filter(
    lambda rows: len({label for label, _ in rows}) == 2
)


@settings(max_examples=60, deadline=None)
@given(TIED)
def test_auc_and_average_precision_are_scikit_learns_with_ties_too(
    rows: list[tuple[int, int]],
) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    labels, scores = zip(*rows, strict=True)
    assert auc(labels, scores) == pytest.approx(metrics.roc_auc_score(labels, scores))
    expected = metrics.average_precision_score(labels, scores)
    assert average_precision(labels, scores) == pytest.approx(expected)


@settings(max_examples=40, deadline=None)
@given(TIED)
def test_auc_is_the_area_under_the_roc_curve(rows: list[tuple[int, int]]) -> None:
    labels, scores = zip(*rows, strict=True)
    curve = roc_curve(labels, scores)
    area = np.trapezoid(curve.sensitivity, curve.false_positive_rate)
    assert auc(labels, scores) == pytest.approx(area)
    assert (curve.sensitivity[-1], curve.false_positive_rate[-1]) == (1, 1)


def test_auc_of_turned_scores_is_one_less_and_of_ties_one_half() -> None:
    labels, scores = [1, 0, 1, 0, 0], np.array([0.9, 0.3, 0.2, 0.1, 0.3])
    assert auc(labels, scores) + auc(labels, -scores) == pytest.approx(1)
    assert auc(labels, np.ones(5)) == 0.5


def test_average_precision_of_ties_is_the_share_of_positives() -> None:
    assert average_precision([1, 0, 0, 0], [3, 3, 3, 3]) == 0.25


def test_precision_recall_curve_has_a_point_a_score() -> None:
    curve = precision_recall_curve([1, 0, 1, 0], [4, 3, 2, 2])
    assert curve.precision == pytest.approx([1, 1 / 2, 1 / 2])
    assert curve.recall == pytest.approx([1 / 2, 1 / 2, 1])
    assert curve.threshold.tolist() == [4, 3, 2]


def test_youden_threshold_takes_all_positives_where_classes_are_apart() -> None:
    labels, scores = np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.6, 0.9])
    threshold = youden_threshold(labels, scores)
    assert threshold == 0.6
    assert ((scores >= threshold) == labels).all()


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        ([1, 1], [0.1, 0.2], "at least 1 of each class; got 2 positive and 0 negative"),
        ([0, 2], [0.1, 0.2], "0 or 1; got 2"),
        ([0, 1], [0.1, np.nan], "finite; 1 of 2 are not"),
        ([0, 1, 1], [0.1, 0.2], "one length; got labels 3, scores 2"),
        ([], [], "at least one value"),
        ([[0, 1]], [0.1, 0.2], "1 axis"),
    ],
)
def test_what_auc_can_not_judge_is_refused(
    labels: list[int], scores: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        auc(labels, scores)
