"""Curves of the comparison as SVG, from the numbers of the result alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from gliokit.reporting.language import Language

__all__ = [
    "FRAME",
    "Frame",
    "Line",
    "calibration_panel",
    "chart",
    "line_of",
    "lines_of",
    "survival_panel",
]

SHADES = ("#1f5fa8", "#c2521a", "#2f7d4f", "#7a3f94", "#8a6d00", "#0d7f8c", "#b0306a")
"""Of systems; those of baselines are grey."""

GREYS = ("#666666", "#888888", "#444444", "#a0a0a0")
DASHES = ("", "7 3", "2 3", "9 3 2 3")
"""Lines stay apart in print without colour."""

RISK_SHADES = {"low": "#1f5fa8", "high": "#b4301f"}


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a chart has its axes, in units of the drawing, and what they run over.

    Without ticks of its own an axis is divided into quarters.
    """

    left: float = 46
    top: float = 8
    width: float = 280
    height: float = 230
    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)
    x_ticks: tuple[float, ...] = ()

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A point of the drawing; what lies outside is held at the border."""
        across = (min(max(x, self.x[0]), self.x[1]) - self.x[0]) / (self.x[1] - self.x[0])
        up = (min(max(y, self.y[0]), self.y[1]) - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + self.width * across, self.top + self.height * (1 - up)


FRAME = Frame()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart with its look."""

    name: str
    shade: str
    dash: str
    x: Sequence[float] = ()
    y: Sequence[float] = ()


