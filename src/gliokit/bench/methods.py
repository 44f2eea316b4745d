"""The methods of a run with its sources, as a paper would have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gliokit.bench.facts import has_several, patients_text
from gliokit.reporting.language import Language, mark

__all__ = ["SOURCES", "Methods", "methods_of", "protocol_text"]

SOURCES: Mapping[str, str] = {
    "auc": "Hanley JA, McNeil BJ. The meaning and use of the area under a receiver operating "
    "characteristic (ROC) curve. Radiology 1982;143:29-36. doi:10.1148/radiology.143.1.7063747",
    "several": "Hand DJ, Till RJ. A simple generalisation of the area under the ROC curve for "
    "multiple class classification problems. Mach Learn 2001;45:171-186. "
    "doi:10.1023/A:1010920819831",
    "folds": "Bengio Y, Grandvalet Y. No unbiased estimator of the variance of K-fold "
    "cross-validation. J Mach Learn Res 2004;5:1089-1105",
    "weights": "Rubin DB. The Bayesian bootstrap. Ann Stat 1981;9:130-134. "
    "doi:10.1214/aos/1176345338",
    "bootstrap": "Efron B. Bootstrap methods: another look at the jackknife. Ann Stat "
    "1979;7:1-26. doi:10.1214/aos/1176344552",
    "wilson": "Wilson EB. Probable inference, the law of succession, and statistical inference. "
    "J Am Stat Assoc 1927;22:209-212. doi:10.1080/01621459.1927.10502953",
    "precision": "Davis J, Goadrich M. The relationship between precision-recall and ROC curves. "
    "ICML 2006:233-240. doi:10.1145/1143844.1143874",
    "brier": "Brier GW. Verification of forecasts expressed in terms of probability. Mon Weather "
    "Rev 1950;78:1-3",
    "cox": "Cox DR. Two further applications of a model for binary regression. Biometrika "
    "1958;45:562-565. doi:10.1093/biomet/45.3-4.562",
    "calibration": "Van Calster B, et al. Calibration: the Achilles heel of predictive analytics. "
    "BMC Med 2019;17:230. doi:10.1186/s12916-019-1466-7",
    "decision": "Vickers AJ, Elkin EB. Decision curve analysis: a novel method for evaluating "
    "prediction models. Med Decis Making 2006;26:565-574. doi:10.1177/0272989X06295361",
    "harrell": "Harrell FE, et al. Evaluating the yield of medical tests. JAMA "
    "1982;247:2543-2546. doi:10.1001/jama.1982.03320430047030",
    "kaplan": "Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. J Am "
    "Stat Assoc 1958;53:457-481. doi:10.1080/01621459.1958.10501452",
    "logrank": "Mantel N. Evaluation of survival data and two new rank order statistics arising "
    "in its consideration. Cancer Chemother Rep 1966;50:163-170",
    "tripod": "Collins GS, et al. TRIPOD+AI statement: updated guidance for reporting clinical "
    "prediction models that use regression or machine learning methods. BMJ 2024;385:e078378. "
    "doi:10.1136/bmj-2023-078378",
    "claim": "Tejani AS, et al. Checklist for Artificial Intelligence in Medical Imaging (CLAIM): "
    "2024 update. Radiol Artif Intell 2024;6:e240300. doi:10.1148/ryai.240300",
}

KINDS = {
    "hold-out": mark("one split, {share} of the patients left out, stratified and grouped by "
                     "patient"),
    "k-fold": mark("{folds} stratified folds grouped by patient, dealt {repeats} times"),
    "leave-one-out": mark("one patient left out at a time"),
    "leave-site-out": mark("one site left out at a time"),
}  # fmt: skip

GAIN = mark(
    "A gain over the best baseline, and the difference of two systems, is drawn over the same "
    "patients; 'not better than baseline' says that the lower bound is not above 0."
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
    protocol = content["protocol"]
    kind = protocol["kind"]
    if kind == "k-fold" and protocol["repeats"] == 1:
        return words.say("{folds} stratified folds grouped by patient", folds=protocol["folds"])
    return words.say(
        KINDS[kind],
        share=words.percent(100 * protocol["test_share"]),
        folds=protocol["folds"],
        repeats=protocol["repeats"],
    )


def methods_of(content: Content, words: Language) -> Methods:
    """What was done, of a run as `content_of` gives it; nothing that the run does not know."""
    cited: list[str] = []

    def cite(*sources: str) -> str:
        cited.extend(s for s in sources if s not in cited)
        return "[" + ", ".join(str(cited.index(s) + 1) for s in sources) + "]"

    judge = _of_classes if content["task"] == "classification" else _of_survival
    if has_several(content):
        judge = _of_many_classes
    paragraphs = (
        words.sentences(_patients(content, words)),
        words.sentences(_systems(content, words, cite)),
        words.sentences(judge(content, words, cite)),
        words.sentences(_groups(content, words, cite)),
    )
    return Methods(tuple(p for p in paragraphs if p), tuple(SOURCES.get(s, s) for s in cited))


def _patients(content: Content, words: Language) -> Iterator[str]:
    yield words.say("Cohort {cohort}, target {target}: {patients}.", cohort=content["cohort"],
                    target=content["target"], patients=patients_text(content, words))  # fmt: skip
    yield words.say("Splits: {protocol}, seed {seed}, the same for every system.",
                    protocol=protocol_text(content, words),
                    seed=content["protocol"]["seed"])  # fmt: skip
    yield words.say(
        "Scaling, filling of gaps, selection of features, choice of pipelines, calibration and "
        "thresholds were fitted inside the training folds."
    )
    yield words.say(
        "An input that tells the target by itself, a patient on both sides of a split under any "
        "known name, and a target among the inputs were looked for and refused."
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
    yield words.say("Everything was run by {program}.", program=content["made_by"])


def _of_classes(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    kind = content["protocol"]["kind"]
    if kind == "leave-one-out":
        yield words.say(
            "The headline is the AUC {auc} of the scores of all left-out patients, which come "
            "from different models: without a signal it lies below one half.", auc=cite("auc"),
        )  # fmt: skip
    else:
        yield words.say("The headline is the mean of the AUCs {auc} within folds.",
                        auc=cite("auc"))  # fmt: skip
    yield words.say("Its 95 % interval is a bootstrap over patients by random weights {weights}.",
                    weights=cite("weights"))  # fmt: skip
    if kind != "hold-out":
        yield words.say("It is widened, since folds learn from each other's patients {folds}.",
                        folds=cite("folds"))  # fmt: skip
    yield words.say(GAIN)
    yield words.say(
        "Sensitivity, specificity and accuracy are at a threshold fixed on training data, with "
        "Wilson's intervals {wilson}; the area under precision and recall is taken by steps "
        "{precision}, with a bootstrap interval {bootstrap}.",
        wilson=cite("wilson"), precision=cite("precision"), bootstrap=cite("bootstrap"),
    )  # fmt: skip
    yield words.say(
        "Calibration: Brier score {brier}, slope and intercept of a logistic regression on the "
        "logit {cox}, and the share of positives in tenths of probability with Wilson's intervals.",
        brier=cite("brier"), cox=cite("cox", "calibration"),
    )  # fmt: skip
    yield words.say("Net benefit over thresholds follows Vickers and Elkin {decision}.",
                    decision=cite("decision"))  # fmt: skip


def _of_many_classes(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    yield words.say(
        "The headline is the mean over classes of the AUC of each against the rest {auc}, within "
        "folds, with a 95 % interval by bootstrap over patients by random weights {weights}.",
        auc=cite("auc", "several"), weights=cite("weights"),
    )  # fmt: skip
    if content["protocol"]["kind"] != "hold-out":
        yield words.say("It is widened, since folds learn from each other's patients {folds}.",
                        folds=cite("folds"))  # fmt: skip
    yield words.say(GAIN)
    yield words.say(
        "The most probable class is said; accuracy has Wilson's interval {wilson}, and the Brier "
        "score {brier} is the sum over classes.", wilson=cite("wilson"), brier=cite("brier"),
    )  # fmt: skip


def _of_survival(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    yield words.say(
        "The headline is the mean of Harrell's C {harrell} within folds, with a 95 % interval by "
        "bootstrap over patients {bootstrap}.",
        harrell=cite("harrell"),
        bootstrap=cite("bootstrap"),
    )
    if content["protocol"]["kind"] != "hold-out":
        yield words.say("It is widened, since folds learn from each other's patients {folds}.",
                        folds=cite("folds"))  # fmt: skip
    yield words.say(GAIN)
    yield words.say(
        "Risk groups are the patients above and below the median risk of their own fold, shown by "
        "Kaplan and Meier's curves {kaplan} and compared by the log-rank test within folds "
        "{logrank}.",
        kaplan=cite("kaplan"), logrank=cite("logrank"),
    )  # fmt: skip


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
