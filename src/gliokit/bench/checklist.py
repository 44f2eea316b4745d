"""The checklists of a run: what it knows is filled in, the rest is 'not stated'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gliokit.bench.checklist_items import CHECKLISTS
from gliokit.bench.facts import (
    allowed_text,
    estimate_text,
    events_of,
    finds_places,
    foreign_systems,
    has_curves,
    has_several,
    measure_name,
    patients_text,
    protocol_of,
    smaller_class,
)
from gliokit.bench.methods import inside_text, protocol_text
from gliokit.reporting.language import Language, mark

__all__ = ["checklists_of"]

Content = Mapping[str, Any]
OUTPUTS = {
    "classification": mark("Probability of '{positive}', and a threshold."),
    "survival": mark("A risk by which patients are ranked; no threshold."),
    "segmentation": mark("A label map."),
    "voxel map": mark("A number in every voxel; no threshold."),
    "detection": mark("Balls with a probability each; no threshold."),
}
MEASURES = {
    "classification": mark("AUC within folds, precision and recall, sensitivity, specificity, "
                           "accuracy, F1, MCC, Brier score, calibration, net benefit."),
    "survival": mark("Harrell's C within folds, survival of risk groups, log-rank test."),
    "segmentation": mark("Dice, HD95, surface Dice, volume and lesions, by patient."),
    "voxel map": mark("AUC and correlation of voxels, by patient."),
    "detection": mark("Sensitivity by lesion over false alarms per patient (FROC)."),
}  # fmt: skip

AIMS = (
    mark("Development and internal evaluation of systems against baselines."),
    mark("Development and external evaluation of systems against baselines."),
)
"""Without and with a test cohort of its own."""

DEALT = ("k-fold", "hold-out", "leave-n-out")
"""Protocols of which chance deals the folds."""

Row = tuple[str, str, str | None]
"""Number, what is asked for, the answer; None where the run does not know."""


def checklists_of(content: Content, words: Language) -> dict[str, tuple[Row, ...]]:
    """TRIPOD+AI (2024) and CLAIM (2024), item by item.

    Args:
        content: Of the run, as of `content_of`.
        words: Of the answers.
    """
    known = _answers(content, words)
    return {
        name: tuple((i.number, words.say(i.about), known.get(i.answer)) for i in items)
        for name, items in CHECKLISTS.items()
    }


def _answers(content: Content, words: Language) -> dict[str, str]:
    return dict(
        (
            *_of_patients(content, words),
            *_of_protocol(content, words),
            *_of_systems(content, words),
            *_of_results(content, words),
        )
    )


def _of_patients(content: Content, words: Language) -> Iterator[tuple[str, str]]:
    patients = content["patients"]
    yield "cohort", words.say("Cohort {cohort}; where it comes from is not stated.",
                              cohort=content["cohort"])  # fmt: skip
    if patients["sites"]:
        sites = [words.count("{n} site judged.", "{n} sites judged.", len(patients["sites"]))]
        more = content["only_trained"]["sites"].keys() - patients["sites"].keys()
        if more:
            sites.append(words.count("{n} more is only learnt from.",
                                     "{n} more are only learnt from.", len(more)))  # fmt: skip
        yield "sites", words.sentences(sites)
    yield "flow", words.say("{patients}; who was left out before the table is not stated.",
                            patients=patients_text(content, words))  # fmt: skip
    told = [words.say("Judged: {told}.", told=who) for who in _people(patients, words)]
    told += [words.say("Only learnt from: {told}.", told=who)
             for who in _people(content["only_trained"], words)]  # fmt: skip
    if told:
        yield "people", words.sentences(told)
    outcome = words.say("Target '{target}'", target=content["target"])
    if content["task"] == "survival":
        outcome = words.say("Death recorded as '{target}', of what cause is not stated, and days "
                            "of follow-up", target=content["target"])  # fmt: skip
    elif finds_places(content):
        outcome = words.say("Region {region} of the cohort's label maps", region=content["region"])
    yield "outcome", words.say("{outcome}; how it was determined is not stated.", outcome=outcome)
    yield "size", words.say("{patients}; no size was planned in the run.",
                            patients=patients_text(content, words))  # fmt: skip
    gaps = words.count("{n} unknown number among the inputs",
                       "{n} unknown numbers among the inputs", content["gaps"])  # fmt: skip
    yield "missing", words.say(
        "{gaps}, which a system fills in or refuses; patients without a known target are never "
        "tested ({unknown}).", gaps=gaps, unknown=content["unknown"],
    )  # fmt: skip
    if not finds_places(content):
        yield "balance", words.say("The smallest class has {events} of {rows}.",
                                   events=smaller_class(content),
                                   rows=patients["rows"])  # fmt: skip


def _people(patients: Mapping[str, Any], words: Language) -> Iterator[str]:
    """Age and sex of some patients, where the run knows them."""
    told = []
    if "age_years" in patients:
        median, low, high = (words.number(v, 1) for v in patients["age_years"])
        told.append(words.say("median age {median} years (quartiles {low} to {high})",
                              median=median, low=low, high=high))  # fmt: skip
    if "sex" in patients:
        told.append(words.say("{female} female, {male} male", **patients["sex"]))
    if told:
        yield words.say("; ").join(told)


def _of_protocol(content: Content, words: Language) -> Iterator[tuple[str, str]]:
    protocol = protocol_of(content)
    split = protocol_text(content, words)
    yield "division", words.say("{protocol}, seed {seed}; the folds stand in results.json.",
                                protocol=split, seed=protocol.seed)  # fmt: skip
    if protocol.kind in DEALT and not finds_places(content):
        yield "folds", words.say("Folds are dealt by chance within classes; their patients stand "
                                 "in results.json and are not compared.")  # fmt: skip
    yield "disjoint", words.say("The person, under all names known to the run.")
    yield "seed", words.say("By seed {seed}.", seed=protocol.seed)
    yield "inside", words.sentences(inside_text(content, words))
    yield "selection", words.say("Inside each training fold; the test fold chooses nothing.")
    yield "guards", words.sentences((
        words.say(
            "Patients on both sides of a split and, unless allowed by name, inputs that tell the "
            "target by themselves were refused; how the table was made is not stated."
        ),
        *allowed_text(content, words),
    ))  # fmt: skip
    if protocol.kind == "cross-dataset":
        yield "external", words.say("Tested on {cohorts}, of which no patient was learnt from.",
                                    cohorts=words.listing(protocol.test_cohorts))  # fmt: skip
    elif protocol.kind == "leave-site-out":
        yield "external", words.say("Each site is tested by models that never saw it; no cohort "
                                    "from outside was used.")  # fmt: skip
    else:
        yield "external", words.say("None: test patients come from the same cohort.")
    if protocol.kind == "cross-dataset":
        yield "internal", words.say("None: every patient tested is of another cohort.")
    else:
        yield "internal", words.say("{protocol}.", protocol=split)


def _of_systems(content: Content, words: Language) -> Iterator[tuple[str, str]]:
    rivals = [name for name, card in content["cards"].items() if card["state"] != "baseline"]
    baselines = [r["system"] for r in content["systems"] if r["baseline"]]
    yield "title", words.say("Prediction of '{target}' in {cohort} by {systems}.",
                             target=content["target"], cohort=content["cohort"],
                             systems=words.listing([*rivals, *baselines]))  # fmt: skip
    aim = AIMS[protocol_of(content).kind == "cross-dataset"]
    yield "aim", words.say(aim)
    if rivals:
        yield "published", words.say("Systems after published ones: {systems}; see Published "
                                     "figures.", systems=words.listing(rivals))  # fmt: skip
        graded = [f"{name} {content['cards'][name]['fidelity']}" for name in rivals]
        yield "models", words.say(
            "Budget {budget}. How far the systems follow their papers, by their own cards, from F1 "
            "(all needed detail is known) to F3 (the idea alone): {systems}; what was chosen "
            "stands under Published figures.", systems=words.listing(graded),
            budget=content["budget"],
        )  # fmt: skip
    if content["inputs"]:
        yield "predictors", words.count(
            "{n} column named before the run; which of them a system uses stands in results.json, "
            "as far as it tells it.",
            "{n} columns named before the run; which of them a system uses stands in results.json, "
            "as far as it tells it.", content["inputs"],
        )  # fmt: skip
    software = [words.say("{program}, Apache-2.0; data and fitted models are not part of the run.",
                          program=content["made_by"])]  # fmt: skip
    if foreign := foreign_systems(content):
        software.append(words.say("Where these systems can be had is not stated: {systems}.",
                                  systems=words.listing(foreign)))  # fmt: skip
    yield "software", words.sentences(software)
    yield "findings", words.say("What each fold chose and fitted stands in results.json, as far "
                                "as a system tells it.")  # fmt: skip
    yield "updating", words.say("No model was updated.")
    said, positive = OUTPUTS[content["task"]], content["patients"].get("positive", "")
    output = [words.say(said, positive=positive)]
    if has_several(content):
        output = [words.say("A probability of each class; the most probable one is said.")]
    if has_curves(content):
        output.append(words.say("Of some systems the probability of being alive over time too."))
    if foreign and content["task"] == "classification":
        output.append(words.say("How the threshold of these is set is not stated: {systems}.",
                                systems=words.listing(foreign)))  # fmt: skip
    yield "output", words.sentences(output)


def _of_results(content: Content, words: Language) -> Iterator[tuple[str, str]]:
    measure = measure_name(content, words)
    measures = MEASURES[content["task"]]
    if has_several(content):
        measures = mark("AUC of each class against the rest within folds and their mean, "
                        "accuracy, Brier score.")  # fmt: skip
    elif content["task"] == "classification":
        yield "rates", words.say("Sensitivity and specificity with intervals in the table of "
                                 "figures.")  # fmt: skip
    told = [words.say(measures)]
    if has_curves(content):
        told.append(words.say("Brier score of predicted survival over time, net benefit."))
    yield "measures", words.sentences(told)
    yield "uncertainty", words.say("95 % intervals by bootstrap over patients, for differences "
                                   "too; not corrected for the number of comparisons.")  # fmt: skip
    shown = [f"{r['system']} {estimate_text(r['headline'], words)}" for r in content["systems"]]
    figures = words.say("; ").join(shown)
    if finds_places(content):
        yield "performance", words.say("{measure}: {figures}.", measure=measure, figures=figures)
    else:
        yield "performance", words.say("{measure}, events {events}: {figures}.", measure=measure,
                                       events=events_of(content), figures=figures)  # fmt: skip
    yield "reading", words.say("See Critical reading.")
    yield "wrong", words.say("The answer for every patient stands in predictions.parquet; it was "
                             "not read case by case.")  # fmt: skip
    traits = dict.fromkeys(s["trait"] for s in content["subgroups"] if not s["reason"])
    if traits:
        yield "subgroups", words.say("Judged in subgroups: see Subgroups.")
    if "site" in traits:
        yield "site_figures", words.say("See Subgroups, by site.")
    if traits.keys() & {"sex", "age"}:
        yield "fairness", words.say("Judged by sex or age alone: see Subgroups.")
