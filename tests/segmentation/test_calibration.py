"""A model's calibration is used with its own networks alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from gliokit.inference import list_models, load_model
from gliokit.segmentation.calibration import DOUBT_FILE, Calibration, load_calibration
from gliokit.study import UsageError
from tests.tiny_model import write_tiny_model

BARE = Calibration(
    networks=(), made_with="tests", level=0.9, patients=9, qualities={}, usual={}, usual_limit=4,
    usual_patients=9,
)  # fmt: skip


def test_a_calibration_of_other_networks_is_not_used(tmp_path: Path) -> None:
    model = load_model(write_tiny_model(tmp_path, fine=True))
    assert load_calibration(model) is None
    file = tmp_path / DOUBT_FILE
    file.write_text(BARE.model_dump_json())
    assert load_calibration(model) is None
    sums = tuple(stage.sha256 for stage in model.card.stages)
    own = BARE.model_copy(update={"networks": sums})
    file.write_text(own.model_dump_json())
    assert load_calibration(model) == own


@pytest.mark.parametrize("text", ["{}", "no json", '{"networks": [1e999]}'])
def test_a_broken_calibration_is_named(tmp_path: Path, text: str) -> None:
    model = load_model(write_tiny_model(tmp_path))
    (tmp_path / DOUBT_FILE).write_text(text)
    with pytest.raises(UsageError, match=r"doubt\.json"):
        load_calibration(model)


@pytest.mark.parametrize("name", [card.name for card in list_models()])
def test_every_shipped_model_has_its_calibration(name: str) -> None:
    model = load_model(name)
    known = load_calibration(model)
    assert known is not None, "run benchmarks/segmentation_coverage.py with --into"
    assert set(known.qualities) == {"standard", "best"}
    assert all(set(q) == set(model.card.regions) for q in known.qualities.values())
