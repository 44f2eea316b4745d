"""Fill in the figures of the docs from stored runs.

    python docs/generate.py

A block in README.md or docs/*.md that begins with `<!-- results: AREA/NAME.json -->` and
ends with `<!-- /results -->` gets the figures of results/AREA/NAME.json. One that begins
with `<!-- references: AREA/NAME.json STANDARD -->` and ends with `<!-- /references -->` gets
that run's rows of a standard, a feature a line and a case a column, each value beside its
reference. No figure stands in the docs by hand.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(<!-- results: (\S+\.json) -->\n).*?(<!-- /results -->)", re.DOTALL)
REFERENCES = re.compile(
    r"(<!-- references: (\S+\.json) (.+?) -->\n).*?(<!-- /references -->)", re.DOTALL
)


def pages(root: Path = ROOT) -> list[Path]:
    """Every page that may hold a block."""
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]


def filled(text: str, results: Path) -> str:
    """A page with all its blocks made anew from stored runs."""
    text = BLOCK.sub(lambda m: m[1] + block(results / m[2]) + m[3], text)
    return REFERENCES.sub(lambda m: m[1] + references(results / m[2], m[3]) + m[4], text)


def references(path: Path, standard: str) -> str:
    """Every value of a standard beside its reference; what does not match in red."""
    rows = [
        r for r in json.loads(path.read_text(encoding="utf-8"))["rows"] if r["standard"] == standard
    ]
    cases = list(dict.fromkeys(r["case"] for r in rows))
    cells = {(r["feature"], r["case"]): _compared(r) for r in rows}
    lines = [
        f"| `{feature}` | " + " | ".join(cells.get((feature, case), "") for case in cases) + " |"
        for feature in dict.fromkeys(r["feature"] for r in rows)
    ]
    head = f"| feature | {' | '.join(cases)} |", "|---|" + "---|" * len(cases)
    return "\n".join((*head, *lines, ""))


def _compared(row: dict[str, Any]) -> str:
    value = "none" if row["value"] is None else f"{row['value']:.6g}"
    if row["reference"] is None:
        return f"{value} ({row['reason']})"
    text = f"{value} ({row['reference']:g} ± {row['tolerance']:g})"
    if row["matched"]:
        return text
    return f'<span style="color:red">{text}: {row["reason"]}</span>'


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
