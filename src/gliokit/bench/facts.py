"""What a reader must know of a run before its figures: who, how many, what is within noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gliokit.reporting.language import Language

__all__ = [
    "critical_reading",
    "estimate_parts",
    "estimate_text",
    "events_of",
    "has_several",
    "measure_name",
    "patients_text",
    "smaller_class",
]

Content = Mapping[str, Any]

TELLING = {"age_sex", "volume", "signs"}
"""Baselines that say more than the commonest class."""

WIDE = 0.2
"""Of an interval that leaves most questions open."""

INPUTS_PER_EVENT = 0.1
"""More than one input for ten patients of the smaller class leaves room for chance."""


def estimate_text(found: Mapping[str, Any] | None, words: Language) -> str:
    """'0.812 (0.750 to 0.870)'; without an interval the value alone, and '' for none."""
    value, interval = estimate_parts(found, words)
    return words.say("{value} ({interval})", value=value, interval=interval) if interval else value


def estimate_parts(found: Mapping[str, Any] | None, words: Language) -> tuple[str, str]:
    """'0.812' and '0.750 to 0.870', each '' where there is none."""
    if found is None or found["value"] is None:
        return "", ""
    value, low, high = found["value"], found["low"], found["high"]
    if low is None or high is None or low == high:
        return words.number(value, 3), ""
    interval = words.say("{low} to {high}", low=words.number(low, 3), high=words.number(high, 3))
    return words.number(value, 3), interval


def measure_name(content: Content, words: Language) -> str:
    """'AUC', 'AUC of each class against the rest' or 'Harrell's C'."""
    if content["task"] == "survival":
        return words.say("Harrell's C")
    return words.say("mean AUC of each class against the rest") if has_several(content) else "AUC"


def has_several(content: Content) -> bool:
    """Whether the target has more than two classes."""
    return len(content["patients"].get("classes", ())) > 2


def smaller_class(content: Content) -> int:
    """Patients of the smaller class; of survival the smaller of deaths and of the others."""
    patients = content["patients"]
    if "deaths" in patients:
        return int(min(patients["deaths"], patients["rows"] - patients["deaths"]))
    return int(min(patients["classes"].values()))


def events_of(content: Content) -> int:
    """Deaths, or patients of the positive class; of several classes those of the smallest."""
    patients = content["patients"]
    if has_several(content):
        return smaller_class(content)
    return int(patients.get("deaths", patients.get("classes", {}).get(patients.get("positive"), 0)))


def patients_text(content: Content, words: Language) -> str:
    """How many patients, and how many of each class or deaths."""
    patients = content["patients"]
    if "deaths" in patients:
        told = words.count("{n} death", "{n} deaths", patients["deaths"])
    else:
        told = words.say(", ").join(f"{name}: {n}" for name, n in patients["classes"].items())
    text = words.say("{n} patients", n=words.number(patients["persons"]))
    if patients["rows"] != patients["persons"]:
        text += words.say(", {n} scans", n=words.number(patients["rows"]))
    text = words.say("{patients} ({told})", patients=text, told=told)
    if patients["unknown"]:
        text += words.count("; {n} without a known target is not judged",
                            "; {n} without a known target are not judged",
                            patients["unknown"])  # fmt: skip
    return text


def critical_reading(content: Content, words: Language) -> tuple[str, ...]:
    """What limits the figures, each a sentence.

    Args:
        content: Of the run, as of `content_of`.
        words: Of the sentences.
    """
    return (
        words.say("{patients}.", patients=patients_text(content, words)),
        *_on_patients(content, words),
        *_on_differences(content, words),
        *_on_baselines(content, words),
        *_on_probabilities(content, words),
        *_on_groups(content, words),
        *(
            words.say("{system} failed: {why}.", system=name, why=why)
            for name, why in content["failures"].items()
        ),
    )


