"""Signs, margins and the distances to what matters, as rows of text."""

from __future__ import annotations

from collections.abc import Iterator

from gliokit.measurement.schema import Enhancement, Location, Margin, Measurements, Mismatch, Signs
from gliokit.reporting.language import Language, mark
from gliokit.reporting.names import REGION_COLOURS, place_name, region_name, value_name
from gliokit.reporting.tables import ABSENT, Table

__all__ = ["eloquent_rows", "margin_table", "sign_rows"]

WITHHELD = {
    "no_normal_tissue": mark("too little normal-appearing tissue to compare with"),
    "fluid_not_dark_in_flair": mark("fluid is not dark in FLAIR"),
    "too_small": mark("the solid tumour is below 1 mL"),
}
NEAR_AREAS = 3
"""So many eloquent areas that the tumour does not touch are named, the nearest first."""

Rows = tuple[tuple[str, str], ...]


def margin_table(figures: Measurements, words: Language) -> Table:
    """Shape of the margin of each region's largest lesion; without rows where there is none."""
    rows = tuple(
        (REGION_COLOURS.get(name, ""), (f"{region_name(name, words)} ({name})", *cells))
        for name, region in figures.regions.items()
        if region.margin is not None
        for cells in [_margin(region.margin, words)]
    )
    heads = (
        words.say("Region"),
        words.say("ASD, slice"),
        words.say("Margin fluctuation, slice"),
        words.say("Ellipse area ratio, slice"),
        words.say("ASD, 3-D"),
        words.say("Margin fluctuation, 3-D"),
        words.say("BEVR, 3-D"),
    )
    return Table(heads, rows)


def _margin(margin: Margin, words: Language) -> tuple[str, ...]:
    values = (
        margin.asd_slice,
        margin.margin_fluctuation_slice,
        margin.ellipse_area_ratio_slice,
        margin.asd,
        margin.margin_fluctuation,
        margin.ellipsoid_volume_ratio,
    )
    return tuple(ABSENT if v is None else words.number(v, 3) for v in values)


def sign_rows(signs: Signs | None, words: Language) -> Rows:
    """What readers look for, as name and value; none where nothing was looked for."""
    if signs is None:
        return ()
    return (
        (words.say("T2-FLAIR mismatch"), _mismatch(signs.mismatch, words)),
        *_enhancement(signs.enhancement, words),
        (words.say("Cysts in the core"), _cysts(signs.cyst_ml, words)),
        (words.say("Edge sharpness, FLAIR"), _fraction(signs.flair_edge_sharpness, words)),
        (
            words.say("Edge sharpness of the core, T1 with contrast"),
            _fraction(signs.t1c_edge_sharpness, words),
        ),
    )


def _mismatch(found: Mismatch | None, words: Language) -> str:
    if found is None:
        return words.say(
            "not judged: a sequence is missing, or the match with the atlas is uncertain"
        )
    if found.withheld is not None:
        return words.say("not judged: {reason}", reason=words.say(WITHHELD[found.withheld]))
    figures = (found.index_octaves, found.mismatched_percent, found.rim_ratio)
    index, share, rim = figures
    if index is None or share is None or rim is None:
        return words.say("could not be measured")
    values = {
        "index": words.number(index, 2),
        "percent": words.percent(share),
        "rim": words.number(rim, 2),
    }
    if found.sign:
        return words.say(
            "present (index {index}, {percent} of the solid tumour, rim ratio {rim})", **values
        )
    return words.say(
        "absent (index {index}, {percent} of the solid tumour, rim ratio {rim})", **values
    )


def _enhancement(found: Enhancement | None, words: Language) -> Iterator[tuple[str, str]]:
    if found is None:
        return
    yield words.say("Enhancing share of the core"), _percent(found.of_core_percent, words)
    yield (
        words.say("Uptake of contrast medium (T1C less T1, white matter 100)"),
        _uptake(found, words),
    )
    taking_up = found.taking_up_ml
    yield (
        words.say("Volume that takes up contrast medium"),
        words.say("could not be measured") if taking_up is None else words.ml(taking_up),
    )
    yield words.say("Ring"), _ring(found, words)


def _uptake(found: Enhancement, words: Language) -> str:
    parts = {
        "ET": found.et_uptake_percent,
        "NCR": found.ncr_uptake_percent,
        "ED": found.ed_uptake_percent,
    }
    known = [
        words.say("{name} {value}", name=value_name(key, words), value=words.number(value))
        for key, value in parts.items()
        if value is not None
    ]
    return words.say("; ").join(known) if known else words.say("could not be measured")


def _ring(found: Enhancement, words: Language) -> str:
    if found.ring_percent is None:
        return ABSENT
    share = words.percent(found.ring_percent)
    if found.rim_thickness_mm is None:
        return words.say("encloses {percent} of the non-enhancing core", percent=share)
    return words.say(
        "encloses {percent} of the non-enhancing core, {thickness} mm thick",
        percent=share,
        thickness=words.number(found.rim_thickness_mm, 1),
    )


def _cysts(volume_ml: float | None, words: Language) -> str:
    if volume_ml is None:
        return ABSENT
    return words.ml(volume_ml) if volume_ml > 0 else words.say("none")


def _fraction(value: float | None, words: Language) -> str:
    return ABSENT if value is None else words.number(value, 2)


def _percent(value: float | None, words: Language) -> str:
    return ABSENT if value is None else words.percent(value)


def eloquent_rows(location: Location | None, words: Language) -> Rows:
    """Eloquent areas that the tumour touches, and the nearest others."""
    if location is None or not location.areas_distance_mm:
        return ()
    touched = [
        words.say(
            "{place} ({volume})",
            place=place_name(area, words),
            volume=words.ml(location.areas_ml.get(area, 0.0)),
        )
        for area in location.eloquent_touched
    ]
    distances = sorted(location.areas_distance_mm.items(), key=lambda item: item[1])
    near = [
        words.say(
            "{place}, {distance} mm", place=place_name(area, words), distance=words.number(mm)
        )
        for area, mm in distances
        if area not in location.eloquent_touched
    ][:NEAR_AREAS]
    return (
        (
            words.say("Eloquent areas touched"),
            words.say("; ").join(touched) if touched else words.say("none"),
        ),
        (words.say("Nearest other eloquent areas"), words.say("; ").join(near) if near else ABSENT),
    )
