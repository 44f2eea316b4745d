"""Figures of the comparison as SVG: a forest of the headlines, ROC curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from gliokit.bench.judging import Judgement, Scores
from gliokit.evaluation import roc_curve
from gliokit.systems import BASELINES, ClassTarget

__all__ = ["forest", "roc_curves"]

SHADES = ("#1f5fa8", "#b4531f", "#2f7d4f", "#7a3f94", "#8a7a1f", "#3f7f8f", "#555555")
ROW, LEFT, WIDTH = 24, 170, 420
SIDE = 320
STEPS = 101


def forest(judged: Sequence[Judgement]) -> str:
    """Headlines with their intervals from 0 to 1, one half marked."""
    height = ROW * (len(judged) + 1) + 12
    at = [f'<line x1="{LEFT + WIDTH / 2}" y1="4" x2="{LEFT + WIDTH / 2}" y2="{height - ROW}" '
          'stroke="#999" stroke-dasharray="3 3"/>']  # fmt: skip
    for i, found in enumerate(judged):
        y = ROW * i + ROW / 2 + 4
        low, value, high = (
            LEFT + WIDTH * v for v in (found.headline.low, found.headline.value,
                                       found.headline.high)
        )  # fmt: skip
        shade = "#777" if found.system in BASELINES else SHADES[0]
        at.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{escape(found.system)}'
                  "</text>"
                  f'<line x1="{low:.1f}" y1="{y}" x2="{high:.1f}" y2="{y}" stroke="{shade}" '
                  'stroke-width="2"/>'
                  f'<circle cx="{value:.1f}" cy="{y}" r="4" fill="{shade}"/>')  # fmt: skip
    at += [f'<text x="{LEFT + WIDTH * v}" y="{height - 4}" text-anchor="middle">{v:g}</text>'
           for v in (0, 0.25, 0.5, 0.75, 1)]  # fmt: skip
    return _svg("".join(at), LEFT + WIDTH + 20, height, "Headline of each system with interval")


def roc_curves(target: ClassTarget, scores: Mapping[str, Scores]) -> str:
    """The mean of the curves within folds, at each false positive rate."""
    grid = np.linspace(0, 1, STEPS)
    at = [f'<rect x="40" y="10" width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>'
          f'<line x1="40" y1="{SIDE + 10}" x2="{SIDE + 40}" y2="10" stroke="#bbb"/>']  # fmt: skip
    for i, (name, found) in enumerate(scores.items()):
        labels, curves = target.codes[found.rows], []
        for score, fold in zip(found.scores, found.folds, strict=True):
            for k in np.unique(fold):
                curve = roc_curve(labels[fold == k], score[fold == k])
                curves.append(np.interp(grid, curve.false_positive_rate, curve.sensitivity))
        points = " ".join(f"{40 + SIDE * x:.1f},{10 + SIDE * (1 - y):.1f}"
                          for x, y in zip(grid, np.mean(curves, axis=0), strict=True))  # fmt: skip
        shade = SHADES[i % len(SHADES)]
        at.append(f'<polyline points="{points}" fill="none" stroke="{shade}" stroke-width="1.6"/>'
                  f'<text x="{SIDE + 52}" y="{26 + 18 * i}" fill="{shade}">'
                  f"{escape(name)}</text>")  # fmt: skip
    at.append(f'<text x="{40 + SIDE / 2}" y="{SIDE + 32}" text-anchor="middle">false positive rate'
              "</text>"
              f'<text x="18" y="{10 + SIDE / 2}" text-anchor="middle" transform="rotate(-90 18 '
              f'{10 + SIDE / 2})">sensitivity</text>')  # fmt: skip
    return _svg("".join(at), SIDE + 220, SIDE + 44, "Mean of the ROC curves within folds")


def _svg(content: str, width: float, height: float, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}"><title>{escape(title)}</title>{content}</svg>'
    )
