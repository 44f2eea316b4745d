"""Fill in the figures of the docs from stored runs.

    python docs/generate.py

A block in README.md or docs/*.md that begins with `<!-- results: AREA/NAME.json -->` and
ends with `<!-- /results -->` gets the figures of results/AREA/NAME.json; with ` by region`
after the name (or ` by region: dice,hd95_mm` for some of them), figures called wt_..., tc_...,
et_... stand side by side. Where the run's rows say what a system cost, so does its figure. One
that begins with `<!-- rows: AREA/NAME.json KEY,KEY... -->` and ends with `<!-- /rows -->` gets
these keys of the run's rows. One that begins with `<!-- references: AREA/NAME.json STANDARD
-->` and ends with `<!-- /references -->` gets that run's rows of a standard, a feature a line
and a case a column, each value beside its reference. No figure stands in the docs by hand.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(
    r"(<!-- results: (\S+\.json)( by region(?:: \S+)?)? -->\n).*?(<!-- /results -->)", re.DOTALL
)
CONFOUNDED = " (confounded by grade)"
ROWS = re.compile(r"(<!-- rows: (\S+\.json) (\S+) -->\n).*?(<!-- /rows -->)", re.DOTALL)
REFERENCES = re.compile(
    r"(<!-- references: (\S+\.json) (.+?) -->\n).*?(<!-- /references -->)", re.DOTALL
)


def pages(root: Path = ROOT) -> list[Path]:
    """Every page that may hold a block."""
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]


def filled(text: str, results: Path) -> str:
    """A page with all its blocks made anew from stored runs."""
    text = BLOCK.sub(lambda m: m[1] + block(results / m[2], by_region=m[3] or "") + m[4], text)
    text = ROWS.sub(lambda m: m[1] + rows(results / m[2], m[3].split(",")) + m[4], text)
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


def block(path: Path, *, by_region: str = "") -> str:
    """The figures of one stored run as a table; a sentence where no run is stored."""
    if not path.is_file():
        return "*No run is stored yet.*\n"
    stored = json.loads(path.read_text(encoding="utf-8"))
    table = _by_region(stored, by_region) if by_region else _by_figure(stored)
    return "\n".join((*table, "", _source(stored), ""))


def rows(path: Path, keys: list[str]) -> str:
    """Some keys of the rows of one stored run as a table; a sentence where no run is stored."""
    if not path.is_file():
        return "*No run is stored yet.*\n"
    stored = json.loads(path.read_text(encoding="utf-8"))
    head = f"| {' | '.join(k.replace('_', ' ') for k in keys)} |", "|" + "---|" * len(keys)
    lines = ["| " + " | ".join(_cell(r.get(k)) for k in keys) + " |" for r in stored["rows"]]
    return "\n".join((*head, *lines, "", _source(stored), ""))


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _source(stored: dict[str, Any]) -> str:
    return (
        f"{stored['data']}. Version {stored['version']}, {stored['date']}, "
        f"{stored['machine']['cores']} cores; `{stored['command']}`."
    )


def _by_figure(stored: dict[str, Any]) -> list[str]:
    """A line a figure; with the processor's seconds where rows have them, of the same system."""
    seconds = {
        ": ".join(filter(None, (r.get("cohort"), r["system"]))): _rounded(r["processor_seconds"], 3)
        for r in stored.get("rows", ()) if "system" in r and "processor_seconds" in r
    }  # fmt: skip
    costs = seconds.keys() & stored["figures"].keys()
    doubtful = _confounded(stored)
    head = ["figure", "value", "unit", "n", *(["processor s"] if costs else [])]
    lines = [
        [name.replace("_", " ") + (CONFOUNDED if name.startswith(doubtful) else ""),
         _value(f), f["unit"], str(f["n"]), *([seconds.get(name, "")] if costs else [])]
        for name, f in stored["figures"].items()
    ]  # fmt: skip
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head),
            *(f"| {' | '.join(line)} |" for line in lines)]  # fmt: skip


def _confounded(stored: dict[str, Any]) -> tuple[str, ...]:
    """How figures begin that are confounded by grade: IDH in a cohort of several grades, which a
    run tells where it judges the cohort's grade too."""
    classes = {r["comparison"]: r["classes"] for r in stored.get("rows", ())
               if "comparison" in r and "classes" in r}  # fmt: skip
    mixed = {name.partition(", ")[0] for name, counts in classes.items()
             if ", grade" in name and min(counts) > 0}  # fmt: skip
    return tuple(f"{cohort}, idh" for cohort in sorted(mixed))


def _by_region(stored: dict[str, Any], layout: str) -> list[str]:
    """A line a figure, a column a region; how many patients where they are not all.

    A layout ' by region: dice,hd95_mm' keeps these figures alone.
    """
    figures = stored["figures"]
    most = max(f["n"] for f in figures.values())
    asked = layout.partition(": ")[2]
    names = asked.split(",") if asked else dict.fromkeys(n.partition("_")[2] for n in figures)
    lines = []
    for name in names:
        cells = []
        for region in ("wt", "tc", "et"):
            f = figures.get(f"{region}_{name}")
            if f is None:
                cells.append("")
                continue
            cells.append(_value(f, digits=3) + (f", n = {f['n']}" if f["n"] != most else ""))
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} |")
    return ["| figure | WT | TC | ET |", "|---|---|---|---|", *lines]


def _value(figure: dict[str, Any], digits: int = 6) -> str:
    value, low, high = (
        None if figure[k] is None else _rounded(figure[k], digits) for k in ("value", "low", "high")
    )
    return str(value) if low is None or high is None else f"{value} ({low} to {high})"


def _rounded(number: float, digits: int) -> str:
    return f"{float(f'{number:.{digits}g}'):g}"


def main() -> None:
    """Fill in all pages."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        page.write_text(filled(text, ROOT / "results"), encoding="utf-8")


if __name__ == "__main__":
    main()
