"""Systems that answer for a whole cohort."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from gliokit.study import UsageError
from gliokit.systems import ASSOCIATIONS, ClassTarget, Inputs, find_association, list_cards
from gliokit.systems.mazurowski2017 import FEATURES, Mazurowski2017
from gliokit.systems.park2021 import Park2021, by_family

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
