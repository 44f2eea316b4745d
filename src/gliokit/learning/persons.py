"""The scans of a cohort, person by person."""

from __future__ import annotations

from collections.abc import Sequence

from gliokit.inference import DIGITAL
from gliokit.study import Identities, Patient, person_of

__all__ = ["is_digital", "names_of", "scans_by_person"]


def is_digital(patient: Patient) -> bool:
    """Whether a patient is of the simulator, and so nobody's."""
    return patient.attributes.get("collection") == DIGITAL


def names_of(patient: Patient) -> list[tuple[str, str]]:
    """What a patient goes by, each name with the collection."""
    known = patient.attributes
    names = (patient.subject, known.get("patient", ""))
    return [(name, known.get("collection", "")) for name in names if name]


def scans_by_person(patients: Sequence[Patient]) -> list[list[Patient]]:
    """The scans of each person, in the order of their first.

    Who is who is told by `gliokit.study.person`, as in the bench; without the collections where
    one is not known. Digital patients are told apart from real ones in any case.
    """
    named = [names_of(p) for p in patients]
    told = all(collection for names in named for _, collection in names)
    rows = [[person_of(name, c if told or c == DIGITAL else "") for name, c in n] for n in named]
    united = Identities.of(rows)
    found: dict[str, list[Patient]] = {}
    for patient, (first, *_) in zip(patients, rows, strict=True):
        found.setdefault(united.person(first), []).append(patient)
    return list(found.values())
