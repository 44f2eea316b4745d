"""Differences of sites taken out of numbers by ComBat, by what the training fold holds."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.study import UsageError

__all__ = ["Harmonising", "fit_harmonising"]

Numbers = NDArray[np.float64]

LEAST_OF_A_SITE = 2
MOST_ROUNDS = 1000
CLOSE = 1e-10
LEAST_SPREAD = 1e-12
"""Of priors that have none, against their mean; and of a column, against its size."""


@dataclass(frozen=True, slots=True, eq=False)
class Harmonising:
    """What sites add to numbers.

    Args:
        sites: (s,) names.
        means, spreads: (p,) of the pooled rows; a spread of 0 leaves the column as it is.
        shifts, scales: (s, p) of each site, in spreads.
    """

    sites: tuple[str, ...]
    means: Numbers
    spreads: Numbers
    shifts: Numbers
    scales: Numbers

    def __call__(self, values: Numbers, sites: Sequence[str]) -> Numbers:
        """Harmonised rows of sites that were learnt from, (n, p); a gap stays one.

        Each row is changed by its own site's shift and scale alone: who else is asked about
        changes nothing.

        Raises:
            UsageError: a site that nothing was learnt of. By its own rows it could be harmonised
                only by looking at the patients tested together.
        """
        strange = sorted(set(sites) - set(self.sites))
        if strange:
            raise UsageError(
                "a site that is harmonised is one of those learnt from", source="sites",
                found=", ".join(strange),
                way_out="Harmonise under a protocol that has each site on both sides, such as "
                "k-fold, without sites of very few patients; leave-site-out and cross-dataset "
                "can't be harmonised.",
            )  # fmt: skip
        row = [self.sites.index(site) for site in sites]
        varies = self.spreads > 0
        spreads = np.where(varies, self.spreads, 1.0)
        standard = (values - self.means) / spreads
        freed = (standard - self.shifts[row]) / self.scales[row] * spreads + self.means
        return np.where(varies, freed, values)


def fit_harmonising(values: Numbers, sites: Sequence[str]) -> Harmonising:
    """ComBat with parametric empirical Bayes, of the rows of the training fold.

    Definition: columns are standardised by their pooled mean and by their spread within sites;
    the shifts of a site over columns are taken to be normal and its variances inverse gamma;
    each shift and variance is the mean of its posterior, found in turns. Gaps don't count. A
    site's column without a known value has the site's mean shift. A single column has no others
    to borrow from: its own mean and variance are taken. No covariate is protected, and there is
    no place for one: the target as a covariate would carry it to the patients tested, by columns
    shifted apart. So what differs between the patients of sites is taken out too.

    Args:
        values: (n, p), NaN where not known.
        sites: (n,) names, of two sites or more with two rows or more each.

    Raises:
        UsageError: too few sites, too few rows of one, or one whose columns do not vary.

    Source: Johnson WE, Li C, Rabinovic A. Biostatistics 2007;8:118-127, section 3.
        doi:10.1093/biostatistics/kxj037
    """
    names = _checked_sites(sites)
    row = np.array([names.index(site) for site in sites])
    members = [row == k for k in range(len(names))]
    counts, centres = _counts_and_means(values, members)
    total = counts.sum(axis=0)
    means = np.where(total > 0, np.nansum(counts * centres, axis=0) / np.maximum(total, 1), 0.0)
    squares = np.nansum((values - centres[row]) ** 2, axis=0)
    spreads = np.sqrt(squares / np.maximum(total, 1))
    # Rounding leaves a constant column of large numbers with a spread that is not quite 0.
    varies = spreads > LEAST_SPREAD * np.nanmax(np.abs(values), axis=0, initial=0.0)
    spreads = np.where(varies, spreads, 0.0)
    shifts, scales = np.zeros(centres.shape), np.ones(centres.shape)
    standard = (values[:, varies] - means[varies]) / spreads[varies]
    for k, name in enumerate(names):
        if varies.any():
            shifts[k, varies], scales[k, varies] = _site_effects(standard[members[k]], name)
    return Harmonising(names, means, spreads, shifts, scales)


def _checked_sites(sites: Sequence[str]) -> tuple[str, ...]:
    names = tuple(sorted(set(sites)))
    if len(names) < 2 or "" in names:
        raise UsageError("to harmonise sites, every patient has one and two or more are learnt "
                         "from", source="sites", found=", ".join(filter(None, names)) or "none",
                         way_out="Name the column of sites (--site), or give several cohorts, "
                         "each a site.")  # fmt: skip
    few = [name for name in names if list(sites).count(name) < LEAST_OF_A_SITE]
    if few:
        raise UsageError(
            f"a site that is harmonised has {LEAST_OF_A_SITE} patients or more to learn from",
            source="sites", found=f"fewer of {', '.join(few)}", way_out="Leave such sites out.",
        )  # fmt: skip
    return names


def _counts_and_means(
    values: Numbers, members: Sequence[NDArray[np.bool_]]
) -> tuple[Numbers, Numbers]:
    """Known values of each site and column and their mean, each (s, p); NaN of none."""
    counts = np.array([np.isfinite(values[rows]).sum(axis=0) for rows in members], dtype=float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return counts, np.array([np.nanmean(values[rows], axis=0) for rows in members])


def _site_effects(standard: Numbers, site: str) -> tuple[Numbers, Numbers]:
    """Shift and scale of each column of one site, from its standardised rows (n, p)."""
    n = np.isfinite(standard).sum(axis=0).astype(float)
    known = np.nan_to_num(standard)
    shift = known.sum(axis=0) / np.maximum(n, 1)
    squares = np.nansum((standard - shift) ** 2, axis=0)
    told = n >= LEAST_OF_A_SITE
    variances = squares[told] / (n[told] - 1)
    if not told.any() or variances.mean() == 0:
        raise UsageError("the columns of a site that is harmonised vary", source=f"site {site}",
                         found="every one the same for all its patients",
                         way_out="Leave this site, or these columns, out.")  # fmt: skip
    if told.sum() < 2:
        alone = np.sqrt(squares / np.maximum(n - 1, 1))
        return np.where(told, shift, 0.0), np.where(told, alone, 1.0)
    return _posterior(n, shift, squares, variances)


def _posterior(
    n: Numbers, shift: Numbers, squares: Numbers, variances: Numbers
) -> tuple[Numbers, Numbers]:
    """Means of the posteriors of shift and scale, (p,) each; names of the paper in comments."""
    seen = shift[n > 0]
    centre, width = seen.mean(), seen.var(ddof=1)  # gamma bar, tau squared
    level = variances.mean()  # V bar
    spread = max(variances.var(ddof=1), LEAST_SPREAD * level**2)  # S bar squared
    shape = level**2 / spread + 2  # lambda bar
    rate = level * (shape - 1)  # theta bar
    found, variance = shift, np.full(n.shape, level)
    for _ in range(MOST_ROUNDS):
        before = found, variance
        found = (n * width * shift + variance * centre) / (n * width + variance)
        variance = (rate + (squares + n * (shift - found) ** 2) / 2) / (n / 2 + shape - 1)
        if all(np.allclose(a, b, rtol=CLOSE, atol=CLOSE)
               for a, b in zip(before, (found, variance), strict=True)):  # fmt: skip
            break
    return found, np.sqrt(variance)
