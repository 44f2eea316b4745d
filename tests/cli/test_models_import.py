"""`gliokit models import`: weights from outside become a model that `segment` takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ending

pytest.importorskip("torch", reason="torch is not installed (extra 'train')")


def test_an_imported_network_segments_a_study(
    run: Callable[..., Ending], tmp_path: Path, tiny_study: Path
) -> None:
    from tests.learning.importing.foreign_models import write_nnunet

    write_nnunet(tmp_path / "nn", mirror=None)
    seen = tmp_path / "seen.txt"
    seen.write_text("BraTS-GLI-00001-000\nBraTS-GLI-00002-000\n", encoding="utf-8")
    ending = run(
        "models", "import", tmp_path / "nn", "-o", tmp_path / "model", "--name", "mine",
        "--licence", "CC-BY-4.0", "--trained-on", seen,
    )  # fmt: skip
    assert ending.code == 0, ending.err
    assert "probabilities differ from the original's by" in ending.out
    card = json.loads((tmp_path / "model" / "card.json").read_text())
    assert [p["subject"] for p in card["trained_on"]] == seen.read_text().split()
    assert card["trained_on_known"] is True
    assert card["licence"] == "CC-BY-4.0"
    out = tmp_path / "found.nii.gz"
    ending = run("segment", tiny_study, "-o", out, "--model", tmp_path / "model")
    assert ending.code == 0, ending.err
    assert out.is_file()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "found neither"),
        (("--trained-on", "nobody.txt"), "UTF-8"),
    ],
)
def test_a_wrong_call_leaves_nothing(
    run: Callable[..., Ending], tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    (tmp_path / "empty").mkdir()
    ending = run("models", "import", tmp_path / "empty", "-o", tmp_path / "m", *options)
    assert ending.code == 2
    assert said in ending.err
    assert not (tmp_path / "m").exists()
