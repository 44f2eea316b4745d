"""The page shows what results.json holds, needs nothing else, and knows what it does not know."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gliokit.bench.checklist import checklists_of
from gliokit.bench.checklist_items import CHECKLISTS
from gliokit.bench.critical import critical_reading
from gliokit.bench.drawing import FRAME, Frame
from gliokit.bench.facts import estimate_parts, estimate_text
from gliokit.bench.forest import forest_of
from gliokit.bench.methods import methods_of
from gliokit.bench.page import render_comparison, words_of
from gliokit.bench.writing import with_texts, write_bench
from gliokit.reporting import Lang
from tests.bench.conftest import Judged
from tests.reporting.page_reader import PageReader

WORDS = words_of("en")


def cells(page: str, section: str, system: str) -> list[str]:
    """Text of the cells of a system's rows in a section."""
    part = page[page.index(f'<section id="{section}"') :]
    part = part[: part.index("</section>")]
    found = []
    for row in re.findall(rf'<tr[^>]*data-system="{system}".*?</tr>', part, re.S):
        found += [" ".join(unescape(re.sub("<[^>]+>", " ", c)).split())
                  for c in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)]  # fmt: skip
    return found


def points(figure: str, system: str, frame: Frame) -> list[tuple[float, float]]:
    """Numbers that a line of a drawing stands for."""
    line = re.search(rf'<polyline data-system="{system}" points="([^"]*)"', figure)
    assert line
    found = []
    for pair in line[1].split():
        x, y = map(float, pair.split(","))
        across, up = (x - frame.left) / frame.width, 1 - (y - frame.top) / frame.height
        found.append((frame.x[0] + across * (frame.x[1] - frame.x[0]),
                      frame.y[0] + up * (frame.y[1] - frame.y[0])))  # fmt: skip
    return found


def figure(page: str, key: str) -> str:
    part = page[page.index(f'<figure id="{key}"') :]
    return part[: part.index("</figure>")]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("which", ["classes", "survival", "places"])
def test_a_page_is_whole_and_loads_nothing(
    which: str, lang: Lang, request: pytest.FixtureRequest
) -> None:
    page = render_comparison(request.getfixturevalue(which).content, lang=lang)
    reader = PageReader(page)
    assert reader.faults == []
    assert reader.loads == ["data:,"]
    assert "<script" not in page
    assert not re.search(r"url\(|@import|https?://", page)
    assert "{" not in reader.text
    assert 'name="viewport"' in page


def test_names_of_patients_and_cohorts_are_escaped(classes: Judged) -> None:
    page = render_comparison(classes.content)
    assert "<made up>" not in page
    assert "&lt;made up&gt;" in page
    assert "p001" not in page


def test_every_figure_of_every_system_is_that_of_the_result(classes: Judged) -> None:
    page = render_comparison(json.loads(json.dumps(with_texts(classes.content))))
    for row in classes.content["systems"]:
        shown = cells(page, "headlines", row["system"]) + cells(page, "calibration", row["system"])
        value, interval = estimate_parts(row["headline"], WORDS)
        assert shown[0] == f"{value} {interval}".strip()
        assert f"{row['headline']['value']:.3f}" == value
        if row["gain"]:
            assert shown[1].startswith(f"{row['gain']['value']:.3f} {row['gain']['low']:.3f} to")
            assert row["best_baseline"] in shown[1]
        assert shown[2] == row["words"]
        for name, found in row["figures"].items():
            assert " ".join(estimate_parts(found, WORDS)).strip() in shown, name
        assert estimate_text(row["headline"], WORDS) in page


def test_lines_go_through_the_points_of_the_result(classes: Judged) -> None:
    page = render_comparison(classes.content)
    for key in ("roc", "precision_recall"):
        for system, curves in classes.content["curves"].items():
            drawn = points(figure(page, key), system, FRAME)
            expected = list(zip(curves[key]["x"], curves[key]["y"], strict=True))
            np.testing.assert_allclose(drawn, expected, atol=1e-3)


