"""The methods and checklists claim what the run knows, and say what was allowed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gliokit.bench import Protocol, content_of, judge, run_systems
from gliokit.bench.checklist import checklists_of
from gliokit.bench.critical import critical_reading
from gliokit.bench.methods import methods_of
from gliokit.bench.page import render_comparison, words_of
from gliokit.reporting import Lang
from gliokit.study import UsageError
from tests.bench.conftest import DRAWS, Judged
from tests.bench.spies import Spy, installed
from tests.bench.test_running import cohort

WORDS = words_of("en")


def tripod(content: dict[str, Any], name: str = "TRIPOD+AI") -> dict[str, str]:
    return {number: answer or "" for number, _, answer in checklists_of(content, WORDS)[name]}


def methods(content: dict[str, Any]) -> str:
    return " ".join(methods_of(content, WORDS).paragraphs)


@pytest.fixture
def perfect(monkeypatch: pytest.MonkeyPatch) -> Judged:
    """A system that is handed the target under another name."""
    installed(monkeypatch, spy=Spy())
    whole = cohort(60, age=False, first=9.0)
    run = run_systems(whole, "idh", ["spy"], Protocol(folds=3), budget="smoke",
                      allowed=("planted", "male"))  # fmt: skip
    judged, pairs = judge(run, draws=DRAWS)
    return Judged(run, content_of(run, judged, pairs))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_was_allowed_is_named_wherever_a_reviewer_looks(perfect: Judged, lang: Lang) -> None:
    content = perfect.content
    assert content["allowed"] == {"planted": 1.0, "male": 0.0}
    told = "planted (1.000)"
    assert told in methods(content)
    assert told in tripod(content)["7"]
    assert told in " ".join(critical_reading(content, WORDS))
    assert "1 input allowed by name was not found" in methods(content)
    page = render_comparison(content, lang=lang)
    assert page.count(told) >= 3


def test_nothing_is_said_where_nothing_was_allowed(classes: Judged) -> None:
    for text in (methods(classes.content), *tripod(classes.content).values()):
        assert "Allowed by name" not in text
        assert "allowed by name was not" not in text


def test_what_is_allowed_is_an_input(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy()
    installed(monkeypatch, spy=spy)
    with pytest.raises(UsageError, match="nobody"):
        run_systems(cohort(60, age=False), "idh", ["spy"], Protocol(), allowed=("nobody",))
    assert not spy.seen


def test_a_perfect_system_is_not_said_to_be_no_better(perfect: Judged) -> None:
    row = perfect.content["systems"][0]
    assert row["headline"]["value"] == 1.0
    assert row["words"] == ""
    assert row["gain"]["low"] > 0


def test_a_gain_without_an_interval_is_not_decided_on_the_page(classes: Judged) -> None:
    open_ = {"value": 0.5, "low": None, "high": None, "n": 9, "method": "none", "level": 0.95}
    rows = [replace_row(r, open_) for r in classes.content["systems"]]
    content = {**classes.content, "systems": rows}
    said = " ".join(critical_reading(content, WORDS))
    assert "Not better than the best baseline" not in said
    assert "is not decided, since the gain has no interval: spy" in said
    assert "not decided: the gain has no interval" in render_comparison(content)


def replace_row(row: dict[str, Any], gain: dict[str, Any]) -> dict[str, Any]:
    if row["system"] != "spy":
        return {**row, "words": ""}
    return {**row, "gain": gain, "words": "not decided: the gain has no interval"}


def test_what_foreign_code_does_inside_is_not_stated(classes: Judged, survival: Judged) -> None:
    assert not classes.content["cards"]["spy"]["ours"]
    assert classes.content["cards"]["age_sex"]["ours"]
    for text in (methods(classes.content), tripod(classes.content)["12b"]):
        assert "do not come with gliokit, fit them is not stated: second and spy" in text or (
            "do not come with gliokit, fit them is not stated: spy and second" in text
        )
    assert "threshold of these is set is not stated" in tripod(classes.content)["15"]
    assert "fixed on training data" not in methods(classes.content)
    ours = tripod(survival.content)
    assert "not stated" not in ours["12b"]
    assert "In the systems of gliokit scaling" in ours["12b"]


def test_the_cause_of_death_and_the_fidelity_are_those_that_are_known(survival: Judged) -> None:
    found = tripod(survival.content)
    assert "any cause" not in found["8a"]
    assert "of what cause is not stated" in found["8a"]
    assert "as published" not in found["12c"]
    assert "wan2020 F2" in found["12c"]
    assert "Budget smoke" in found["12c"]


def test_how_folds_are_dealt_is_not_claimed_of_sites(survival: Judged) -> None:
    sites = {**survival.content["protocol"], "kind": "leave-site-out"}
    assert tripod({**survival.content, "protocol": sites})["20c"] == ""
    assert "by chance within classes" in tripod(survival.content)["20c"]


def test_difference_without_an_interval_is_not_within_noise(classes: Judged) -> None:
    from gliokit.bench import Pair
    from gliokit.evaluation import Estimate

    nan = float("nan")
    assert Pair("a", "b", Estimate(0.5, nan, nan, 9, "none")).within_noise is None
    assert Pair("a", "b", Estimate(0.5, -0.1, 0.9, 9, "x")).within_noise is True
    assert Pair("a", "b", Estimate(0.5, 0.1, 0.9, 9, "x")).within_noise is False
    assert replace(classes.run, failures={}).judged.all()
