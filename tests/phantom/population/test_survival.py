"""Times follow the hazards that stand in the table."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from scipy import stats

from gliokit.phantom.population import Population, PopulationPatient, effects
from gliokit.phantom.population.draws import draws_of
from gliokit.phantom.population.survival import draw_outcome, log_hazard_ratios
from gliokit.study import UsageError

Many = tuple[PopulationPatient, ...]
COVARIATES = effects().given("hazard_ratio")
REFERENCE = {name: effects().value("reference", name) for name in COVARIATES}


def _times(n: int, **values: float) -> np.ndarray:
    person = REFERENCE | values
    ratios = log_hazard_ratios()
    return np.array(
        [draw_outcome(draws_of(1, i), person, log_ratios=ratios).survival_days for i in range(n)]
    )


def test_the_reference_patient_lives_as_long_as_the_table_says() -> None:
    times = _times(3000)
    median = effects().value("baseline_median_days", "all")
    shape = effects().value("baseline_shape", "all")
    scale = median / np.log(2) ** (1 / shape)
    assert np.median(times) == pytest.approx(median, rel=0.06)
    assert stats.kstest(times, stats.weibull_min(shape, scale=scale).cdf).pvalue > 0.001


def test_hazards_are_proportional() -> None:
    """S(t) of a covariate is the reference's to the power of its hazard ratio."""
    reference, mutant = _times(3000), _times(3000, idh_mutant=1.0)
    for days in (200, 500, 1500):
        expected = np.mean(reference > days) ** effects().value("hazard_ratio", "idh_mutant")
        assert np.mean(mutant > days) == pytest.approx(expected, abs=0.03)


def test_log_hazard_is_the_sum_over_covariates(many: Many) -> None:
    ratios = log_hazard_ratios()
    for p in many[:50]:
        by_hand = sum(
            ratios[name] * (value - REFERENCE[name]) for name, value in p.covariates.items()
        )
        assert p.outcome.log_hazard == pytest.approx(by_hand)
        assert set(p.covariates) == set(COVARIATES)


def test_what_is_seen_of_survival_ends_with_death_or_follow_up(many: Many) -> None:
    for p in many:
        if p.outcome.died:
            assert p.outcome.follow_up_days == pytest.approx(p.outcome.survival_days, abs=0.11)
        else:
            assert p.outcome.follow_up_days <= p.outcome.survival_days + 0.1
    assert 0.3 < np.mean([p.outcome.died for p in many]) < 0.9


def test_idh_mutant_patients_live_longer_and_wildtype_about_a_year(many: Many) -> None:
    def median(idh: bool) -> float:
        return float(
            np.median([p.outcome.survival_days for p in many if p.genotype.idh_mutant is idh])
        )

    assert 300 < median(False) < 600
    assert median(True) > 4 * median(False)


def test_without_effect_survival_depends_on_nothing() -> None:
    patients = list(Population(effects={"survival": 0}, seed=4).patients(1500))
    assert {p.outcome.log_hazard for p in patients} == {0.0}
    mutant = [p.outcome.survival_days for p in patients if p.genotype.idh_mutant]
    wildtype = [p.outcome.survival_days for p in patients if not p.genotype.idh_mutant]
    assert stats.ks_2samp(mutant, wildtype).pvalue > 0.001


def test_a_hazard_ratio_can_be_planted() -> None:
    population = Population(hazard_ratios={"male": 2.0})
    assert population.log_ratios["male"] == pytest.approx(log(2))
    assert population.log_ratios["idh_mutant"] == pytest.approx(log(0.4))


@pytest.mark.parametrize(
    ("name", "ratio"), [("colour", 2.0), ("male", 0.0), ("male", float("inf"))]
)
def test_hazard_ratios_that_cannot_be_are_refused(name: str, ratio: float) -> None:
    with pytest.raises(UsageError, match="hazard ratio"):
        Population(hazard_ratios={name: ratio})


def test_the_reference_is_the_mean_of_treated_glioblastoma(many: Many) -> None:
    people = [p for p in many if p.shown_class == "wildtype_4" and not p.genotype.idh_mutant]
    for name in ("age_per_decade", "male", "kps_below_70", "gross_total", "biopsy_only"):
        mean = np.mean([p.covariates[name] for p in people])
        assert REFERENCE[name] == pytest.approx(mean, abs=0.15 if "age" in name else 0.04), name


@pytest.mark.parametrize(
    ("lineage", "grades", "years"),
    [
        ("oligo", (2, 3), 8.0),
        ("astro", (2, 3), 6.3),
        ("wildtype", (2, 3), 1.7),
        ("wildtype", (4,), 1.1),
    ],
)
def test_medians_are_near_those_of_tcga_2015(
    lineage: str, grades: tuple[int, ...], years: float, many: Many
) -> None:
    days = [
        p.outcome.survival_days
        for p in many
        if p.genotype.glioma_class.lineage == lineage and p.genotype.histological_grade in grades
    ]
    assert np.median(days) / 365.25 == pytest.approx(years, rel=0.3)


def test_progression_comes_before_death_and_shares_its_links(many: Many) -> None:
    earliest = effects().value("progression_days", "earliest")
    for p in many:
        seen = p.outcome
        assert seen.progression_days >= earliest
        assert seen.progression_free_days <= seen.follow_up_days
        free = min(seen.progression_days, seen.survival_days)
        assert seen.progressed == (free <= seen.progression_free_days + 0.11)
    long = [p.outcome for p in many if p.outcome.survival_days > 5000]
    shares = [o.progression_days / o.survival_days for o in long]
    assert np.median(shares) == pytest.approx(effects().value("progression_share", "all"), abs=0.03)
    died = np.array([p.outcome.survival_days for p in many])
    back = np.array([p.outcome.progression_days for p in many])
    assert stats.spearmanr(died, back).statistic > 0.8
