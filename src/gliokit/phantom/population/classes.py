"""Classes of glioma: what decides how one looks, and how often each is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from gliokit.phantom.population.table import frequencies

__all__ = ["GROUPS", "STRATA", "GliomaClass", "Group", "Lineage", "class_shares", "lineage_of"]

Lineage = Literal["oligo", "astro", "wildtype"]
Group = Literal["triple_positive", "tert_idh", "idh_only", "triple_negative", "tert_only"]

STRATA = ("lower", "IV")
"""Histological grades II and III, and IV, of WHO 2016."""
GROUPS: tuple[Group, ...] = (
    "triple_positive",
    "tert_idh",
    "idh_only",
    "triple_negative",
    "tert_only",
)
"""Molecular groups of Eckel-Passow 2015 (1p/19q, IDH, TERT)."""

LINEAGES: dict[Group, Lineage] = {
    "triple_positive": "oligo",
    "tert_idh": "astro",
    "idh_only": "astro",
    "triple_negative": "wildtype",
    "tert_only": "wildtype",
}


def lineage_of(group: Group) -> Lineage:
    """Oligodendroglial, astrocytic with IDH mutation, or IDH-wildtype."""
    return LINEAGES[group]


@dataclass(frozen=True, slots=True, order=True)
class GliomaClass:
    """A lineage and its histological grade, 2 to 4: what the tables are given by."""

    lineage: Lineage
    grade: int

    @property
    def name(self) -> str:
        """As the tables spell it: `astro_3`."""
        return f"{self.lineage}_{self.grade}"

    @property
    def given(self) -> tuple[str, str]:
        """Names to look up in a table, most special first."""
        return (self.name, self.lineage)

    @property
    def idh_mutant(self) -> bool:
        """Whether IDH is mutated."""
        return self.lineage != "wildtype"

    @property
    def codeleted(self) -> bool:
        """Whether 1p and 19q are both lost."""
        return self.lineage == "oligo"


@lru_cache(maxsize=1)
def class_shares() -> MappingProxyType[GliomaClass, float]:
    """Share of each class in the population; sums to 1."""
    shares: dict[GliomaClass, float] = {}
    for tumour_class, share in _parts():
        shares[tumour_class] = shares.get(tumour_class, 0.0) + share
    total = sum(shares.values())
    return MappingProxyType({c: s / total for c, s in sorted(shares.items()) if s > 0})


def _parts() -> Iterator[tuple[GliomaClass, float]]:
    table = frequencies()
    for stratum in STRATA:
        groups = {g: table.value("group", f"{stratum}.{g}") for g in GROUPS}
        for group, part in groups.items():
            share = table.value("stratum", stratum) * part / sum(groups.values())
            lineage = lineage_of(group)
            if stratum == "IV":
                yield GliomaClass(lineage, 4), share
                continue
            third = table.value("grade_3_of_lower", group)
            yield GliomaClass(lineage, 2), share * (1 - third)
            yield GliomaClass(lineage, 3), share * third