def _on_patients(content: Content, words: Language) -> Iterator[str]:
    if content["protocol"]["kind"] == "leave-site-out":
        yield words.say(
            "Every site is judged by models that never saw it. That is not yet external: the "
            "sites were chosen together, and the system with them."
        )
    else:
        yield words.say(
            "Nothing here is external: test patients come from the same cohort as those learnt "
            "from."
        )
    yield words.say(
        "The smallest class has {events} of {rows}; a test fold holds {least} patients at the "
        "least.",
        events=smaller_class(content), rows=content["patients"]["rows"],
        least=content["least_tested"],
    )  # fmt: skip
    if content["inputs"] > INPUTS_PER_EVENT * smaller_class(content):
        yield words.say(
            "There are {inputs} inputs to choose from and {events} patients of the smallest "
            "class: what is selected in one fold may be chance.",
            inputs=content["inputs"], events=smaller_class(content),
        )  # fmt: skip
    if content["protocol"]["kind"] == "leave-one-out":
        yield words.say("Scores of different models are pooled; prefer folds.")
    wide = [
        r["system"] for r in content["systems"]
        if not r["baseline"] and r["headline"]["low"] is not None
        and r["headline"]["high"] - r["headline"]["low"] >= WIDE
    ]  # fmt: skip
    if wide:
        yield words.say(
            "Intervals of {width} or wider, which leave good and poor both possible: {systems}.",
            width=WIDE, systems=words.listing(wide),
        )  # fmt: skip


def _on_differences(content: Content, words: Language) -> Iterator[str]:
    worse = [r["system"] for r in content["systems"] if r["words"]]
    if worse:
        yield words.say(
            "Not better than the best baseline, by the lower bound of the gain: {systems}.",
            systems=words.listing(worse),
        )
    named: dict[bool, list[str]] = {True: [], False: []}
    for p in content["pairs"]:
        pair = words.say("{one} and {other}", one=p["one"], other=p["other"])
        named[p["within_noise"]].append(pair)
    if named[True]:
        yield words.say("Differences within noise: {pairs}.",
                        pairs=words.say("; ").join(named[True]))  # fmt: skip
    if named[False]:
        yield words.say("Differences beyond noise: {pairs}.",
                        pairs=words.say("; ").join(named[False]))  # fmt: skip
    if sum(not r["baseline"] for r in content["systems"]) > 1:
        yield words.say(
            "The best of several systems is named by the same patients that it is judged on: "
            "its figure is optimistic. Intervals of pairs are not corrected for their number."
        )


def _on_baselines(content: Content, words: Language) -> Iterator[str]:
    if content["not_run"]:
        yield words.say(
            "Baselines not run, for lack of columns: {baselines}.",
            baselines=words.say("; ").join(f"{n} ({lacks})" for n, lacks in
                                           content["not_run"].items()),
        )  # fmt: skip
    if not {r["system"] for r in content["systems"]} & TELLING:
        yield words.say(
            "No baseline but the commonest class ran: that a system beats it says only that "
            "there is some signal."
        )


def _on_probabilities(content: Content, words: Language) -> Iterator[str]:
    if content["task"] != "classification" or has_several(content):
        return
    slopes = {
        r["system"]: r["figures"]["calibration_slope"] for r in content["systems"]
        if not r["baseline"] and "calibration_slope" in r["figures"]
    }  # fmt: skip
    extreme = [name for name, s in slopes.items() if s["high"] is not None and s["high"] < 1]
    if extreme:
        yield words.say(
            "Probabilities that are too extreme (calibration slope below 1): {systems}.",
            systems=words.listing(extreme),
        )
    if content["protocol"]["kind"] != "hold-out":
        yield words.say(
            "Calibration, decision curves and rates at a threshold join probabilities of "
            "different folds' models."
        )


def _on_groups(content: Content, words: Language) -> Iterator[str]:
    if content["strata"] or content["strata_not_judged"]:
        yield words.say(
            "Figures over all strata are confounded where strata go with the target; read those "
            "within strata."
        )
    if content["strata_not_judged"]:
        yield words.say("Strata too small to be judged: {names}.",
                        names=words.listing(content["strata_not_judged"]))  # fmt: skip
    missing = [s for s in content["subgroups"] if s["reason"]]
    if len(missing) < len(content["subgroups"]):
        yield words.say(
            "Subgroups are smaller than the cohort and are not tested against each other: wide "
            "intervals that overlap show neither a difference nor fairness."
        )
    if missing:
        yield words.count("{n} subgroup is too small to be judged.",
                          "{n} subgroups are too small to be judged.", len(missing))  # fmt: skip
    if not content["subgroups"]:
        yield words.say(
            "Sex, age and site are not among the inputs, or do not vary: no subgroup is judged."
        )
    if content["patients"]["gaps"]:
        yield words.count("{n} unknown number among the inputs was filled in from training folds.",
                          "{n} unknown numbers among the inputs were filled in from training "
                          "folds.", content["patients"]["gaps"])  # fmt: skip
