"""Brier scores over time as a page tells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gliokit.bench.survival_brier import BRIER_AT, INTEGRATED, LESS
from gliokit.reporting.language import Language

__all__ = ["ToldBrier", "told_brier"]

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToldBrier:
    """A table and the sentences under it.

    Args:
        rows: As of the result's systems, and last that of Kaplan and Meier's curve.
        heads: Figures with their names.
        about: What they mean, or that they are not stated.
    """

    rows: Sequence[Mapping[str, Any]] = ()
    heads: Sequence[tuple[str, str]] = ()
    about: str = ""


def told_brier(content: Content, words: Language) -> ToldBrier:
    """Of a result of survival; nothing of another or older one."""
    horizons = content.get("horizons")
    if not horizons:
        return ToldBrier()
    days = horizons["auc_at_days"]
    heads = [
        (INTEGRATED, words.say("integrated Brier score")),
        (LESS, words.say("lower than Kaplan and Meier's by")),
        *((f"{BRIER_AT}{d:g}", words.say("at day {day}", day=words.number(d))) for d in days),
    ]
    rows = [r for r in content["systems"] if any(name in r["figures"] for name, _ in heads)]
    if not rows:
        return ToldBrier(about=words.say(
            "Brier score over time: not stated, for systems answer risks and no survival curves."
        ))  # fmt: skip
    heads = [(name, head) for name, head in heads if any(name in r["figures"] for r in rows)]
    about = words.sentences(_about(content, [r["system"] for r in rows], words))
    reference = {"system": words.say("Kaplan and Meier"), "baseline": True,
                 "figures": content["kaplan_meier_brier"]}  # fmt: skip
    return ToldBrier([*rows, reference], heads, about)


def _about(content: Content, told: Sequence[str], words: Language) -> Iterator[str]:
    yield words.say(
        "The squared error of predicted survival, lower is better; integrated: its mean from day 0 "
        "to day {day}. Kaplan and Meier: everybody is given the curve of the training patients, "
        "which a model must beat.", day=words.number(content["horizons"]["brier_until_days"]),
    )  # fmt: skip
    if no_better := [r["system"] for r in content["systems"]
                     if LESS in r["figures"] and not _above_0(r["figures"][LESS])]:  # fmt: skip
        yield words.say(
            "Whose interval does not lie above 0 is not better than Kaplan and Meier's curve: "
            "{systems}.", systems=words.listing(no_better),
        )  # fmt: skip
    if silent := [r["system"] for r in content["systems"] if r["system"] not in told]:
        yield words.say(
            "Not stated, for they answer no survival curves, or none that reach so far: {systems}.",
            systems=words.listing(silent),
        )


def _above_0(found: Mapping[str, Any]) -> bool:
    return found["low"] is not None and found["low"] > 0
