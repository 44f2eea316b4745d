"""Mazurowski 2017: the shape of a lower-grade glioma against genomic clusters and survival."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gliokit.evaluation import adjusted_p, fisher, fit_cox
from gliokit.study import UsageError
from gliokit.systems.answer import Associations, Finding
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.inputs import Inputs
from gliokit.systems.target import ClassTarget, SurvivalTarget

__all__ = ["Mazurowski2017", "mazurowski2017"]

CARD = SystemCard(
    id="mazurowski2017",
    title="Margin and shape of lower-grade gliomas against genomic clusters",
    citation=(
        "Mazurowski MA, Clark K, Czarnek NM, et al. Radiogenomics of lower-grade glioma: "
        "algorithmically-assessed tumor shape is associated with tumor genomic subtypes and "
        "patient outcomes in a multi-institutional study with The Cancer Genome Atlas data. "
        "Journal of Neuro-Oncology 133 (2017) 27-35"
    ),
    task="association",
    target="genomic clusters",
    fidelity="F2",
    figures=(
        PaperFigure("p of ASD against IDH-1p/19q, below", 0.0017, n=110, mark="recall"),
        PaperFigure("p of ASD against RNASeq clusters, below", 0.0002, n=110, mark="recall"),
        PaperFigure("p of ASD against copy-number clusters, below", 0.0002, n=110, mark="recall"),
    ),
    chosen=(
        "three of the five features: ASD, BEVR, margin fluctuation",
        "each is cut at its median of the cohort",
        "Fisher's exact test of the whole table; Bonferroni over all pairs tested",
        "outcome: a Cox model of each feature alone, per standard deviation, and one beside "
        "covariates; Bonferroni over the features",
    ),
    doubts=(
        "Buda 2019 finds BEVR the strongest in the same cohort, this paper ASD: the masks and "
        "the choice of tests differ",
        "features in three dimensions need the real distance of slices",
    ),
)

FEATURES = ("asd", "bevr", "margin_fluctuation")
LEAST = 10
LEAST_DEATHS = 10


@dataclass(frozen=True, slots=True)
class Mazurowski2017:
    """Every feature against every grouping."""

    card: SystemCard = CARD

    def associate(
        self, inputs: Inputs, groupings: Sequence[ClassTarget], *, seed: int
    ) -> Associations:
        """Fisher's test of each feature, cut at the median, against each grouping.

        The effect is the odds ratio of two groups, Cramer's V (without an interval) of more.

        Args:
            inputs: With `asd`, `bevr`, `margin_fluctuation`.
            groupings: Classes of the same patients; those not known are left out of their test.
            seed: Of tables that are too many to sum.

        Raises:
            UsageError: other lengths, no grouping, less than 10 patients in a test.
        """
        if not groupings or any(len(g) != len(inputs) for g in groupings):
            raise UsageError("there are groupings of the patients", source=self.card.id)
        found = [_tested(inputs, f, g, seed) for f in FEATURES for g in groupings]
        adjusted = adjusted_p([f.p for f in found if f.p is not None], "bonferroni")
        named = zip(found, adjusted, strict=True)
        return Associations(
            "genomic clusters",
            tuple(replace(f, p_adjusted=float(p), method="bonferroni") for f, p in named),
        )

    def outcome(
        self, inputs: Inputs, survival: SurvivalTarget, *, beside: Sequence[str] = ()
    ) -> Associations:
        """The hazard ratio of death per standard deviation of each feature.

        Definition: Cox's model with Efron's ties of the feature and of the covariates beside
        it; Bonferroni over the features.

        Args:
            inputs: With the features and the covariates.
            survival: Of the same patients; those not known are left out.
            beside: Columns that each model holds too, such as 'age_years'.

        Raises:
            UsageError: other lengths, less than 10 deaths, a feature or covariate that does
                not vary or follows from the others.
        """
        if len(survival) != len(inputs):
            raise UsageError("there is a survival of each patient", source=self.card.id)
        found = [_hazard(inputs, survival, f, beside) for f in FEATURES]
        adjusted = adjusted_p([f.p for f in found if f.p is not None], "bonferroni")
        named = zip(found, adjusted, strict=True)
        return Associations(
            survival.name,
            tuple(replace(f, p_adjusted=float(p), method="bonferroni") for f, p in named),
        )


def _hazard(
    inputs: Inputs, survival: SurvivalTarget, feature: str, beside: Sequence[str]
) -> Finding:
    values = inputs.matrix((feature, *beside))
    known = survival.known & np.isfinite(values).all(axis=1)
    deaths = int(survival.died[known].sum())
    if deaths < LEAST_DEATHS:
        raise UsageError(f"an outcome is of {LEAST_DEATHS} deaths or more", source=feature,
                         found=deaths)  # fmt: skip
    spread = values[known].std(axis=0)
    if (spread == 0).any():
        raise UsageError("what a hazard is asked of varies",
                         source=(feature, *beside)[int(np.argmin(spread))])  # fmt: skip
    scaled = (values[known] - values[known].mean(axis=0)) / spread
    try:
        fit = fit_cox(survival.days[known], survival.died[known], scaled)
    except ValueError as error:
        raise UsageError("a Cox model can be fitted", source=feature, found=error) from error
    ratio = fit.hazard_ratios()[0]
    return Finding(
        feature, survival.name, "hazard ratio per standard deviation", ratio.value, ratio.low,
        ratio.high, ratio.n, float(fit.p[0]), note=f"{deaths} deaths"
        + (f", beside {', '.join(beside)}" if beside else ""),
    )  # fmt: skip


def _tested(inputs: Inputs, feature: str, grouping: ClassTarget, seed: int) -> Finding:
    values = inputs.column(feature)
    known = np.isfinite(values) & grouping.known
    if known.sum() < LEAST:
        raise UsageError(f"an association is of {LEAST} patients or more",
                         source=f"{feature}, {grouping.name}", found=int(known.sum()))  # fmt: skip
    high = values[known] > np.median(values[known])
    codes = grouping.codes[known]
    table = [[int((high == side)[codes == k].sum()) for side in (False, True)]
             for k in np.unique(codes)]  # fmt: skip
    counts = np.array(table)
    test = fisher(counts[:, counts.sum(axis=0) > 0], seed=seed)
    return Finding(
        feature, grouping.name, test.effect_name, test.effect.value, test.effect.low,
        test.effect.high, test.n, test.p, note=test.test,
    )  # fmt: skip


def mazurowski2017() -> Mazurowski2017:
    """As published."""
    return Mazurowski2017()
