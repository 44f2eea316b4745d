"""All figures of one segmentation."""

from __future__ import annotations

from typing import Literal

from gliokit.measurement.places import locate
from gliokit.measurement.regions import proportions_of, regions_of
from gliokit.measurement.schema import Location, Measurements
from gliokit.preprocessing import PreparedStudy
from gliokit.preprocessing.atlas import AtlasMatch, match_atlas
from gliokit.study import LabelMap, check_same_grid

__all__ = ["measure"]


def measure(
    prepared: PreparedStudy,
    label_map: LabelMap,
    *,
    segmentation: Literal["automatic", "given"] = "automatic",
    atlas: AtlasMatch | None = None,
    drawn: LabelMap | None = None,
) -> Measurements:
    """Volumes, diameters, proportions and places of a segmentation.

    Args:
        prepared: The study.
        label_map: On the prepared grid.
        segmentation: Whose it is.
        atlas: The match of this study with the atlas, where it is known already, as when
            two segmentations of one study are measured; else it is made here, the whole
            tumour left out.
        drawn: The same segmentation on the grid that it was drawn on, axes as those of the
            prepared grid: sizes are taken there, so that its own voxels are counted.

    Raises:
        StudyError: the label map is not on the prepared grid.
        UsageError: a package that ships the atlas is not installed.
    """
    check_same_grid(
        label_map.grid, prepared.grid, source="the label map", against="the prepared images"
    )
    sized = label_map if drawn is None else drawn
    return Measurements(
        subject=prepared.subject,
        segmentation=segmentation,
        regions=regions_of(sized),
        proportions=proportions_of(sized),
        location=_location(prepared, label_map, atlas),
    )


def _location(
    prepared: PreparedStudy, label_map: LabelMap, atlas: AtlasMatch | None
) -> Location | None:
    if not label_map.knows("WT") or not label_map.region("WT").any():
        return None
    match = atlas if atlas is not None else match_atlas(prepared, label_map.region("WT"))
    return locate(prepared, label_map, match)