def test_decision_curves_are_drawn_within_their_frame(classes: Judged) -> None:
    page = render_comparison(classes.content)
    share = classes.content["patients"]["classes"]["1"] / classes.content["patients"]["rows"]
    top = round(share + 0.05, 2)
    drawn = points(figure(page, "decision"), "spy", Frame(y=(-0.05, top)))
    curve = classes.content["curves"]["spy"]["decision"]
    expected = np.clip(curve["y"], -0.05, top)
    np.testing.assert_allclose([y for _, y in drawn], expected, atol=1e-3)


def test_every_patient_count_under_the_survival_curves_is_that_of_the_result(
    survival: Judged,
) -> None:
    page = render_comparison(survival.content)
    groups = survival.content["curves"]["wan2020"]["risk_groups"]
    part = page[page.index('<figure data-system="wan2020"') :]
    part = part[: part.index("</figure>")]
    shown = [int(n) for n in re.findall(r"<td>(\d+)</td>", part)]
    assert shown == groups["at_risk"]["low"] + groups["at_risk"]["high"]
    assert f"{groups['low']['events']} deaths of {groups['low']['n']}" in part
    assert '<figure data-system="majority"' not in page


def test_a_forest_holds_its_estimates_where_they_are() -> None:
    found = [
        ("a", "", "#000", {"value": 0.75, "low": 0.6, "high": 0.85}),
        ("b", "", "#000", {"value": 0.5, "low": None, "high": None}),
        ("left out", "", "#000", {"value": None, "low": None, "high": None}),
    ]
    plot = forest_of(found, 0.5, WORDS)
    assert [r.label for r in plot.rows] == ["a", "b"]
    low, high = plot.ends
    assert low <= 0.5 < 0.85 <= high
    for row, (*_, e) in zip(plot.rows, found, strict=False):
        assert low + (high - low) * row.point / 100 == pytest.approx(e["value"], abs=1e-4)
    assert low + (high - low) * plot.rows[0].low / 100 == pytest.approx(0.6, abs=1e-4)
    assert (high - low) * plot.rows[0].width / 100 == pytest.approx(0.25, abs=1e-4)
    assert low + (high - low) * plot.reference / 100 == pytest.approx(0.5, abs=1e-4)
    for at, text in plot.ticks:
        assert low + (high - low) * at / 100 == pytest.approx(float(text), abs=1e-3)


def test_subgroups_and_strata_are_shown_with_their_numbers(classes: Judged) -> None:
    page = render_comparison(classes.content)
    text = " ".join(PageReader(page).text.split())
    for s in classes.content["subgroups"]:
        for system in ("spy", "second"):
            if s["systems"]:
                assert estimate_text(s["systems"][system], WORDS) in text
        assert not s["systems"] or f"{s['events']} of {s['patients']}" in text
    assert re.search(r"Too small to be judged: [^.]*site: tiny\.", text)
    assert set(classes.content["strata"]) == {"u", "v"}
    for found in classes.content["strata"].values():
        assert estimate_text(found["systems"][0]["headline"], WORDS) in text
    assert "Strata too small to be judged: rare." in text


def test_critical_reading_follows_the_run(classes: Judged) -> None:
    def said(**changes: Any) -> str:
        return " ".join(critical_reading({**classes.content, **changes}, WORDS))

    assert "Nothing here is external" in said()
    outside = {**classes.content["protocol"], "kind": "leave-site-out"}
    assert "Nothing here is external" not in said(protocol=outside)
    assert "broken failed" in said()
    assert "no good" in said()
    assert "failed" not in said(failures={})
    assert "spy and second" in said()
    noise = [{**p, "within_noise": True} for p in classes.content["pairs"]]
    assert "Differences within noise: spy and second" in said(pairs=noise)
    assert "Differences beyond noise" not in said(pairs=noise)
    assert "inputs to choose from" not in said(inputs=1)
    assert "inputs to choose from" in said(inputs=1000)
    assert "no subgroup is judged" in said(subgroups=[])
    assert "7 numbers among the inputs are not known" in said(gaps=7)
    open_ = [{**p, "within_noise": None} for p in classes.content["pairs"]]
    assert "Differences without an interval" in said(pairs=open_)
    assert "noise" not in said(pairs=open_)
    assert "The smallest class has 60 of 120" in said()


