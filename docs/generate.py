"""Fill in the figures of the docs from stored runs.

    python docs/generate.py

A block in README.md or docs/*.md that begins with `<!-- results: AREA/NAME.json -->` and
ends with `<!-- /results -->` gets the figures of results/AREA/NAME.json. No figure stands
in the docs by hand.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(<!-- results: (\S+\.json) -->\n).*?(<!-- /results -->)", re.DOTALL)


def pages(root: Path = ROOT) -> list[Path]:
    """Every page that may hold a block."""
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]


def filled(text: str, results: Path) -> str:
    """A page with all its blocks made anew from stored runs."""
    return BLOCK.sub(lambda m: m[1] + block(results / m[2]) + m[3], text)


def block(path: Path) -> str:
    """The figures of one stored run as a table; a sentence where no run is stored."""
    if not path.is_file():
        return "*No run is stored yet.*\n"
    stored = json.loads(path.read_text(encoding="utf-8"))
    rows = [
        f"| {name.replace('_', ' ')} | {_value(f)} | {f['unit']} | {f['n']} |"
        for name, f in stored["figures"].items()
    ]
    return "\n".join(
        (
            "| figure | value | unit | n |",
            "|---|---|---|---|",
            *rows,
            "",
            f"{stored['data']}. Version {stored['version']}, {stored['date']}, "
            f"{stored['machine']['cores']} cores; `{stored['command']}`.",
            "",
        )
    )


def _value(figure: dict[str, Any]) -> str:
    if figure["low"] is None or figure["high"] is None:
        return f"{figure['value']:g}"
    return f"{figure['value']:g} ({figure['low']:g} to {figure['high']:g})"


def main() -> None:
    """Fill in all pages."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        page.write_text(filled(text, ROOT / "results"), encoding="utf-8")


if __name__ == "__main__":
    main()
