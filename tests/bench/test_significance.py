"""Tests beside the intervals: whom each counts, by hand, and how a page tells them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2

from gliokit.bench import (
    BenchCohort,
    Judgement,
    Pair,
    Protocol,
    Run,
    content_of,
    judge,
    run_systems,
)
from gliokit.bench.methods import methods_of
from gliokit.bench.page import render_comparison, words_of
from gliokit.bench.running import Prediction
from gliokit.bench.scores import scores_by_system
from gliokit.bench.significance import _mcnemar, significance_of
from gliokit.evaluation import Estimate, adjusted_p, delong_auc, delong_test, mcnemar_test
from gliokit.systems import ClassTarget, Inputs
from tests.bench.conftest import Judged, class_cohort
from tests.bench.spies import Spy, installed
from tests.reporting.page_reader import PageReader
from tests.systems.patients import numbers_patients

WORDS = words_of("en")
NO = Estimate(0.0, 0.0, 0.0, 8, "")


def by_hand(one: str, other: str, *, persons: str = "abcdefgh", threshold: float = 0.5) -> Run:
    """Eight patients of one fold, 4 of class 0 and 4 of class 1; a digit is a score in tenths."""
    codes = np.repeat([0, 1], 4)
    inputs = Inputs(tuple(f"s{i}" for i in range(8)), ("x",), np.zeros((8, 1)), tuple(persons))
    target = ClassTarget("idh", ("0", "1"), codes)
    run = run_systems(BenchCohort("c", inputs, {"idh": target}), "idh", [], Protocol(folds=2),
                      budget="smoke")  # fmt: skip
    said = tuple(
        Prediction(name, f"s{i}", i, 0, run.folds[0].name, int(score) / 10, threshold)
        for name, scores in (("one", one), ("other", other))
        for i, score in enumerate(scores)
    )
    return replace(run, predictions=said, protocol=Protocol("hold-out"))


def test_mcnemar_counts_whom_one_alone_gets_right_at_its_threshold() -> None:
    # 'one' is right in all but s4, 'other' in s4 and s5 alone: 6 against 1 of those that differ.
    found = significance_of(by_hand("11111999", "99999911"), (), [Pair("one", "other", NO)])
    (row,) = found["mcnemar"]
    assert (row["n"], row["only_one"], row["only_other"]) == (8, 6, 1)
    assert row["p"] == row["p_holm"] == 0.125  # 2 (1 + 7) / 2**7
    lower = by_hand("11111999", "99999911", threshold=0.05)
    (row,) = significance_of(lower, (), [Pair("one", "other", NO)])["mcnemar"]
    assert (row["only_one"], row["only_other"], row["p"]) == (0, 0, 1.0)


def test_a_patient_with_several_scans_counts_once_by_the_first() -> None:
    run = by_hand("11111999", "99999911", persons="aabbccdd")
    (row,) = significance_of(run, (), [Pair("one", "other", NO)])["mcnemar"]
    # s0, s2, s4 and s6 are left: 'one' is right in three of them, 'other' in s4.
    assert (row["n"], row["only_one"], row["only_other"]) == (4, 3, 1)


def test_permutation_p_of_one_model_is_the_share_of_arrangements() -> None:
    found = significance_of(by_hand("12345678", "55555555"), (), ())
    (row,) = found["permutation"]  # the other system ranks nobody
    assert (row["system"], row["auc"], row["n"]) == ("one", 1.0, 8)
    assert row["p"] == pytest.approx(1 / 70, abs=0.006)  # of 8 over 4 arrangements
    assert found["shared_training"] is False
    # 1-3-5-7 against 2-4-6-8: 10 of 16 pairs are right, and many arrangements reach that.
    (row,) = significance_of(by_hand("13572468", "55555555"), (), ())["permutation"]
    assert row["auc"] == 0.625
    assert row["p"] > 0.2


def test_p_values_of_all_systems_and_of_all_pairs_are_corrected_together(classes: Judged) -> None:
    tests = classes.content["tests"]
    assert tests["shared_training"] is True
    names = [r["system"] for r in tests["permutation"]]
    assert names == ["spy", "second", "age_sex", "volume", "signs"]
    for rows in (tests["permutation"], tests["mcnemar"]):
        corrected = adjusted_p([r["p"] for r in rows], "holm")
        np.testing.assert_allclose([r["p_holm"] for r in rows], corrected, rtol=0.01)
    beside = [(r["one"], r["other"]) for r in tests["mcnemar"]]
    best = next(r["best_baseline"] for r in classes.content["systems"] if r["system"] == "spy")
    assert beside == [("spy", best), ("second", best), ("spy", "second")]
    headline = next(r for r in classes.content["systems"] if r["system"] == "spy")["headline"]
    assert tests["permutation"][0]["auc"] == headline["value"]


def test_mcnemar_of_a_run_is_that_of_its_answers(classes: Judged) -> None:
    found = scores_by_system(classes.run)
    codes = np.asarray(classes.run.cohort.target("idh").strata)[found["spy"].rows]
    said = [(found[n].scores[0] >= found[n].thresholds[0]).astype(int) for n in ("spy", "second")]
    expected = mcnemar_test(codes, *said)
    row = classes.content["tests"]["mcnemar"][-1]
    assert (row["only_one"], row["only_other"]) == (expected.only_first, expected.only_second)
    assert row["p"] == pytest.approx(float(chi2.sf(expected.chi2_corrected / 2, 1)), rel=0.01)


def test_mcnemar_of_shared_training_seldom_finds_two_rules_that_know_nothing() -> None:
    """By the exact p alone a cross-validation finds them in a tenth of cohorts."""
    generator, found = np.random.default_rng(0), {True: 0, False: 0}
    n, cohorts = 100, 200
    for _ in range(cohorts):
        labels = generator.permutation(np.repeat([0, 1], n // 2))
        fold = generator.permutation(np.arange(n) % 5)
        right = {}
        for name in ("one", "other"):
            x, said = generator.normal(size=(n, 5)), np.zeros(n, dtype=int)
            for k in range(5):
                learnt, asked = fold != k, fold == k
                ends = [x[learnt & (labels == c)].mean(axis=0) for c in (0, 1)]
                far = [((x[asked] - end) ** 2).sum(axis=1) for end in ends]
                said[asked] = far[1] < far[0]
            right[name] = said == labels
        for shared in found:
            found[shared] += _mcnemar("one", "other", right, shared)["p"] <= 0.05
    assert found[True] <= 0.05 * cohorts
    assert found[False] > found[True]


def test_strata_are_tested_apart(classes: Judged) -> None:
    for name, found in classes.content["strata"].items():
        n = sum(s == name for s in classes.run.cohort.strata)
        assert {r["n"] for r in found["tests"]["permutation"]} == {n}
        assert found["tests"]["mcnemar"][0]["n"] == n


def test_where_models_are_ranked_together_and_of_survival_nothing_is_tested(
    survival: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert survival.content["tests"] == {}
    installed(monkeypatch, spy=Spy())
    made = numbers_patients(24)
    whole = BenchCohort("c", made.inputs, {"idh": made.target})
    run = run_systems(whole, "idh", ["spy"], Protocol("leave-one-out"), budget="smoke")
    assert significance_of(run, *judge(run, draws=100)) == {}


def test_of_several_classes_answers_are_compared() -> None:
    run = by_hand("11111999", "99999911")
    codes = np.array([0, 0, 1, 1, 1, 2, 2, 2])
    target = ClassTarget("kind", ("a", "b", "c"), codes)
    each = {"one": np.eye(3)[codes], "other": np.eye(3)[np.roll(codes, 1)]}
    said = tuple(replace(p, probabilities=tuple(each[p.system][p.row])) for p in run.predictions)
    several = replace(run, cohort=BenchCohort("c", run.cohort.inputs, {"kind": target}),
                      target="kind", predictions=said)  # fmt: skip
    tests = significance_of(several, (_judged("one", "other"),), ())
    assert set(tests) == {"mcnemar"}
    assert (tests["mcnemar"][0]["only_one"], tests["mcnemar"][0]["only_other"]) == (3, 0)


def _judged(system: str, baseline: str) -> Judgement:
    return Judgement(system, NO, (), NO, baseline, "", {})


def test_a_page_shows_every_p_with_what_it_means(classes: Judged, survival: Judged) -> None:
    page = render_comparison(classes.content)
    part = page[page.index('<section id="tests"') :]
    part = part[: part.index("</section>")]
    text = " ".join(PageReader(f"<html>{part}</html>").text.split())
    for told in ("Permutation p: how often", "McNemar's p: small", "p after Holm allows",
                 "divided by the root of 2"):  # fmt: skip
        assert told in text
    tests = classes.content["tests"]
    for r in tests["permutation"]:
        row = re.search(rf'<tr data-system="{r["system"]}">(.*?)</tr>', part)
        assert row
        assert f"<td>{r['auc']:.3f}</td>" in row[1]
        assert f"<td>{r['p_holm']:.3f}</td>" in row[1]
    for r in tests["mcnemar"]:
        row = re.search(rf'<tr data-pair="{r["one"]} {r["other"]}">(.*?)</tr>', part)
        assert row
        assert f"<td>{r['only_one']}</td><td>{r['only_other']}</td>" in row[1]
    assert "&lt;\N{NO-BREAK SPACE}0.001" in part
    assert page.count("Permutation p: how often") == 1  # strata have the tables alone
    assert page.count("right by the first alone") == 1 + len(classes.content["strata"])
    assert '<section id="tests"' not in render_comparison(survival.content)


def test_methods_name_the_tests_that_were_made(classes: Judged, survival: Judged) -> None:
    told = " ".join(methods_of(classes.content, WORDS).paragraphs)
    assert "2,000 shuffles" in told
    assert "halved since the models" in told
    assert "Holm" in told
    assert "McNemar" not in " ".join(methods_of(survival.content, WORDS).paragraphs)
    older = {k: v for k, v in classes.content.items() if k != "tests"}
    assert "McNemar" not in " ".join(methods_of(older, WORDS).paragraphs)
    assert '<section id="tests"' not in render_comparison(older)


def test_one_model_on_one_test_set_has_delongs_interval_and_paired_test() -> None:
    codes = np.repeat([0, 1], 4)
    run = by_hand("13572468", "52143768")
    found = significance_of(run, (), [Pair("one", "other", NO)])["delong"]
    one, other = (np.array([int(c) for c in s]) for s in ("13572468", "52143768"))
    for row, scores in zip(found["aucs"], (one, other), strict=True):
        told = delong_auc(codes, scores)
        assert (row["auc"]["value"], row["auc"]["method"]) == (told.value, "delong")
        assert row["auc"]["low"] == pytest.approx(told.low, abs=1e-6)
        assert row["auc"]["high"] == pytest.approx(told.high, abs=1e-6)
    (pair,) = found["pairs"]
    tested = delong_test(codes, one, other)
    assert pair["difference"]["value"] == pytest.approx(tested.difference.value)
    assert pair["p"] == pair["p_holm"] == pytest.approx(tested.p, rel=0.01)
    # Over folds of several models there is none.
    folds = replace(run, protocol=Protocol(folds=2))
    assert "delong" not in significance_of(folds, (), [Pair("one", "other", NO)])


def test_delong_counts_a_patient_once_and_leaves_out_what_has_no_variance() -> None:
    perfect = significance_of(by_hand("12345678", "12345678"), (), [Pair("one", "other", NO)])
    assert [r["auc"]["method"] for r in perfect["delong"]["aucs"]] == ["newcombe", "newcombe"]
    assert perfect["delong"]["pairs"] == []
    flat = significance_of(by_hand("13572468", "55555555"), (), [Pair("one", "other", NO)])
    assert [r["system"] for r in flat["delong"]["aucs"]] == ["one"]
    assert flat["delong"]["pairs"][0]["difference"]["value"] == 0.125
    twice = significance_of(by_hand("13572468", "55555555", persons="aabbccdd"), (), ())
    assert twice["delong"]["aucs"][0]["auc"]["n"] == 4
    run = by_hand("13572468", "55555555")
    lone = replace(run.cohort.inputs, persons=tuple("abcdeeee"))
    alone = replace(run, cohort=replace(run.cohort, inputs=lone))
    assert significance_of(alone, (), ())["delong"] == {"aucs": [], "pairs": []}


def test_a_page_of_a_hold_out_tells_delongs_interval_and_p(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, spy=Spy())
    run = run_systems(class_cohort(), "idh", ["spy"], Protocol("hold-out"), budget="smoke")
    content = content_of(run, *judge(run, draws=200))
    rows = {r["system"]: r["auc"] for r in content["tests"]["delong"]["aucs"]}
    assert rows["spy"]["value"] == content["systems"][0]["headline"]["value"]
    page = render_comparison(content)
    text = " ".join(PageReader(page).text.split())
    spy = rows["spy"]
    assert f"{spy['value']:.3f} ({spy['low']:.3f} to {spy['high']:.3f})" in text
    assert "DeLong's p" in text
    assert "DeLong ER" in " ".join(methods_of(content, WORDS).sources)
    assert "DeLong 检验 p" in render_comparison(content, lang="zh")
    for tests in ({}, {"mcnemar": [], "permutation": []}):
        assert 'id="tests"' not in render_comparison({**content, "tests": tests})


def test_over_folds_no_page_speaks_of_delong(classes: Judged) -> None:
    assert "DeLong" not in render_comparison(classes.content)
