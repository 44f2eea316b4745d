"""Tests and figures over time as a page tells them, each with what it means in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gliokit.bench.facts import estimate_text, protocol_of
from gliokit.bench.survival_figures import AUC_AT, UNO
from gliokit.reporting.language import Language

__all__ = ["ToldTests", "figures_over_time", "meanings_over_time", "p_text", "told_tests"]

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToldTests:
    """Two tables and the sentences above them.

    Args:
        systems: Name, AUC, p and p after Holm.
        pairs: Two names, how many each alone gets right, p and p after Holm.
        delong: Name, and the AUC with DeLong's interval.
        delong_pairs: Two names, the difference with its interval, p and p after Holm.
    """

    systems: tuple[tuple[str, ...], ...] = ()
    pairs: tuple[tuple[str, ...], ...] = ()
    about_systems: str = ""
    about_pairs: str = ""
    delong: tuple[tuple[str, ...], ...] = ()
    delong_pairs: tuple[tuple[str, ...], ...] = ()
    about_delong: str = ""

    def __bool__(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.systems or self.pairs or self.delong)


def told_tests(content: Content, tests: Mapping[str, Any], words: Language) -> ToldTests:
    """Of a result, or of one of its strata; nothing of an older one, which has none.

    Args:
        content: The result.
        tests: As of `significance_of`.
        words: Of the sentences.
    """
    systems = tuple(
        (r["system"], words.number(r["auc"], 3), p_text(r["p"], words), p_text(r["p_holm"], words))
        for r in tests.get("permutation", ())
    )
    pairs = tuple(
        (r["one"], r["other"], words.number(r["only_one"]), words.number(r["only_other"]),
         p_text(r["p"], words), p_text(r["p_holm"], words))
        for r in tests.get("mcnemar", ())
    )  # fmt: skip
    delong = tests.get("delong") or {}
    aucs = tuple((r["system"], estimate_text(r["auc"], words)) for r in delong.get("aucs", ()))
    compared = tuple(
        (r["one"], r["other"], estimate_text(r["difference"], words), p_text(r["p"], words),
         p_text(r["p_holm"], words))
        for r in delong.get("pairs", ())
    )  # fmt: skip
    about = words.sentences(_about_shuffles(content, tests, words)) if systems else ""
    return ToldTests(
        systems,
        pairs,
        about,
        words.sentences(_about_pairs(words)) if pairs else "",
        aucs,
        compared,
        words.sentences(_about_delong(words)) if aucs else "",
    )


def p_text(p: float, words: Language) -> str:
    """'0.042', or '< 0.001' on one line."""
    return f"<\N{NO-BREAK SPACE}{words.number(0.001, 3)}" if p < 0.001 else words.number(p, 3)


def _about_shuffles(content: Content, tests: Mapping[str, Any], words: Language) -> Iterator[str]:
    yield words.say(
        "Permutation p: how often labels shuffled within folds ({n} times) rank as well; small "
        "where the ranking is hardly chance.", n=words.number(tests["shuffles"]),
    )  # fmt: skip
    if tests["shared_training"]:
        yield words.say(
            "Since folds learn from each other's patients, the AUC's distance from one half is "
            "divided by the root of 2 first."
        )
    if protocol_of(content).repeats > 1:
        yield words.say("Of the first deal of the folds, in which each patient counts once.")
    yield words.say("p after Holm allows for the number of rows.")


def _about_pairs(words: Language) -> Iterator[str]:
    yield words.say(
        "McNemar's p: small where one of two systems, each at its threshold, is right in "
        "clearly more patients than the other. It is about answers; a difference in AUC is about "
        "ranking."
    )
    yield words.say("p after Holm allows for the number of rows.")


def _about_delong(words: Language) -> Iterator[str]:
    yield words.say(
        "DeLong's interval of the AUC, and the p of the paired test that two AUCs are the same: of "
        "one fitted model of each system on one test set, each patient once. Beside the bootstrap, "
        "which the headline has."
    )
    yield words.say("p after Holm allows for the number of rows.")


def figures_over_time(content: Content, words: Language) -> list[tuple[str, str]]:
    """Figures of survival and their names in a table."""
    if not content.get("horizons"):
        return []
    days = content["horizons"]["auc_at_days"]
    return [
        (UNO, words.say("Uno's C")),
        *((f"{AUC_AT}{d:g}", words.say("AUC at day {day}", day=words.number(d))) for d in days),
    ]


def meanings_over_time(content: Content, words: Language) -> Iterator[str]:
    """What these figures mean."""
    horizons = content.get("horizons")
    if not horizons:
        return
    yield words.say(
        "Uno's C: as Harrell's, but not swayed by how patients were censored; of deaths before "
        "day {day}.", day=words.number(horizons["uno_until_days"]),
    )  # fmt: skip
    if horizons["auc_at_days"]:
        yield words.say(
            "AUC at a day: how often, of one patient dead by then and one alive after, the dead "
            "one had the higher risk."
        )
    if not horizons["years"]:
        yield words.say(
            "The days are quartiles of the days of death: some fold has too few deaths or too "
            "few patients followed to judge 1 and 2 years."
        )
