"""The page that documents measurements.json names every key and every place."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from gliokit.measurement import (
    Bidimensional,
    Lesion,
    Location,
    Measurements,
    Proportions,
    RegionFigures,
)
from gliokit.measurement.parcels import PLACES

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize(
    "model", [Bidimensional, Lesion, Location, Measurements, Proportions, RegionFigures]
)
def test_every_key_is_documented(model: type[BaseModel]) -> None:
    page = (DOCS / "measurements.md").read_text(encoding="utf-8")
    assert [key for key in model.model_fields if f"`{key}`" not in page] == []


def test_every_place_is_documented() -> None:
    page = (DOCS / "atlases.md").read_text(encoding="utf-8")
    assert [place for place in PLACES if f"| `{place}` |" not in page] == []


def test_figures_survive_being_written_and_read() -> None:
    figures = Measurements(
        subject="p", segmentation="given", regions={}, proportions=None, location=None
    )
    assert Measurements.model_validate_json(figures.model_dump_json()) == figures
