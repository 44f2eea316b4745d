"""Every figure in the docs comes from a stored run, and stored runs have one form."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
RESULTS = sorted((ROOT / "results").glob("*/*.json"))
RUN_KEYS = {"command", "date", "version", "data", "seed", "machine", "figures", "rows"}
FIGURE_KEYS = {"value", "low", "high", "n", "unit"}


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = _generator()


@pytest.mark.parametrize("page", generate.pages(), ids=lambda p: p.name)
def test_docs_are_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert generate.filled(text, ROOT / "results") == text, "run: make docs"


def test_idh_of_a_cohort_of_several_grades_is_marked(tmp_path: Path) -> None:
    figure = {"value": 0.9, "low": None, "high": None, "n": 4, "unit": "AUC"}
    for grades, marks in (([2, 2], 1), ([0, 4], 0)):
        rows = [{"comparison": "A, grade_3_or_4", "classes": grades},
                {"comparison": "A, idh", "classes": [2, 2]}]  # fmt: skip
        run = {"data": "d", "version": "0", "date": "d", "command": "c", "machine": {"cores": 1},
               "figures": {"A, idh: human": figure, "B, idh: human": figure},
               "rows": rows}  # fmt: skip
        (tmp_path / "a.json").write_text(json.dumps(run), encoding="utf-8")
        made = generate.filled("<!-- results: a.json -->\n<!-- /results -->", tmp_path)
        assert made.count("| A, idh: human (confounded by grade) |") == marks
        assert made.count("confounded") == marks


def test_a_block_is_filled_from_its_run(tmp_path: Path) -> None:
    figures = {"wt_dice": {"value": 0.5, "low": 0.25, "high": 0.75, "n": 9, "unit": "Dice"}}
    run = {
        "command": "c", "date": "d", "version": "v", "data": "nine", "machine": {"cores": 2},
        "figures": figures,
    }  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(run))
    page = "one\n<!-- results: a.json -->\nold\n<!-- /results -->\ntwo\n"
    made = generate.filled(page, tmp_path)
    assert "| wt dice | 0.5 (0.25 to 0.75) | Dice | 9 |" in made
    assert "old" not in made
    assert made.endswith("<!-- /results -->\ntwo\n")
    assert generate.filled(made, tmp_path) == made


def test_a_systems_figure_has_its_seconds_beside_it_where_the_run_has_them(tmp_path: Path) -> None:
    figure = {"value": 0.5, "low": None, "high": None, "n": 9, "unit": "AUC"}
    run = {
        "command": "c", "date": "d", "version": "v", "data": "nine", "machine": {"cores": 2},
        "figures": {"A: one": figure, "other": figure, "one less other": figure},
        "rows": [{"cohort": "A", "system": "one", "processor_seconds": 1054.7},
                 {"system": "other", "processor_seconds": 0.01}, {"pair": ["one", "other"]}],
    }  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(run))
    made = generate.filled("<!-- results: a.json -->\n<!-- /results -->", tmp_path)
    assert "| figure | value | unit | n | processor s |" in made
    assert "| A: one | 0.5 | AUC | 9 | 1050 |" in made
    assert "| other | 0.5 | AUC | 9 | 0.01 |" in made
    assert "| one less other | 0.5 | AUC | 9 |  |" in made


def test_values_stand_beside_their_references_and_what_does_not_match_in_red(
    tmp_path: Path,
) -> None:
    row = {"standard": "S 1", "feature": "f", "reference": 2.0, "tolerance": 0.1, "reason": ""}
    rows = [
        {**row, "case": "a", "value": 2.05, "matched": True},
        {**row, "case": "b", "value": 9.0, "matched": False, "reason": "why"},
        {**row, "case": "c", "value": 1.0, "matched": None, "reference": None, "reason": "none"},
        {**row, "standard": "S 2", "case": "d", "value": 1.0, "matched": True},
    ]
    (tmp_path / "a.json").write_text(json.dumps({"rows": rows}))
    made = generate.filled("<!-- references: a.json S 1 -->\n<!-- /references -->", tmp_path)
    red = '<span style="color:red">9 (2 ± 0.1): why</span>'
    assert f"| `f` | 2.05 (2 ± 0.1) | {red} | 1 (none) |" in made
    assert "| feature | a | b | c |" in made


def test_regions_stand_side_by_side_and_rows_line_by_line(tmp_path: Path) -> None:
    figure = {"value": 0.51234, "low": 0.25, "high": 0.75, "n": 9, "unit": "Dice"}
    run = {
        "command": "c", "date": "d", "version": "v", "data": "nine", "machine": {"cores": 2},
        "figures": {
            "wt_dice": figure, "et_dice": {**figure, "n": 6, "low": None}, "wt_hd95_mm": figure,
        },
        "rows": [{"name": "one", "wt_dice": 0.5, "other": 3}],
    }  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(run))
    made = generate.filled(
        "<!-- results: a.json by region: dice -->\n<!-- /results -->\n"
        "<!-- rows: a.json name,wt_dice -->\n<!-- /rows -->",
        tmp_path,
    )
    assert "| dice | 0.512 (0.25 to 0.75) |  | 0.512, n = 6 |" in made
    assert "hd95" not in made
    assert "| name | wt dice |" in made
    assert "| one | 0.5 |" in made


def test_a_block_without_a_run_says_so(tmp_path: Path) -> None:
    page = "<!-- results: a.json -->\n<!-- /results -->"
    assert "No run is stored yet" in generate.filled(page, tmp_path)


@pytest.mark.parametrize("path", RESULTS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_stored_run_has_the_form_of_the_house(path: Path) -> None:
    run = json.loads(path.read_text(encoding="utf-8"))
    assert set(run) == RUN_KEYS
    assert {"cores", "gpu"} <= set(run["machine"])
    assert run["figures"]
    for figure in run["figures"].values():
        assert set(figure) == FIGURE_KEYS
        assert figure["n"] >= 1
        assert figure["low"] is None or figure["low"] <= figure["value"] <= figure["high"]
