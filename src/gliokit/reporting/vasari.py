"""VASARI's descriptors as rows of text."""

from __future__ import annotations

from collections.abc import Iterator

from gliokit.measurement.schema import Vasari
from gliokit.reporting.language import Language, mark
from gliokit.reporting.names import place_name
from gliokit.reporting.tables import SIDES

__all__ = ["vasari_rows"]

WORDS = {
    "none": mark("none"),
    "all": mark("all"),
    "mild": mark("mild"),
    "marked": mark("marked"),
    "focal": mark("focal"),
    "multifocal": mark("multifocal"),
    "multicentric": mark("multicentric"),
    "expansive": mark("expansive"),
    "mixed": mark("mixed"),
    "infiltrative": mark("infiltrative"),
    "thin": mark("thin"),
    "thick": mark("thick"),
    "solid": mark("solid"),
    "well_defined": mark("well defined"),
    "poorly_defined": mark("poorly defined"),
}

Value = str | bool | int | float | None


def vasari_rows(found: Vasari | None, words: Language) -> tuple[tuple[str, str], ...]:
    """Each descriptor's number, name and value; none without a tumour or a place."""
    if found is None:
        return ()
    return tuple(
        (f"{number} {name}", _said(value, words)) for number, name, value in _of(found, words)
    )


def _of(v: Vasari, words: Language) -> Iterator[tuple[str, str, Value]]:
    """In VASARI's order."""
    yield "F1", words.say("Location"), place_name(v.f1_location, words)
    yield "F2", words.say("Side"), words.say(SIDES[v.f2_side])
    yield "F3", words.say("Eloquent cortex"), _areas(v.f3_eloquent, words)
    yield "F4", words.say("Enhancement"), v.f4_enhancement
    yield "F5", words.say("Proportion enhancing"), _share(v.f5_enhancing)
    yield (
        "F6/7",
        words.say("Proportion of core not enhancing"),
        _share(v.f6_f7_not_enhancing_core),
    )
    yield "F8", words.say("Cysts"), v.f8_cyst
    yield "F9", words.say("Foci"), v.f9_foci
    yield "F10", words.say("T1 to FLAIR"), v.f10_t1_to_flair
    yield "F11", words.say("Rim of enhancement"), v.f11_rim
    yield "F12", words.say("Edge of the core"), v.f12_core_edge
    yield "F13", words.say("Edge of the FLAIR abnormality"), v.f13_flair_edge
    yield "F14", words.say("Proportion outside the core"), _share(v.f14_outside_core)
    yield "F15/22", words.say("Crosses the midline"), v.f15_f22_crosses_midline
    yield "F19", words.say("Reaches the ventricles"), v.f19_reaches_ventricles
    yield "F20", words.say("Reaches the cortex"), v.f20_reaches_cortex
    yield "F21", words.say("Deep structures"), _areas(v.f21_deep_structures, words)
    yield "F24", words.say("Satellites"), words.number(v.f24_satellites)
    yield "F29", words.say("Longest diameter (mm)"), v.f29_longest_mm
    yield "F30", words.say("Perpendicular diameter (mm)"), v.f30_perpendicular_mm


def _areas(names: tuple[str, ...], words: Language) -> str:
    return words.say("; ").join(place_name(n, words) for n in names) if names else "none"


def _share(value: str | None) -> str | None:
    """A class of VASARI's with its unit."""
    return value if value is None or value in WORDS else f"{value} %"


def _said(value: Value, words: Language) -> str:
    if value is None:
        return words.say("could not be judged")
    if isinstance(value, bool):
        return words.say("yes") if value else words.say("no")
    if isinstance(value, str):
        return words.say(WORDS[value]) if value in WORDS else value
    return words.number(value, 1)
