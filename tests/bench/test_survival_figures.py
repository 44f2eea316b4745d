"""Figures over time: weights of the training patients, means within folds, days by one rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gliokit.bench.curves import risk_groups
from gliokit.bench.judging import judge
from gliokit.bench.methods import methods_of
from gliokit.bench.page import render_comparison, words_of
from gliokit.bench.protocol import Protocol
from gliokit.bench.scores import Scores, scores_by_system
from gliokit.bench.survival_figures import horizons_of, survival_figures, training_of
from gliokit.evaluation import censoring_curve, cumulative_dynamic_auc, uno_c
from gliokit.systems import SurvivalTarget
from tests.bench.conftest import Judged
from tests.reporting.page_reader import PageReader

WORDS = words_of("en")


def scores_of(risk: np.ndarray, fold: np.ndarray, cut: np.ndarray | float = np.nan) -> Scores:
    n = risk.size
    return Scores(np.arange(n), risk[None], fold[None], np.broadcast_to(cut, (1, n)))


def test_uno_and_dynamic_auc_are_means_within_folds_of_hand_worked_numbers() -> None:
    # Both folds hold the same four; their models' training patients differ in censoring.
    target = SurvivalTarget("s", np.tile([1.0, 3, 5, 6], 2), np.tile([True, True, False, True], 2))
    late = SurvivalTarget("s", np.array([2.0, 8, 9]), np.array([False, True, True]))
    none = SurvivalTarget("s", np.array([2.0, 8, 9]), np.ones(3, bool))
    found = survival_figures(
        target, scores_of(np.tile([1.0, 3, 2, 0], 2), np.repeat([0, 1], 4)), (late, none),
        shared=True, seed=0, draws=100,
    )  # fmt: skip
    # 2 of 3 are uncensored after day 2: the death at 3 weighs (3/2)^2 in the first fold, else 1.
    assert found["uno_c"].value == pytest.approx(((1 + 4.5) / (3 + 4.5) + 3 / 5) / 2)
    # Quartiles of the days of death are 1, 3 and 6; by 3 two are dead and two are followed.
    assert set(found) == {"uno_c", "auc at day 3"}
    assert found["auc at day 3"].value == pytest.approx((4 / (2 * 2.5) + 3 / 4) / 2)
    assert found["auc at day 3"].low < found["auc at day 3"].value < found["auc at day 3"].high
    assert found["auc at day 3"].method == "patient bootstrap, widened"
    # A draw of three times the last death has no pair for Uno's C.
    assert np.isnan(found["uno_c"].low)


def test_figures_of_a_run_take_the_censoring_of_each_fold(survival: Judged) -> None:
    run, row = survival.run, survival.content["systems"][0]
    target, s = run.cohort.target("survival"), scores_by_system(survival.run)["wan2020"]
    assert isinstance(target, SurvivalTarget)
    tau, uno, areas = survival.content["horizons"]["uno_until_days"], [], []
    for i, fold in enumerate(run.folds):
        mine, known = s.rows[s.folds[0] == i], fold.training.labelled.survival
        assert not set(mine) & set(np.flatnonzero(np.isin(target.days, known.days)))
        curve = censoring_curve(known.days, known.died)
        told = target.days[mine], target.died[mine], s.scores[0][s.folds[0] == i]
        uno.append(uno_c(*told, tau=tau, censoring=curve))
        areas.append(cumulative_dynamic_auc(*told, [365.0], censoring=curve)[0])
    assert row["figures"]["uno_c"]["value"] == pytest.approx(np.mean(uno), abs=1e-6)
    assert row["figures"]["auc at day 365"]["value"] == pytest.approx(np.mean(areas), abs=1e-6)
    assert survival.content["horizons"]["years"] is True


def test_days_are_years_where_every_fold_can_judge_them_and_else_quartiles_of_death() -> None:
    days, died = np.arange(1.0, 41) * 50, np.ones(40, bool)
    fold = np.arange(40) % 2
    target, s = SurvivalTarget("s", days, died), scores_of(days, fold)
    found = horizons_of(target, s, (target, target))
    assert (found.auc_at_days, found.years) == ((365.0, 730.0), True)
    assert found.uno_until_days == np.quantile(days, 0.9)
    # Followed half as long, nobody of a fold is left after two years but one.
    short = SurvivalTarget("s", np.minimum(days / 2, 745.0), died & (days < 1490))
    lone = scores_of(days, np.where(np.arange(40) == 39, 0, np.arange(40) % 2))
    found = horizons_of(short, lone, (short, short))
    assert found.years
    shorter = SurvivalTarget("s", days / 4, died)
    found = horizons_of(shorter, s, (shorter, shorter))
    assert found.years is False
    assert found.auc_at_days == tuple(np.round(np.quantile(days / 4, [0.25, 0.5, 0.75])))
    alive = SurvivalTarget("s", days, ~died)
    assert horizons_of(alive, s, (alive, alive)).auc_at_days == ()


def test_risks_ranked_together_have_figures_without_an_interval(survival: Judged) -> None:
    pooled = replace(survival.run, protocol=Protocol("leave-one-out"))
    (known,) = training_of(pooled)
    assert len(known) == 150
    row = next(j for j in judge(pooled, draws=400)[0] if j.system == "wan2020")
    for name in ("uno_c", "auc at day 365"):
        assert np.isnan(row.figures[name].low)
        assert row.figures[name].value > 0.5


def test_risk_groups_are_cut_at_what_training_patients_have() -> None:
    days, died = np.arange(1.0, 9), np.ones(8, bool)
    risk, fold = np.array([8.0, 7, 6, 5, 14, 13, 12, 11]), np.repeat([0, 1], 4)
    # The first fold's model gives its training patients 7.5 in the middle, the second's 10.
    found = risk_groups(SurvivalTarget("s", days, died),
                        scores_of(risk, fold, np.repeat([7.5, 10.0], 4)))  # fmt: skip
    assert found["cut"] == "training"
    assert (found["high"]["n"], found["low"]["n"]) == (5, 3)
    own = risk_groups(SurvivalTarget("s", days, died), scores_of(risk, fold))
    assert own["cut"] == "tested"
    assert (own["high"]["n"], own["low"]["n"]) == (4, 4)


def test_a_page_shows_figures_over_time(survival: Judged) -> None:
    page = render_comparison(survival.content)
    text = " ".join(PageReader(page).text.split())
    figures = survival.content["systems"][0]["figures"]
    for name, head in (("uno_c", "Uno's C"), ("auc at day 365", "AUC at day 365"),
                       ("auc at day 730", "AUC at day 730")):  # fmt: skip
        assert head in text
        assert f"{figures[name]['value']:.3f} {figures[name]['low']:.3f} to" in text
    assert "quartiles of the days of death:" not in text
    short = {**survival.content["horizons"], "years": False}
    assert "The days are quartiles" in render_comparison({**survival.content, "horizons": short})
    older = {k: v for k, v in survival.content.items() if k != "horizons"}
    assert "Brier score over time" in render_comparison(survival.content)
    assert "Brier score over time" not in render_comparison(older)


def test_schoenfelds_test_of_each_training_fold_is_told(survival: Judged) -> None:
    told = survival.content["findings"]["wan2020"]
    ps = [f["proportional_hazards"]["all"] for f in told.values()]
    assert len(ps) == 3
    assert all(set(f["proportional_hazards"]["p"]) <= {"enhancing_to_core", "necrosis_to_core",
               "age_years", "log_whole_ml"} for f in told.values())  # fmt: skip
    text = " ".join(PageReader(render_comparison(survival.content)).text.split())
    assert f"hazard ratios change over time: p {', '.join(f'{p:.3f}' for p in ps)}." in text
    assert "Grambsch PM" in " ".join(methods_of(survival.content, WORDS).sources)


def test_the_page_says_whose_median_divides_the_risk_groups(survival: Judged) -> None:
    groups = survival.content["curves"]["wan2020"]["risk_groups"]
    for cut, told in (("training", "gives its training patients"), ("tested", "their own fold")):
        curves = {"wan2020": {"risk_groups": {**groups, "cut": cut}}}
        content = {**survival.content, "curves": curves}
        page = " ".join(PageReader(render_comparison(content)).text.split())
        other = {"training": "of their own fold", "tested": "gives its training patients"}[cut]
        assert told in page
        assert other not in page
