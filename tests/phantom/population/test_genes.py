"""Genes go together or exclude each other as published; each is as often as the table says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gliokit.phantom.population import Population, frequencies
from gliokit.phantom.population import genes as genes_of
from gliokit.phantom.population.draws import draws_of
from gliokit.phantom.population.genes import Genes, share_given
from gliokit.phantom.population.genotype import Genotype, draw_genotype

N = 20_000
LINKS = (
    "cdkn2ab_egfr", "pten_egfr", "tp53_egfr", "tp53_cdkn2ab_given_egfr", "tp53_atrx",
)  # fmt: skip
GENES = [f.name for f in fields(Genes)]
Test = Callable[[Genotype], bool]


@pytest.fixture(scope="module")
def drawn() -> list[Genotype]:
    return [draw_genotype(draws_of(23, index)) for index in range(N)]


def _glioblastoma(g: Genotype) -> bool:
    return not g.idh_mutant and g.tert_mutated and g.histological_grade == 4


def _astrocytoma(g: Genotype) -> bool:
    return g.idh_mutant and not g.tert_mutated


shares = st.floats(0, 1, allow_subnormal=False)
ratios = st.floats(0.01, 100)


@given(shares, st.floats(1e-3, 1 - 1e-3), ratios)
@example(1 - 2**-53, 0.75, 3.0)
def test_shares_with_and_without_the_other_average_to_the_margin(
    share: float, other: float, ratio: float
) -> None:
    having, lacking = (share_given(share, other, ratio, has_other=h) for h in (True, False))
    assert 0 <= having <= 1
    assert 0 <= lacking <= 1
    assert other * having + (1 - other) * lacking == pytest.approx(share, abs=1e-12)


@given(st.floats(0.02, 0.98), st.floats(0.02, 0.98), ratios)
def test_shares_have_the_odds_ratio_asked_for(share: float, other: float, ratio: float) -> None:
    having, lacking = (share_given(share, other, ratio, has_other=h) for h in (True, False))
    found = having * (1 - lacking) / ((1 - having) * lacking)
    assert found == pytest.approx(ratio, rel=1e-6)


@pytest.mark.parametrize("other", [0.0, 1.0])
def test_what_nobody_or_everybody_has_tells_nothing(other: float) -> None:
    assert share_given(0.3, other, 9.0, has_other=other == 1) == 0.3


@pytest.mark.parametrize("pair", LINKS)
def test_odds_ratios_are_those_of_the_counts_that_their_source_names(pair: str) -> None:
    [entry] = [
        e for e in frequencies() if e.quantity == f"odds_ratio_{pair}" and e.mark == "computed"
    ]
    counts = np.array(
        re.findall(r"both (\d+), \w+ alone (\d+), \w+ alone (\d+), none (\d+)", entry.source),
        dtype=float,
    )
    total = re.search(r"n = (\d+)", entry.source)
    assert total is not None
    assert counts.sum() == int(total[1])
    both, one, other, none = counts.T
    n = counts.sum(axis=1)
    assert entry.value == pytest.approx(np.sum(both * none / n) / np.sum(one * other / n), rel=0.01)


def _joint(drawn: list[Genotype], one: str, other: str) -> tuple[np.ndarray, int]:
    pairs = np.array([(getattr(g, one), getattr(g, other)) for g in drawn])
    table = [[np.mean(np.all(pairs == (a, b), axis=1)) for b in (1, 0)] for a in (1, 0)]
    return np.array(table), len(pairs)


@pytest.mark.parametrize(
    ("one", "other", "pair", "among"),
    [
        ("cdkn2ab_deleted", "egfr_amplified", "cdkn2ab_egfr", _glioblastoma),
        ("pten_altered", "egfr_amplified", "pten_egfr", _glioblastoma),
        ("tp53_mutated", "egfr_amplified", "tp53_egfr", _glioblastoma),
        ("tp53_mutated", "atrx_mutated", "tp53_atrx", _astrocytoma),
    ],
)
def test_pairs_are_as_often_as_their_margins_and_odds_ratio_say(
    one: str, other: str, pair: str, among: Test, drawn: list[Genotype]
) -> None:
    of_group = ("IV.tert_only", "tert_only", "wildtype_4", "wildtype")
    table, special = frequencies(), of_group if among is _glioblastoma else ("idh_only", "astro")
    p, q = table.value(one, *special), table.value(other, *special)
    both = q * share_given(p, q, table.value(f"odds_ratio_{pair}", *special), has_other=True)
    expected = np.array([[both, p - both], [q - both, 1 - p - q + both]])
    found, n = _joint([g for g in drawn if among(g)], one, other)
    assert np.all(np.abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / n))
    log_ratio = np.log(found[0, 0] * found[1, 1] / (found[0, 1] * found[1, 0]))
    assert abs(log_ratio) > 4 * np.sqrt(np.sum(1 / (n * found))), "independent"


def test_tp53_and_cdkn2ab_exclude_each_other_with_and_without_egfr(drawn: list[Genotype]) -> None:
    ratio = frequencies().value("odds_ratio_tp53_cdkn2ab_given_egfr", "wildtype")
    for egfr in (True, False):
        some = [g for g in drawn if _glioblastoma(g) and g.egfr_amplified is egfr]
        found, n = _joint(some, "tp53_mutated", "cdkn2ab_deleted")
        error = np.sqrt(np.sum(1 / (n * found)))
        log_ratio = np.log(found[0, 0] * found[1, 1] / (found[0, 1] * found[1, 0]))
        assert log_ratio == pytest.approx(np.log(ratio), abs=4 * error)


def test_each_gene_is_as_often_in_its_group_as_the_table_says(drawn: list[Genotype]) -> None:
    table = frequencies()
    for group, among in (("tert_only", _glioblastoma), ("idh_only", _astrocytoma)):
        for grade in (2, 3, 4):
            some = [g for g in drawn if among(g) and g.histological_grade == grade]
            for gene in GENES if some else ():
                stratum, of_class = "lower" if grade < 4 else "IV", some[0].glioma_class.given
                share = table.value(gene, f"{stratum}.{group}", group, *of_class)
                found = np.mean([getattr(g, gene) for g in some])
                error = np.sqrt(max(share * (1 - share), 1e-12) / len(some))
                assert found == pytest.approx(share, abs=4 * error), (gene, grade)


def test_what_goes_together_changes_three_genes_and_nothing_else_of_a_patient(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Type, grade, MGMT, person, look and outcome of a seed are those of independent genes."""
    linked = list(Population(seed=7).patients(200))
    monkeypatch.setattr(genes_of, "share_given", lambda share, *_, **__: share)
    independent = list(Population(seed=7).patients(200))
    changed = 0
    for one, other in zip(linked, independent, strict=True):
        three = {
            name: getattr(other.genotype, name)
            for name in ("tp53_mutated", "pten_altered", "cdkn2ab_deleted")
        }
        changed += one.genotype != other.genotype
        assert replace(one.genotype, **three) == other.genotype
        assert (one.clinic, one.phenotype, one.outcome, one.course, one.image_seed) == (
            other.clinic, other.phenotype, other.outcome, other.course, other.image_seed,
        )  # fmt: skip
    assert changed
