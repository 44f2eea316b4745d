"""ComBat: the values of another library, planted differences, and nothing of the test side."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gliokit.study import UsageError
from gliokit.systems.harmonising import fit_harmonising

ORACLE = json.loads((Path(__file__).parent / "combat_values.json").read_text(encoding="utf-8"))


def two_sites(n: int = 40, columns: int = 30) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Rows as they would be without sites, the same with them, and the sites."""
    generator = np.random.default_rng(1)
    true = 10 + generator.normal(size=(n, columns))
    sites = ["near" if i % 2 else "far" for i in range(n)]
    far = np.array([s == "far" for s in sites])[:, None]
    shift = 3 + 0.5 * generator.normal(size=columns)
    return true, np.where(far, 10 + shift + 2 * (true - 10), true), sites


def test_rows_learnt_from_and_others_are_as_neurocombat_makes_them() -> None:
    found = fit_harmonising(np.array(ORACLE["values"]), ORACLE["sites"])
    for rows, sites, expected in (
        ("values", "sites", "harmonised"),
        ("unseen", "unseen_sites", "unseen_harmonised"),
    ):
        made = found(np.array(ORACLE[rows]), ORACLE[sites])
        np.testing.assert_allclose(made, ORACLE[expected], rtol=1e-7)


def test_planted_shifts_and_scales_are_taken_out_of_rows_that_were_not_learnt_from() -> None:
    _, scanned, sites = two_sites(240)
    found = fit_harmonising(scanned[:120], sites[:120])(scanned[120:], sites[120:])
    far = np.array(sites[120:]) == "far"

    def apart(values: np.ndarray) -> float:
        return float(np.abs(values[far].mean(axis=0) - values[~far].mean(axis=0)).mean())

    def spread(values: np.ndarray) -> float:
        return float(values[far].std(axis=0).mean() / values[~far].std(axis=0).mean())

    assert apart(scanned[120:]) > 2.5
    assert apart(found) < 0.5
    assert spread(scanned[120:]) > 1.7
    assert abs(spread(found) - 1) < 0.15


def test_few_patients_of_a_site_borrow_from_its_other_columns() -> None:
    _, scanned, sites = two_sites(44)
    kept = [i for i, s in enumerate(sites) if s == "near" or i < 6]
    values, of = scanned[kept], [sites[i] for i in kept]
    together = fit_harmonising(values, of)
    alone = np.column_stack([
        fit_harmonising(values[:, [j]], of)(scanned[:, [j]], sites)[:, 0]
        for j in range(values.shape[1])
    ])  # fmt: skip
    far = np.array(sites) == "far"
    best = fit_harmonising(scanned, sites)(scanned, sites)[far]
    error = [np.abs(made[far] - best).mean() for made in (together(scanned, sites), alone)]
    assert error[0] < error[1]


def test_a_row_is_changed_by_its_own_site_alone_whoever_else_is_asked() -> None:
    _, scanned, sites = two_sites()
    found = fit_harmonising(scanned[:30], sites[:30])
    together = found(scanned[30:], sites[30:])
    alone = [found(scanned[i : i + 1], sites[i : i + 1])[0] for i in range(30, 40)]
    np.testing.assert_array_equal(together, alone)
    with pytest.raises(UsageError, match=r"one of those learnt from; found new.*k-fold"):
        found(scanned[30:32], ["near", "new"])


def test_gaps_do_not_count_and_stay_and_what_never_varies_is_left() -> None:
    _, scanned, sites = two_sites()
    gaps = scanned.copy()
    gaps[3, 0] = gaps[4, 1] = np.nan
    gaps[np.array(sites) == "far", 2] = np.nan
    gaps[:, 3], gaps[:, 4] = 7.0, np.nan
    found = fit_harmonising(gaps, sites)
    made = found(gaps, sites)
    np.testing.assert_array_equal(np.isnan(made), np.isnan(gaps))
    np.testing.assert_array_equal(made[:, 3], 7.0)
    # Of a column that nobody of the site has: as its other columns are on average.
    far = found.sites.index("far")
    rest = [0, 1, *range(5, 30)]
    assert found.shifts[far, 2] == pytest.approx(found.shifts[far, rest].mean(), abs=0.1)
    dropped = np.delete(np.arange(40), [3])
    without = fit_harmonising(gaps[dropped][:, :1], [sites[i] for i in dropped])
    np.testing.assert_allclose(without.shifts, fit_harmonising(gaps[:, :1], sites).shifts)


def test_one_column_takes_its_own_mean_and_spread() -> None:
    _, scanned, sites = two_sites()
    made = fit_harmonising(scanned[:, :1], sites)(scanned[:, :1], sites)[:, 0]
    far = np.array(sites) == "far"
    assert made[far].mean() == pytest.approx(made[~far].mean())
    assert made[far].std(ddof=1) == pytest.approx(made[~far].std(ddof=1))


@pytest.mark.parametrize(
    ("sites", "said"),
    [
        (["a"] * 8, "two or more are learnt"),
        (["a"] * 4 + [""] * 4, "every patient has one"),
        (["a"] * 7 + ["b"], "fewer of b"),
        (["a"] * 4 + ["flat"] * 4, "site flat"),
    ],
)
def test_sites_that_can_not_be_harmonised_are_refused(sites: list[str], said: str) -> None:
    values = np.random.default_rng(0).normal(size=(8, 3))
    values[[s == "flat" for s in sites]] = 1.0
    with pytest.raises(UsageError, match=said):
        fit_harmonising(values, sites)
