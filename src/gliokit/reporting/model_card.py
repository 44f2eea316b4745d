"""What the card of a model says, in the reader's language."""

from __future__ import annotations

import re
from typing import Any

from gliokit.inference.card import ModelCard
from gliokit.reporting.language import Language, mark
from gliokit.reporting.names import REGION_COLOURS, region_name
from gliokit.reporting.tables import ABSENT, Table

__all__ = ["CARD_TEXTS", "held_out_table"]

CARD_TEXTS = (
    mark("segmentation of whole tumour, tumour core and enhancing tumour"),
    mark("Research use only; not a medical device."),
    mark("Trained on brains without a skull, before any treatment, at 1 mm."),
    mark("No post-operative image, no child and no metastasis was seen."),
    mark("The held-out figures are of its forerunner, which had not seen the patients held out."),
)
"""Tasks and limits of the models that come with gliokit; a test holds that none is missing."""

FIGURE = re.compile(r"(?P<region>[a-z]+)_dice(?:_(?P<group>\w+))?")
GROUPS = {
    "brats": mark("patients of BraTS"),
    "brats_africa": mark("patients of BraTS-Africa"),
    "where_1_ml": mark("where the expert drew 1 mL or more"),
}
LARGE = 10


def held_out_table(card: ModelCard, words: Language) -> Table | None:
    """How well the model did on patients that it had not seen; None where none is told."""
    rows = [
        ("", cells)
        for name, figure in card.held_out.items()
        if (cells := _figure_cells(name, figure, words)) is not None
    ]
    if not rows:
        return None
    heads = (words.say("Figure"), words.say("Value"), words.say("95 % interval"))
    return Table((*heads, words.say("Patients")), tuple(rows))


def _figure_cells(name: str, figure: Any, words: Language) -> tuple[str, ...] | None:
    if not isinstance(figure, dict) or not isinstance(figure.get("value"), int | float):
        return None
    digits = 2 if abs(figure["value"]) < LARGE else 1
    ends = [figure.get("low"), figure.get("high")]
    numbers = [words.number(e, digits) for e in ends if isinstance(e, int | float)]
    interval = f" {ABSENT} ".join(numbers) if len(numbers) == len(ends) else ABSENT
    value = words.number(figure["value"], digits)
    unit = str(figure.get("unit") or "")
    if unit and unit.lower() not in ("dice", "1"):
        value += f" {unit}"
    return _figure_name(name, words), value, interval, str(figure.get("n", ABSENT))


def _figure_name(name: str, words: Language) -> str:
    """'Whole tumour, mean Dice' of 'wt_dice'; a name of another form as it is."""
    found = FIGURE.fullmatch(name)
    if found is None or found["region"].upper() not in REGION_COLOURS:
        return name.replace("_", " ")
    text = words.say("{region}, mean Dice", region=region_name(found["region"].upper(), words))
    if found["group"] is None:
        return text
    group = GROUPS.get(found["group"])
    about = found["group"].replace("_", " ") if group is None else words.say(group)
    return words.say("{figure} ({group})", figure=text, group=about)
