"""Every message that a comparison can hold, found in code and templates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract, extract_python
from jinja2.ext import babel_extract

import gliokit.bench

ROOM = Path(gliokit.bench.__file__).parent
CATALOGUE = ROOM / "locale" / "zh" / "LC_MESSAGES" / "gliokit.po"
KEYWORDS: dict[str, tuple[int, ...] | None] = {"say": None, "mark": None, "count": (1, 2)}

Message = str | tuple[str, str]


def all_messages() -> set[Message]:
    """Ids of the code and the template."""
    found: set[Message] = set()
    for path in sorted(ROOM.glob("*.py")):
        found |= set(_messages(path, extract_python))
    for path in sorted(ROOM.glob("*.jinja")):
        found |= set(_messages(path, babel_extract))
    return found


def _messages(path: Path, method: object) -> Iterator[Message]:
    with path.open("rb") as file:
        options = {"encoding": "utf-8"}
        for _, message, _, _ in extract(method, file, KEYWORDS, (), options):  # type: ignore[arg-type]
            yield message if isinstance(message, str) else (message[0], message[1])
