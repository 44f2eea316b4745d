"""Descriptors in the words of VASARI, derived from figures alone.

VASARI's reader judges by eye; here each category follows from measurements by a rule that
docs/measurements.md states. What labels and structural images can't tell (necrosis against
non-enhancing tumour, haemorrhage, diffusion, the skull) is left out.

References:
    The Cancer Imaging Archive, VASARI research project: the feature key.
    Gutman DA et al. Radiology 2013;267:560. doi:10.1148/radiol.13120118
"""

from __future__ import annotations

from typing import Literal

from gliokit.measurement.areas import TOUCHED_ML
from gliokit.measurement.schema import (
    Enhancement,
    Location,
    Proportions,
    RegionFigures,
    Signs,
    Vasari,
)

__all__ = ["describe", "share_class"]

SHARES = ((5.0, "<5"), (33.0, "6-33"), (67.0, "34-67"), (95.0, "68-95"))
"""VASARI's classes of a proportion, in per cent: up to each bound."""

MILD_UPTAKE, MARKED_UPTAKE = 15.0, 50.0
"""Per cent of white matter in the enhancing tumour."""

THICK_RIM_MM = 3.0
SOLID_PERCENT = 95.0
SHARP_EDGE = 0.5
"""Half of the step lies within 1 mm."""

EXPANSIVE, INFILTRATIVE = 200 / 3, 100 / 3
"""Per cent of the whole tumour that its core holds: T1's abnormality against FLAIR's."""

FOCUS_ML = 0.5
REACHES_MM = 1.5


def describe(
    regions: dict[str, RegionFigures],
    proportions: Proportions | None,
    location: Location | None,
    signs: Signs | None,
) -> Vasari | None:
    """VASARI's descriptors of a tumour; None without one.

    A descriptor whose figures are missing is None.
    """
    whole = regions.get("WT")
    if whole is None or not whole.lesions or location is None:
        return None
    enhancement = None if signs is None else signs.enhancement
    across = whole.bidimensional
    shares: dict[str, float] = {} if proportions is None else proportions.model_dump()
    return Vasari(
        f1_location=max(location.lobes_percent, key=lambda k: location.lobes_percent[k]),
        f2_side=location.side,
        f3_eloquent=_eloquent(location),
        f4_enhancement=_quality(regions.get("ET"), enhancement),
        f5_enhancing=share_class(shares.get("enhancing_percent")),
        f6_f7_not_enhancing_core=share_class(shares.get("non_enhancing_core_percent")),
        f8_cyst=None if signs is None or signs.cyst_ml is None else signs.cyst_ml > 0,
        f9_foci=_foci(whole, regions.get("ET")),
        f10_t1_to_flair=_growth(proportions),
        f11_rim=_rim(enhancement),
        f12_core_edge=_edge(None if signs is None else signs.t1c_edge_sharpness),
        f13_flair_edge=_edge(None if signs is None else signs.flair_edge_sharpness),
        f14_outside_core=share_class(shares.get("flair_outside_core_percent")),
        f15_f22_crosses_midline=location.crosses_midline,
        f19_reaches_ventricles=_within(location.ventricle_distance_mm),
        f20_reaches_cortex=_within(location.cortex_distance_mm),
        f21_deep_structures=_deep(location),
        f24_satellites=max(_count(whole) - 1, 0),
        f29_longest_mm=None if across is None else across.longest_mm,
        f30_perpendicular_mm=None if across is None else across.perpendicular_mm,
    )


def share_class(percent: float | None) -> str | None:
    """VASARI's class of a proportion: none, <5, 6-33, 34-67, 68-95, >95 per cent, or all."""
    if percent is None:
        return None
    if percent <= 0 or percent >= 100:
        return "none" if percent <= 0 else "all"
    return next((name for bound, name in SHARES if percent <= bound), ">95")


def _eloquent(location: Location) -> tuple[str, ...]:
    wanted = ("motor", "sensory", "speech_motor", "speech_receptive", "vision")
    return tuple(a for a in location.eloquent_touched if a.rsplit("_", 1)[0] in wanted)


def _quality(
    enhancing: RegionFigures | None, enhancement: Enhancement | None
) -> Literal["none", "mild", "marked"] | None:
    if enhancing is None:
        return None
    if enhancing.volume_ml < TOUCHED_ML:
        return "none"
    taken = None if enhancement is None else enhancement.et_uptake_percent
    if taken is None:
        return None
    if taken < MILD_UPTAKE:
        return "none"
    return "mild" if taken < MARKED_UPTAKE else "marked"


def _count(region: RegionFigures | None) -> int:
    return 0 if region is None else sum(x.volume_ml >= FOCUS_ML for x in region.lesions)


def _foci(
    whole: RegionFigures, enhancing: RegionFigures | None
) -> Literal["focal", "multifocal", "multicentric"]:
    if _count(whole) > 1:
        return "multicentric"
    return "multifocal" if _count(enhancing) > 1 else "focal"


def _growth(shares: Proportions | None) -> Literal["expansive", "mixed", "infiltrative"] | None:
    if shares is None:
        return None
    core = shares.enhancing_percent + shares.non_enhancing_core_percent
    if core >= EXPANSIVE:
        return "expansive"
    return "mixed" if core >= INFILTRATIVE else "infiltrative"


def _rim(enhancement: Enhancement | None) -> Literal["none", "thin", "thick", "solid"] | None:
    """None without a ring to judge: its share of the core's outline is unknown or too small."""
    if enhancement is None or enhancement.of_core_percent is None:
        return None
    if enhancement.of_core_percent == 0:
        return "none"
    if enhancement.of_core_percent > SOLID_PERCENT:
        return "solid"
    if enhancement.rim_thickness_mm is None:
        return None
    return "thin" if enhancement.rim_thickness_mm < THICK_RIM_MM else "thick"


def _edge(sharpness: float | None) -> Literal["well_defined", "poorly_defined"] | None:
    if sharpness is None:
        return None
    return "well_defined" if sharpness >= SHARP_EDGE else "poorly_defined"


def _within(distance_mm: float | None) -> bool | None:
    return None if distance_mm is None else distance_mm < REACHES_MM


def _deep(location: Location) -> tuple[str, ...]:
    named = ("caudate", "putamen", "pallidum", "thalamus", "brainstem")
    found = [a for a in location.eloquent_touched if a.startswith(named)]
    if location.lobes_percent.get("corpus_callosum", 0.0) > 0:
        found.append("corpus_callosum")
    return tuple(found)
