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
    assert set(rows) == {"liang2018", "majority"}
    assert rows["liang2018"]["headline"]["n"] == 12


def test_what_a_patient_lacks_is_said_by_name(tmp_path: Path) -> None:
    folder = write_digital_cohort(tmp_path / "cohort", digital_patients(12))
    (folder / "d03" / "d03-seg.nii.gz").unlink()
    ending = CliRunner().invoke(app, arguments(folder, tmp_path / "out"))
    assert isinstance(ending.exception, StudyError)
    assert "d03: region WT" in str(ending.exception)
    assert not (tmp_path / "out").exists()
