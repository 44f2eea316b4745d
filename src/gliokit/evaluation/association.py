"""Whether a feature goes with a class, and how strongly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.evaluation import checks
from gliokit.evaluation.estimate import Estimate

__all__ = ["Association", "fisher", "kruskal", "mann_whitney"]

MOST_TABLES = 100_000
DRAWS = 20_000
# Tables as likely as the given one count with it, whatever the order of a sum did to the last bit.
ROUNDING = 1e-7


@dataclass(frozen=True, slots=True)
class Association:
    """A test with its effect size.

    Attributes:
        test: Its name.
        statistic: Of the test; NaN where there is none (Fisher beyond 2 x 2).
        p: Two-sided.
        effect: NaN where it is not defined.
        effect_name: What the effect is.
        n: Of patients.
    """

    test: str
    statistic: float
    p: float
    effect: Estimate
    effect_name: str
    n: int


def fisher(table: ArrayLike, *, level: float = 0.95, seed: int | None = None) -> Association:
    """Fisher's exact test of a table of counts.

    The effect of a 2 x 2 table is the sample odds ratio with Woolf's interval after adding one
    half to each count (Haldane, Anscombe), which stays finite with an empty cell; that of a
    larger table is Cramer's V without an interval. Beyond 2 x 2 all tables of the same margins
    are summed, as Freeman and Halton define it; where there are more than 100,000, p is drawn
    from 20,000 of them, `test` says so, and a seed must be given.

    Args:
        table: (rows, columns) of counts.
        level: Of the interval.
        seed: Of the draws, where tables are too many to sum.

    Raises:
        ValueError: counts that are not whole or below 0, an empty row or column, too many tables of
            the margins without a seed.

    Source: Fisher 1922; Freeman and Halton, Biometrika 38 (1951) 141.
    """
    from scipy.stats import fisher_exact, norm

    counts = checks.finite(table, "table", ndim=2)
    if (counts < 0).any() or (counts != np.round(counts)).any():
        raise ValueError("table must hold whole counts, none below 0")
    if min(counts.shape) < 2 or (counts.sum(0) == 0).any() or (counts.sum(1) == 0).any():
        raise ValueError(
            "table must have at least two rows and columns, none of them empty; "
            f"got the sums {counts.sum(1).tolist()} and {counts.sum(0).tolist()}"
        )
    n = int(counts.sum())
    whole = counts.astype(np.int64)
    if counts.shape != (2, 2):
        test, p = _beyond_two_by_two(whole, seed)
        return Association(test, math.nan, p, _cramer_v(counts), "Cramer's V", n)
    found = fisher_exact(whole)
    log = np.log(counts + 0.5)
    middle = float(log[0, 0] + log[1, 1] - log[0, 1] - log[1, 0])
    half = norm.ppf(0.5 + level / 2) * math.sqrt(float((1 / (counts + 0.5)).sum()))
    value = float(found.statistic)
    low = min(math.exp(middle - half), value)
    high = max(math.exp(middle + half), value)
    effect = Estimate(value, low, high, n, "woolf + 1/2", level)
    return Association("fisher", value, float(found.pvalue), effect, "odds ratio", n)


def kruskal(groups: Sequence[ArrayLike]) -> Association:
    """Whether a feature differs between groups: Kruskal and Wallis' test on ranks.

    The effect is epsilon squared, H / (n - 1), from 0 to 1. With all values equal H is 0 and
    p is 1.

    Args:
        groups: At least two, each with at least one value.

    Raises:
        ValueError: one group, an empty one, values that are not finite.

    Source: Kruskal and Wallis, JASA 47 (1952) 583; Tomczak, Trends Sport Sci 1 (2014) 19.
    """
    from scipy import stats

    values = [checks.finite(g, f"groups[{i}]") for i, g in enumerate(groups)]
    if len(values) < 2:
        raise ValueError(f"groups must be at least 2; got {len(values)}")
    everybody = np.concatenate(values)
    n = everybody.size
    if np.ptp(everybody) == 0:
        statistic, p = 0.0, 1.0
    else:
        found = stats.kruskal(*values)
        statistic, p = float(found.statistic), float(found.pvalue)
    share = statistic / (n - 1) if n > 1 else math.nan
    effect = Estimate(share, math.nan, math.nan, n, "none")
    return Association("kruskal", statistic, p, effect, "epsilon squared", n)


def mann_whitney(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Association:
    """Whether a feature differs between two groups: Mann and Whitney's test.

    The effect is Cliff's delta, P(first > second) - P(first < second), from -1 to 1, with the
    interval of the AUC after Newcombe. With all values equal delta is 0 and p is 1.

    Args:
        first: Values of one group.
        second: Of the other.
        level: Of the interval.

    Raises:
        ValueError: an empty group, values that are not finite.

    Source: Mann and Whitney 1947; Cliff, Psychol Bull 114 (1993) 494; Newcombe, Stat Med 25
    (2006) 559.
    """
    from scipy import stats

    from gliokit.evaluation.delong import hanley_mcneil_variance, score_interval

    one, other = checks.finite(first, "first"), checks.finite(second, "second")
    m, k = one.size, other.size
    if np.ptp(np.concatenate([one, other])) == 0:
        statistic, p = m * k / 2, 1.0
    else:
        found = stats.mannwhitneyu(one, other)
        statistic, p = float(found.statistic), float(found.pvalue)
    area = statistic / (m * k)
    z = float(stats.norm.ppf(0.5 + checks.fraction(level, "level") / 2))
    low, high = score_interval(area, lambda a: hanley_mcneil_variance(a, m, k), z)
    effect = Estimate(2 * area - 1, 2 * low - 1, 2 * high - 1, m + k, "newcombe", level)
    return Association("mann-whitney", statistic, p, effect, "Cliff's delta", m + k)


def _cramer_v(counts: NDArray[np.float64]) -> Estimate:
    expected = np.outer(counts.sum(1), counts.sum(0)) / counts.sum()
    chi2 = float(((counts - expected) ** 2 / expected).sum())
    value = math.sqrt(chi2 / (counts.sum() * (min(counts.shape) - 1)))
    return Estimate(value, math.nan, math.nan, int(counts.sum()), "none")


def _beyond_two_by_two(table: NDArray[np.int64], seed: int | None) -> tuple[str, float]:
    # The state of the enumeration has an entry a row: fewer rows are quicker.
    flat = table if table.shape[0] <= table.shape[1] else table.T
    if not _too_many(flat):
        return "fisher", _exact_p(flat)
    if seed is None:
        raise ValueError(
            f"table has more than {MOST_TABLES} tables of its margins {table.sum(1).tolist()} "
            f"and {table.sum(0).tolist()}: give a seed to draw from them"
        )
    return "fisher, drawn", _drawn_p(flat, seed)


def _exact_p(table: NDArray[np.int64]) -> float:
    """The share of probability of tables with these margins that are no likelier than this one.

    Columns are filled one after the other; what remains of the row sums is the state.
    """
    rows = tuple(int(r) for r in table.sum(1))
    columns = [int(c) for c in table.sum(0)]
    log_factorial = _log_factorials(sum(rows)).tolist()
    reach = sum(log_factorial[int(count)] for count in table.flat) - ROUNDING
    states = {rows: [0.0]}
    for column in columns:
        grown: dict[tuple[int, ...], list[float]] = {}
        for left, costs in states.items():
            for part in _parts(column, left):
                rest = tuple(a - b for a, b in zip(left, part, strict=True))
                own = sum(log_factorial[k] for k in part)
                grown.setdefault(rest, []).extend([cost + own for cost in costs])
        # A state from which the other columns can't be filled does not arise: sums agree.
        states = grown
    ends = np.array(states[(0,) * len(rows)])
    weight = np.exp(ends.min() - ends)
    return float(weight[ends >= reach].sum() / weight.sum())


def _drawn_p(table: NDArray[np.int64], seed: int) -> float:
    """The same from random tables of these margins."""
    from scipy.stats import random_table

    log_factorial = _log_factorials(int(table.sum()))
    drawn = random_table(table.sum(1), table.sum(0)).rvs(
        size=DRAWS, random_state=np.random.default_rng(seed)
    )
    reach = float(log_factorial[table].sum()) - ROUNDING
    rarer = log_factorial[drawn.astype(np.int64)].sum(axis=(1, 2)) >= reach
    return (1 + int(rarer.sum())) / (1 + DRAWS)


def _too_many(table: NDArray[np.int64]) -> bool:
    """Whether more than MOST_TABLES tables have these margins."""
    states = {tuple(int(r) for r in table.sum(1)): 1}
    for column in table.sum(0)[:-1]:
        grown: dict[tuple[int, ...], int] = {}
        count = 0
        for left, ways in states.items():
            for part in _parts(int(column), left):
                rest = tuple(a - b for a, b in zip(left, part, strict=True))
                grown[rest] = grown.get(rest, 0) + ways
                count += ways
                # Each way goes on to at least one table.
                if count > MOST_TABLES:
                    return True
        states = grown
    return False


def _log_factorials(most: int) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])


def _parts(total: int, most: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """All ways to spread a total over rows that take at most so much."""
    if len(most) == 1:
        if total <= most[0]:
            yield (total,)
        return
    for here in range(max(0, total - sum(most[1:])), min(total, most[0]) + 1):
        for others in _parts(total - here, most[1:]):
            yield (here, *others)
