"""The feature table beside an analysis."""

from __future__ import annotations

import csv
import json
import math
import shutil
from pathlib import Path

import pytest

import gliokit
from gliokit.reporting import Analysis
from gliokit.study import UsageError

SETTINGS = 'families = ["morphology", "statistics"]\naggregations = ["3D_avg"]\n'


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("settings") / "quick.toml"
    path.write_text(SETTINGS)
    return path


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("result") / "out"


@pytest.fixture(scope="module")
def analysis(study: Path, model: Path, out: Path, settings: Path) -> Analysis:
    return gliokit.analyze(study, out, model=model, features=True, feature_settings=settings)


@pytest.fixture(scope="module")
def rows(analysis: Analysis, out: Path) -> list[dict[str, str]]:
    with (out / "features.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def test_the_table_measures_the_regions_of_the_report(
    analysis: Analysis, rows: list[dict[str, str]]
) -> None:
    volumes = {
        r["region"]: float(r["value"])
        for r in rows
        if r["image"] == "mask" and r["feature"] == "morph_vol_approx"
    }
    figures = analysis.measurements.regions
    assert set(volumes) == {"WT", "TC", "ET"}
    for region, volume_mm3 in volumes.items():
        assert volume_mm3 / 1000 == pytest.approx(figures[region].volume_ml)
    assert {r["image"] for r in rows} == {"mask", "t1c", "flair", "study"}
    assert not [r for r in rows if r["feature"].startswith("cm_")], "settings were not heeded"


def test_signs_are_the_figures_of_the_report(
    analysis: Analysis, rows: list[dict[str, str]]
) -> None:
    signs = {r["feature"]: r["value"] for r in rows if r["image"] == "study"}
    location = analysis.measurements.location
    assert location is not None
    assert float(signs["location_left_percent"]) == location.left_percent
    assert {k.split("_")[0] for k in signs} == {
        "signs", "enhancement", "mismatch", "proportions", "location",
    }  # fmt: skip


def test_every_row_has_a_value_or_a_reason(rows: list[dict[str, str]]) -> None:
    for row in rows:
        if row["value"] == "n/a":
            assert row["reason"] not in ("", "n/a"), row
        else:
            assert math.isfinite(float(row["value"])), row


def test_the_run_names_the_settings_of_the_table(
    analysis: Analysis, out: Path, rows: list[dict[str, str]], settings: Path
) -> None:
    run = json.loads((out / "run.json").read_text())
    assert {r["settings"] for r in rows} == {run["settings"]["features"]}
    assert "features" in run["seconds"]
    assert run["inputs"][-1]["role"] == "feature-settings"
    command = run["command"]
    assert "--features" in command
    assert command[command.index("--feature-settings") + 1] == str(settings)
    assert "features.tsv" not in str(analysis.provenance)


def test_a_table_of_an_earlier_result_does_not_stay(
    analysis: Analysis, out: Path, study: Path, model: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(out, tmp_path / "out")
    assert (copy / "features.tsv").is_file()
    gliokit.analyze(study, copy, model=model)
    assert not (copy / "features.tsv").exists()
    assert json.loads((copy / "run.json").read_text())["settings"]["features"] is None


def test_settings_without_a_table_are_refused_before_any_work(
    study: Path, settings: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="settings of features go with a feature table"):
        gliokit.analyze(study, tmp_path / "out", feature_settings=settings)
    bad = tmp_path / "bad.toml"
    bad.write_text("familys = []\n")
    with pytest.raises(UsageError, match="families"):
        gliokit.analyze(study, tmp_path / "out", features=True, feature_settings=bad)
    assert not (tmp_path / "out").exists()
