"""All figures of one segmentation."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.descriptors import describe
from gliokit.measurement.hollow import cysts
from gliokit.measurement.places import locate
from gliokit.measurement.regions import proportions_of, regions_of
from gliokit.measurement.schema import Location, Measurements, Signs
from gliokit.measurement.signs import signs_of
from gliokit.preprocessing import PreparedStudy, reoriented, to_native
from gliokit.preprocessing.atlas import AtlasMatch, match_atlas
from gliokit.study import WHOLE_TUMOUR, LabelMap, check_same_grid

__all__ = ["measure"]


def measure(
    prepared: PreparedStudy,
    label_map: LabelMap,
    *,
    segmentation: Literal["automatic", "given"] = "automatic",
    atlas: AtlasMatch | None = None,
    drawn: LabelMap | None = None,
) -> Measurements:
    """Volumes, diameters, margins, proportions, places and signs of a segmentation.

    Uptake of contrast medium and T2-FLAIR mismatch are ratios to white matter, which need the
    study's `unscaled` images.

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
    cyst = cysts(prepared, label_map)
    location, signs = _seen(prepared, label_map, cyst, atlas)
    regions = regions_of(sized, _on_grid_of(sized, cyst, prepared))
    proportions = proportions_of(sized)
    return Measurements(
        subject=prepared.subject,
        segmentation=segmentation,
        regions=regions,
        proportions=proportions,
        location=location,
        signs=signs,
        vasari=describe(regions, proportions, location, signs),
    )


def _seen(
    prepared: PreparedStudy,
    label_map: LabelMap,
    cyst: NDArray[np.bool_],
    atlas: AtlasMatch | None,
) -> tuple[Location | None, Signs | None]:
    if not label_map.knows("WT") or not label_map.region("WT").any():
        return None, None
    match = atlas if atlas is not None else match_atlas(prepared, label_map.region("WT"))
    signs = signs_of(prepared, label_map, cyst, match)
    return locate(prepared, label_map, match), signs


def _on_grid_of(
    sized: LabelMap, cyst: NDArray[np.bool_], prepared: PreparedStudy
) -> NDArray[np.bool_] | None:
    """Cysts where the segmentation was drawn; None where there are none."""
    if not cyst.any():
        return None
    if sized.grid.same_as(prepared.grid):
        return cyst
    native = to_native(LabelMap(prepared.grid, cyst.astype(np.uint8), WHOLE_TUMOUR), prepared)
    drawn = reoriented(native, sized.grid)
    check_same_grid(
        sized.grid, drawn.grid, source="the segmentation as drawn", against="the images as read"
    )
    return np.asarray(drawn.data > 0)
