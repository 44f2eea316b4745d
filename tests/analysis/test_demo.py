"""The demo: a patient, a result, and how far they agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from gliokit.analysis import demo
from gliokit.study import OutputError, read_label_map


def test_a_demo_makes_a_patient_and_its_report(model: Path, tmp_path: Path) -> None:
    made = demo(tmp_path / "demo", model=model, spacing_mm=4.0)
    assert made.report.is_file()
    assert len(list(made.patient.glob("*.nii.gz"))) == 5
    assert set(made.dice) == {"WT", "TC", "ET"}
    assert all(0 <= d <= 1 for d in made.dice.values())
    truth = read_label_map(next(made.patient.glob("*-seg.nii.gz")), generation="2023")
    found = read_label_map(tmp_path / "demo" / "segmentation.nii.gz")
    assert found.grid.same_as(truth.grid)


def test_a_demo_is_not_written_among_other_files(model: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"thesis\.txt"):
        demo(tmp_path, model=model)
