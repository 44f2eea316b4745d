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
    mark(
        "The held-out figures are of networks that learnt by the same recipe, each without the "
        "patients whom it was judged on; this one has seen them."
    ),
)
"""Tasks and limits of the models that come with gliokit; a test holds that none is missing."""

FIGURES = {
    "dice": mark("mean Dice"),
    "dice_from_1_ml": mark("mean Dice where the expert drew 1 mL or more"),
    "hd95_mm": mark("HD95 (mm)"),
    "hd95_found_mm": mark("HD95 where both outlines are there (mm)"),
    "surface_dice_1mm": mark("surface Dice at 1 mm"),
    "volume_error_ml": mark("size of the error of the volume (mL)"),
    "volume_bias_ml": mark("error of the volume with its sign (mL)"),
    "lesion_dice": mark("lesion-wise Dice"),
    "lesion_hd95_mm": mark("lesion-wise HD95 (mm)"),
    "falsely_found_ml": mark("found where there is none (mL)"),
    "presence_right": mark("presence or absence told right (share)"),
}
"""Figures of `evaluation.summarise_segmentations` in words, with their units."""

FIGURE = re.compile(
    rf"(?P<region>[a-z]+)_(?P<figure>{'|'.join(sorted(FIGURES, reverse=True))})(?:_(?P<group>\w+))?"
)
"""The longest name that fits is the figure's; what follows is a group."""

GROUPS = {
    "brats": mark("patients of BraTS"),
    "brats_africa": mark("patients of BraTS-Africa"),
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
    said = _figure_name(name, words)
    unit = str(figure.get("unit") or "")
    if said is None and unit and unit.lower() not in ("dice", "1"):
        value += f" {unit}"
    return said or name.replace("_", " "), value, interval, str(figure.get("n", ABSENT))


def _figure_name(name: str, words: Language) -> str | None:
    """'Whole tumour, HD95 (mm)' of 'wt_hd95_mm'; None of a name of another form."""
    found = FIGURE.fullmatch(name)
    if found is None or found["region"].upper() not in REGION_COLOURS:
        return None
    region, figure = region_name(found["region"].upper(), words), FIGURES[found["figure"]]
    text = words.say("{region}, {figure}", region=region, figure=words.say(figure))
    if found["group"] is None:
        return text
    group = GROUPS.get(found["group"])
    about = found["group"].replace("_", " ") if group is None else words.say(group)
    return words.say("{figure} ({group})", figure=text, group=about)
