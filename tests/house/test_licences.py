"""What a plain installation brings along is permissively licensed."""

from __future__ import annotations

import re
from importlib import metadata

import pytest

packaging = pytest.importorskip("packaging.requirements")

# MPL-2.0 is file by file: it binds changes to those files, and nothing of ours.
PERMISSIVE = re.compile(
    r"MIT|BSD|Apache|ISC\b|PSF|Python Software Foundation|HPND|MPL-2\.0|Mozilla|Unlicense|0BSD|"
    r"Zlib|CC0",
    re.IGNORECASE,
)
COPYLEFT = re.compile(r"\bA?GPL|Affero|GNU (?:General|Affero)|EUPL|non-?commercial", re.IGNORECASE)


def core_distributions() -> list[str]:
    """Everything that `pip install gliokit` brings, itself left out."""
    seen: dict[str, None] = {}
    waiting = ["gliokit"]
    while waiting:
        name = waiting.pop()
        for text in metadata.requires(name) or []:
            needed = packaging.Requirement(text)
            if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
                continue
            if needed.name.lower() not in seen:
                seen[needed.name.lower()] = None
                waiting.append(needed.name)
    return sorted(seen)


def licence_of(name: str) -> str:
    """What a distribution says of its licence: an expression, else classifiers, else text."""
    about = metadata.metadata(name)
    expression = about.get("License-Expression")
    if expression:
        return str(expression)
    classifiers = [c for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
    # A whole licence text is cut: what counts stands in its first lines.
    return "; ".join([*classifiers, str(about.get("License") or "")[:200]])


@pytest.mark.parametrize("name", core_distributions())
def test_a_core_dependency_is_permissive(name: str) -> None:
    licence = licence_of(name)
    assert PERMISSIVE.search(licence), licence
    assert not COPYLEFT.search(licence), licence
