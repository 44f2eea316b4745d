"""All figures of one segmentation."""

from __future__ import annotations

from typing import Literal

from gliokit.measurement.regions import proportions_of, regions_of
from gliokit.measurement.schema import Measurements
from gliokit.preprocessing import PreparedStudy
from gliokit.study import LabelMap

__all__ = ["measure"]


def measure(
    prepared: PreparedStudy,
    label_map: LabelMap,
    *,
    segmentation: Literal["automatic", "given"] = "automatic",
) -> Measurements:
    """Volumes, diameters, proportions and places of a segmentation.

    Args:
        prepared: The study.
        label_map: On the prepared grid.
        segmentation: Whose it is.
    """
    return Measurements(
        subject=prepared.subject,
        segmentation=segmentation,
        regions=regions_of(label_map),
        proportions=proportions_of(label_map),
        location=None,
    )
