"""The figures of one segmentation: what `measurements.json` holds.

Units stand in the keys. Points are RAS+ millimetres of the patient, as the image's affine
gives them; nothing is measured in atlas space. A region that the segmentation doesn't know
is absent; a region that it knows and that is empty has a volume of 0.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = [
    "Bidimensional",
    "Lesion",
    "Location",
    "Measurements",
    "Proportions",
    "RegionFigures",
]

Point = tuple[float, float, float]


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bidimensional(_Figures):
    """RANO's two diameters in the axial slice where their product is largest.

    `measurable` is False below 10 x 10 mm.
    """

    longest_mm: float
    perpendicular_mm: float
    product_mm2: float
    measurable: bool
    longest_ends_mm: tuple[Point, Point]
    perpendicular_ends_mm: tuple[Point, Point]


class Lesion(_Figures):
    """One 26-connected component of a region, the largest first.

    `bidimensional` is None also where the filled core joins the lesion to a larger one,
    which then carries the diameters of both.
    """

    volume_ml: float
    longest_diameter_mm: float
    surface_area_mm2: float
    centroid_mm: Point
    bidimensional: Bidimensional | None


class RegionFigures(_Figures):
    """One region as a whole, and its lesions.

    `longest_diameter_mm` is that of one of its lesions, `surface_area_mm2` the sum of
    theirs. `bidimensional` is that of the lesion with the largest product; it is there for
    ET (its enclosed core filled) and WT (the FLAIR abnormality) only.
    """

    volume_ml: float
    longest_diameter_mm: float | None
    surface_area_mm2: float
    centroid_mm: Point | None
    bidimensional: Bidimensional | None
    lesions: tuple[Lesion, ...]


class Proportions(_Figures):
    """Parts of the whole tumour in percent of its volume.

    The core that doesn't enhance is necrosis or non-enhancing tumour; what lies outside the
    core is oedema or infiltration. The labels can't tell which.
    """

    enhancing_percent: float
    non_enhancing_core_percent: float
    flair_outside_core_percent: float


class Location(_Figures):
    """Where the whole tumour lies, looked up in the atlas.

    `lobes_percent` holds each lobe (and deep structure) that has part of the tumour, such
    as 'frontal_left': 62.5. `similarity` tells how well the patient's brain and the atlas
    agree after the match: their correlation ratio, 1 at best. `midline_shift_mm` is that
    of the septum pellucidum, positive towards the patient's left, and None where it could
    not be measured; so is `ventricle_distance_mm`, which is 0 where the tumour touches
    them. docs/measurements.md defines each.
    """

    side: Literal["left", "right", "bilateral"]
    left_percent: float
    lobes_percent: dict[str, float]
    crosses_midline: bool
    midline_shift_mm: float | None
    ventricle_distance_mm: float | None
    centroid_mni_mm: Point
    similarity: float


class Measurements(_Figures):
    """All figures of one segmentation of one study."""

    schema_version: Literal[1] = 1
    subject: str
    segmentation: Literal["automatic", "given"]
    regions: dict[str, RegionFigures]
    proportions: Proportions | None
    location: Location | None
