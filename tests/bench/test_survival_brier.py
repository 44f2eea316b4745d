"""Predicted survival: kept, judged within folds against Kaplan and Meier's, told on the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gliokit.bench import BenchCohort, Protocol, content_of, judge, run_systems
from gliokit.bench.checklist import checklists_of
from gliokit.bench.curves import survival_decision
from gliokit.bench.methods import methods_of
from gliokit.bench.page import render_comparison, words_of
from gliokit.bench.scores import Scores, scores_by_system
from gliokit.bench.survival_brier import brier_figures, kaplan_meier_brier
from gliokit.bench.survival_figures import horizons_of, training_of
from gliokit.bench.writing import write_bench
from gliokit.evaluation import (
    censoring_curve,
    decision_curve,
    integrated_brier_score,
    kaplan_meier,
    survival_brier_score,
)
from gliokit.systems import SurvivalCurves, SurvivalTarget, find_system
from tests.bench.conftest import Judged
from tests.reporting.page_reader import PageReader
from tests.systems.patients import volume_patients

WORDS = words_of("en")
DRAWN = {"shared": True, "seed": 0, "draws": 200}
WAN = "wan2020"


def curves_of(fold: np.ndarray, days: list[float], survival: np.ndarray) -> Scores:
    """One repeat; survival (n, t)."""
    curves = np.empty((1, fold.size), dtype=object)
    for i, alive in enumerate(survival):
        curves[0, i] = (tuple(days), tuple(alive))
    flat = np.zeros((1, fold.size))
    return Scores(np.arange(fold.size), flat, fold[None], flat, curves=curves)


def test_brier_scores_are_means_within_folds_of_hand_worked_numbers() -> None:
    # Both folds hold the same four; their models' training patients differ in censoring.
    target = SurvivalTarget("s", np.tile([1.0, 3, 5, 6], 2), np.tile([True, True, False, True], 2))
    late = SurvivalTarget("s", np.array([2.0, 8, 9]), np.array([False, True, True]))
    none = SurvivalTarget("s", np.array([2.0, 8, 9]), np.ones(3, bool))
    alive = np.tile([[0.2], [0.4], [0.5], [0.9]], (2, 1))
    s = curves_of(np.repeat([0, 1], 4), [6.0], alive)
    found = brier_figures(target, s, (late, none), **DRAWN)  # type: ignore[arg-type]
    # By day 3, half way: .6, .7, .75, .95. 2 of 3 are uncensored after day 2, so that in the first
    # fold all but the death at 1 weigh 3/2.
    first = (0.36 + 1.5 * (0.49 + 0.0625 + 0.0025)) / 4
    second = (0.36 + 0.49 + 0.0625 + 0.0025) / 4
    assert found["brier at day 3"].value == pytest.approx((first + second) / 2)
    told = found["brier at day 3"]
    assert told.low < told.value < told.high
    assert told.method == "patient bootstrap, widened"
    reference = kaplan_meier_brier(target, s, (late, none), **DRAWN)  # type: ignore[arg-type]
    # Nobody of the first fold's training patients is dead by day 3, a third of the second's.
    first, second = (1 + 1.5) / 4, (2 * (2 / 3) ** 2 + 2 * (1 / 3) ** 2) / 4
    assert reference["brier at day 3"].value == pytest.approx((first + second) / 2)
    gain = reference["integrated_brier"].value - found["integrated_brier"].value
    assert found["integrated_brier_gain"].value == pytest.approx(gain)


def test_curves_until_a_day_are_not_judged_beyond_it() -> None:
    days, died = np.arange(1.0, 41) * 50, np.ones(40, bool)
    target = SurvivalTarget("s", days, died)
    fold = np.arange(40) % 2
    short = curves_of(fold, [400.0], np.full((40, 1), 0.8))
    found = brier_figures(target, short, (target, target), **DRAWN)  # type: ignore[arg-type]
    assert set(found) == {"brier at day 365"}
    bare = Scores(short.rows, short.scores, short.folds, short.thresholds)
    assert brier_figures(target, bare, (target, target), **DRAWN) == {}  # type: ignore[arg-type]


def test_curves_are_judged_while_a_fifth_are_followed_and_models_know_of_deaths() -> None:
    days, died = np.arange(1.0, 41) * 50, np.ones(40, bool)
    target = SurvivalTarget("s", days, died)
    s = curves_of(np.zeros(40, int), [1.0], np.ones((40, 1)))
    assert horizons_of(target, s, (target,)).brier_until_days == np.floor(np.quantile(days, 0.8))
    early = SurvivalTarget("s", days, days <= 800)
    assert horizons_of(target, s, (target, early)).brier_until_days == 800
    alive = SurvivalTarget("s", days, ~died)
    assert horizons_of(target, s, (alive,)).brier_until_days == 0
    assert kaplan_meier_brier(target, s, (alive,), **DRAWN).keys() <= {  # type: ignore[arg-type]
        "brier at day 365", "brier at day 730"
    }  # fmt: skip


def test_figures_of_a_run_are_those_of_the_models_of_each_fold(survival: Judged) -> None:
    run, row = survival.run, survival.content["systems"][0]
    target, horizons = run.cohort.target("survival"), survival.content["horizons"]
    assert isinstance(target, SurvivalTarget)
    grid = np.linspace(0, horizons["brier_until_days"], 101)
    model, nobody, years = [], [], []
    for fold in run.folds:
        learnt = fold.training.labelled.survival
        told = target.days[fold.test_rows], target.died[fold.test_rows]
        said = find_system(WAN).fit(fold.training, budget="smoke", seed=0).answer(fold.test)
        assert isinstance(said, SurvivalCurves)
        at = [0.0, *said.days]
        alive = np.array([np.interp(grid, at, [1.0, *s]) for s in said.survival])
        year = np.array([[np.interp(365.0, at, [1.0, *s])] for s in said.survival])
        weights = {"censoring": censoring_curve(learnt.days, learnt.died)}
        model.append(integrated_brier_score(
            grid, survival_brier_score(*told, alive, grid, **weights)))  # fmt: skip
        years.append(survival_brier_score(*told, year, [365.0], **weights)[0])
        same = np.tile(kaplan_meier(learnt.days, learnt.died).at(grid), (told[0].size, 1))
        nobody.append(integrated_brier_score(
            grid, survival_brier_score(*told, same, grid, **weights)))  # fmt: skip
    figures, reference = row["figures"], survival.content["kaplan_meier_brier"]
    assert figures["integrated_brier"]["value"] == pytest.approx(np.mean(model), abs=2e-6)
    assert figures["brier at day 365"]["value"] == pytest.approx(np.mean(years), abs=2e-6)
    assert reference["integrated_brier"]["value"] == pytest.approx(np.mean(nobody), abs=2e-6)
    # The volumes tell survival here.
    assert 0 < figures["integrated_brier_gain"]["low"] < np.mean(nobody) - np.mean(model)


def test_majority_answers_no_curves_and_has_no_brier_score(survival: Judged) -> None:
    found = {r["system"]: r["figures"] for r in survival.content["systems"]}
    assert "integrated_brier" not in found["majority"]
    assert "integrated_brier" in found["volume"]
    page = " ".join(PageReader(render_comparison(survival.content)).text.split())
    assert (
        "Not stated, for they answer no survival curves, or none that reach so far: majority."
        in page
    )


def test_models_ranked_together_have_brier_scores_all_the_same(survival: Judged) -> None:
    pooled = replace(survival.run, protocol=Protocol("leave-one-out"))
    row = next(j for j in judge(pooled, draws=400)[0] if j.system == WAN)
    assert row.figures["integrated_brier"].value == pytest.approx(
        survival.content["systems"][0]["figures"]["integrated_brier"]["value"], abs=0.02
    )
    assert len(training_of(pooled)) == 1


def test_curves_are_kept_with_the_predictions(survival: Judged, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    out = write_bench(tmp_path / "out", survival.run, survival.content)
    table = parquet.read_table(out / "predictions.parquet").to_pydict()
    for name, days, alive in zip(table["system"], table["curve_days"], table["curve_alive"],
                                 strict=True):  # fmt: skip
        assert (days is None) == (name == "majority")
        assert days is None or len(days) == len(alive) > 10
    scores = scores_by_system(survival.run)
    assert scores["majority"].alive_at(np.array([365.0])) is None
    assert scores[WAN].within(np.arange(150) < 10).alive_at(np.array([365.0])).shape == (1, 10, 1)  # type: ignore[union-attr]


def test_a_page_shows_brier_scores_beside_kaplan_and_meiers(survival: Judged) -> None:
    content = survival.content
    text = " ".join(PageReader(render_comparison(content)).text.split())
    figures = content["systems"][0]["figures"]
    assert "Brier score over time" in text
    for figure in (figures["integrated_brier"], figures["integrated_brier_gain"],
                   content["kaplan_meier_brier"]["integrated_brier"]):  # fmt: skip
        assert f"{figure['value']:.3f} {figure['low']:.3f} to" in text
    assert "Graf E" in " ".join(methods_of(content, WORDS).sources)
    assert "volume" in text.split("is not better than Kaplan and Meier's curve: ")[1][:20]
    tripod = " ".join(answer or "" for _, _, answer in checklists_of(content, WORDS)["TRIPOD+AI"])
    assert "probability of being alive over time" in tripod
    assert "Brier score of predicted survival over time" in tripod
    chinese = render_comparison(content, lang="zh")
    assert "积分 Brier 评分" in chinese
    assert "Kaplan-Meier 曲线" in chinese


def test_where_no_system_answers_curves_the_page_says_so(survival: Judged) -> None:
    bare = replace(survival.run, predictions=tuple(
        replace(p, curve=((), ())) for p in survival.run.predictions))  # fmt: skip
    content = content_of(bare, *judge(bare, draws=400))
    text = " ".join(PageReader(render_comparison(content)).text.split())
    assert "Brier score over time: not stated" in text
    assert "integrated Brier" not in text
    assert "Graf E" not in " ".join(methods_of(content, WORDS).sources)
    older = {k: v for k, v in content.items() if k != "kaplan_meier_brier"}
    assert "Brier score over time: not stated" in render_comparison(older)


def test_answers_of_curves_are_kept_and_read_again(tmp_path: Path) -> None:
    made = volume_patients(90, log_ratio=6.0)
    whole = BenchCohort("survivors", made.inputs, {"survival": made.target})
    first, again = (
        run_systems(whole, "survival", [WAN], Protocol("hold-out"), budget="smoke",
                    kept=tmp_path / "kept")
        for _ in range(2)
    )  # fmt: skip
    assert first.predictions == again.predictions
    assert any(p.curve[0] for p in again.predictions)


def test_net_benefit_without_censoring_is_that_of_being_dead_by_the_day() -> None:
    days = np.arange(1.0, 41) * 20
    target = SurvivalTarget("s", days, np.ones(40, bool))
    alive = np.random.default_rng(0).uniform(0, 1, (40, 1))
    found = survival_decision(target, curves_of(np.zeros(40, int), [365.0], alive), 365.0)
    told = decision_curve(days <= 365, 1 - alive[:, 0], found["decision"]["x"])
    np.testing.assert_allclose(found["decision"]["y"], told.model, atol=1e-5)
    np.testing.assert_allclose(found["decision"]["everybody"], told.everybody, atol=1e-5)
    assert len(found["decision"]["x"]) == 49


def test_a_decision_curve_ends_where_nobody_acted_on_is_followed_until_the_day() -> None:
    # Above one half lie two patients alone, the last of whom is lost at day 200.
    days = np.array([100.0, 200, 400, 500, 600, 700])
    target = SurvivalTarget("s", days, np.array([True, False, True, True, True, False]))
    alive = np.array([[0.2], [0.4], [0.6], [0.6], [0.6], [0.6]])
    s = curves_of(np.zeros(6, int), [365.0], alive)
    assert survival_decision(target, s, 365.0)["decision"]["x"][-1] == 0.4
    assert survival_decision(target, s, 366.0) == {}
    assert survival_decision(target, s, float("nan")) == {}


def test_a_page_draws_decision_curves_of_death_by_a_year(survival: Judged) -> None:
    page = render_comparison(survival.content)
    assert "Decision curves: death by day 365" in page
    assert page.count('<polyline data-system="wan2020"') == 1
    assert "BMC Med Inform Decis Mak 2008" in " ".join(methods_of(survival.content, WORDS).sources)
    assert "decision" not in survival.content["curves"]["majority"]
