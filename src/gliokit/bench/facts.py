"""Who was judged in a run and how figures are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gliokit.bench.protocol import Protocol
from gliokit.bench.survival_brier import INTEGRATED
from gliokit.reporting.language import Language, mark

__all__ = [
    "allowed_text",
    "confounded_text",
    "estimate_parts",
    "estimate_text",
    "events_of",
    "finds_places",
    "foreign_systems",
    "has_curves",
    "has_several",
    "measure_name",
    "patients_text",
    "protocol_of",
    "smaller_class",
    "told_of",
]

Content = Mapping[str, Any]

MEASURES = {
    "classification": mark("AUC"),
    "survival": mark("Harrell's C"),
    "segmentation": mark("mean Dice of {region}"),
    "voxel map": mark("mean over patients of the AUC for {region} within the brain"),
    "detection": mark("mean sensitivity for pieces of {region} at 1/4 to 8 false alarms a patient"),
}

ROUND = 10.0
"""From here on a figure is told with one decimal."""


def estimate_text(found: Mapping[str, Any] | None, words: Language) -> str:
    """'0.812 (0.750 to 0.870)'; without an interval the value alone, and '' for none."""
    value, interval = estimate_parts(found, words)
    return words.say("{value} ({interval})", value=value, interval=interval) if interval else value


def estimate_parts(found: Mapping[str, Any] | None, words: Language) -> tuple[str, str]:
    """'0.812' and '0.750 to 0.870', each '' where there is none."""
    if found is None or found["value"] is None:
        return "", ""
    value, low, high = found["value"], found["low"], found["high"]
    digits = 3 if abs(value) < ROUND else 1
    if low is None or high is None or low == high:
        return words.number(value, digits), ""
    ends = (words.number(end, digits) for end in (low, high))
    return words.number(value, digits), words.say(
        "{low} to {high}", low=next(ends), high=next(ends)
    )


def measure_name(content: Content, words: Language) -> str:
    """What the headline is, such as 'AUC' or 'Harrell's C'."""
    if has_several(content):
        return words.say("mean AUC of each class against the rest")
    measure = MEASURES[content["task"]]
    return words.say(measure, region=content["region"])


def protocol_of(content: Content) -> Protocol:
    """How patients were split; what an older result does not say has its default."""
    said = content["protocol"]
    return Protocol(**{**said, "test_cohorts": tuple(said.get("test_cohorts", ()))})


def finds_places(content: Content) -> bool:
    """Whether the target is a place in the image."""
    return content["region"] is not None


def has_curves(content: Content) -> bool:
    """Whether survival that a system predicts is judged."""
    return any(INTEGRATED in r["figures"] for r in content["systems"])


def has_several(content: Content) -> bool:
    """Whether the target has more than two classes."""
    return len(content["patients"].get("classes", ())) > 2


def foreign_systems(content: Content) -> list[str]:
    """Systems that don't come with gliokit: what they do inside is not known."""
    return [name for name, card in content["cards"].items() if not card["ours"]]


def smaller_class(content: Content) -> int:
    """Judged patients of the smaller class; of survival the smaller of deaths and the others."""
    patients = content["patients"]
    if "deaths" in patients:
        return int(min(patients["deaths"], patients["rows"] - patients["deaths"]))
    return int(min(patients["classes"].values()))


def events_of(content: Content) -> int:
    """Deaths among those judged, or the positive class; of several classes the smallest one."""
    patients = content["patients"]
    if has_several(content):
        return smaller_class(content)
    return int(patients.get("deaths", patients.get("classes", {}).get(patients.get("positive"), 0)))


def patients_text(content: Content, words: Language) -> str:
    """How many patients are judged, and how many are only learnt from or not known."""
    text = told_of(content["patients"], content["region"], words)
    if content["only_trained"]["rows"]:
        text += words.say(
            "; only learnt from and not judged: {patients}",
            patients=told_of(content["only_trained"], content["region"], words),
        )
    if content["unknown"]:
        text += words.count("; {n} without a known target is not judged",
                            "; {n} without a known target are not judged",
                            content["unknown"])  # fmt: skip
    return text


def told_of(patients: Mapping[str, Any], region: str | None, words: Language) -> str:
    """'84 patients (a: 40, b: 44)', of those judged or of those that are only learnt from."""
    if "deaths" in patients:
        told = words.count("{n} death", "{n} deaths", patients["deaths"])
    elif "classes" in patients:
        told = words.say(", ").join(f"{name}: {n}" for name, n in patients["classes"].items())
    else:
        told = words.say("{region} drawn", region=region)
        if patients["empty"]:
            told += words.say(", empty in {n}", n=words.number(patients["empty"]))
    text = words.count("{n} patient", "{n} patients", patients["persons"])
    if patients["rows"] != patients["persons"]:
        text += words.say(", {n} scans", n=words.number(patients["rows"]))
    return words.say("{patients} ({told})", patients=text, told=told)


def confounded_text(content: Content, words: Language) -> Iterator[str]:
    """That a figure over all grades is confounded by them."""
    if content["confounded_by"] == "grade":
        yield words.say(
            "The figure over all patients is confounded by grade: they are of several grades, with "
            "which the target goes, and to tell the grade is enough. Judge within grades "
            "(--stratum)."
        )


def allowed_text(content: Content, words: Language) -> Iterator[str]:
    """Inputs that were allowed though they may tell the target by themselves."""
    telling = {name: v for name, v in content["allowed"].items() if v > 0}
    if telling:
        named = [f"{name} ({words.number(v, 3)})" for name, v in telling.items()]
        yield words.say(
            "Allowed by name though they tell the target by themselves (AUC or rank correlation): "
            "{inputs}. What systems make of them may be no prediction.",
            inputs=words.listing(named),
        )
    if harmless := len(content["allowed"]) - len(telling):
        yield words.count(
            "{n} input allowed by name was not found to tell the target by itself.",
            "{n} inputs allowed by name were not found to tell the target by themselves.",
            harmless,
        )
