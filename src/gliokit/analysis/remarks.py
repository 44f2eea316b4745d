"""What is to be said of a segmentation besides its figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gliokit.measurement.schema import Measurements
from gliokit.segmentation import Segmentation
from gliokit.study import Notice

__all__ = ["remarks"]

SMALL_ML = 1.0


def remarks(
    segmentation: Segmentation, figures: Measurements, given: str | Path | None
) -> tuple[Notice, ...]:
    """Notices of what was measured.

    Args:
        segmentation: The one that was measured.
        figures: Of it.
        given: Its file, where it was not found by gliokit.
    """
    return tuple(_remarks(segmentation, figures, given))


def _remarks(
    segmentation: Segmentation, figures: Measurements, given: str | Path | None
) -> Iterator[Notice]:
    if given is not None:
        name = Path(given).name
        yield Notice("segmentation-given", name, {"file": name})
        yield from segmentation.label_map.notices
    volumes = {name: region.volume_ml for name, region in figures.regions.items()}
    if volumes.get("WT") == 0:
        yield Notice("no-tumour")
    for name, volume_ml in volumes.items():
        if 0 < volume_ml < SMALL_ML:
            yield Notice("region-small", name, {"region": name, "volume_ml": volume_ml})