def test_methods_cite_what_was_used_and_nothing_else(classes: Judged, survival: Judged) -> None:
    for judged, used, unused in (
        (classes, "Vickers AJ", "Kaplan EL"),
        (survival, "Kaplan EL", "Phipson B"),
    ):
        found = methods_of(judged.content, WORDS)
        sources = " ".join(found.sources)
        assert used in sources
        assert unused not in sources
        cited = {int(n) for b in re.findall(r"\[([\d, ]+)\]", " ".join(found.paragraphs))
                 for n in b.split(", ")}  # fmt: skip
        assert cited == set(range(1, len(found.sources) + 1))
    card = survival.content["cards"]["wan2020"]
    assert card["citation"] in methods_of(survival.content, WORDS).sources


def test_methods_of_one_split_are_not_widened(survival: Judged) -> None:
    once = {**survival.content["protocol"], "kind": "hold-out"}
    text = " ".join(methods_of({**survival.content, "protocol": once}, WORDS).paragraphs)
    assert "widened" not in text
    assert "one split, 30\N{NO-BREAK SPACE}% of the patients left out" in text


def test_checklists_have_all_items_and_say_what_is_not_stated(classes: Judged) -> None:
    found = checklists_of(classes.content, WORDS)
    assert (len(found["TRIPOD+AI"]), len(found["CLAIM"])) == (52, 44)
    for rows in found.values():
        assert len({number for number, _, _ in rows}) == len(rows)
    tripod = {number: answer for number, _, answer in found["TRIPOD+AI"]}
    assert tripod["17"] is tripod["18a"] is tripod["5b"] is None
    assert "spy 0." in (tripod["23a"] or "")
    page = render_comparison(classes.content)
    unstated = sum(answer is None for rows in found.values() for *_, answer in rows)
    assert page.count('<span class="unstated">not stated</span>') == unstated


def test_every_answer_of_a_checklist_is_one_that_some_run_gives(
    classes: Judged, survival: Judged
) -> None:
    given = set()
    for judged in (classes, survival):
        for name, rows in checklists_of(judged.content, WORDS).items():
            given |= {i.answer for i, (*_, answer) in zip(CHECKLISTS[name], rows, strict=True)
                      if answer is not None}  # fmt: skip
    asked = {i.answer for items in CHECKLISTS.values() for i in items if i.answer}
    assert asked - given == set()


def test_fairness_is_not_stated_where_no_sex_or_age_is_judged(classes: Judged) -> None:
    sites = [s for s in classes.content["subgroups"] if s["trait"] == "site"]
    found = checklists_of({**classes.content, "subgroups": sites}, WORDS)["TRIPOD+AI"]
    answers = {number: answer for number, _, answer in found}
    assert answers["14"] is None
    assert answers["23b"] is not None


@pytest.fixture
def written(classes: Judged, tmp_path: Path) -> Path:
    pytest.importorskip("pyarrow.parquet")
    return write_bench(tmp_path / "out", classes.run, classes.content, lang="zh")


def test_predictions_are_there_for_every_patient(written: Path, classes: Judged) -> None:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(written / "predictions.parquet").to_pydict()
    assert len(table["subject"]) == 6 * 120
    assert {"spy", "second", "age_sex"} <= set(table["system"])
    codes = np.asarray(classes.run.cohort.target("idh").strata)
    truth = dict(zip(classes.run.cohort.inputs.subjects, codes, strict=True))
    assert all(int(t) == truth[s] for t, s in zip(table["truth"], table["subject"], strict=True))
    assert set(table["site"]) == {"a", "b", "tiny"}
    assert set(table["stratum"]) == {"u", "v", "rare"}


def test_results_are_in_english_and_the_page_in_the_language_asked(written: Path) -> None:
    stored = json.loads((written / "results.json").read_text(encoding="utf-8"))
    assert any("Nothing here is external" in s for s in stored["critical_reading"])
    page = (written / "comparison.html").read_text(encoding="utf-8")
    assert page == render_comparison(stored, lang="zh")
    assert 'lang="zh-Hans"' in page
    assert "此处均非外部验证" in page
    assert stored["checklists"]["CLAIM"][0]["item"] == "1"
