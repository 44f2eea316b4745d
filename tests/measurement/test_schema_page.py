"""The page that documents measurements.json names every key and every place."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from gliokit.measurement import (
    Bidimensional,
    Enhancement,
    Lesion,
    Location,
    Margin,
    Measurements,
    Mismatch,
    Proportions,
    RegionFigures,
    Signs,
    Vasari,
)
from gliokit.measurement.areas import ELOQUENT
from gliokit.measurement.parcels import PLACES

DOCS = Path(__file__).resolve().parents[2] / "docs"


MODELS = (
    Bidimensional,
    Enhancement,
    Lesion,
    Location,
    Margin,
    Measurements,
    Mismatch,
    Proportions,
    RegionFigures,
    Signs,
    Vasari,
)


@pytest.mark.parametrize("model", MODELS)
def test_every_key_is_documented(model: type[BaseModel]) -> None:
    page = (DOCS / "measurements.md").read_text(encoding="utf-8")
    assert [key for key in model.model_fields if f"`{key}`" not in page] == []


def test_every_place_is_documented() -> None:
    page = (DOCS / "atlases.md").read_text(encoding="utf-8")
    assert [place for place in PLACES if f"| `{place}` |" not in page] == []


def test_every_eloquent_area_is_documented() -> None:
    page = (DOCS / "measurements.md").read_text(encoding="utf-8")
    stems = {area.removesuffix("_left").removesuffix("_right") for area in ELOQUENT}
    assert [stem for stem in sorted(stems) if f"`{stem}`" not in page] == []


def test_figures_survive_being_written_and_read() -> None:
    figures = Measurements(
        subject="p", segmentation="given", regions={}, proportions=None, location=None
    )
    assert Measurements.model_validate_json(figures.model_dump_json()) == figures
