"""What is drawn: curves of perfect and of blind systems, and what a second way computes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_curve

from gliokit.bench.curves import risk_groups
from gliokit.bench.scores import Scores, scores_by_system
from gliokit.evaluation import kaplan_meier, net_benefit
from gliokit.systems import ClassTarget, SurvivalTarget
from tests.bench.conftest import Judged


def test_roc_is_the_mean_of_the_curves_within_folds(classes: Judged) -> None:
    found = scores_by_system(classes.run)["spy"]
    codes = np.asarray(classes.run.cohort.target("idh").strata)[found.rows]
    curve = classes.content["curves"]["spy"]["roc"]
    assert (curve["x"][0], curve["y"][0]) == (0, 0)
    assert (curve["x"][-1], curve["y"][-1]) == (1, 1)
    for i in (10, 25, 40):
        at = []
        for k in range(3):
            mine = found.folds[0] == k
            x, y, _ = roc_curve(codes[mine], found.scores[0][mine], drop_intermediate=False)
            at.append(np.interp(curve["x"][i], x + 1e-9 * np.arange(x.size), y))
        assert curve["y"][i] == pytest.approx(np.mean(at), abs=1e-3)


def test_auprc_is_the_mean_within_folds(classes: Judged) -> None:
    found = scores_by_system(classes.run)["second"]
    codes = np.asarray(classes.run.cohort.target("idh").strata)[found.rows]
    expected = np.mean([
        average_precision_score(codes[found.folds[0] == k], found.scores[0][found.folds[0] == k])
        for k in range(3)
    ])  # fmt: skip
    row = next(r for r in classes.content["systems"] if r["system"] == "second")
    auprc = row["figures"]["auprc"]
    assert auprc["value"] == pytest.approx(expected, abs=1e-6)
    assert auprc["low"] < auprc["value"] < auprc["high"]


def test_precision_at_full_recall_is_that_of_the_lowest_positive(classes: Judged) -> None:
    found = scores_by_system(classes.run)["spy"]
    codes = np.asarray(classes.run.cohort.target("idh").strata)[found.rows]
    last = []
    for k in range(3):
        score, label = found.scores[0][found.folds[0] == k], codes[found.folds[0] == k]
        last.append(label[score >= score[label == 1].min()].mean())
    curve = classes.content["curves"]["spy"]["precision_recall"]
    assert curve["y"][-1] == pytest.approx(np.mean(last), abs=1e-5)


def test_net_benefit_is_that_of_the_counts(classes: Judged) -> None:
    found = scores_by_system(classes.run)["spy"]
    codes = np.asarray(classes.run.cohort.target("idh").strata)[found.rows]
    curve = classes.content["curves"]["spy"]["decision"]
    i = curve["x"].index(0.4)
    said = found.scores[0] >= 0.4
    expected = net_benefit(int((said & (codes == 1)).sum()), int((said & (codes == 0)).sum()),
                           codes.size, 0.4)  # fmt: skip
    assert curve["y"][i] == pytest.approx(expected, abs=1e-5)
    share = codes.mean()
    assert curve["everybody"][i] == pytest.approx(share - (1 - share) * 0.4 / 0.6, abs=1e-5)


def test_every_patient_stands_in_one_bin_of_the_calibration(classes: Judged) -> None:
    for curves in classes.content["curves"].values():
        bins = curves["calibration"]
        assert sum(bins["n"]) == classes.content["patients"]["rows"]
        assert all(a <= y <= b for a, y, b in
                   zip(bins["low"], bins["y"], bins["high"], strict=True))  # fmt: skip
    assert len(classes.content["curves"]["majority"]["calibration"]["n"]) == 1


def test_risk_groups_are_about_halves(survival: Judged) -> None:
    groups = survival.content["curves"]["wan2020"]["risk_groups"]
    assert groups["low"]["n"] + groups["high"]["n"] == 150
    assert abs(groups["low"]["n"] - groups["high"]["n"]) <= 15
    assert groups["low"]["median_days"] > groups["high"]["median_days"]
    assert groups["log_rank"]["p"] < 0.01
    assert groups["at_risk"]["low"][0] == groups["low"]["n"]
    assert survival.content["curves"]["majority"]["risk_groups"] == {}


def test_curves_of_risk_groups_are_kaplan_meier_and_folds_are_not_ranked_together() -> None:
    generator = np.random.default_rng(0)
    days, died = generator.exponential(400, 40) + 1, generator.random(40) < 0.7
    risk = np.concatenate([np.arange(20.0), 1000 + np.arange(20.0)])
    fold = np.repeat([0, 1], 20)
    scores = Scores(np.arange(40), risk[None], fold[None], np.full((1, 40), np.nan))
    found = risk_groups(SurvivalTarget("s", days, died), scores)
    assert found["low"]["n"] == found["high"]["n"] == 20
    high = np.tile(np.arange(20) >= 10, 2)
    curve = kaplan_meier(days[high], died[high])
    np.testing.assert_allclose(found["high"]["x"][1:], curve.time, atol=1e-5)
    np.testing.assert_allclose(found["high"]["y"][1:], curve.survival, atol=1e-5)


def test_a_fold_of_one_risk_is_no_high_risk_group() -> None:
    target = SurvivalTarget("s", np.arange(1.0, 9.0), np.ones(8, bool))
    risk = np.array([[1.0, 1, 1, 1, 0, 1, 2, 3]])
    folds = np.array([[0, 0, 0, 0, 1, 1, 1, 1]])
    found = risk_groups(target, Scores(np.arange(8), risk, folds, np.full((1, 8), np.nan)))
    assert (found["low"]["n"], found["high"]["n"]) == (6, 2)


def test_targets_of_curves_have_two_classes(classes: Judged) -> None:
    assert isinstance(classes.run.cohort.target("idh"), ClassTarget)
    assert "risk_groups" not in classes.content["curves"]["spy"]


def test_groups_that_are_never_at_risk_together_have_no_curves() -> None:
    target = SurvivalTarget("survival", np.array([9.0, 5.0]), np.array([True, False]))
    one = np.zeros((1, 2))
    scores = Scores(np.arange(2), np.array([[1.0, 2.0]]), one.astype(np.int64), one)
    assert risk_groups(target, scores) == {}
