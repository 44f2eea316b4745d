"""The checklists of a run: what it knows is filled in, the rest is 'not stated'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gliokit.bench.checklist_items import CHECKLISTS
from gliokit.bench.facts import (
    estimate_text,
    events_of,
    has_several,
    measure_name,
    patients_text,
    smaller_class,
)
from gliokit.bench.methods import protocol_text
from gliokit.reporting.language import Language

__all__ = ["checklists_of"]

Content = Mapping[str, Any]
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
        yield "sites", words.count("{n} site.", "{n} sites.", len(patients["sites"]))
    yield "flow", words.say("{patients}; who was left out before the table is not stated.",
                            patients=patients_text(content, words))  # fmt: skip
    told = []
    if "age_years" in patients:
        median, low, high = (words.number(v, 1) for v in patients["age_years"])
        told.append(words.say("median age {median} years (quartiles {low} to {high})",
                              median=median, low=low, high=high))  # fmt: skip
    if "sex" in patients:
        told.append(words.say("{female} female, {male} male", **patients["sex"]))
    if told:
        yield "people", words.say("All patients, not by partition: {told}.",
                                  told=words.say("; ").join(told))  # fmt: skip
    outcome = words.say("Target '{target}'", target=content["target"])
    if content["task"] == "survival":
        outcome = words.say("Death from any cause recorded as '{target}', days of follow-up",
                            target=content["target"])  # fmt: skip
    yield "outcome", words.say("{outcome}; how it was determined is not stated.", outcome=outcome)
    yield "size", words.say("{patients}; no size was planned in the run.",
                            patients=patients_text(content, words))  # fmt: skip
    gaps = words.count("{n} unknown number among the inputs",
                       "{n} unknown numbers among the inputs", patients["gaps"])  # fmt: skip
    yield "missing", words.say(
        "{gaps}, filled in within training folds where a system allows gaps; patients without a "
        "known target are never tested ({unknown}).", gaps=gaps, unknown=patients["unknown"],
    )  # fmt: skip
    yield "balance", words.say("The smallest class has {events} of {rows}.",
                               events=smaller_class(content), rows=patients["rows"])  # fmt: skip


def _of_protocol(content: Content, words: Language) -> Iterator[tuple[str, str]]:
    protocol = content["protocol"]
    split = protocol_text(content, words)
    yield "division", words.say("{protocol}, seed {seed}; the folds stand in results.json.",
                                protocol=split, seed=protocol["seed"])  # fmt: skip
    yield "folds", words.say("Folds are dealt by chance within classes; their patients stand in "
                             "results.json and are not compared.")  # fmt: skip
    yield "disjoint", words.say("The person, under all names known to the run.")
    yield "seed", words.say("By seed {seed}.", seed=protocol["seed"])
    yield (
        "inside",
        words.say(
            "Scaling, filling of gaps, selection of features, choice of pipelines, calibration and "
            "thresholds were fitted inside the training folds."
        ),
    )
    yield "selection", words.say("Inside each training fold; the test fold chooses nothing.")
    yield (
        "guards",
        words.say(
            "Inputs that tell the target by themselves and patients on both sides of a split were "
            "refused; how the table was made is not stated."
        ),
    )
    if protocol["kind"] == "leave-site-out":
        yield "external", words.say("Each site is tested by models that never saw it; no cohort "
                                    "from outside was used.")  # fmt: skip
    else:
        yield "external", words.say("None: test patients come from the same cohort.")
    yield "internal", words.say("{protocol}.", protocol=split)


def _of_systems(content: Content, words: Language) -> Iterator[tuple[str, str]]:
    rivals = [name for name, card in content["cards"].items() if card["state"] != "baseline"]
    baselines = [r["system"] for r in content["systems"] if r["baseline"]]
    yield "title", words.say("Prediction of '{target}' in {cohort} by {systems}.",
                             target=content["target"], cohort=content["cohort"],
                             systems=words.listing([*rivals, *baselines]))  # fmt: skip
    yield "aim", words.say("Development and internal evaluation of systems against baselines.")
    if rivals:
        yield "published", words.say("Systems after published ones: {systems}; see Published "
                                     "figures.", systems=words.listing(rivals))  # fmt: skip
        yield "models", words.say(
            "{systems} as published, with what was chosen for what papers leave open; budget "
            "{budget}.", systems=words.listing(rivals), budget=content["budget"],
        )  # fmt: skip
    yield (
        "predictors",
        words.say(
            "{inputs} columns named before the run; systems select among them in training folds.",
            inputs=content["inputs"],
        ),
    )
    yield "software", words.say("{program}, Apache-2.0; data and fitted models are not part of "
                                "the run.", program=content["made_by"])  # fmt: skip
    yield "findings", words.say("What each fold chose and fitted stands in results.json, as far "
                                "as a system tells it.")  # fmt: skip
    yield "updating", words.say("No model was updated.")
    if has_several(content):
        yield "output", words.say("A probability of each class; the most probable one is said.")
    elif content["task"] == "classification":
        yield "output", words.say("Probability of '{positive}', and a threshold fixed on training "
                                  "data.", positive=content["patients"]["positive"])  # fmt: skip
    else:
        yield "output", words.say("A risk by which patients are ranked; no threshold.")


def _of_results(content: Content, words: Language) -> Iterator[tuple[str, str]]:
    measure = measure_name(content, words)
    if has_several(content):
        yield "measures", words.say("AUC of each class against the rest within folds and their "
                                    "mean, accuracy, Brier score.")  # fmt: skip
    elif content["task"] == "classification":
        yield "measures", words.say("AUC within folds, precision and recall, sensitivity, "
                                    "specificity, accuracy, F1, MCC, Brier score, calibration, "
                                    "net benefit.")  # fmt: skip
        yield "rates", words.say("Sensitivity and specificity with intervals in the table of "
                                 "figures.")  # fmt: skip
    else:
        yield "measures", words.say("Harrell's C within folds, survival of risk groups, log-rank "
                                    "test.")  # fmt: skip
    yield "uncertainty", words.say("95 % intervals by bootstrap over patients, for differences "
                                   "too; not corrected for the number of comparisons.")  # fmt: skip
    shown = [f"{r['system']} {estimate_text(r['headline'], words)}" for r in content["systems"]]
    yield "performance", words.say("{measure}, events {events}: {figures}.", measure=measure,
                                   events=events_of(content),
                                   figures=words.say("; ").join(shown))  # fmt: skip
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
