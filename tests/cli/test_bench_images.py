"""`gliokit bench` with a system that looks at images: from a folder to a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gliokit.cli import bench
from gliokit.study import StudyError
from tests.systems.digital import digital_patients, write_digital_cohort

app = typer.Typer()
app.command("bench")(bench.bench)
app.callback()(lambda: None)


def arguments(folder: Path, out: Path) -> list[str]:
    return [
        "bench", "--cohort", str(folder), "--target", "idh_mutant", "--inputs", "age_years",
        "--systems", "liang2018", "--folds", "2", "--budget", "smoke", "-o", str(out),
    ]  # fmt: skip


def test_a_system_of_images_is_compared_on_a_cohort_folder(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")
    torch.set_num_threads(1)
    folder = write_digital_cohort(tmp_path / "cohort", digital_patients(12))
    ending = CliRunner().invoke(app, arguments(folder, tmp_path / "out"))
    assert ending.exit_code == 0, ending.output + repr(ending.exception)
    stored = json.loads((tmp_path / "out" / "results.json").read_text())
    rows = {r["system"]: r for r in stored["systems"]}
    assert set(rows) == {"liang2018", "majority", "volume", "signs"}
    assert rows["liang2018"]["headline"]["n"] == 12


def test_a_published_segmentation_is_judged_by_the_label_maps_of_the_cohort(
    tmp_path: Path,
) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")
    torch.set_num_threads(1)
    folder = write_digital_cohort(tmp_path / "cohort", digital_patients(6))
    out = tmp_path / "out"
    ending = CliRunner().invoke(
        app,
        ["bench", "--cohort", str(folder), "--target", "tumour=WT", "--systems", "buda2019",
         "--folds", "2", "--budget", "smoke", "-o", str(out)],
    )  # fmt: skip
    assert ending.exit_code == 0, ending.output + repr(ending.exception)
    stored = json.loads((out / "results.json").read_text())
    row, prior = stored["systems"]
    assert (prior["system"], prior["baseline"]) == ("place_prior", True)
    assert row["gain"]["value"] == pytest.approx(
        row["headline"]["value"] - prior["headline"]["value"], abs=1e-5
    )
    assert (row["system"], row["headline"]["n"], stored["task"]) == ("buda2019", 6, "segmentation")
    assert 0 <= row["headline"]["value"] <= 1
    page = (out / "comparison.html").read_text()
    assert "mean Dice of WT" in page
    assert "mean Dice, cross-validated: 0.82" in page


def test_a_region_that_nobody_has_is_said(tmp_path: Path) -> None:
    folder = write_digital_cohort(tmp_path / "cohort", digital_patients(6))
    ending = CliRunner().invoke(
        app,
        ["bench", "--cohort", str(folder), "--target", "cavity=RC", "--systems", "buda2019",
         "-o", str(tmp_path / "out")],
    )  # fmt: skip
    assert isinstance(ending.exception, StudyError)
    assert "'RC' is drawn" in str(ending.exception)


def test_what_a_patient_lacks_is_said_by_name(tmp_path: Path) -> None:
    folder = write_digital_cohort(tmp_path / "cohort", digital_patients(12))
    (folder / "d03" / "d03-seg.nii.gz").unlink()
    ending = CliRunner().invoke(app, arguments(folder, tmp_path / "out"))
    assert isinstance(ending.exception, StudyError)
    assert "d03: region WT" in str(ending.exception)
    assert not (tmp_path / "out").exists()
