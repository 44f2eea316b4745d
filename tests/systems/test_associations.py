"""Systems that answer for a whole cohort."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from gliokit.study import UsageError
from gliokit.systems import (
    ASSOCIATIONS,
    ClassTarget,
    Inputs,
    SurvivalTarget,
    find_association,
    list_cards,
)
from gliokit.systems.mazurowski2017 import FEATURES, Mazurowski2017
from gliokit.systems.park2021 import Park2021, _concordances, by_family

GENERATOR = np.random.default_rng(0)
SUBJECTS = tuple(f"p{i:03d}" for i in range(80))


def shapes(link: float) -> tuple[Inputs, list[ClassTarget]]:
    codes = np.arange(80) % 2
    values = GENERATOR.normal(size=(80, 3))
    values[:, 0] += link * codes
    other = GENERATOR.integers(0, 4, 80)
    other[:5] = -1
    groupings = [ClassTarget("two", ("a", "b"), codes), ClassTarget("four", tuple("wxyz"), other)]
    return Inputs(SUBJECTS, FEATURES, values), groupings


def test_a_planted_association_is_found_after_bonferroni_and_no_other() -> None:
    inputs, groupings = shapes(2.5)
    findings = Mazurowski2017().associate(inputs, groupings, seed=0).findings
    found = {(f.feature, f.against): f for f in findings}
    assert len(found) == 6
    asd = found["asd", "two"]
    assert asd.p_adjusted is not None
    assert asd.p_adjusted < 1e-4
    assert asd.low > 1
    assert all(f.p_adjusted > 0.05 for key, f in found.items() if key != ("asd", "two"))
    assert found["asd", "four"].n == 75
    assert all(f.p_adjusted == pytest.approx(min(1.0, 6 * f.p)) for f in found.values())


def test_p_is_that_of_scipy() -> None:
    inputs, groupings = shapes(1.0)
    high = inputs.column("bevr") > np.median(inputs.column("bevr"))
    table = [[int((high[groupings[0].codes == k] == side).sum()) for side in (False, True)]
             for k in (0, 1)]  # fmt: skip
    found = Mazurowski2017().associate(inputs, groupings, seed=0).findings
    bevr = next(f for f in found if (f.feature, f.against) == ("bevr", "two"))
    assert bevr.p == pytest.approx(fisher_exact(table).pvalue)


def test_groupings_of_other_patients_are_refused() -> None:
    inputs, groupings = shapes(0.0)
    with pytest.raises(UsageError):
        Mazurowski2017().associate(inputs.take(range(40)), groupings, seed=0)


def test_features_that_agree_are_kept_by_family() -> None:
    truth = GENERATOR.normal(10, 2, size=(80, 4)) * np.array([1, 1, 1, 1e9])
    other = truth + GENERATOR.normal(0, [0.2, 4.0, 0.0, 2e8], size=(80, 4))
    other[:, 2] += 8
    other[:75, 1] = np.nan
    columns = ("shape_a", "texture_b", "texture_c", "shape_d")
    one, two = Inputs(SUBJECTS, columns, truth), Inputs(SUBJECTS, columns[::-1], other[:, ::-1])
    found = Park2021().agreement(one, two)
    ccc = {f.feature: f for f in found.findings if f.statistic == "ccc"}
    assert ccc["shape_a"].value > 0.95
    assert ccc["shape_d"].value > 0.95
    assert np.isnan(ccc["texture_b"].value)
    # A shift that correlation would not see.
    assert ccc["texture_c"].value < 0.3
    families = by_family(found, {c: c.partition("_")[0] for c in columns})
    assert [(f.family, f.features, f.kept) for f in families] == [("shape", 2, 2),
                                                                  ("texture", 2, 0)]  # fmt: skip
    with pytest.raises(UsageError, match="same patients"):
        Park2021().agreement(one, two.take(range(40)))


def test_association_systems_have_cards_of_their_own_and_show_no_recalled_figure() -> None:
    for name in ASSOCIATIONS:
        card = find_association(name).card
        assert card.id == name
        assert not [f for f in card.figures if f.printable]
        assert list_cards()[name] is card
    with pytest.raises(UsageError, match="mazurowski2017"):
        find_association("qian2019")


def masks(noise: float, *, seed: int = 0) -> tuple[Inputs, Inputs, ClassTarget]:
    """Features of 160 patients from two masks; three of twelve go with the class."""
    generator = np.random.default_rng(seed)
    codes = np.arange(160) % 2
    one = generator.normal(size=(160, 12))
    one[:, :3] += 0.9 * codes[:, None]
    other = one + generator.normal(0, noise, one.shape)
    subjects = tuple(f"p{i:03d}" for i in range(160))
    columns = tuple(f"f{j}" for j in range(12))
    target = ClassTarget("two", ("a", "b"), codes)
    return Inputs(subjects, columns, one), Inputs(subjects, columns, other), target


def test_masks_that_differ_in_nothing_diagnose_alike() -> None:
    one, _, target = masks(0.0)
    found = Park2021().diagnosis(one, one, target)
    assert found.one.value == found.other.value > 0.75
    assert found.equivalence.difference.value == 0.0
    assert found.words == "equivalent"
    assert found.kept == (12,) * 5


def test_a_mask_that_loses_the_signal_diagnoses_otherwise() -> None:
    one, other, target = masks(0.0)
    lost = np.random.default_rng(5).normal(size=other.values.shape)
    noise = Inputs(other.subjects, other.columns, lost)
    found = Park2021().diagnosis(one, noise, target, filtered=False)
    assert found.equivalence.difference.low > 0.05
    assert found.words == "different"
    with pytest.raises(UsageError, match="without the filter"):
        Park2021().diagnosis(one, noise, target)


def test_a_difference_that_may_be_chance_is_not_called_equality() -> None:
    one, other, target = masks(1.0)
    found = Park2021().diagnosis(one, other, target, margin=0.02, filtered=False)
    assert not found.equivalence.equivalent
    assert found.words == "not settled"


def test_the_filter_keeps_by_the_coefficient_that_is_reported() -> None:
    one, other, _ = masks(0.8)
    left, right = one.values * 1e9, other.values * 1e9
    left[:30, 2], right[25:60, 2], right[:151, 4] = np.nan, np.nan, np.nan
    left[:, 5] = right[:, 5] = 7.1
    found = Park2021().agreement(Inputs(one.subjects, one.columns, left),
                                 Inputs(one.subjects, one.columns, right)).findings  # fmt: skip
    reported = [f.value for f in found if f.statistic == "ccc"]
    np.testing.assert_allclose(_concordances(left, right), reported, rtol=1e-9)
    assert np.isnan(reported[4:6]).all()


def test_the_filter_of_a_fold_does_not_see_its_test_patients() -> None:
    one, other, target = masks(0.1)
    spoilt = other.values.copy()
    spoilt[:, 0] = np.where(np.arange(160) == 7, 1e6, one.values[:, 0])
    kept = Park2021().diagnosis(one, Inputs(other.subjects, other.columns, spoilt), target).kept
    # Where patient 7 is tested, nothing speaks against the first feature.
    assert sorted(kept) == [11, 11, 11, 11, 12]


def test_patients_whose_class_is_not_known_change_no_diagnosis() -> None:
    one, other, target = masks(0.3)
    codes = target.codes.copy()
    codes[-20:] = -1
    blind = Park2021().diagnosis(one, other, ClassTarget("two", ("a", "b"), codes))
    rows = np.arange(140)
    less = Park2021().diagnosis(one.take(rows), other.take(rows), target.take(rows))
    assert blind == less
    with pytest.raises(UsageError, match="fewer folds"):
        Park2021().diagnosis(one.take(range(8)), other.take(range(8)), target.take(range(8)),
                             filtered=False)  # fmt: skip


def deaths(log_ratio: float) -> tuple[Inputs, SurvivalTarget]:
    generator = np.random.default_rng(1)
    values = generator.normal(size=(200, 4))
    days = 1 + generator.exponential(500 * np.exp(-log_ratio * values[:, 1] - 0.5 * values[:, 3]))
    subjects = tuple(f"p{i:03d}" for i in range(200))
    inputs = Inputs(subjects, (*FEATURES, "age_years"), values * np.array([1, 0.1, 1, 12]))
    return inputs, SurvivalTarget("survival", np.minimum(days, 1500), days <= 1500)


def test_a_planted_hazard_is_found_per_standard_deviation_and_no_other() -> None:
    inputs, survival = deaths(0.7)
    scaled = Inputs(inputs.subjects, inputs.columns, inputs.values * np.array([1, 50, 1, 1]))
    for beside in ((), ("age_years",)):
        associations = Mazurowski2017().outcome(inputs, survival, beside=beside)
        found = {f.feature: f for f in associations.findings}
        assert found["bevr"].p_adjusted == pytest.approx(3 * found["bevr"].p)
        assert found["bevr"].p_adjusted < 0.001
        assert all(found[f].p_adjusted > 0.05 for f in ("asd", "margin_fluctuation"))
        again = Mazurowski2017().outcome(scaled, survival, beside=beside).findings[1]
        assert again.value == pytest.approx(found["bevr"].value)
    # Beside what else death depends on, the planted hazard; without it, less.
    planted = float(np.exp(0.7 * (inputs.column("bevr") / 0.1).std()))
    assert found["bevr"].low < planted < found["bevr"].high
    assert "beside age_years" in found["bevr"].note


def test_an_outcome_that_can_not_be_told_is_refused() -> None:
    inputs, survival = deaths(0.0)
    few = SurvivalTarget("survival", survival.days, np.arange(200) < 9)
    with pytest.raises(UsageError, match="10 deaths"):
        Mazurowski2017().outcome(inputs, few)
    with pytest.raises(UsageError, match="each patient"):
        Mazurowski2017().outcome(inputs.take(range(50)), survival)
    flat = Inputs(inputs.subjects, inputs.columns, inputs.values * np.array([1, 1, 0, 1]))
    with pytest.raises(UsageError, match="varies"):
        Mazurowski2017().outcome(flat, survival)
    with pytest.raises(UsageError, match="Cox model"):
        Mazurowski2017().outcome(inputs, survival, beside=("bevr", "asd"))
