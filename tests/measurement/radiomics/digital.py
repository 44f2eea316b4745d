"""IBSI's digital phantom and how its sheets judge a value.

Source: Zwanenburg et al., reference manual of the initiative, section 5.1 (CC BY 4.0).
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np

SPACING_MM = (2.0, 2.0, 2.0)
_SLICES = (
    ("14411", "14611", "41641", "44641"),
    ("14411", "11611", "11311", "44611"),
    ("14411", "11111", "11911", "11611"),
    ("14411", "11111", "11111", "11611"),
)
_OUTSIDE = ((0, 2, 1), (3, 0, 2), (4, 0, 2), (2, 2, 2), (3, 0, 3), (4, 0, 3))

IMAGE = np.array([[[int(v) for v in row] for row in rows] for rows in _SLICES]).transpose(2, 1, 0)
MASK = np.ones(IMAGE.shape, bool)
MASK[tuple(np.transpose(_OUTSIDE))] = False


def references(path: Path) -> dict[str, tuple[float, float]]:
    """Reference value and tolerance by tag, of the features that have one."""
    with path.open(encoding="utf-8") as lines:
        return {
            line["tag"]: (float(line["reference value"]), float(line["tolerance"] or 0))
            for line in csv.DictReader(lines, delimiter=";")
            if line["reference value"]
        }


def missed(values: dict[str, float], wanted: dict[str, tuple[float, float]]) -> list[str]:
    """Features outside their tolerance; values are rounded to three digits as references are."""
    return [
        f"{tag}: {values[tag]:.6g}, not {reference:g} +- {tolerance:g}"
        for tag, (reference, tolerance) in wanted.items()
        if not _matches(values[tag], reference, tolerance)
    ]


def _matches(value: float, reference: float, tolerance: float) -> bool:
    if not math.isfinite(value):
        return False
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    error = min(abs(value - reference), abs(round(value, digits) - reference))
    return error <= tolerance + 1e-9 * abs(reference)
