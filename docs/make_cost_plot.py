"""Draw what radiomics costs as the mask grows, from the stored run.

    python docs/make_cost_plot.py

Writes docs/images/radiomics_cost.svg from results/measurement/speed.json: seconds of the
processor for the whole 3-D set of one image, with the range over repeats, on logarithmic axes.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "results" / "measurement" / "speed.json"
PLOT = ROOT / "docs" / "images" / "radiomics_cost.svg"
KEY = re.compile(r"seconds_at_(\d+)_voxels")

WIDTH, HEIGHT = 520, 320
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 20, 50
INK, SOFT, LINE = "#17222d", "#55636f", "#134a6e"


def main() -> None:
    figures = json.loads(STORED.read_text(encoding="utf-8"))["figures"]
    PLOT.write_text(drawn(figures), encoding="utf-8")
    print(f"{PLOT} drawn")


def drawn(figures: dict[str, Any]) -> str:
    """The plot as SVG."""
    points = sorted((int(m[1]), f) for name, f in figures.items() if (m := KEY.fullmatch(name)))
    across = _axis([n for n, _ in points], LEFT, WIDTH - RIGHT)
    values = [f[key] for _, f in points for key in ("low", "value", "high")]
    up = _axis(values, HEIGHT - BOTTOM, TOP)
    places = [(across(n), up(f["value"])) for n, f in points]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" fill="none" stroke="{SOFT}"/>',
        *_ticks(values, up),
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}" fill="none" '
        f'stroke="{LINE}" stroke-width="2"/>',
    ]
    for (n, figure), (x, y) in zip(points, places, strict=True):
        parts += [
            f'<path d="M{x:.1f} {up(figure["low"]):.1f}V{up(figure["high"]):.1f}" '
            f'stroke="{LINE}"/>',
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{LINE}"/>',
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="{INK}">'
            f"{n:,}</text>",
            f'<text x="{x - 8:.1f}" y="{y - 8:.1f}" text-anchor="end" fill="{INK}">'
            f"{figure['value']:.2g} s</text>",
        ]
    parts += [
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle" '
        f'fill="{SOFT}">voxels of the mask</text>',
        f'<text x="16" y="{(TOP + HEIGHT - BOTTOM) / 2}" text-anchor="middle" fill="{SOFT}" '
        f'transform="rotate(-90 16 {(TOP + HEIGHT - BOTTOM) / 2})">seconds of the processor</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _axis(values: list[float], start: float, end: float) -> Any:
    """Value -> place on a logarithmic axis with some room at both ends."""
    low, high = math.log10(min(values)) - 0.25, math.log10(max(values)) + 0.25
    return lambda v: start + (math.log10(v) - low) / (high - low) * (end - start)


def _ticks(values: list[float], up: Any) -> list[str]:
    """A line at every power of ten within the axis."""
    low, high = math.log10(min(values)) - 0.25, math.log10(max(values)) + 0.25
    found = []
    for power in range(math.ceil(low), math.floor(high) + 1):
        y = up(10.0**power)
        found += [
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#d8dfe5"/>',
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="{INK}">'
            f"{10.0**power:g}</text>",
        ]
    return found


if __name__ == "__main__":
    main()
