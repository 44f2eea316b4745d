"""Features as a table, long or wide."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gliokit import __version__
from gliokit.features.patient import CaseFeatures

__all__ = ["TEXT", "FeatureTable", "Form", "Names", "feature_table"]

Form = Literal["long", "wide"]
Names = Literal["ibsi", "pyradiomics"]
Cell = str | float | None

SUBJECT = "subject_id"

TEXT = (SUBJECT, "region", "image", "feature", "reason", "absent", "empty", "settings", "gliokit")
"""Columns of words; all others hold numbers."""


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """Columns by name, all of one length; None is a value that is not there.

    A wide table has a row a patient, and columns REGION_IMAGE_FEATURE; `absent` and `empty`
    name the regions that the patient's labels don't know, and those without a voxel. A long
    one has a row a value, with the reason where there is none. Both end with the digest of
    the settings and gliokit's version.
    """

    columns: dict[str, list[Cell]]

    @property
    def length(self) -> int:
        """Rows."""
        return len(self.columns[SUBJECT])


@dataclass(frozen=True, slots=True)
class _Value:
    region: str
    image: str
    feature: str
    value: float
    reason: str


def feature_table(
    patients: Sequence[CaseFeatures], *, settings: str, form: Form = "wide", names: Names = "ibsi"
) -> FeatureTable:
    """The table of some patients.

    Args:
        patients: In the order of the rows.
        settings: Digest that stands in every row.
        form: 'long' or 'wide'.
        names: Of features: IBSI's, or PyRadiomics' for those that it has too.
    """
    made = _long(patients, names) if form == "long" else _wide(patients, names)
    rows = len(made[SUBJECT])
    return FeatureTable({**made, "settings": [settings] * rows, "gliokit": [__version__] * rows})


def _values(patient: CaseFeatures, names: Names) -> Iterator[_Value]:
    for region, by_image in patient.values.items():
        for image, features in by_image.items():
            reasons = patient.reasons.get(region, {}).get(image, {})
            for feature, value in features.items():
                name, shown = (feature, value) if names == "ibsi" else _theirs(feature, value)
                yield _Value(region, image, name, shown, reasons.get(feature, ""))


def _theirs(name: str, value: float) -> tuple[str, float]:
    from gliokit.measurement.radiomics import FEATURES
    from gliokit.measurement.radiomics.pyradiomics_names import in_pyradiomics

    source, _, base = name.rpartition(":")
    if base not in FEATURES:
        return name, value
    return in_pyradiomics(FEATURES[base], value, source or "original")


def _long(patients: Sequence[CaseFeatures], names: Names) -> dict[str, list[Cell]]:
    columns: dict[str, list[Cell]] = {
        name: [] for name in (SUBJECT, "region", "image", "feature", "value", "reason")
    }
    for patient in patients:
        for v in _values(patient, names):
            cells: tuple[Cell, ...] = (
                patient.subject, v.region, v.image, v.feature, _cell(v.value), v.reason or None
            )  # fmt: skip
            for column, cell in zip(columns.values(), cells, strict=True):
                column.append(cell)
    return columns


def _wide(patients: Sequence[CaseFeatures], names: Names) -> dict[str, list[Cell]]:
    rows = [{_column(v): v.value for v in _values(p, names)} for p in patients]
    every = dict.fromkeys(column for row in rows for column in row)
    columns: dict[str, list[Cell]] = {SUBJECT: [p.subject for p in patients]}
    for column in every:
        columns[column] = [_cell(row.get(column, math.nan)) for row in rows]
    columns["absent"] = [",".join(p.absent) or None for p in patients]
    columns["empty"] = [",".join(_empty(p)) or None for p in patients]
    return columns


def _column(value: _Value) -> str:
    return f"{value.region}_{value.image}_{value.feature}"


def _empty(patient: CaseFeatures) -> list[str]:
    """Regions of which every feature is NaN."""
    return [
        region
        for region, by_image in patient.values.items()
        if by_image and all(math.isnan(v) for f in by_image.values() for v in f.values())
    ]


def _cell(value: float) -> float | None:
    return None if math.isnan(value) else value
