"""What `measure` finds of a study beside sizes, as features: signs, proportions, places."""

from __future__ import annotations

import math

from pydantic import BaseModel

from gliokit.features.case import Case
from gliokit.measurement.schema import (
    Enhancement,
    Location,
    Measurements,
    Mismatch,
    Proportions,
    Signs,
)

__all__ = ["NOT_TAKEN", "sign_features"]

NOT_TAKEN = "the study doesn't allow it; docs/measurements.md says when"

NUMBERS = (float, float | None, int, int | None, bool, bool | None)


def sign_features(case: Case, figures: Measurements | None = None) -> dict[str, float]:
    """Every figure of one number that `measure` has for a study as a whole.

    Names are `signs_`, `enhancement_`, `mismatch_`, `proportions_` or `location_` and the key
    in `measurements.json`; a sign that is there is 1. NaN where it was not taken.

    Args:
        case: With a prepared study.
        figures: Of `measure` for it, where they are there already.
    """
    if figures is not None:
        return flattened(figures)
    from gliokit.measurement import measure

    assert case.prepared is not None
    return flattened(measure(case.prepared, case.label_map, segmentation="given"))


def flattened(figures: Measurements) -> dict[str, float]:
    """The numbers of measurements that stand for the study as a whole."""
    signs = figures.signs
    parts: tuple[tuple[str, type[BaseModel], BaseModel | None], ...] = (
        ("signs", Signs, signs),
        ("enhancement", Enhancement, None if signs is None else signs.enhancement),
        ("mismatch", Mismatch, None if signs is None else signs.mismatch),
        ("proportions", Proportions, figures.proportions),
        ("location", Location, figures.location),
    )
    return {
        f"{prefix}_{name}": _number(getattr(found, name, None))
        for prefix, kind, found in parts
        for name, field in kind.model_fields.items()
        if field.annotation in NUMBERS
    }


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
