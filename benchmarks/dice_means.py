"""Means of Dice over patients, of one network or of two that saw the same ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from record import figure
from scipy.stats import wilcoxon

from gliokit.evaluation import bootstrap_mean

__all__ = ["figures_of_pairs", "mean_figure", "paired_figures"]


def mean_figure(values: ArrayLike, *, seed: int, unit: str = "Dice") -> dict[str, Any]:
    """The mean with its bootstrap interval."""
    values = np.asarray(values, dtype=np.float64)
    mean, low, high = bootstrap_mean(values.tolist(), seed=seed)
    return figure(mean, low=low, high=high, n=len(values), unit=unit)


def paired_figures(
    region: str, dices: Mapping[str, ArrayLike], *, apart: str, seed: int
) -> dict[str, dict[str, Any]]:
    """Figures of one region by two networks, patient by patient.

    Args:
        region: 'wt', 'tc' or 'et'.
        dices: Name of either network -> (patient,), in the same order.
        apart: Name of the second less the first.
        seed: Of the bootstrap.

    Returns:
        `wt_dice_NAME` of both and of their difference, and `wt_wilcoxon_p`, which is 1 where
        no patient differs.
    """
    one, other = (np.asarray(values, dtype=np.float64) for values in dices.values())
    shown = {**dices, apart: other - one}
    figures = {f"{region}_dice_{name}": mean_figure(v, seed=seed) for name, v in shown.items()}
    p = float(wilcoxon(other - one).pvalue) if (other != one).any() else 1.0
    return figures | {f"{region}_wilcoxon_p": figure(p, n=len(one), unit="p")}


def figures_of_pairs(
    rows: Sequence[Mapping[str, Any]], ways: tuple[str, str], *, apart: str, seed: int
) -> dict[str, dict[str, Any]]:
    """`paired_figures` of every region, from rows of patients with `tc_dice_NAME` of both ways."""
    found: dict[str, dict[str, Any]] = {}
    for region in ("wt", "tc", "et"):
        dices = {way: [row[f"{region}_dice_{way}"] for row in rows] for way in ways}
        found |= paired_figures(region, dices, apart=apart, seed=seed)
    return found
