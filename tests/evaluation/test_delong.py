"""DeLong's intervals and tests against worked numbers, published data and simulation."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from gliokit.evaluation.delong import (
    delong_auc,
    delong_aucs,
    delong_contrasts,
    delong_test,
    hanley_mcneil_variance,
    score_interval,
)
from gliokit.evaluation.equivalence import tost
from gliokit.evaluation.roc import auc

LABELS = [1, 1, 1, 0, 0, 0, 0]
ONE = [0.9, 0.8, 0.4, 0.7, 0.3, 0.2, 0.4]
OTHER = [0.8, 0.6, 0.3, 0.4, 0.3, 0.6, 0.2]


def columns(path: Path) -> dict[str, list[str]]:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def test_variance_by_hand() -> None:
    found = delong_auc(LABELS, ONE)
    assert found.value == 0.875
    assert found.high == 1.0
    assert (found.value - found.low) / 1.959964 == pytest.approx(0.148293, abs=1e-6)
    assert (found.n, found.method) == (7, "delong")


def test_paired_test_with_ties_is_the_sum_over_pairs() -> None:
    labels = np.array(LABELS, bool)
    psi = []
    for scores in (np.array(ONE), np.array(OTHER)):
        gap = scores[labels][:, None] - scores[~labels]
        psi.append((gap > 0) + 0.5 * (gap == 0))
    above, below = [p.mean(1) for p in psi], [p.mean(0) for p in psi]
    expected = np.cov(above) / 3 + np.cov(below) / 4
    found = delong_aucs(LABELS, [ONE, OTHER])
    assert found.covariance == pytest.approx(expected)
    assert found.auc == pytest.approx([auc(LABELS, ONE), auc(LABELS, OTHER)])
    pair = delong_test(LABELS, ONE, OTHER)
    assert (pair.z, pair.p) == pytest.approx((0.783349, 0.433422), abs=1e-6)


def test_asah_data_give_the_areas_and_tests_that_proc_prints(shared_data: Path) -> None:
    folder = shared_data / "tables" / "statistics_examples"
    table = columns(folder / "pROC_aSAH.csv")
    labels = [int(outcome == "Poor") for outcome in table["outcome"]]
    wfns, s100b, ndka = ([float(v) for v in table[name]] for name in ("wfns", "s100b", "ndka"))
    found = delong_auc(labels, s100b)
    assert (found.value, found.low, found.high) == pytest.approx(
        (0.731369, 0.630118, 0.832619), abs=1e-6
    )
    pair = delong_test(labels, wfns, s100b)
    assert (pair.z, pair.p) == pytest.approx((2.20898, 0.0271758), abs=1e-5)
    assert delong_test(labels, wfns, ndka).z == pytest.approx(2.79778, abs=1e-5)
    assert delong_test(labels, s100b, ndka).p == pytest.approx(0.164295, abs=1e-6)


def test_ovarian_data_give_the_contrasts_of_the_sas_manual(shared_data: Path) -> None:
    folder = shared_data / "tables" / "statistics_examples"
    table = columns(folder / "delong1988_ovarian.csv")
    expected = json.loads((folder / "expected_values.json").read_text())["delong1988_ovarian"]
    labels = [int(v) for v in table["popind"]]
    kg = [10 - float(v) for v in table["totscore"]]
    models = [[float(v) for v in table["alb"]], [float(v) for v in table["tp"]], kg]
    found = delong_aucs(labels, models)
    assert found.auc == pytest.approx(list(expected["auc"].values()), abs=1e-6)
    errors = np.sqrt(np.diag(found.covariance))
    assert errors == pytest.approx(list(expected["se"].values()), abs=1e-6)
    chi2, degrees, p = delong_contrasts(found, [[1, 0, -1], [0, 1, -1]])
    assert (chi2, degrees) == (pytest.approx(2.534, abs=1e-3), 2)
    assert p == pytest.approx(0.2817, abs=1e-4)


def test_published_scores_of_prognosais_give_their_aucs(shared_data: Path) -> None:
    path = shared_data / "tables" / "published_scores" / "prognosais_test_predictions.csv"
    table = columns(path)
    known = np.array([int(v) for v in table["IDH_mutated"]])
    scores = np.array([float(v) for v in table["Prediction_score_IDH_mutated"]])
    lower_grade = np.array(table["Data_collection"]) == "TCGA-LGG"
    for rows, value, n in (
        (known >= 0, 0.8959, 217),
        ((known >= 0) & lower_grade, 0.811, 105),
    ):
        found = delong_auc(known[rows], scores[rows])
        assert found.value == pytest.approx(value, abs=1e-3)
        assert found.n == n


def test_equal_scores_do_not_differ() -> None:
    found = delong_test(LABELS, ONE, ONE)
    assert (found.difference.value, found.z, found.p) == (0, 0, 1)


def test_two_perfect_models_can_not_be_compared() -> None:
    found = delong_test([1, 1, 0, 0], [4, 3, 2, 1], [9, 8, 2, 1])
    assert found.difference.value == 0
    assert math.isnan(found.p)
    assert math.isnan(found.difference.low)


@pytest.mark.parametrize(("scores", "value"), [([4, 3, 2, 1], 1.0), ([1, 1, 1, 1], 0.5)])
def test_interval_has_a_width_where_delongs_variance_is_0(
    scores: list[float], value: float
) -> None:
    found = delong_auc([1, 1, 0, 0], scores)
    assert found.value == value
    assert found.method == "newcombe"
    assert found.low < 0.4
    assert found.high > 0.85


def test_score_interval_of_0_mirrors_that_of_1() -> None:
    low, high = score_interval(1.0, lambda a: hanley_mcneil_variance(a, 9, 4), 1.96)
    mirrored = score_interval(0.0, lambda a: hanley_mcneil_variance(a, 9, 4), 1.96)
    assert mirrored == pytest.approx((1 - high, 1 - low))
    assert hanley_mcneil_variance(0.5, 9, 4) == pytest.approx(14 / (12 * 36))


def test_interval_of_equal_normals_covers_one_half_in_95_of_100() -> None:
    generator = np.random.default_rng(0)
    labels = np.repeat([1, 0], [30, 50])
    held = sum(not delong_auc(labels, generator.normal(size=80)).excludes(0.5) for _ in range(300))
    assert 0.92 < held / 300 < 0.98


def test_aucs_of_two_models_can_be_shown_equal() -> None:
    generator = np.random.default_rng(1)
    labels = np.repeat([1, 0], 200)
    scores = generator.normal(size=400) + labels
    near = delong_test(labels, scores, scores + 0.05 * generator.normal(size=400))
    test = tost(near.difference.value, near.standard_error, margin=0.05, n=400)
    assert test.equivalent
    assert not tost(0.05, near.standard_error, margin=0.05, n=400).equivalent


def test_one_patient_of_a_class_and_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 of each class; got 1 positive"):
        delong_auc([1, 0, 0], [1, 2, 3])
    with pytest.raises(ValueError, match="column for each of 4 labels"):
        delong_aucs([1, 0, 0, 1], [[1, 2, 3]])
    with pytest.raises(ValueError, match="one length; got scores 7, other_scores 2"):
        delong_test(LABELS, ONE, [1, 2])
    with pytest.raises(ValueError, match="sum to 0"):
        delong_contrasts(delong_aucs(LABELS, [ONE, OTHER]), [[1, 1]])
    with pytest.raises(ValueError, match="follow from one another"):
        delong_contrasts(delong_aucs(LABELS, [ONE, OTHER]), [[1, -1], [-1, 1]])
