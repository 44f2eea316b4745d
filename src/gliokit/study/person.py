"""Who is who: one rule for the names of patients, wherever two of them are compared.

A name that a public collection gave stands for one person wherever it is read, however it is
spelled: a TCGA barcode in a table of BraTS is the patient of TCGA. Any other name, such as '001',
stands for one person within its collection; where a collection is not told, it may be any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Identities", "People", "family_of", "person_of", "written_alike"]

TCGA = re.compile(r"^(TCGA)[-_](\w\w)[-_](\w{4})(?!\w)|^(TCGA)[-_](\w\w)[-_](\w{4})_", re.I)
NUMBERED = (
    (re.compile(r"^UCSF-PDGM-0*(\d+)(_FU\w*)?(_nifti)?$", re.I), "UCSF-PDGM-{}"),
    (re.compile(r"^UPENN-GBM-0*(\d+)(_\d+)?$", re.I), "UPENN-GBM-{}"),
    (re.compile(r"^BraTS2021_0*(\d+)$", re.I), "BraTS2021-{}"),
    (re.compile(r"^BraTS-GLI-0*(\d+)-\d+$", re.I), "BraTS2021-{}"),
    (re.compile(r"^BraTS-SSA-0*(\d+)-\d+$", re.I), "BraTS-SSA-{}"),
)
CHALLENGE = re.compile(r"^BraTS(?:17|18|19)_(.+)$", re.I)
GIVEN = re.compile(r"^(?:BraTS|UCSF-PDGM|UPENN-GBM)", re.I)
"""Begins names of public collections that have one spelling."""

FAMILIES = (
    ("BraTS 2017-2019 (CBICA)", re.compile(r"^BraTS-CBICA_")),
    ("BraTS 2017-2019", re.compile(r"^BraTS-[A-Z0-9]+_")),
    ("BraTS 2020", re.compile(r"^BraTS20_", re.I)),
    ("BraTS 2021", re.compile(r"^BraTS2021-")),
    ("TCGA", re.compile(r"^TCGA-")),
    ("UCSF-PDGM", re.compile(r"^UCSF-PDGM-")),
    ("UPENN-GBM", re.compile(r"^UPENN-GBM-")),
)
"""Families of names written alike: each patient has one name in a family."""


def written_alike(name: str) -> str:
    """One spelling for the spellings of a name that collections use.

    TCGA barcodes are cut after the patient; UCSF-PDGM-004 is UCSF-PDGM-0004; visits and
    follow-up scans are dropped; BraTS 2023 glioma numbers are those of 2021; BraTS 2017 to
    2019 names lose the year.
    """
    return _public(name) or name.strip()


def _public(name: str) -> str:
    """The one spelling of a name that a public collection gave; '' of any other name."""
    name = name.strip()
    found = TCGA.match(name)
    if found:
        return "-".join(part for part in found.groups() if part).upper()
    for pattern, form in NUMBERED:
        found = pattern.match(name)
        if found:
            return form.format(int(found[1]))
    found = CHALLENGE.match(name)
    if found:
        return f"BraTS-{found[1].upper()}"
    return name if GIVEN.match(name) else ""


def person_of(name: str, collection: str = "") -> str:
    """What stands for a person: a public name alone, another with its collection.

    Args:
        name: Of a patient or a scan.
        collection: That gave it; '' where not known.
    """
    public = _public(name)
    if public or not collection:
        return public or name.strip()
    return f"{name.strip()} ({collection})"


def family_of(name: str) -> str:
    """The family of public names that a name is of, such as 'BraTS 2021'; '' of none."""
    alike = written_alike(name)
    return next((family for family, begins in FAMILIES if begins.match(alike)), "")


@dataclass(frozen=True, slots=True)
class Identities:
    """Names that are known to be one patient.

    Args:
        first: The name that stands for a patient, by each name written alike.
        told: Families that a table tells a person's name of, or that there is none, by the name
            that stands for the person.
    """

    first: dict[str, str] = field(default_factory=dict)
    told: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, *tables: Iterable[Sequence[str]]) -> Identities:
        """From tables of names, a row a patient; rows that share a name are one patient.

        A row tells of each family that its table has a column of; '' is a cell without a name.
        """
        first: dict[str, str] = {}
        told: dict[str, set[str]] = {}

        def root(name: str) -> str:
            while first.setdefault(name, name) != name:
                name = first[name]
            return name

        for table in tables:
            rows = [[written_alike(name) for name in row] for row in table]
            families = {family_of(name) for row in rows for name in row} - {""}
            for row in rows:
                names = [name for name in row if name]
                for name in names:
                    told.setdefault(name, set()).update(families)
                for other in names[1:]:
                    one, two = sorted((root(names[0]), root(other)))
                    first[two] = one
        of_person: dict[str, frozenset[str]] = {}
        for name, families in told.items():
            person = root(name) if name in first else name
            of_person[person] = of_person.get(person, frozenset()) | families
        return cls({name: root(name) for name in list(first)}, of_person)

    def tells(self, person: str, family: str) -> bool:
        """Whether a table tells a person's name in a family, or that there is none."""
        return family in self.told.get(self.person(person), ())

    def person(self, name: str, collection: str = "") -> str:
        """The name that stands for a patient.

        Args:
            name: Of a patient or a scan.
            collection: That gave it: a name that no table holds is told apart by it.
        """
        return self.first.get(written_alike(name)) or person_of(name, collection)

    def persons(self, names: Sequence[str], collections: Sequence[str]) -> tuple[str, ...]:
        """The same of many; without the collections where one is not known.

        Args:
            names: (n,), of patients or scans.
            collections: (n,), '' where not known.
        """
        told = all(collections)
        return tuple(
            self.person(n, c if told else "") for n, c in zip(names, collections, strict=True)
        )


@dataclass(frozen=True, slots=True)
class People:
    """Somebody's names, to ask whether another name may be one of theirs.

    Args:
        collections: Those that a name is from, '' where not known, by the name written alike.
    """

    collections: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, named: Iterable[tuple[str, str]]) -> People:
        """From names with their collections; '' is no name."""
        found: dict[str, set[str]] = {}
        for name, collection in named:
            if name:
                found.setdefault(written_alike(name).casefold(), set()).add(collection)
        return cls({name: frozenset(from_) for name, from_ in found.items()})

    def hold(self, name: str, collection: str = "") -> bool:
        """Whether a name is one of these: a public one in any collection, another in its own."""
        there = self.collections.get(written_alike(name).casefold(), frozenset())
        if _public(name) or not collection:
            return bool(there)
        return bool(there & {collection, ""})
