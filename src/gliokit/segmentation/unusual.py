"""Signs by which a study is unlike all that the model knows.

Each sign is a number of images or segmentation that a person can follow. What is usual is
known of patients like those that were learnt from; a study whose farthest sign lies further out
than that of nearly all of them is unusual. What a sign was not made for it can't see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gliokit.segmentation.calibration import Calibration, Usual
from gliokit.segmentation.signs import sequences_of

__all__ = ["Sign", "farthest", "unusual_signs", "usual_of"]

LEAST_SD = 0.05
LEAST_SDS = {"parts": 0.35, "fluid": 0.1}
"""Smallest standard deviations: few patients may all have one part, and no fluid at all."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign that lies outside what is usual.

    Args:
        name: As `image_signs` and `tumour_signs` name it.
        value: Of this study.
        usual: Of the patients that are known.
    """

    name: str
    value: float
    usual: Usual

    @property
    def distance(self) -> float:
        """From the mean, in standard deviations."""
        return abs(self.value - self.usual.mean) / self.usual.sd


def usual_of(patients: list[Mapping[str, float]]) -> dict[str, Usual]:
    """Mean and standard deviation of every sign that stands alone.

    Args:
        patients: Signs of each; a sign that fewer than three have, or of two sequences, is
            left out.
    """
    names = dict.fromkeys(n for signs in patients for n in signs if len(sequences_of(n)) < 2)
    found = {}
    for name in names:
        values = [signs[name] for signs in patients if name in signs]
        if len(values) >= 3:
            least = next((sd for word, sd in LEAST_SDS.items() if name.endswith(word)), LEAST_SD)
            sd = max(float(np.std(values, ddof=1)), least)
            found[name] = Usual(mean=float(np.mean(values)), sd=sd)
    return found


def farthest(signs: Mapping[str, float], usual: Mapping[str, Usual]) -> Sign | None:
    """The sign that lies farthest out; None where none is known."""
    return max(_known(signs, usual), key=lambda sign: sign.distance, default=None)


def unusual_signs(signs: Mapping[str, float], calibration: Calibration) -> tuple[Sign, ...]:
    """Every sign beyond the limit, the farthest first."""
    beyond = [
        sign for sign in _known(signs, calibration.usual) if sign.distance > calibration.usual_limit
    ]
    return tuple(sorted(beyond, key=lambda sign: -sign.distance))


def _known(signs: Mapping[str, float], usual: Mapping[str, Usual]) -> Iterator[Sign]:
    for name, value in signs.items():
        if name in usual:
            yield Sign(name, value, usual[name])
