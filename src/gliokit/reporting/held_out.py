"""How well a model did on patients that it had not seen: the figures of its card."""

from __future__ import annotations

from typing import Any

from gliokit.inference.card import ModelCard
from gliokit.reporting.language import Language, mark
from gliokit.reporting.names import REGION_COLOURS
from gliokit.reporting.tables import ABSENT, Table

__all__ = ["held_out_table"]

TERMS = {
    "mean": mark("mean"),
    "median": mark("median"),
    "dice": mark("Dice"),
    "sensitivity": mark("sensitivity"),
    "error": mark("error"),
    "volume": mark("volume"),
}
REGION_TERMS = {r.lower(): r for r in REGION_COLOURS}


def held_out_table(card: ModelCard, words: Language) -> Table | None:
    """How well the model did on patients that it had not seen; None where none is told."""
    figures = card.held_out.get("figures", card.held_out)
    if not isinstance(figures, dict):
        return None
    rows = [
        ("", cells)
        for name, figure in figures.items()
        if (cells := _figure_cells(name, figure, words)) is not None
    ]
    if not rows:
        return None
    heads = (words.say("Figure"), words.say("Value"), words.say("95 % interval"))
    return Table((*heads, words.say("Patients")), tuple(rows))


def _figure_cells(name: str, figure: Any, words: Language) -> tuple[str, ...] | None:
    if not isinstance(figure, dict) or not isinstance(figure.get("value"), int | float):
        return None
    unit = str(figure.get("unit") or "")
    unit = "" if unit in ("1", "dice") else f" {unit}"
    digits = 2 if abs(figure["value"]) < 10 else 1
    ends = [figure.get("low"), figure.get("high")]
    numbers = [words.number(e, digits) for e in ends if isinstance(e, int | float)]
    interval = f" {ABSENT} ".join(numbers) if len(numbers) == len(ends) else ABSENT
    value = words.number(figure["value"], digits) + unit
    return _figure_name(name, words), value, interval, str(figure.get("n", ABSENT))


def _figure_name(name: str, words: Language) -> str:
    parts = name.replace(".", "_").split("_")
    return " ".join(
        words.say(TERMS[p]) if p in TERMS else REGION_TERMS.get(p.lower(), p) for p in parts
    )
