"""Tables of agreement as files, and the features that are robust by them."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from gliokit.features.patient import CaseFeatures
from gliokit.features.robustness import EVERY, RobustnessRow
from gliokit.features.writing import SEPARATORS, write_columns
from gliokit.study import UsageError

__all__ = ["keep_robust", "read_robustness", "write_robustness"]


def write_robustness(path: Path, rows: Sequence[RobustnessRow]) -> None:
    """The rows as .tsv, .csv or .parquet; a figure that is NaN stands as a missing one."""
    columns: dict[str, list[Any]] = {f.name: [] for f in fields(RobustnessRow)}
    for row in rows:
        for name, value in asdict(row).items():
            missing = isinstance(value, float) and math.isnan(value)
            columns[name].append(None if missing else value)
    write_columns(path, columns)


def read_robustness(path: Path) -> tuple[RobustnessRow, ...]:
    """The rows of a .tsv or .csv that `write_robustness` wrote.

    Raises:
        UsageError: the file can't be read or is no such table.
    """
    words = {"region", "image", "feature", "change", "settings", "gliokit"}
    separator = SEPARATORS.get(path.suffix.lower())
    try:
        if separator is None:
            raise ValueError("a file that is no .tsv or .csv")
        with path.open(encoding="utf-8", newline="") as stream:
            lines: list[dict[str, Any]] = [
                {n: v if n in words else _number(n, v) for n, v in line.items()}
                for line in csv.DictReader(stream, delimiter=separator)
            ]
        return tuple(RobustnessRow(**line) for line in lines)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(
            "the table is one of 'gliokit features --robustness', .tsv or .csv",
            source=path,
            found=error,
        ) from error


def _number(name: str, text: str) -> Any:
    if name == "n":
        return int(float(text))
    return math.nan if text == "n/a" else float(text)


def keep_robust(
    patients: Sequence[CaseFeatures],
    rows: Sequence[RobustnessRow],
    *,
    above: float = 0.75,
    change: str = EVERY,
) -> tuple[CaseFeatures, ...]:
    """The patients with their robust features alone.

    A feature is robust where the lower end of the interval of its ICC(2,1) is at least
    `above`. One that the rows don't know is left out.

    Args:
        patients: Whose features are kept or not.
        rows: Of `cohort_robustness`.
        above: The limit; 0.75 is 'good', 0.9 'excellent' to Koo and Li.
        change: Kind of change that is looked at; where there is one kind alone, that.

    Raises:
        UsageError: the rows have no such change, or no feature is robust.

    Source: Koo and Li, Journal of Chiropractic Medicine 15 (2016) 155.
    """
    kinds = {r.change for r in rows}
    wanted = next(iter(kinds)) if len(kinds) == 1 else change
    if wanted not in kinds:
        raise UsageError(f"a change is one of {', '.join(sorted(kinds))}", found=change)
    known = [r for r in rows if r.change == wanted]
    robust = {(r.region, r.image, r.feature) for r in known if r.icc_agreement_low >= above}
    kept = tuple(_kept(patient, robust) for patient in patients)
    if not any(patient.values for patient in kept):
        raise UsageError(
            f"at least one feature is robust, its ICC(2,1) surely {above:g} or more",
            found=f"{len(robust)} of the table, none of them measured",
            way_out="Ask for less with --above, or measure what the table of robustness has.",
        )
    return kept


def _kept(patient: CaseFeatures, robust: set[tuple[str, str, str]]) -> CaseFeatures:
    values: dict[str, dict[str, dict[str, float]]] = {}
    for region, by_image in patient.values.items():
        for image, features in by_image.items():
            some = {n: v for n, v in features.items() if (region, image, n) in robust}
            if some:
                values.setdefault(region, {})[image] = some
    return replace(patient, values=values)
