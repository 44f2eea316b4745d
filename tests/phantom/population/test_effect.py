"""What shows at which scale, and what is cut at 0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from gliokit.phantom.population import (
    TARGETS,
    EffectScale,
    Population,
    PopulationPatient,
    class_shares,
)
from gliokit.phantom.population.clinic import Clinic, draw_clinic
from gliokit.phantom.population.draws import Draws, draws_of
from gliokit.phantom.population.effect import latent_place, shown_class
from gliokit.phantom.population.genotype import Genotype, draw_genotype
from gliokit.phantom.population.phenotype import Phenotype, draw_phenotype
from gliokit.phantom.population.showing import Showing
from gliokit.phantom.population.table import effects, frequencies
from gliokit.study import UsageError

Many = tuple[PopulationPatient, ...]
GENES = ("stratum", "group", "grade", "mgmt", "atrx", "tp53", "egfr", "pten", "cdkn2ab")


def _seen(draws: Draws, scale: EffectScale) -> tuple[Genotype, Clinic, Phenotype]:
    genotype = draw_genotype(draws, mgmt_effect=scale.mgmt)
    shown = shown_class(genotype.glioma_class, draws, scale)
    return (
        genotype,
        draw_clinic(draws, Showing(shown, scale, frequencies())),
        draw_phenotype(draws, Showing(shown, scale, effects())),
    )


def _with_genes(draws: Draws, rng: np.random.Generator) -> Draws:
    return replace(draws, numbers=draws.numbers | {g: float(rng.random()) for g in GENES})


def test_nothing_that_is_seen_depends_on_the_genotype_at_0() -> None:
    """Not only on average: another genotype leaves age, sex and image as they were."""
    rng, scale = np.random.default_rng(1), EffectScale.of({"idh": 0})
    classes = set()
    for index in range(40):
        draws = draws_of(3, index)
        one, other = _seen(draws, scale), _seen(_with_genes(draws, rng), scale)
        classes |= {one[0].glioma_class, other[0].glioma_class}
        assert one[1:] == other[1:]
    assert len(classes) > 4


def test_without_codeletion_effect_only_idh_shows() -> None:
    rng, scale = np.random.default_rng(2), EffectScale.of({"codeletion": 0})
    pairs = [
        (_seen(d, scale), _seen(_with_genes(d, rng), scale))
        for d in (draws_of(4, i) for i in range(60))
    ]
    same = [
        one[1:] == other[1:] for one, other in pairs if one[0].idh_mutant == other[0].idh_mutant
    ]
    different = [
        one[1:] == other[1:] for one, other in pairs if one[0].idh_mutant != other[0].idh_mutant
    ]
    assert all(same)
    assert not all(different)


def test_the_cohort_as_a_whole_looks_the_same_at_0(many: Many) -> None:
    cut = list(Population(effects={"idh": 0}, seed=91).patients(2000))
    for sign in (
        lambda p: p.clinic.age_years,
        lambda p: p.phenotype.rcbv_ratio,
        lambda p: p.phenotype.enhancement_share,
    ):
        assert stats.ks_2samp([sign(p) for p in cut], [sign(p) for p in many]).pvalue > 0.001


def _difference(effect: float) -> float:
    patients = list(Population(effects={"idh": effect}, seed=8).patients(1000))
    ages = {
        m: [p.clinic.age_years for p in patients if p.genotype.idh_mutant is m]
        for m in (True, False)
    }
    return float(np.mean(ages[False]) - np.mean(ages[True]))


def test_differences_grow_with_the_scale() -> None:
    none, half, whole, double = (_difference(e) for e in (0, 0.5, 1, 2))
    assert abs(none) < 2.5
    assert half == pytest.approx(whole / 2, abs=2.5)
    assert 15 < whole < 21
    assert double > whole + 5


def test_mgmt_goes_with_idh_and_shows_in_nothing_else(many: Many) -> None:
    def share(patients: list[PopulationPatient]) -> float:
        return float(np.mean([p.genotype.mgmt_methylated for p in patients]))

    mutant = [p for p in many if p.genotype.idh_mutant]
    wildtype = [p for p in many if not p.genotype.idh_mutant]
    assert share(mutant) == pytest.approx(0.80, abs=0.04)
    assert share(wildtype) == pytest.approx(0.38, abs=0.04)
    scale, rng = EffectScale(), np.random.default_rng(5)
    for index in range(20):
        draws = draws_of(6, index)
        other = replace(draws, numbers=draws.numbers | {"mgmt": float(rng.random())})
        assert _seen(draws, scale)[1:] == _seen(other, scale)[1:]


def test_without_effect_mgmt_is_as_frequent_in_all() -> None:
    patients = list(Population(effects={"mgmt": 0}, seed=2).patients(3000))
    table = np.zeros((2, 2))
    for p in patients:
        table[int(p.genotype.idh_mutant), int(p.genotype.mgmt_methylated)] += 1
    assert stats.chi2_contingency(table).pvalue > 0.001


def test_changing_one_effect_leaves_other_chance_as_it_was() -> None:
    one, other = Population(seed=3), Population(effects={"survival": 0, "idh": 2}, seed=3)
    for a, b in zip(one.patients(30), other.patients(30), strict=True):
        assert a.genotype == b.genotype
        assert a.phenotype.side == b.phenotype.side
        assert a.shown_class == b.shown_class


def test_a_place_moves_away_from_the_mean_of_what_is_above_it() -> None:
    def place(c: object) -> float:
        return {"oligo": 3.0, "astro": 1.0, "wildtype": -1.0}[c.lineage]  # type: ignore[attr-defined]

    shares = class_shares()
    means = sum(place(c) * s for c, s in shares.items())
    wildtype = next(c for c in shares if c.lineage == "wildtype")
    oligo = next(c for c in shares if c.lineage == "oligo")
    assert latent_place(oligo, EffectScale(), place) == 3.0
    assert latent_place(oligo, EffectScale.of({"idh": 0.5}), place) == 3.0
    more = EffectScale(idh=2)
    assert latent_place(wildtype, more, place) == pytest.approx(-1 + (-1 - means))
    mutant = sum(place(c) * s for c, s in shares.items() if c.idh_mutant)
    mutant /= sum(s for c, s in shares.items() if c.idh_mutant)
    by_hand = means + (mutant - means) + 3 * (3.0 - mutant)
    assert latent_place(oligo, EffectScale(codeletion=3), place) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"colour": 1.0},
            "an effect is one of idh, codeletion, grade, mgmt, survival; found colour",
        ),
        ({"idh": -0.1}, r"effect idh: an effect lies between 0 \(none\) and 5"),
        ({"mgmt": float("nan")}, "effect mgmt: .*found nan"),
        ({"idh": 0, "grade": 1}, "what does not show .* can't show grade"),
        ({"codeletion": 0, "grade": 2}, "what does not show codeletion can't show grade"),
    ],
)
def test_effects_that_cannot_be_are_refused(given: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Population(effects=given)


def test_what_lies_below_a_cut_effect_is_cut_with_it() -> None:
    assert EffectScale.of({"idh": 0}) == EffectScale(idh=0, codeletion=0, grade=0)
    assert EffectScale.of({"codeletion": 0}) == EffectScale(codeletion=0, grade=0)
    assert EffectScale.of({}) == EffectScale()
    assert TARGETS == ("idh", "codeletion", "grade", "mgmt", "survival")
