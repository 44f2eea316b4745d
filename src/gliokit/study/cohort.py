"""Many patients and what is known of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from gliokit.study.errors import StudyError, UsageError
from gliokit.study.labels import LabelMap
from gliokit.study.study import Study

__all__ = ["Cohort", "Patient"]


@dataclass(frozen=True, slots=True, eq=False)
class Patient:
    """One patient of a cohort; images are opened when they are asked for.

    Args:
        subject: Unique name within the cohort.
        attributes: The patient's row of the table, as text; '' is unknown.
        open_study: Reads the headers of the patient's images.
        open_label_map: Reads the patient's expert label map, where there is one.
    """

    subject: str
    attributes: Mapping[str, str]
    open_study: Callable[[], Study] = field(repr=False)
    open_label_map: Callable[[], LabelMap] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))

    def __reduce__(self) -> tuple[object, ...]:
        parts = (self.subject, dict(self.attributes), self.open_study, self.open_label_map)
        return (Patient, parts)


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Patients with unique names.

    Args:
        patients: In the order of the table.
        columns: Names of the attributes.
        root: Folder that relative paths of the table start from.
    """

    patients: tuple[Patient, ...]
    columns: tuple[str, ...]
    root: Path

    def __post_init__(self) -> None:
        names = [p.subject for p in self.patients]
        twice = [n for n, times in Counter(names).items() if times > 1]
        if twice:
            raise StudyError(
                "every patient of a cohort has a name of their own",
                source=self.root,
                found=", ".join(twice[:5]),
            )

    def check_column(self, name: str, *, purpose: str) -> None:
        """Hold that patients can be grouped by a column; by their collection always.

        Args:
            name: Of the column.
            purpose: What patients are by it, for the message: 'grouped by'.

        Raises:
            UsageError: the table has no such column.
        """
        if name not in (*self.columns, "collection"):
            raise UsageError(
                f"patients are {purpose} a column of the table",
                source=name,
                found=f"columns {', '.join(self.columns) or '(none)'}",
            )
