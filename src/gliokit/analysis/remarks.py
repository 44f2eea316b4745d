"""What is to be said of the figures of a segmentation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gliokit.inference import ModelCard
from gliokit.measurement import Measurements
from gliokit.preprocessing import PreparedStudy
from gliokit.preprocessing.atlas import UNCERTAIN_SIMILARITY
from gliokit.study import Modality, Notice

__all__ = ["remarks"]

SMALL_ML = 1.0


def remarks(
    figures: Measurements, prepared: PreparedStudy, card: ModelCard, *, given: str | Path | None
) -> tuple[Notice, ...]:
    """Notices of what was found and measured.

    Args:
        figures: Of the segmentation that was measured.
        prepared: The study.
        card: Of the model that saw it.
        given: The file of the segmentation, where it was not found by gliokit.
    """
    return (*_of_model(figures, prepared, card), *_of_figures(figures, given))


def _of_model(figures: Measurements, prepared: PreparedStudy, card: ModelCard) -> Iterator[Notice]:
    if card.has_seen([prepared.subject]):
        yield Notice("seen-in-training")
    if figures.segmentation == "automatic" and Modality.T1C not in prepared.images:
        yield Notice("enhancement-guessed")


def _of_figures(figures: Measurements, given: str | Path | None) -> Iterator[Notice]:
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
