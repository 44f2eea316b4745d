"""Every sentence of a comparison is there in both languages."""

from __future__ import annotations

import re
import string

from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po

from gliokit.bench.page import render_comparison
from gliokit.evaluation import NOT_BETTER
from tests.bench.conftest import Judged
from tests.bench.messages import CATALOGUE, all_messages
from tests.reporting.page_reader import PageReader

ENGLISH_STAYS = re.compile(r'<(\w+)[^>]* lang="en".*?</\1>', re.S)


def entries() -> dict[object, Entry]:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_Hans_CN", abort_invalid=True)
    return {entry.id: entry for entry in catalogue if entry.id}


def forms(entry: Entry) -> tuple[str, ...]:
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_message_is_in_the_chinese_catalogue_and_no_other() -> None:
    assert sorted(map(str, all_messages())) == sorted(map(str, entries()))


def test_every_message_is_translated_with_its_places() -> None:
    for entry in entries().values():
        ids = (entry.id,) if isinstance(entry.id, str) else entry.id
        assert all(forms(entry)), entry.id
        assert not entry.fuzzy
        for form in forms(entry):
            assert places(form) == set().union(*map(places, ids)), entry.id


def test_the_words_of_the_rule_can_be_said() -> None:
    assert NOT_BETTER in all_messages()


def test_a_chinese_page_holds_no_english_sentence(
    classes: Judged, survival: Judged, places: Judged
) -> None:
    for judged in (classes, survival, places):
        quiet = {**judged.content, "failures": {}, "not_run": {}}
        page = ENGLISH_STAYS.sub("", render_comparison(quiet, lang="zh"))
        left = re.findall(r"(?:[A-Za-z]{2,} ){3,}[A-Za-z]{2,}", PageReader(page).text)
        assert left == []
