"""What is to be said of the figures of a segmentation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gliokit.measurement import Measurements
from gliokit.preprocessing.atlas import UNCERTAIN_SIMILARITY
from gliokit.study import Notice

__all__ = ["remarks"]

SMALL_ML = 1.0


def remarks(figures: Measurements, *, given: str | Path | None) -> tuple[Notice, ...]:
    """Notices of what was measured.

    Args:
        figures: Of the segmentation that was measured.
        given: Its file, where it was not found by gliokit.
    """
    return tuple(_remarks(figures, given))


def _remarks(figures: Measurements, given: str | Path | None) -> Iterator[Notice]:
    if given is not None:
        name = Path(given).name
        yield Notice("segmentation-given", name, {"file": name})
    volumes = {name: region.volume_ml for name, region in figures.regions.items()}
    if volumes.get("WT") == 0:
        yield Notice("no-tumour")
    for name, volume_ml in volumes.items():
        if 0 < volume_ml < SMALL_ML:
            yield Notice("region-small", name, {"region": name, "volume_ml": volume_ml})
    location = figures.location
    if location is not None and location.similarity < UNCERTAIN_SIMILARITY:
        yield Notice("atlas-uncertain", values={"similarity": location.similarity})
