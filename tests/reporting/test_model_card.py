"""The figures of a card become a table, whatever their names."""

from __future__ import annotations

from typing import Any

import pytest

from gliokit.reporting.language import language
from gliokit.reporting.model_card import held_out_table
from tests.reporting.conftest import CARD


def first_row(name: str, figure: Any) -> tuple[str, ...] | None:
    table = held_out_table(CARD.model_copy(update={"held_out": {name: figure}}), language("en"))
    return None if table is None else table.rows[0][1]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wt_dice", "Whole tumour, mean Dice"),
        ("et_dice_brats_africa", "Enhancing tumour, mean Dice (patients of BraTS-Africa)"),
        ("tc_dice_new_place", "Tumour core, mean Dice (new place)"),
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
