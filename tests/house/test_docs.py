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
