"""Who is only learnt from is not counted among those judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gliokit.bench import BenchCohort, Protocol, content_of, judge, judge_subgroups, run_systems
from gliokit.bench.checklist import checklists_of
from gliokit.bench.critical import critical_reading
from gliokit.bench.facts import patients_text
from gliokit.bench.methods import methods_of
from gliokit.bench.page import render_comparison, words_of
from gliokit.bench.subgroups import subgroups_of
from gliokit.evaluation import delong_auc
from tests.bench.conftest import DRAWS, class_cohort
from tests.bench.spies import Spy, installed

WORDS = words_of("en")


def content(cohort: BenchCohort, protocol: Protocol) -> dict:  # type: ignore[type-arg]
    run = run_systems(cohort, "idh", ["spy"], protocol, budget="smoke")
    judged, pairs = judge(run, draws=DRAWS)
    found = content_of(run, judged, pairs, subgroups=judge_subgroups(run, draws=DRAWS))
    found["test_rows"] = np.concatenate([f.test_rows for f in run.folds])
    return found


def test_a_hold_out_tells_those_judged_and_those_only_learnt_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, spy=Spy())
    cohort = class_cohort()
    found = content(cohort, Protocol("hold-out"))
    rows, codes = found["test_rows"], np.asarray(cohort.target("idh").strata)
    judged, learnt = found["patients"], found["only_trained"]
    assert judged["rows"] == rows.size < 120
    assert judged["rows"] + learnt["rows"] == 120
    assert judged["classes"] == {"0": int((codes[rows] == 0).sum()),
                                 "1": int((codes[rows] == 1).sum())}  # fmt: skip
    assert judged["rows"] == found["systems"][0]["headline"]["n"]
    assert found["least_learnt"] == min(learnt["classes"].values())
    for group in found["subgroups"]:
        kept = next(s.kept for s in subgroups_of(cohort)
                    if (s.trait, s.value) == (group["trait"], group["value"]))  # fmt: skip
        assert group["patients"] == kept[rows].sum()
        assert group["patients"] + group["only_trained"] == kept.sum()
        assert group["events"] == (kept & (codes == 1))[rows].sum()
    text = patients_text(found, WORDS)
    assert text.startswith(f"{rows.size} patients")
    assert f"only learnt from and not judged: {120 - rows.size} patients" in text
    page = render_comparison(found)
    assert f"{judged['classes']['1']} of {rows.size}; {120 - rows.size} only learnt from" in page
    assert f"has {min(judged['classes'].values())} of {rows.size}" in " ".join(
        critical_reading(found, WORDS)
    )
    said = " ".join(methods_of(found, WORDS).paragraphs)
    assert f"not judged: {120 - rows.size} patients" in said
    tripod = {number: answer for number, _, answer in checklists_of(found, WORDS)["TRIPOD+AI"]}
    assert f"events {judged['classes']['1']}:" in (tripod["23a"] or "")
    assert "Only learnt from: median age" in (tripod["20b"] or "")


def test_a_site_too_small_to_be_left_out_is_only_learnt_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, spy=Spy())
    found = content(class_cohort(), Protocol("leave-site-out"))
    assert found["patients"]["sites"] == {"a": 60, "b": 58}
    assert found["only_trained"]["sites"] == {"tiny": 2}
    tiny = next(s for s in found["subgroups"] if s["value"] == "tiny")
    assert (tiny["patients"], tiny["only_trained"]) == (0, 2)
    tripod = {number: answer for number, _, answer in checklists_of(found, WORDS)["TRIPOD+AI"]}
    assert tripod["6a"] == "2 sites judged. 1 more is only learnt from."


def test_a_test_cohort_is_external_and_its_one_model_is_judged_as_a_hold_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, spy=Spy())
    found = content(class_cohort(), Protocol("cross-dataset", test_cohorts=("b",)))
    assert found["patients"]["sites"] == {"b": 58}
    assert found["only_trained"]["sites"] == {"a": 60, "tiny": 2}
    reading = " ".join(critical_reading(found, WORDS))
    assert "External to the models: b took no part in learning" in reading
    assert "Nothing here is external" not in reading
    assert "different folds" not in reading
    said = " ".join(methods_of(found, WORDS).paragraphs)
    assert "Splits: tested on b, which took no part in learning" in said
    assert "widened" not in said
    tripod = {number: answer for number, _, answer in checklists_of(found, WORDS)["TRIPOD+AI"]}
    assert any("Tested on b, of which no patient" in (a or "") for a in tripod.values())
    spy = next(r for r in found["systems"] if r["system"] == "spy")
    rows, codes = found["test_rows"], np.asarray(class_cohort().target("idh").strata)
    scores = class_cohort().inputs.values[rows, 0]
    whole = delong_auc(codes[rows], scores)
    assert spy["headline"]["value"] == pytest.approx(whole.value)
    # The bootstrap of one model's test set is as wide as DeLong's interval, not the root of 2 as.
    wide = spy["headline"]["high"] - spy["headline"]["low"]
    assert wide == pytest.approx(whole.high - whole.low, rel=0.2)
    page = render_comparison(found, lang="zh")
    assert "在未参与学习的 b 上检验" in page
    assert "b 未参与学习" in page


def test_small_groups_left_out_are_ranked_together_and_have_no_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, spy=Spy())
    found = content(class_cohort(60), Protocol("leave-n-out", leave=4))
    assert len(found["folds"]) == 15
    spy = next(r for r in found["systems"] if r["system"] == "spy")
    assert (spy["headline"]["low"], spy["gain"]) == (None, None)
    reading = " ".join(critical_reading(found, WORDS))
    assert "Scores of different models are pooled; prefer folds." in reading
    assert "groups of at most 4 patients left out in turn" in methods_of(found, WORDS).paragraphs[0]
    alone = content(class_cohort(60), Protocol("leave-n-out", leave=20))
    spy = next(r for r in alone["systems"] if r["system"] == "spy")
    assert len(spy["per_fold"]) == 3
    assert spy["headline"]["low"] is not None
    assert "widened" in " ".join(methods_of(alone, WORDS).paragraphs)


def test_in_folds_everybody_is_judged_and_nothing_is_said_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, spy=Spy())
    found = content(replace(class_cohort(), strata=()), Protocol(folds=2))
    assert found["only_trained"]["rows"] == 0
    assert "only learnt from" not in render_comparison(found)
