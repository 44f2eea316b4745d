"""Estimates with their intervals as rows of a forest plot."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gliokit.bench.drawing import line_of
from gliokit.bench.facts import estimate_text, events_of, finds_places
from gliokit.reporting.language import Language, mark

__all__ = [
    "Forest",
    "Row",
    "forest_of",
    "group_name",
    "pairs_forest",
    "subgroup_forests",
    "systems_forest",
]

Content = Mapping[str, Any]

NOTHING = {"segmentation": 0.0, "detection": 0.0}
"""Figures of what finds nothing; an AUC and Harrell's C of what says nothing are one half."""

NOISE = {
    True: (mark("within noise"), "#666666"),
    False: ("", "#134a6e"),
    None: (mark("no interval"), "#666666"),
}
"""What is said of a difference, and its colour."""

TRAITS = {"sex": mark("sex"), "age": mark("age"), "site": mark("site")}

SEXES = {"female": mark("female"), "male": mark("male")}


@dataclass(frozen=True, slots=True)
class Row:
    """One estimate: places in percent of the width of the plot.

    `low` and `width` are of the interval, `point` of the value.
    """

    label: str
    note: str
    text: str
    shade: str
    low: float
    width: float
    point: float


@dataclass(frozen=True, slots=True)
class Forest:
    """Rows over one scale; `reference` in percent, `ticks` as percent and number."""

    rows: tuple[Row, ...]
    reference: float
    ticks: tuple[tuple[float, str], ...]
    ends: tuple[float, float]


def forest_of(
    named: Sequence[tuple[str, str, str, Mapping[str, Any]]], reference: float, words: Language
) -> Forest:
    """A forest plot of estimates.

    Args:
        named: Label, note, colour and estimate, as the result holds it, of each row; one
            without a value is left out, one without an interval is a point.
        reference: Value that says nothing, such as one half of an AUC.
        words: For numbers.
    """
    known = [one for one in named if one[3]["value"] is not None]
    all_ends = [v for *_, e in known for v in (e["low"], e["high"], e["value"]) if v is not None]
    low: float = math.floor(round(10 * min([reference, *all_ends]), 6)) / 10
    high: float = math.ceil(round(10 * max([reference, *all_ends]), 6)) / 10
    if high - low < 0.2:
        low, high = reference - 0.1, reference + 0.1

    def place(value: float) -> float:
        return round(100.0 * (value - low) / (high - low), 2)

    rows = []
    for label, note, shade, e in known:
        start = place(e["value"] if e["low"] is None else e["low"])
        end = place(e["value"] if e["high"] is None else e["high"])
        rows.append(Row(label, note, estimate_text(e, words), shade, start,
                        round(end - start, 2), place(e["value"])))  # fmt: skip
    steps = round((high - low) * 10)
    every = 1 if steps <= 5 else 2
    ticks = [round(low + 0.1 * i, 1) for i in range(0, steps + 1, every)]
    return Forest(
        tuple(rows), place(reference), tuple((place(t), f"{t:g}") for t in ticks), (low, high)
    )


def systems_forest(
    content: Content, systems: Sequence[Mapping[str, Any]], words: Language
) -> Forest:
    """Headlines of some systems, as the result holds them."""
    return forest_of(
        [
            (
                r["system"],
                words.say("baseline") if r["baseline"] else "",
                line_of(content, r["system"]).shade,
                r["headline"],
            )
            for r in systems
        ],
        _reference(content),
        words,
    )


def pairs_forest(content: Content, words: Language) -> Forest:
    """Differences of every pair of systems."""
    rows = []
    for p in content["pairs"]:
        note, shade = NOISE[p["within_noise"]]
        label = words.say("{one} less {other}", one=p["one"], other=p["other"])
        rows.append((label, note and words.say(note), shade, p["difference"]))
    return forest_of(rows, 0.0, words)


def subgroup_forests(content: Content, words: Language) -> list[tuple[str, Forest]]:
    """Of every system that is no baseline; of the baselines alone where there is no other."""
    judged = [s for s in content["subgroups"] if not s["reason"]]
    rivals = [r for r in content["systems"] if not r["baseline"]] or content["systems"]
    if not content["subgroups"]:
        return []
    found = []
    for r in rivals:
        shade = line_of(content, r["system"]).shade
        everybody = {
            **content["patients"],
            "events": events_of(content),
            "patients": content["patients"]["rows"],
            "only_trained": content["only_trained"]["rows"],
        }
        rows = [
            (
                words.say("all patients"),
                _counts(everybody, content, words),
                "#444444",
                r["headline"],
            )
        ]
        rows += [
            (group_name(s, words), _counts(s, content, words), shade, s["systems"][r["system"]])
            for s in judged
        ]
        found.append((r["system"], forest_of(rows, _reference(content), words)))
    return found


def _reference(content: Content) -> float:
    return NOTHING.get(content["task"], 0.5)


def _counts(group: Mapping[str, Any], content: Content, words: Language) -> str:
    """'12 of 40', or the patients alone; and how many more are only learnt from."""
    patients = words.number(group["patients"])
    if not finds_places(content):
        patients = words.say("{events} of {patients}", events=group["events"], patients=patients)
    if not group["only_trained"]:
        return patients
    return words.say("{judged}; {n} only learnt from", judged=patients, n=group["only_trained"])


def group_name(subgroup: Mapping[str, Any], words: Language) -> str:
    """How a subgroup is named: 'sex: female', 'age: 65 or above', 'site: ...'."""
    trait, value = subgroup["trait"], subgroup["value"]
    if trait == "sex":
        value = words.say(SEXES[value])
    elif trait == "age":
        years = value.split()[0] if value.endswith("above") else value.split()[-1]
        value = (
            words.say("{years} years or above", years=years)
            if value.endswith("above")
            else words.say("below {years} years", years=years)
        )
    return words.say("{trait}: {value}", trait=words.say(TRAITS[trait]), value=value)
