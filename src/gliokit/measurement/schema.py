"""The figures of one segmentation: what `measurements.json` holds.

Units stand in the keys. Points are RAS+ millimetres of the patient, as the image's affine
gives them; nothing is measured in atlas space. A region that the segmentation doesn't know
is absent; a region that it knows and that is empty has a volume of 0.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from gliokit.measurement.doubt import Doubt

__all__ = [
    "Bidimensional",
    "Enhancement",
    "Lesion",
    "Location",
    "Margin",
    "Measurements",
    "Mismatch",
    "Proportions",
    "RegionFigures",
    "Signs",
    "Vasari",
]

Point = tuple[float, float, float]


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bidimensional(_Figures):
    """RANO's two diameters in the axial slice where their product is largest.

    `measurable` is False below 10 x 10 mm (twice the slice distance where that is more than
    5 mm) and for what is seen in one slice only.
    """

    longest_mm: float
    perpendicular_mm: float
    product_mm2: float
    measurable: bool
    longest_ends_mm: tuple[Point, Point]
    perpendicular_ends_mm: tuple[Point, Point]


class Margin(_Figures):
    """Shape of the margin of a region's largest lesion, without units.

    Those that end in `_slice` are of the axial slice with the largest area, the others of
    the whole lesion. `asd` is the angular standard deviation: 0 for a sphere, larger for
    rough or drawn-out margins. `margin_fluctuation` is the part of it that a smooth margin
    lacks. `ellipsoid_volume_ratio` (BEVR) is the share that the lesion fills of the smallest
    ellipsoid around it, 1 at most. None for a single voxel.
    """

    asd_slice: float | None
    margin_fluctuation_slice: float | None
    ellipse_area_ratio_slice: float
    asd: float | None
    margin_fluctuation: float | None
    ellipsoid_volume_ratio: float


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
    ET (its enclosed core filled) and WT (the FLAIR abnormality) only, and so are
    `sum_of_products_mm2`, over the `targets` (two at most) largest measurable lesions.
    `margin` is there for WT, TC and ET, where they are not empty.
    """

    volume_ml: float
    longest_diameter_mm: float | None
    surface_area_mm2: float
    centroid_mm: Point | None
    bidimensional: Bidimensional | None
    lesions: tuple[Lesion, ...]
    sum_of_products_mm2: float | None = None
    targets: int | None = None
    margin: Margin | None = None


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
    them. `areas_ml` holds the eloquent areas that the tumour reaches, `areas_distance_mm` all
    of them, `parcels_percent` the share of each atlas parcel that is tumour.
    docs/measurements.md defines each.
    """

    side: Literal["left", "right", "bilateral"]
    left_percent: float
    lobes_percent: dict[str, float]
    crosses_midline: bool
    midline_shift_mm: float | None
    ventricle_distance_mm: float | None
    centroid_mni_mm: Point
    similarity: float
    cortex_distance_mm: float | None = None
    brain_surface_distance_mm: float | None = None
    areas_ml: dict[str, float] = {}
    areas_distance_mm: dict[str, float] = {}
    eloquent_touched: tuple[str, ...] = ()
    parcels_percent: dict[str, float] = {}


MismatchWithheld = Literal["no_normal_tissue", "fluid_not_dark_in_flair", "too_small"]


class Mismatch(_Figures):
    """T2-FLAIR mismatch: all figures are None where `withheld` says why.

    `index_octaves` is how much the ratio of T2 to FLAIR in the solid tumour's core exceeds
    that of grey matter, in powers of two. docs/measurements.md defines each.
    """

    index_octaves: float | None = None
    mismatched_percent: float | None = None
    rim_ratio: float | None = None
    inhomogeneity: float | None = None
    free_fluid_percent: float | None = None
    sign: bool | None = None
    withheld: MismatchWithheld | None = None


class Enhancement(_Figures):
    """How contrast medium is taken up, T1C less T1, 100 being white matter in each.

    The medians are None where T1 or T1C, normal white matter, or the part is missing, or
    where images were not given in their own scale. `ring_percent` is the share of the
    outline of the core that does not enhance which borders on enhancing tumour, None below
    0.5 mL of either; `rim_thickness_mm` is there where that is at least half.
    """

    of_core_percent: float | None
    et_uptake_percent: float | None
    ncr_uptake_percent: float | None
    ed_uptake_percent: float | None
    taking_up_ml: float | None
    ring_percent: float | None
    rim_thickness_mm: float | None


class Signs(_Figures):
    """Signs that readers look for. None where a sequence or a label is missing.

    Sharpness is that of the whole tumour's edge in FLAIR and of the core's in T1C: the share
    of the step in brightness that lies within 1 mm of it, 1 for a knife's edge.
    """

    cyst_ml: float | None
    flair_edge_sharpness: float | None
    t1c_edge_sharpness: float | None
    enhancement: Enhancement | None
    mismatch: Mismatch | None


class Vasari(_Figures):
    """Descriptors in VASARI's words, by rules from the other figures; keys begin with its numbers.

    None where the figures behind one are missing. docs/measurements.md has the rules, and
    what VASARI asks for and is not here.
    """

    f1_location: str
    f2_side: Literal["left", "right", "bilateral"]
    f3_eloquent: tuple[str, ...]
    f4_enhancement: Literal["none", "mild", "marked"] | None
    f5_enhancing: str | None
    f6_f7_not_enhancing_core: str | None
    f8_cyst: bool | None
    f9_foci: Literal["focal", "multifocal", "multicentric"]
    f10_t1_to_flair: Literal["expansive", "mixed", "infiltrative"] | None
    f11_rim: Literal["none", "thin", "thick", "solid"] | None
    f12_core_edge: Literal["well_defined", "poorly_defined"] | None
    f13_flair_edge: Literal["well_defined", "poorly_defined"] | None
    f14_outside_core: str | None
    f15_f22_crosses_midline: bool
    f19_reaches_ventricles: bool | None
    f20_reaches_cortex: bool | None
    f21_deep_structures: tuple[str, ...]
    f24_satellites: int
    f29_longest_mm: float | None
    f30_perpendicular_mm: float | None


class Measurements(_Figures):
    """All figures of one segmentation of one study."""

    schema_version: Literal[1] = 1
    subject: str
    segmentation: Literal["automatic", "given"]
    regions: dict[str, RegionFigures]
    proportions: Proportions | None
    location: Location | None
    signs: Signs | None = None
    vasari: Vasari | None = None
    doubt: Doubt | None = None
