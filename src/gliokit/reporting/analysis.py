"""All that a report needs: a report never computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gliokit.inference.card import ModelCard
from gliokit.measurement.schema import Measurements
from gliokit.preprocessing import PreparedStudy
from gliokit.segmentation.result import Segmentation

__all__ = ["Analysis"]


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """One study's journey, by reference.

    Args:
        prepared: The images that were seen, with the notices of reading and preparing.
        segmentation: The regions that were measured.
        measurements: Their figures.
        card: Of the model; None where the segmentation was given.
        compared: A second segmentation to show beside it, with its figures: the automatic
            one where a corrected one was given.
        provenance: Of `run.json`: version, command, date, inputs with checksums, settings,
            seconds per stage, library versions.
    """

    prepared: PreparedStudy
    segmentation: Segmentation
    measurements: Measurements
    card: ModelCard | None
    provenance: dict[str, Any]
    compared: tuple[Segmentation, Measurements] | None = None