def line_of(content: Mapping[str, Any], name: str) -> Line:
    """How a system is drawn, everywhere on the page."""
    baselines = [r["system"] for r in content["systems"] if r["baseline"]]
    rivals = [r["system"] for r in content["systems"] if not r["baseline"]]
    if name in baselines:
        i = baselines.index(name)
        return Line(name, GREYS[i % len(GREYS)], DASHES[(i + 1) % len(DASHES)])
    i = rivals.index(name)
    return Line(name, SHADES[i % len(SHADES)], DASHES[i // len(SHADES) % len(DASHES)])


def lines_of(content: Mapping[str, Any], curve: str) -> tuple[Line, ...]:
    """A curve of every system that has it."""
    found = []
    for name, curves in content["curves"].items():
        if curve in curves:
            look = line_of(content, name)
            found.append(Line(name, look.shade, look.dash, curves[curve]["x"], curves[curve]["y"]))
    return tuple(found)


def chart(
    lines: Sequence[Line],
    *,
    title: str,
    across: str,
    up: str,
    frame: Frame = FRAME,
    behind: Sequence[Line] = (),
) -> str:
    """Lines over two axes.

    Args:
        lines: Of systems, each marked with its name.
        title: Read by screen readers.
        across, up: Names of the axes.
        frame: What the axes run over.
        behind: Lines of reference.
    """
    drawn = [_polyline(frame, one, 1.0) for one in behind]
    drawn += [_polyline(frame, one, 1.9) for one in lines]
    return _svg(_axes(frame, across, up) + "".join(drawn), frame, title)


def calibration_panel(curve: Mapping[str, Any], look: Line, words: Language) -> str:
    """Share of positives over the mean probability of each tenth, with intervals."""
    frame = Frame(width=210, height=190)
    marks = []
    for x, y, low, high, n in zip(curve["x"], curve["y"], curve["low"], curve["high"],
                                  curve["n"], strict=True):  # fmt: skip
        (px, py), (_, p_low), (_, p_high) = (frame.at(x, v) for v in (y, low, high))
        marks.append(
            f'<line x1="{px:.1f}" y1="{p_low:.1f}" x2="{px:.1f}" y2="{p_high:.1f}" '
            f'stroke="{look.shade}" stroke-width="1.2"/>'
            f'<circle class="bin" cx="{px:.1f}" cy="{py:.1f}" r="{2 + min(n, 100) ** 0.5 / 2:.1f}" '
            f'fill="{look.shade}"/>'
        )
    diagonal = _polyline(frame, Line("", "#999", "3 3", (0, 1), (0, 1)), 1.0)
    axes = _axes(frame, words.say("predicted probability"), words.say("share that is so"))
    return _svg(axes + diagonal + "".join(marks), frame, look.name)


def survival_panel(groups: Mapping[str, Any], name: str, words: Language) -> str:
    """Kaplan and Meier's curves of the low and the high risk group with their intervals."""
    last = max(x for g in ("low", "high") for x in groups[g]["x"])
    ticks = tuple(groups["at_risk"]["days"])
    frame = Frame(width=260, height=190, x=(0.0, last), x_ticks=ticks)
    drawn = []
    for group, shade in RISK_SHADES.items():
        curve = groups[group]
        x, y = _steps(curve["x"], curve["y"])
        upper, lower = _steps(curve["x"], curve["high"])[1], _steps(curve["x"], curve["low"])[1]
        band = [frame.at(a, b) for a, b in zip(x, upper, strict=True)]
        band += [frame.at(a, b) for a, b in zip(reversed(x), reversed(lower), strict=True)]
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in band)
        drawn.append(f'<polygon points="{points}" fill="{shade}" opacity="0.13"/>')
        dash = "" if group == "high" else "7 3"
        drawn.append(_polyline(frame, Line(group, shade, dash, x, y), 1.9))
    axes = _axes(frame, words.say("days"), words.say("share alive"))
    return _svg(axes + "".join(drawn), frame, name)


def _steps(x: Sequence[float], y: Sequence[float]) -> tuple[list[float], list[float]]:
    across, up = [x[0]], [y[0]]
    for i in range(1, len(x)):
        across += [x[i], x[i]]
        up += [y[i - 1], y[i]]
    return across, up


def _polyline(frame: Frame, line: Line, thick: float) -> str:
    points = " ".join(
        f"{a:.2f},{b:.2f}" for a, b in (frame.at(x, y) for x, y in zip(line.x, line.y, strict=True))
    )
    name = f' data-system="{escape(line.name)}"' if line.name else ""
    dash = f' stroke-dasharray="{line.dash}"' if line.dash else ""
    return (
        f'<polyline{name} points="{points}" fill="none" stroke="{line.shade}" '
        f'stroke-width="{thick:g}" stroke-linejoin="round"{dash}/>'
    )


def _axes(frame: Frame, across: str, up: str) -> str:
    left, top, width, height = frame.left, frame.top, frame.width, frame.height
    bottom = top + height
    at = [f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" fill="none" '
          'stroke="#9aa5ae"/>']  # fmt: skip
    for x in frame.x_ticks or _quarters(frame.x):
        at.append(
            f'<text x="{frame.at(x, 0)[0]:.1f}" y="{bottom + 15:g}" text-anchor="middle">'
            f"{_tick(x, frame.x)}</text>"
        )
    for y in _quarters(frame.y):
        at.append(
            f'<text x="{left - 5:g}" y="{frame.at(0, y)[1] + 4:.1f}" text-anchor="end">'
            f"{_tick(y, frame.y)}</text>"
        )
    middle = top + height / 2
    at.append(
        f'<text class="axis" x="{left + width / 2:g}" y="{bottom + 32:g}" text-anchor="middle">'
        f'{escape(across)}</text><text class="axis" x="11" y="{middle:g}" text-anchor="middle" '
        f'transform="rotate(-90 11 {middle:g})">{escape(up)}</text>'
    )
    return "".join(at)


def _quarters(ends: tuple[float, float]) -> tuple[float, ...]:
    return tuple(ends[0] + (ends[1] - ends[0]) * i / 4 for i in range(5))


def _tick(value: float, end: tuple[float, float]) -> str:
    return f"{value:.0f}" if end[1] > 10 else f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def _svg(content: str, frame: Frame, title: str) -> str:
    width, height = frame.left + frame.width + 14, frame.top + frame.height + 40
    return (
        f'<svg role="img" viewBox="0 0 {width:g} {height:g}" style="max-width:{width * 1.25:g}px">'
        f"<title>{escape(title)}</title>{content}</svg>"
    )
