"""The figures of a card become a table, whatever their names."""

from __future__ import annotations

from typing import Any

import pytest

from gliokit.evaluation.segmentation_summary import MEANS
from gliokit.inference import list_models
from gliokit.reporting.language import Lang, language
from gliokit.reporting.model_card import held_out_table
from tests.reporting.conftest import CARD


def first_row(name: str, figure: Any, code: Lang = "en") -> tuple[str, ...] | None:
    table = held_out_table(CARD.model_copy(update={"held_out": {name: figure}}), language(code))
    return None if table is None else table.rows[0][1]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wt_dice", "Whole tumour, mean Dice"),
        ("et_dice_brats_africa", "Enhancing tumour, mean Dice (patients of BraTS-Africa)"),
        ("tc_dice_new_place", "Tumour core, mean Dice (new place)"),
        ("wt_hd95_mm", "Whole tumour, HD95 (mm)"),
        ("wt_dice_from_1_ml", "Whole tumour, mean Dice where the expert drew 1 mL or more"),
        (
            "et_lesion_hd95_mm_brats",
            "Enhancing tumour, lesion-wise HD95 (mm) (patients of BraTS)",
        ),
        ("tc_presence_right", "Tumour core, presence or absence told right (share)"),
        ("speed_mean", "speed mean"),
    ],
)
def test_names_are_spelt_out(name: str, words: str) -> None:
    row = first_row(name, {"value": 0.845, "low": 0.8, "high": 0.9, "n": 9, "unit": "Dice"})
    assert row == (words, "0.84", "0.80 \N{EN DASH} 0.90", "9")


def test_a_figure_without_an_interval_is_shown_without() -> None:
    assert first_row("x", {"value": 12.345, "unit": "mm"}) == (
        "x",
        "12.3 mm",
        "\N{EN DASH}",
        "\N{EN DASH}",
    )


@pytest.mark.parametrize("figure", [None, "good", {"low": 1}])
def test_what_is_no_figure_is_left_out(figure: Any) -> None:
    assert first_row("x", figure) is None


def test_every_figure_of_a_cross_validation_and_of_the_shipped_card_is_in_words() -> None:
    names = {f"wt_{mean.name}" for mean in MEANS} | {"wt_presence_right"}
    names |= {name for card in list_models() for name in card.held_out}
    for code in ("en", "zh"):
        for name in names:
            row = first_row(name, {"value": 0.5, "unit": "mm"}, code)
            assert row is not None
            assert row[0] != name.replace("_", " ")
            assert row[1] == "0.50"  # the unit stands in the name
