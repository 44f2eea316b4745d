"""How sure the figures of an automatic segmentation are."""

from __future__ import annotations

from collections.abc import Callable

from gliokit.measurement.doubt import Doubt, Interval
from gliokit.measurement.schema import Measurements
from gliokit.reporting.language import Language
from gliokit.reporting.names import REGION_COLOURS, region_name
from gliokit.reporting.tables import ABSENT, Table

__all__ = ["doubt_note", "doubt_table"]


def doubt_table(figures: Measurements, words: Language) -> Table | None:
    """Per region its intervals and the Dice to be expected; None where nobody can tell."""
    if figures.doubt is None:
        return None
    rows = [
        (
            REGION_COLOURS.get(name, ""),
            (
                f"{region_name(name, words)} ({name})",
                words.exact_ml(figures.regions[name].volume_ml),
                _between(doubt.volume_ml, words.exact_ml, words),
                _between(doubt.longest_mm, words.number, words),
                _between(doubt.perpendicular_mm, words.number, words),
                words.number(doubt.expected_dice, 2),
            ),
        )
        for name, doubt in figures.doubt.regions.items()
    ]
    heads = (
        words.say("Region"),
        words.say("Volume (mL)"),
        words.say("Its interval (mL)"),
        words.say("Longest RANO diameter, interval (mm)"),
        words.say("Perpendicular, interval (mm)"),
        words.say("Expected Dice"),
    )
    return Table(heads, tuple(rows))


def _between(ends: Interval | None, text: Callable[[float], str], words: Language) -> str:
    if ends is None:
        return ABSENT
    return words.say("{low} to {high}", low=text(ends.low), high=text(ends.high))


def doubt_note(doubt: Doubt | None, words: Language) -> str:
    """What the intervals mean and rest on."""
    if doubt is None:
        return ""
    return words.say(
        "An expert's figure is expected within its interval in {level} of patients like those "
        "whom this was found on: {patients} whom the networks had not seen. Expected Dice: the "
        "agreement with an expert's outline, 1 at best.",
        level=words.percent(100 * doubt.level),
        patients=words.number(doubt.patients),
    )
