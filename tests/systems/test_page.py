"""docs/systems.md is what the cards say."""

from __future__ import annotations

import re
from pathlib import Path

from gliokit.systems import list_cards
from gliokit.systems.page import systems_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "systems.md"
FILLED = re.compile(r"(<!-- results: \S+ -->\n).*?(<!-- /results -->)", re.DOTALL)


def test_the_page_in_the_docs_is_made_from_the_cards() -> None:
    written = FILLED.sub(r"\1\2", PAGE.read_text(encoding="utf-8"))
    assert written == systems_page(), "run: python benchmarks/systems_page.py && make docs"


def test_every_working_system_stands_on_the_page_and_no_recalled_figure() -> None:
    page = systems_page()
    for card in list_cards().values():
        _, heading, after = page.partition(f"### {card.id}\n")
        assert bool(heading) == (card.state == "working")
        section = after.partition("\n### ")[0]
        for figure in card.figures if card.state == "working" else ():
            assert (figure.what in section) == figure.printable
