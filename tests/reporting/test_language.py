"""Every sentence is there in both languages; numbers and dates follow the reader."""

from __future__ import annotations

import string

import pytest
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po

from gliokit.inference import list_models
from gliokit.reporting import Analysis, render_report
from gliokit.reporting.language import language
from gliokit.reporting.model_card import CARD_TEXTS
from gliokit.reporting.names import SEQUENCES, place_name, sequence_name
from gliokit.study import STRUCTURAL
from tests.reporting.messages import CATALOGUE, all_messages


def entries() -> dict[object, Entry]:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_Hans_CN", abort_invalid=True)
    return {entry.id: entry for entry in catalogue if entry.id}


def test_every_message_is_in_the_chinese_catalogue_and_no_other() -> None:
    assert sorted(map(str, all_messages())) == sorted(map(str, entries()))


def test_every_message_is_translated() -> None:
    untranslated = [e.id for e in entries().values() if not all(forms(e)) or e.fuzzy]
    assert untranslated == []


def forms(entry: Entry) -> tuple[str, ...]:
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)


def test_translations_have_the_places_of_their_messages() -> None:
    for entry in entries().values():
        ids = (entry.id,) if isinstance(entry.id, str) else entry.id
        expected = set().union(*map(places, ids))
        for form in forms(entry):
            assert places(form) == expected, entry.id


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_chinese_report_speaks_of_its_matter_in_chinese(analysis: Analysis) -> None:
    chinese = render_report(analysis, lang="zh")
    for word in ("影像所见", "增强肿瘤", "非增强肿瘤核心", "全肿瘤", "中线移位", "方法"):
        assert word in chinese


def test_the_cards_of_all_shipped_models_can_be_said() -> None:
    texts = [t for card in list_models() for t in (card.task, *card.limits)]
    assert [t for t in texts if t not in CARD_TEXTS] == []


def test_every_structural_sequence_has_a_name() -> None:
    assert {str(m) for m in STRUCTURAL} == set(SEQUENCES)
    assert sequence_name("adc", language("en")) == "ADC"


@pytest.mark.parametrize(
    ("key", "english", "chinese"),
    [
        ("frontal_left", "left frontal lobe", "左侧额叶"),
        ("brainstem", "brainstem", "脑干"),
        ("new_place_right", "right new place", "右侧new place"),
    ],
)
def test_places_have_their_side(key: str, english: str, chinese: str) -> None:
    assert place_name(key, language("en")) == english
    assert place_name(key, language("zh")) == chinese


def test_dates_and_numbers_follow_the_language() -> None:
    english, chinese = language("en"), language("zh")
    assert english.date("2026-01-31T10:30:00+00:00") == "31 January 2026, 10:30"
    assert chinese.date("2026-01-31T10:30:00+00:00") == "2026年1月31日 10:30"
    assert english.date("2026-01-31") == "31 January 2026"
    assert english.date("yesterday") == "yesterday"
    assert english.number(12345.678, 1) == "12,345.7"
    assert english.number(-0.01, 1) == "0.0"
    assert english.listing(["a", "b", "c"]) == "a, b and c"
    assert chinese.listing(["a", "b", "c"]) == "a、b和c"


@pytest.mark.parametrize(
    ("value", "text"), [(0.349, "0.35 mL"), (4.24, "4.2 mL"), (56.7, "57 mL"), (0.0, "0.00 mL")]
)
def test_volumes_are_as_precise_as_they_deserve(value: float, text: str) -> None:
    assert language("en").ml(value) == text


def test_a_share_that_rounds_to_nothing_is_not_nothing() -> None:
    assert language("en").percent(0.2) == "< 1 %"
    assert language("en").percent(0) == "0 %"
    assert language("zh").percent(62.4) == "62%"
