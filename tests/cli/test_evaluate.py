"""`gliokit evaluate segmentation`: a file of figures, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gliokit.study import BRATS, Grid, LabelMap, write_label_map
from tests.cli.conftest import Ending
from tests.conftest import TINY_AFFINE, TINY_SHAPE


@pytest.fixture
def table(tmp_path: Path, tiny_study: Path) -> Path:
    table = tmp_path / "cohort.csv"
    table.write_text(f"subject_id,study,generation\np1,{tiny_study},2023\n", encoding="utf-8")
    return table


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    """The expert's labels but for ET, which is missed."""
    labels = np.zeros(TINY_SHAPE, np.uint8)
    labels[4:8, 4:8, 4:8] = 2
    labels[5:7, 5:7, 5:7] = 1
    folder = tmp_path / "made"
    folder.mkdir()
    label_map = LabelMap(Grid(TINY_SHAPE, TINY_AFFINE), labels, BRATS)
    write_label_map(folder / "p1.nii.gz", label_map)
    return folder


def test_figures_have_the_form_of_a_stored_run(
    run: Callable[..., Ending], table: Path, predictions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "figures.json"
    call = ("evaluate", "segmentation", "--cohort", table, "--predictions", predictions)
    ending = run(*call, "-o", out)
    assert ending.code == 0, ending.err
    stored = json.loads(out.read_text())
    assert set(stored) == {
        "command", "date", "version", "data", "seed", "machine", "figures", "rows",
    }  # fmt: skip
    assert stored["figures"]["wt_dice"] == {
        "value": 1.0, "low": 1.0, "high": 1.0, "n": 1, "unit": "Dice",
    }  # fmt: skip
    assert stored["figures"]["et_dice"]["value"] == 0
    assert stored["figures"]["et_presence_right"]["value"] == 0
    (row,) = stored["rows"]
    assert row["subject"] == "p1"
    assert row["et_hd95_mm"] is None
    assert "WT  dice                 1.000 (1.000 to 1.000) Dice, n = 1" in ending.out
    assert run(*call, "-o", out).code == 4
    assert run(*call, "-o", out, "--overwrite").code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sequences", "t1,t9", "-o", "f.json"), "found t9"),
        (("-o", "f.txt"), ".json file"),
        (("--model", "nobody", "-o", "f.json"), "gliokit models"),
    ],
)
def test_a_wrong_call_leaves_nothing(
    run: Callable[..., Ending],
    table: Path,
    tmp_path: Path,
    options: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    ending = run("evaluate", "segmentation", "--cohort", table, *options)
    assert ending.code == 2
    assert said in ending.err
    assert not [p for p in tmp_path.iterdir() if p.name.startswith("f.")]


def test_an_unreadable_patient_is_named_and_leaves_the_figures_of_the_others(
    run: Callable[..., Ending], table: Path, tiny_study: Path, predictions: Path, tmp_path: Path
) -> None:
    with table.open("a", encoding="utf-8") as rows:
        rows.write(f"p2,{tiny_study},2023\n")
    (predictions / "p2.nii.gz").write_bytes(b"torn")
    out = tmp_path / "figures.json"
    call = ("evaluate", "segmentation", "--cohort", table, "--predictions", predictions)
    ending = run(*call, "-o", out)
    assert ending.code == 3
    assert "Failed: p2: " in ending.err
    assert "n = 1" in ending.out
    stored = json.loads(out.read_text())
    assert [row["subject"] for row in stored["rows"]] == ["p1"]
    assert "1 more could not be judged" in stored["data"]
    assert run(*call, "-o", tmp_path / "g.json", "--group-by", "site").code == 2
