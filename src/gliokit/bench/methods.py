"""The methods of a run with its sources, as a paper would have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gliokit.bench.facts import (
    allowed_text,
    finds_places,
    foreign_systems,
    has_several,
    patients_text,
    protocol_of,
)
from gliokit.bench.methods_of_tests import over_time_text, risk_groups_text, tests_text
from gliokit.bench.sources import SOURCES
from gliokit.reporting.language import Language, mark

__all__ = ["Methods", "inside_text", "methods_of", "protocol_text"]

KINDS = {
    "hold-out": mark("one split, {share} of the patients left out, stratified and grouped by "
                     "patient"),
    "k-fold": mark("{folds} stratified folds grouped by patient, dealt {repeats} times"),
    "leave-one-out": mark("one patient left out at a time"),
    "leave-n-out": mark("groups of at most {leave} patients left out in turn, stratified and "
                        "grouped by patient"),
    "leave-site-out": mark("one site left out at a time"),
    "cross-dataset": mark("tested on {cohorts}, which took no part in learning"),
}  # fmt: skip

GAIN = mark(
    "A gain over the best baseline, and the difference of two systems, is drawn over the same "
    "patients; 'not better than baseline' says that the lower bound is not above 0. Where every "
    "draw gives the same there is no interval, and nothing is said."
)

IDENTITIES = mark("Names of one patient in several collections were united by tables.")
NO_IDENTITIES = mark(
    "No table of names of one patient in several collections was given: patients were told "
    "apart by name, and collections that are known to share patients were not put on two sides "
    "of a split."
)

TOGETHER = mark(
    "It has no interval, and neither gains over baselines nor differences of systems are told."
)

PRIOR = mark(
    "The place prior looks at no image but for where it is not 0: it says where the drawings of "
    "the training patients lie, brains laid on each other by the middle and the spread of their "
    "voxels. As a label map it is cut at the share that was best for training patients, each left "
    "out of it in turn; as a detection it is one ball at its highest point."
)

Cite = Callable[..., str]
"""Names of sources -> their numbers in brackets."""

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Methods:
    """Paragraphs and the list of sources that they number."""

    paragraphs: tuple[str, ...]
    sources: tuple[str, ...]


def protocol_text(content: Content, words: Language) -> str:
    """How patients were split."""
    protocol = protocol_of(content)
    if protocol.kind == "k-fold" and protocol.repeats == 1:
        return words.say("{folds} stratified folds grouped by patient", folds=protocol.folds)
    return words.say(
        KINDS[protocol.kind],
        share=words.percent(100 * protocol.test_share),
        folds=protocol.folds,
        repeats=protocol.repeats,
        leave=protocol.leave,
        cohorts=words.listing(protocol.test_cohorts),
    )


def methods_of(content: Content, words: Language) -> Methods:
    """What was done, of a run as `content_of` gives it; nothing that the run does not know."""
    cited: list[str] = []

    def cite(*sources: str) -> str:
        cited.extend(s for s in sources if s not in cited)
        return "[" + ", ".join(str(cited.index(s) + 1) for s in sources) + "]"

    judge = _of_many_classes if has_several(content) else JUDGES[content["task"]]
    paragraphs = (
        words.sentences(_patients(content, words, cite)),
        words.sentences(_systems(content, words, cite)),
        words.sentences(judge(content, words, cite)),
        words.sentences(_groups(content, words, cite)),
    )
    return Methods(tuple(p for p in paragraphs if p), tuple(SOURCES.get(s, s) for s in cited))


def _patients(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    yield words.say("Cohort {cohort}, target {target}: {patients}.", cohort=content["cohort"],
                    target=content["target"], patients=patients_text(content, words))  # fmt: skip
    yield words.say("Splits: {protocol}, seed {seed}, the same for every system.",
                    protocol=protocol_text(content, words),
                    seed=content["protocol"]["seed"])  # fmt: skip
    yield from inside_text(content, words)
    if content.get("harmonised"):
        yield words.count(
            "Differences of sites were taken out of {n} column by ComBat {combat}, fitted on each "
            "training fold without the target or any covariate.",
            "Differences of sites were taken out of {n} columns by ComBat {combat}, fitted on each "
            "training fold without the target or any covariate.",
            len(content["harmonised"]), combat=cite("combat"),
        )  # fmt: skip
    united = IDENTITIES if content["identities"] else NO_IDENTITIES
    yield words.say(united)
    for model in content["models"]:
        if model["known"]:
            yield words.say(
                "Masks or features are of model {model}; nobody whom it learnt from is judged.",
                model=model["model"],
            )
    if finds_places(content):
        yield words.say(
            "No system was given a label map of a patient tested; from what columns of inputs were "
            "measured is not known. A patient on both sides of a split under any known name was "
            "looked for and refused."
        )
    else:
        yield words.say(
            "A target among the inputs, a patient on both sides of a split under any known name, "
            "and, unless allowed by name, an input that tells the target by itself were looked for "
            "and refused."
        )
    yield from allowed_text(content, words)


def inside_text(content: Content, words: Language) -> Iterator[str]:
    """What was learnt inside training folds, as far as it is known."""
    yield words.say(
        "Every system was handed its training fold alone, and of the patients tested the inputs "
        "without the target."
    )
    foreign = foreign_systems(content)
    if len(foreign) < len(content["cards"]):
        yield words.say(
            "In the systems of gliokit scaling, filling of gaps, selection of features, choice of "
            "pipelines, calibration and thresholds are fitted on it."
        )
    if foreign:
        yield words.say(
            "How these systems, which do not come with gliokit, fit them is not stated: {systems}.",
            systems=words.listing(foreign),
        )


def _systems(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    named = []
    for name, card in content["cards"].items():
        if card["state"] != "baseline" and card["citation"]:
            named.append(f"{name} {cite(card['citation'])}")
    if named:
        yield words.say("Systems: {systems}; budget {budget}.", budget=content["budget"],
                        systems=words.listing(named))  # fmt: skip
    baselines = [r["system"] for r in content["systems"] if r["baseline"]]
    if baselines:
        yield words.say("Baselines: {baselines}.", baselines=words.listing(baselines))
    if baselines and finds_places(content):
        yield words.say(PRIOR)
    yield words.say("Everything was run by {program}.", program=content["made_by"])


def _of_classes(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    if content["ranked_together"]:
        yield words.say(
            "The headline is the AUC {auc} of the scores of all left-out patients, which come "
            "from different models: without a signal it lies below one half.", auc=cite("auc"),
        )  # fmt: skip
    else:
        yield words.say("The headline is the mean of the AUCs {auc} within folds.",
                        auc=cite("auc"))  # fmt: skip
        yield words.say("Its 95 % interval is a bootstrap over patients by random weights "
                        "{weights}.", weights=cite("weights"))  # fmt: skip
    yield from _widened_and_gains(content, words, cite)
    yield words.say(
        "Sensitivity, specificity and accuracy are at the threshold that a system gives with its "
        "answer, with Wilson's intervals {wilson}; the area under precision and recall is taken by "
        "steps {precision}, with a bootstrap interval {bootstrap}.",
        wilson=cite("wilson"), precision=cite("precision"), bootstrap=cite("bootstrap"),
    )  # fmt: skip
    yield from tests_text(content, words, cite)
    yield words.say(
        "Calibration: Brier score {brier}, slope and intercept of a logistic regression on the "
        "logit {cox}, and the share of positives in tenths of probability with Wilson's intervals.",
        brier=cite("brier"), cox=cite("cox", "calibration"),
    )  # fmt: skip
    yield words.say("Net benefit over thresholds follows Vickers and Elkin {decision}.",
                    decision=cite("decision"))  # fmt: skip


def _widened_and_gains(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    """What is said of intervals within folds; of scores ranked together, that there are none."""
    if content["ranked_together"]:
        yield words.say(TOGETHER)
        return
    if not protocol_of(content).one_model:
        yield words.say("It is widened, since folds learn from each other's patients {folds}.",
                        folds=cite("folds"))  # fmt: skip
    yield words.say(GAIN)


def _of_many_classes(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    if content["ranked_together"]:
        yield words.say(
            "The headline is the mean over classes of the AUC of each against the rest {auc}, of "
            "the scores of all left-out patients, which come from different models: without a "
            "signal it lies below one half.", auc=cite("auc", "several"),
        )  # fmt: skip
    else:
        yield words.say(
            "The headline is the mean over classes of the AUC of each against the rest {auc}, "
            "within folds, with a 95 % interval by bootstrap over patients by random weights "
            "{weights}.",
            auc=cite("auc", "several"), weights=cite("weights"),
        )  # fmt: skip
    yield from _widened_and_gains(content, words, cite)
    yield from tests_text(content, words, cite)
    yield words.say(
        "The most probable class is said; accuracy has Wilson's interval {wilson}, and the Brier "
        "score {brier} is the sum over classes.", wilson=cite("wilson"), brier=cite("brier"),
    )  # fmt: skip


def _of_survival(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    if content["ranked_together"]:
        yield words.say(
            "The headline is Harrell's C {harrell} of the risks of all left-out patients, which "
            "come from different models: without a signal it lies below one half.",
            harrell=cite("harrell"),
        )
    else:
        yield words.say(
            "The headline is the mean of Harrell's C {harrell} within folds, with a 95 % interval "
            "by bootstrap over patients {bootstrap}.",
            harrell=cite("harrell"), bootstrap=cite("bootstrap"),
        )  # fmt: skip
    yield from _widened_and_gains(content, words, cite)
    yield from over_time_text(content, words, cite)
    yield from risk_groups_text(content, words, cite)


def _of_label_maps(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    yield words.say(
        "The headline is the mean over patients of Dice {dice} for region {region}, on the grid of "
        "what is drawn; two empty masks count 1, one 0.", dice=cite("dice"),
        region=content["region"],
    )  # fmt: skip
    yield words.say(
        "HD95 {hausdorff} is the mean over patients with both masks, and once more with 374 mm "
        "where one alone is empty; surface Dice {surface} is at 1 mm.",
        hausdorff=cite("hausdorff"), surface=cite("surface"),
    )  # fmt: skip
    yield from _by_patient(words, cite)


def _of_voxel_maps(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    yield words.say(
        "The headline is the mean over patients of the AUC {auc} of a map's voxels for region "
        "{region}, within the brain: where an image is not 0, the same voxels for every system. "
        "Correlation is Pearson's, of the same voxels.", auc=cite("auc"), region=content["region"],
    )  # fmt: skip
    yield from _by_patient(words, cite)


def _of_detections(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    yield words.say(
        "Lesions are the connected pieces of region {region}. A detection finds the one that its "
        "ball overlaps by a tenth or more (intersection over union), each lesion once. The "
        "headline is the mean of sensitivities by lesion at 1/4, 1/2, 1, 2, 4 and 8 false alarms a "
        "patient {froc}, within folds.", region=content["region"], froc=cite("froc"),
    )  # fmt: skip
    yield from _by_patient(words, cite)


def _by_patient(words: Language, cite: Cite) -> Iterator[str]:
    yield words.say(
        "95 % intervals, of differences too, are a bootstrap over patients {bootstrap}. They are "
        "not widened for folds that learn from each other's patients.", bootstrap=cite("bootstrap"),
    )  # fmt: skip
    yield words.say(GAIN)


JUDGES = {
    "classification": _of_classes,
    "survival": _of_survival,
    "segmentation": _of_label_maps,
    "voxel map": _of_voxel_maps,
    "detection": _of_detections,
}


def _groups(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    if content["strata"]:
        yield words.say("All was judged within strata too: {strata}.",
                        strata=words.listing(content["strata"]))  # fmt: skip
    if content["subgroups"]:
        yield words.say(
            "Subgroups by sex, age and site, where known, are judged by the same measure; age is "
            "cut at 65 years, or at the median where less than a quarter lie on a side."
        )
    yield words.say("The checklists follow TRIPOD+AI and CLAIM {checklists}.",
                    checklists=cite("tripod", "claim"))  # fmt: skip
