"""Genes of one patient within a class, those that go together or exclude each other jointly."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from gliokit.phantom.population.draws import Draws
from gliokit.phantom.population.table import frequencies

__all__ = ["Genes", "draw_genes", "share_given"]


@dataclass(frozen=True, slots=True)
class Genes:
    """What `Genotype` says of each."""

    atrx_mutated: bool
    tp53_mutated: bool
    egfr_amplified: bool
    pten_altered: bool
    cdkn2ab_deleted: bool
    gain7_loss10: bool


def share_given(share: float, other_share: float, odds_ratio: float, *, has_other: bool) -> float:
    """How often one thing is there among those who have another, or have it not.

    Definition: the 2 x 2 table of both margins and the odds ratio,
    p11 = (s - sqrt(s^2 - 4 r (r - 1) p q)) / (2 (r - 1)) with s = 1 + (p + q)(r - 1); p q at r = 1.
    Over those with and without the other it averages to `share`. Where nobody or everybody has
    the other, it is `share`.

    Args:
        share: p, of the one in all, 0 to 1.
        other_share: q, of the other in all, 0 to 1.
        odds_ratio: r, of having both, above 0; 1 where they are independent.
        has_other: For whom.

    Returns:
        A share, 0 to 1.

    Source: R. L. Plackett, "A class of bivariate distributions", J Am Stat Assoc 1965,
    doi:10.1080/01621459.1965.10480807.
    """
    if not 0 < other_share < 1:
        return share
    s = 1 + (share + other_share) * (odds_ratio - 1)
    product = odds_ratio * share * other_share
    # The same root, turned so that a ratio of 1 is no exception.
    both = 2 * product / (s + sqrt(s * s - 4 * (odds_ratio - 1) * product))
    found = both / other_share if has_other else (share - both) / (1 - other_share)
    return min(max(found, 0.0), 1.0)  # rounding may lead a little beyond


def draw_genes(draws: Draws, given: tuple[str, ...]) -> Genes:
    """Genes of a patient, each as often as the table says.

    Definition: ATRX, EGFR and +7/-10 each by itself; CDKN2A/B and PTEN given EGFR; TP53 given
    EGFR, CDKN2A/B and ATRX, by the odds ratios of `frequencies.tsv`.

    Args:
        draws: Of the patient.
        given: Names to look up in the table, most special first.
    """
    table = frequencies()

    def share(quantity: str) -> float:
        return table.value(quantity, *given)

    def linked(one: float, pair: str, other: float, has_other: bool) -> float:
        ratio = table.value(f"odds_ratio_{pair}", *given)
        return share_given(one, other, ratio, has_other=has_other)

    atrx_share, egfr_share = share("atrx_mutated"), share("egfr_amplified")
    atrx, egfr = draws.happens("atrx", atrx_share), draws.happens("egfr", egfr_share)
    cdkn2ab_share = linked(share("cdkn2ab_deleted"), "cdkn2ab_egfr", egfr_share, egfr)
    cdkn2ab = draws.happens("cdkn2ab", cdkn2ab_share)
    pten_share = linked(share("pten_altered"), "pten_egfr", egfr_share, egfr)
    tp53_share = linked(share("tp53_mutated"), "tp53_egfr", egfr_share, egfr)
    tp53_share = linked(tp53_share, "tp53_cdkn2ab_given_egfr", cdkn2ab_share, cdkn2ab)
    tp53_share = linked(tp53_share, "tp53_atrx", atrx_share, atrx)
    return Genes(
        atrx_mutated=atrx,
        tp53_mutated=draws.happens("tp53", tp53_share),
        egfr_amplified=egfr,
        pten_altered=draws.happens("pten", pten_share),
        cdkn2ab_deleted=cdkn2ab,
        gain7_loss10=draws.happens("gain7_loss10", share("gain7_loss10")),
    )
