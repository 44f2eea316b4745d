"""Words, numbers and dates in the language of a reader."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Literal, get_args

from gliokit.study import UsageError

__all__ = ["Lang", "Language", "language", "mark"]

Lang = Literal["en", "zh"]

LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
BEFORE_UNIT = re.compile(r"(?<=\d) (?=mm|cm|mL|%)")
HTML_CODES = {"en": "en", "zh": "zh-Hans"}


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the reports.

    Messages are English sentences with {named} places; their translations stand in
    `locale/`. `say` and `count` are what the catalogue's test looks for in the code.
    """

    code: Lang
    translations: gettext.NullTranslations

    def say(self, message: str, /, **values: object) -> str:
        """A sentence, its places filled."""
        text = self.translations.gettext(message)
        return text.format(**values) if values else text

    def count(self, one: str, many: str, n: int, /, **values: object) -> str:
        """A sentence about n things, its places and {n} filled."""
        text = self.translations.ngettext(one, many, n)
        return text.format(n=self.number(n), **values)

    def number(self, value: float, digits: int = 0) -> str:
        """A number with a fixed count of decimals."""
        from babel.numbers import format_decimal

        places = "." + "0" * digits if digits else ""
        value = round(value, digits) + 0.0  # no minus before a zero
        return format_decimal(value, format=f"#,##0{places}", locale=self.locale)

    def ml(self, value: float) -> str:
        """Millilitres as precise as they deserve: 0.35, 4.2, 57."""
        return f"{self.number(value, 2 if value < 1 else 1 if value < 10 else 0)} mL"

    def exact_ml(self, value: float) -> str:
        """Millilitres for a table."""
        return self.number(value, 2 if value < 1 else 1)

    def percent(self, value: float) -> str:
        """A share; what is there but rounds to 0 is 'below 1'."""
        number = "< 1" if 0 < value < 0.5 else self.number(value)
        return f"{number}%" if self.code == "zh" else f"{number} %"

    def listing(self, items: Iterable[str]) -> str:
        """'a, b and c'."""
        from babel.lists import format_list

        return str(format_list(list(items), locale=self.locale))

    def date(self, iso: str) -> str:
        """A date of ISO 8601, with its time where it has one; anything else as it is."""
        from babel.dates import format_date, format_datetime

        try:
            when = datetime.fromisoformat(iso)
        except ValueError:
            return iso
        if len(iso) <= len("2026-01-31"):
            return format_date(when, "long", locale=self.locale)
        pattern = "yyyy年M月d日 HH:mm" if self.code == "zh" else "d MMMM yyyy, HH:mm"
        return format_datetime(when, pattern, locale=self.locale)

    def sentences(self, sentences: Iterable[str]) -> str:
        """One paragraph; no line breaks between a number and its unit."""
        text = ("" if self.code == "zh" else " ").join(sentences)
        return BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", text)

    @property
    def locale(self) -> str:
        """The name by which Babel knows it."""
        return LOCALES[self.code]

    @property
    def html_code(self) -> str:
        """The value of `lang` in HTML."""
        return HTML_CODES[self.code]


def mark(message: str) -> str:
    """Marks a message that is translated later; gives it as it is."""
    return message


@lru_cache
def language(code: Lang, *, package: str = "gliokit.reporting") -> Language:
    """The language of a code.

    Args:
        code: 'en' or 'zh' (Simplified Chinese).
        package: Whose catalogue is read.

    Raises:
        UsageError: there is no such language.
    """
    if code not in get_args(Lang):
        raise UsageError(f"a language is one of {', '.join(get_args(Lang))}", found=code)
    if code == "en":
        return Language(code, gettext.NullTranslations())
    return Language(code, gettext.GNUTranslations(io.BytesIO(_compiled(code, package))))


def _compiled(code: str, package: str) -> bytes:
    """A catalogue as gettext reads it. Compiled here, so that no build step can be missed."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    file = resources.files(package) / "locale" / code / "LC_MESSAGES" / "gliokit.po"
    with file.open("rb") as source:
        catalogue = read_po(source, locale=LOCALES[code])
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()
