"""What a reader must know of a run before its figures: who, how many, what is within noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gliokit.bench.facts import (
    allowed_text,
    confounded_text,
    finds_places,
    has_several,
    patients_text,
    protocol_of,
    smaller_class,
)
from gliokit.evaluation import NOT_BETTER, NOT_DECIDED
from gliokit.reporting.language import Language

__all__ = ["critical_reading"]

Content = Mapping[str, Any]

ALONE = ("segmentation", "voxel map")
"""What is judged image by image."""

TELLING = {"age_sex", "volume", "signs"}
"""Baselines that say more than the commonest class."""

WIDE = 0.2
"""Of an interval that leaves most questions open."""

INPUTS_PER_EVENT = 0.1
"""More than one input for ten patients of the smaller class leaves room for chance."""


def critical_reading(content: Content, words: Language) -> tuple[str, ...]:
    """What limits the figures, each a sentence.

    Args:
        content: Of the run, as of `content_of`.
        words: Of the sentences.
    """
    return (
        words.say("{patients}.", patients=patients_text(content, words)),
        *_on_patients(content, words),
        *(_on_places if finds_places(content) else _on_classes)(content, words),
        *allowed_text(content, words),
        *_on_intervals(content, words),
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
    protocol = protocol_of(content)
    if protocol.kind == "leave-site-out":
        yield words.say(
            "Every site is judged by models that never saw it. That is not yet external: the "
            "sites were chosen together, and the system with them."
        )
    elif protocol.kind == "cross-dataset":
        yield words.say(
            "External to the models: {cohorts} took no part in learning. But not to those "
            "who chose: cohorts and systems were chosen together.",
            cohorts=words.listing(protocol.test_cohorts),
        )
    else:
        yield words.say(
            "Nothing here is external: test patients come from the same cohort as those learnt "
            "from."
        )
    if protocol.pooled and content["task"] not in ALONE:
        yield words.say("Scores of different models are pooled; prefer folds.")
    if content["ranked_together"]:
        yield words.say(
            "Ranked together they say too little: without a signal the figure lies below one half. "
            "It has no interval, and no gain over a baseline is told: whether a system is better "
            "is not decided here."
        )
    if content.get("harmonised"):
        yield words.say(
            "What differs between sites was taken out of some inputs, and with it what differs "
            "between their patients: where the target goes with the site, part of its signal."
        )
    for model in content["models"]:
        if not model["known"]:
            yield words.say(
                "Masks or features are of model {model}, of which nobody says whom it learnt from: "
                "it may have seen patients judged here.", model=model["model"],
            )  # fmt: skip


def _on_classes(content: Content, words: Language) -> Iterator[str]:
    yield words.say(
        "The smallest class has {events} of {rows}; a test fold holds {least} patients at the "
        "least.",
        events=smaller_class(content), rows=content["patients"]["rows"],
        least=content["least_tested"],
    )  # fmt: skip
    if content["unlooked"]:
        yield words.count(
            "Too few to look: {n} input has fewer than 10 known values in a class; whether it "
            "tells the target by itself is not known.",
            "Too few to look: {n} inputs have fewer than 10 known values in a class; whether they "
            "tell the target by themselves is not known.",
            len(content["unlooked"]),
        )
    if content["inputs"] > INPUTS_PER_EVENT * content["least_learnt"]:
        yield words.say(
            "There are {inputs} inputs to choose from and {events} patients of the smallest "
            "class to learn from: what is selected in one fold may be chance.",
            inputs=content["inputs"], events=content["least_learnt"],
        )  # fmt: skip


def _on_places(content: Content, words: Language) -> Iterator[str]:
    yield words.say(
        "Each image is judged by one drawing: how far two experts would agree is not known here. "
        "A test fold holds {least} images at the least, a training fold {learnt}.",
        least=content["least_tested"], learnt=content["least_learnt"],
    )  # fmt: skip
    if content["patients"]["empty"]:
        yield words.count(
            "In {n} image nothing is drawn: Dice is 1 there if nothing is found, else 0; a voxel "
            "map has no figure there; every detection is a false alarm.",
            "In {n} images nothing is drawn: Dice is 1 there if nothing is found, else 0; a voxel "
            "map has no figure there; every detection is a false alarm.",
            content["patients"]["empty"],
        )
    yield words.say(
        "Intervals are of patients; that another training set gives another model is not in them."
    )


def _on_intervals(content: Content, words: Language) -> Iterator[str]:
    rivals = [r for r in content["systems"] if not r["baseline"]]
    wide = [
        r["system"] for r in rivals
        if r["headline"]["low"] is not None
        and r["headline"]["high"] - r["headline"]["low"] >= WIDE
    ]  # fmt: skip
    if wide:
        yield words.say(
            "Intervals of {width} or wider, which leave good and poor both possible: {systems}.",
            width=WIDE, systems=words.listing(wide),
        )  # fmt: skip
    none = [r["system"] for r in rivals if r["headline"]["low"] is None]
    if none and not content["ranked_together"]:
        yield words.say(
            "No interval can be told, since every draw of patients gives the same figure: "
            "{systems}.", systems=words.listing(none),
        )  # fmt: skip


def _on_differences(content: Content, words: Language) -> Iterator[str]:
    worse = [r["system"] for r in content["systems"] if r["words"] == NOT_BETTER]
    if worse:
        yield words.say(
            "Not better than the best baseline, by the lower bound of the gain: {systems}.",
            systems=words.listing(worse),
        )
    undecided = [r["system"] for r in content["systems"] if r["words"] == NOT_DECIDED]
    if undecided:
        yield words.say(
            "Whether these are better than the best baseline is not decided, since the gain has no "
            "interval: {systems}.", systems=words.listing(undecided),
        )  # fmt: skip
    named: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for p in content["pairs"]:
        pair = words.say("{one} and {other}", one=p["one"], other=p["other"])
        named[p["within_noise"]].append(pair)
    if named[True]:
        yield words.say("Differences within noise: {pairs}.",
                        pairs=words.say("; ").join(named[True]))  # fmt: skip
    if named[False]:
        yield words.say("Differences beyond noise: {pairs}.",
                        pairs=words.say("; ").join(named[False]))  # fmt: skip
    if named[None]:
        yield words.say("Differences without an interval, which say nothing either way: {pairs}.",
                        pairs=words.say("; ").join(named[None]))  # fmt: skip
    if sum(not r["baseline"] for r in content["systems"]) > 1:
        yield words.say(
            "The best of several systems is named by the same patients that it is judged on: "
            "its figure is optimistic. Intervals of pairs are not corrected for their number."
        )


def _on_baselines(content: Content, words: Language) -> Iterator[str]:
    if content["not_run"]:
        yield words.say(
            "Baselines not run, for lack of inputs: {baselines}.",
            baselines=words.say("; ").join(f"{n} ({lacks})" for n, lacks in
                                           content["not_run"].items()),
        )  # fmt: skip
    if finds_places(content):
        if not any(r["baseline"] for r in content["systems"]):
            yield words.say("No baseline ran: figures stand beside each other alone.")
    elif not {r["system"] for r in content["systems"]} & TELLING:
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
    if not protocol_of(content).one_model:
        yield words.say(
            "Calibration, decision curves and rates at a threshold join probabilities of "
            "different folds' models."
        )


def _on_groups(content: Content, words: Language) -> Iterator[str]:
    yield from confounded_text(content, words)
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
    if content["gaps"]:
        yield words.count(
            "{n} number among the inputs is not known.",
            "{n} numbers among the inputs are not known.",
            content["gaps"],
        )
