"""What the methods of a run say of tests, of figures over time and of risk groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gliokit.bench.facts import has_curves
from gliokit.reporting.language import Language, mark

__all__ = ["over_time_text", "risk_groups_text", "tests_text"]

Cite = Callable[..., str]
Content = Mapping[str, Any]

PERMUTATION = (
    "Phipson B, Smyth GK. Permutation P-values should never be zero: calculating exact P-values "
    "when permutations are randomly drawn. Stat Appl Genet Mol Biol 2010;9:39. "
    "doi:10.2202/1544-6115.1585"
)
MCNEMAR = (
    "McNemar Q. Note on the sampling error of the difference between correlated proportions or "
    "percentages. Psychometrika 1947;12:153-157. doi:10.1007/BF02295996"
)
DELONG = (
    "DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated "
    "receiver operating characteristic curves: a nonparametric approach. Biometrics "
    "1988;44:837-845. doi:10.2307/2531595"
)
HOLM = "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat 1979;6:65-70"
UNO = (
    "Uno H, et al. On the C-statistics for evaluating overall adequacy of risk prediction "
    "procedures with censored survival data. Stat Med 2011;30:1105-1117. doi:10.1002/sim.4154"
)
DYNAMIC = (
    "Uno H, et al. Evaluating prediction rules for t-year survivors with censored regression "
    "models. J Am Stat Assoc 2007;102:527-537. doi:10.1198/016214507000000149"
)
GRAF = (
    "Graf E, et al. Assessment and comparison of prognostic classification schemes for survival "
    "data. Stat Med 1999;18:2529-2545. "
    "doi:10.1002/(SICI)1097-0258(19990915/30)18:17/18<2529::AID-SIM274>3.0.CO;2-5"
)
SURVIVAL_DECISION = (
    "Vickers AJ, et al. Extensions to decision curve analysis, a novel method for evaluating "
    "diagnostic tests, prediction models and molecular markers. BMC Med Inform Decis Mak "
    "2008;8:53. doi:10.1186/1472-6947-8-53"
)
SCHOENFELD = (
    "Grambsch PM, Therneau TM. Proportional hazards tests and diagnostics based on weighted "
    "residuals. Biometrika 1994;81:515-526. doi:10.1093/biomet/81.3.515"
)

CUTS = {
    "training": mark(
        "Risk groups are the patients above and below the median risk that their own model gives "
        "its training patients, shown by Kaplan and Meier's curves {kaplan} and compared by the "
        "log-rank test within folds {logrank}."
    ),
    "tested": mark(
        "Risk groups are the patients above and below the median risk of their own fold, shown by "
        "Kaplan and Meier's curves {kaplan} and compared by the log-rank test within folds "
        "{logrank}."
    ),
}


def tests_text(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    """Of classes."""
    tests = content.get("tests") or {}
    if tests.get("permutation"):
        yield words.say(
            "Whether an AUC within folds may be chance is told by {n} shuffles of the labels "
            "within folds {permutation}, one-sided, of scores as they are; p is (b + 1) / (m + 1), "
            "b of m shuffles reaching the AUC.",
            n=words.number(tests["shuffles"]), permutation=cite(PERMUTATION),
        )  # fmt: skip
        if tests["shared_training"]:
            yield words.say(
                "Its distance from one half is divided by the root of 2 first, as intervals are "
                "widened by it."
            )
    if tests.get("mcnemar"):
        yield words.say(
            "Answers at thresholds are compared by McNemar's test {mcnemar}, of each system with "
            "its best baseline and with every other system: exactly where one model of each is "
            "judged, else by chi square with Edwards's correction, halved since the models of the "
            "folds learn from each other's patients.", mcnemar=cite(MCNEMAR),
        )  # fmt: skip
    if tests.get("delong", {}).get("aucs"):
        yield words.say(
            "Since one model of each system is judged on one test set, DeLong's intervals and "
            "paired tests of the AUC {delong} are told too.", delong=cite(DELONG),
        )  # fmt: skip
    if tests.get("mcnemar") or tests.get("permutation"):
        yield words.say(
            "These tests count each patient once, in the first deal of the folds; p values are "
            "corrected by Holm {holm} within each table.", holm=cite(HOLM),
        )  # fmt: skip


def over_time_text(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    """Of survival."""
    horizons = content.get("horizons")
    if horizons:
        yield words.say(
            "Uno's C {uno} counts deaths before day {day}, until which a tenth or more of the "
            "patients, judged and of every training fold, are followed; AUCs over time {dynamic} "
            "are at 1 and 2 years, or at quartiles of the days of death where some fold holds "
            "fewer than two deaths by then or two patients followed beyond.",
            uno=cite(UNO), dynamic=cite(DYNAMIC), day=words.number(horizons["uno_until_days"]),
        )  # fmt: skip
        if content["ranked_together"]:
            yield words.say(
                "Both rank the scores of all folds together, weighted by the censoring of all "
                "patients judged, and have no interval."
            )
        else:
            yield words.say(
                "Both are means within folds, weighted by the censoring of each fold's training "
                "patients, with intervals as of Harrell's C."
            )
    if horizons and has_curves(content):
        yield words.say(
            "Predicted survival is judged by the Brier score {graf}, weighted by the censoring of "
            "each fold's training patients: at the same days, and integrated until day {day}, "
            "beyond which a fifth or more are followed in every fold and which is no later than "
            "the last death of any training fold. Curves are straight between the days that a "
            "system states. Beside it stands the score of the training patients' Kaplan-Meier "
            "curve.",
            graf=cite(GRAF), day=words.number(horizons["brier_until_days"]),
        )  # fmt: skip
    if any("decision" in c for c in content["curves"].values()):
        yield words.say(
            "Net benefit over thresholds of the risk of death by a year follows Vickers and others "
            "{decision}, by Kaplan and Meier among those acted on.",
            decision=cite("decision", SURVIVAL_DECISION),
        )  # fmt: skip
    if any("proportional_hazards" in f for folds in content["findings"].values()
           for f in folds.values()):  # fmt: skip
        yield words.say(
            "Proportional hazards of Cox models are tested by scaled Schoenfeld residuals "
            "{schoenfeld} in each training fold.", schoenfeld=cite(SCHOENFELD),
        )  # fmt: skip


def risk_groups_text(content: Content, words: Language, cite: Cite) -> Iterator[str]:
    """How the groups of the survival curves are made; older results cut at the fold's own."""
    groups = [c["risk_groups"] for c in content["curves"].values() if c.get("risk_groups")]
    for cut in dict.fromkeys(g.get("cut", "tested") for g in groups):
        yield words.say(CUTS[cut], kaplan=cite("kaplan"), logrank=cite("logrank"))
