"""The page lists what there is."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

from gliokit.measurement.radiomics import FEATURES, RadiomicsSettings
from gliokit.measurement.radiomics.pyradiomics_names import PYRADIOMICS

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "radiomics.md"


def test_every_feature_stands_on_the_page_with_its_codes() -> None:
    lines = set(PAGE.read_text(encoding="utf-8").splitlines())
    for feature in FEATURES.values():
        theirs = PYRADIOMICS.get(feature.base)
        last = f"`{theirs}` |" if theirs else " |"
        line = f"| `{feature.base}` | {feature.code} | {feature.title} | {last}"
        assert line in lines, feature.name


def test_every_setting_stands_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name, field in RadiomicsSettings.model_fields.items():
        assert name in text
        for inner in getattr(field.default, "model_dump", dict)():
            assert f"\n{inner} = " in text, inner


def test_the_plot_of_costs_is_that_of_the_stored_run() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "make_cost_plot.py"))["drawn"]
    stored = json.loads((ROOT / "results/measurement/speed.json").read_text(encoding="utf-8"))
    plot = ROOT / "docs" / "images" / "radiomics_cost.svg"
    assert plot.read_text(encoding="utf-8") == drawn(stored["figures"])
    assert "images/radiomics_cost.svg" in PAGE.read_text(encoding="utf-8")
