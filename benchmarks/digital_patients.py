"""Digital patients as a training takes them."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from gliokit.inference import DIGITAL
from gliokit.study import Cohort, read_cohort

__all__ = ["digital_cohort", "with_digital"]


def digital_cohort(folder: Path) -> Cohort:
    """Who is there of `gliokit phantom cohort`, with true label maps; no name is a real one's."""
    found = read_cohort(_labelled(folder), root=folder)
    patients = tuple(
        replace(p, subject=f"{DIGITAL}-{folder.name}-{p.subject}") for p in found.patients
    )
    return replace(found, patients=patients)


def with_digital(cohort: Cohort, folder: Path) -> Cohort:
    """The patients of a cohort, and the digital ones of a folder."""
    return replace(cohort, patients=(*cohort.patients, *digital_cohort(folder).patients))


def _labelled(folder: Path) -> Path:
    names = sorted(p.parent.name for p in folder.glob("sub-*/patient.json"))
    path = folder / "labelled.tsv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, delimiter="\t", lineterminator="\n")
        table.writerow(("subject_id", "study", "generation", "collection", "patient"))
        table.writerows((n, n, "2023", DIGITAL, f"{DIGITAL}-{folder.name}-{n}") for n in names)
    return path
