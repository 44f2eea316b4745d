"""The genotype of one patient, and what WHO 2021 calls it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gliokit.phantom.population.classes import (
    GROUPS,
    STRATA,
    GliomaClass,
    class_shares,
    lineage_of,
)
from gliokit.phantom.population.draws import Draws
from gliokit.phantom.population.genes import draw_genes
from gliokit.phantom.population.table import frequencies

__all__ = ["Genotype", "WhoType", "draw_genotype"]


class WhoType(StrEnum):
    """Types of adult diffuse glioma, WHO 2021."""

    OLIGODENDROGLIOMA = "oligodendroglioma, IDH-mutant and 1p/19q-codeleted"
    ASTROCYTOMA = "astrocytoma, IDH-mutant"
    GLIOBLASTOMA = "glioblastoma, IDH-wildtype"
    NOT_CLASSIFIED = "diffuse glioma, IDH-wildtype, not elsewhere classified"


@dataclass(frozen=True, slots=True)
class Genotype:
    """What a laboratory would find.

    Args:
        who_type: WHO 2021.
        grade: WHO 2021, 2 to 4.
        histological_grade: WHO 2016, by the microscope alone, 2 to 4.
        idh_mutant: IDH1 or IDH2.
        codeleted: 1p and 19q, whole arms.
        mgmt_methylated: Promoter.
        tert_mutated: Promoter.
        atrx_mutated: Or its expression lost.
        tp53_mutated: As said.
        egfr_amplified: As said.
        pten_altered: Mutated or deleted.
        cdkn2ab_deleted: Homozygous.
        gain7_loss10: Gain of chromosome 7 with loss of 10.
    """

    who_type: WhoType
    grade: int
    histological_grade: int
    idh_mutant: bool
    codeleted: bool
    mgmt_methylated: bool
    tert_mutated: bool
    atrx_mutated: bool
    tp53_mutated: bool
    egfr_amplified: bool
    pten_altered: bool
    cdkn2ab_deleted: bool
    gain7_loss10: bool

    @property
    def glioma_class(self) -> GliomaClass:
        """The class that the tables are given by."""
        if not self.idh_mutant:
            return GliomaClass("wildtype", self.histological_grade)
        return GliomaClass("oligo" if self.codeleted else "astro", self.histological_grade)


def draw_genotype(draws: Draws, *, mgmt_effect: float = 1.0) -> Genotype:
    """A genotype of the population.

    Definition: stratum, molecular group within it, histological grade within that, then
    its genes (`draw_genes`); type and grade of WHO 2021 follow by its rules (`frequencies.tsv`
    says how each group is converted).

    Args:
        draws: Of the patient.
        mgmt_effect: How much more often IDH-mutant tumours are methylated than others: 0
            not, 1 as published; shares end at 0 and 1.
    """
    table = frequencies()
    stratum = STRATA[draws.choice("stratum", [table.value("stratum", s) for s in STRATA])]
    group = GROUPS[draws.choice("group", [table.value("group", f"{stratum}.{g}") for g in GROUPS])]
    histological_grade = 4
    if stratum == "lower":
        is_third = draws.happens("grade", table.value("grade_3_of_lower", group))
        histological_grade = 3 if is_third else 2
    seen = GliomaClass(lineage_of(group), histological_grade)
    genes = draw_genes(draws, (f"{stratum}.{group}", group, *seen.given))
    tert = group in ("triple_positive", "tert_idh", "tert_only")
    who_type, grade = _who_2021(
        seen,
        is_molecular_gbm=tert or genes.egfr_amplified or genes.gain7_loss10,
        cdkn2ab=genes.cdkn2ab_deleted,
    )
    return Genotype(
        who_type=who_type,
        grade=grade,
        histological_grade=histological_grade,
        idh_mutant=seen.idh_mutant,
        codeleted=seen.codeleted,
        mgmt_methylated=draws.happens("mgmt", _methylated(seen, mgmt_effect)),
        tert_mutated=tert,
        atrx_mutated=genes.atrx_mutated,
        tp53_mutated=genes.tp53_mutated,
        egfr_amplified=genes.egfr_amplified,
        pten_altered=genes.pten_altered,
        cdkn2ab_deleted=genes.cdkn2ab_deleted,
        gain7_loss10=genes.gain7_loss10,
    )


def _who_2021(seen: GliomaClass, *, is_molecular_gbm: bool, cdkn2ab: bool) -> tuple[WhoType, int]:
    if seen.codeleted:
        return WhoType.OLIGODENDROGLIOMA, seen.grade
    if seen.idh_mutant:
        return WhoType.ASTROCYTOMA, 4 if cdkn2ab else seen.grade
    if seen.grade == 4 or is_molecular_gbm:
        return WhoType.GLIOBLASTOMA, 4
    return WhoType.NOT_CLASSIFIED, seen.grade


def _methylated(seen: GliomaClass, effect: float) -> float:
    table = frequencies()
    mutant, wildtype = (table.value("mgmt_methylated", g) for g in ("mutant", "wildtype"))
    share = sum(s for c, s in class_shares().items() if c.idh_mutant)
    mean = share * mutant + (1 - share) * wildtype
    own = mutant if seen.idh_mutant else wildtype
    return min(max(mean + effect * (own - mean), 0.0), 1.0)
