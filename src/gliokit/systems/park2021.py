"""Park 2021: which features agree between two masks, and whether they diagnose alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from gliokit.evaluation import (
    Equivalence,
    Estimate,
    concordance,
    cross_validated_auc,
    cross_validated_gain,
    icc_agreement,
    tost,
)
from gliokit.study import UsageError
from gliokit.systems.answer import Associations, Finding
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.classifiers import fit_classifier, scores_of
from gliokit.systems.folding import dealt_folds
from gliokit.systems.inputs import Inputs
from gliokit.systems.scaling import fit_scaling
from gliokit.systems.selectors import select_features
from gliokit.systems.tabular import binary_labels
from gliokit.systems.target import ClassTarget

__all__ = ["Diagnosis", "FamilyAgreement", "Park2021", "by_family", "park2021", "verdict"]

CARD = SystemCard(
    id="park2021",
    title="Radiomics of diffusion and perfusion from automatic masks against human ones",
    citation=(
        "Park JE, Ham S, Kim HS, et al. Diffusion and perfusion MRI radiomics obtained from deep "
        "learning segmentation provides reproducible and comparable diagnostic model to human in "
        "post-treatment glioblastoma. European Radiology 31 (2021) 3127-3137"
    ),
    task="association",
    target="agreement of masks",
    fidelity="F2",
    figures=(
        PaperFigure("% of texture features kept, before treatment", 79.0, n=98, mark="recall"),
        PaperFigure("% of wavelet features kept, before treatment", 81.8, n=98, mark="recall"),
    ),
    chosen=(
        "Lin's concordance of .80 or more keeps a feature, whatever its family; ICC(2,1) beside it",
        "patients for whom either mask gives no value are left out, feature by feature",
        "the diagnosis: LASSO and a support vector machine, on the features that agree within the "
        "training fold; the difference in AUC by two one-sided tests with a margin of .05",
    ),
    doubts=(
        "intervals of the AUCs are .18 wide on either side: 'comparable' is absence of evidence",
        "ICC and CCC are mixed; the human masks are of one team",
    ),
    review=(
        "the year is that of the online version",
        "only first-order features are mentioned, and 'comparable' becomes an advantage of deep "
        "learning",
    ),
)

LEAST_CCC = 0.80
LEAST = 10
MOST_CHOSEN = 30
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class FamilyAgreement:
    """How many features of a family are kept, and its median coefficients."""

    family: str
    features: int
    kept: int
    median_ccc: float
    median_icc: float


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the features of each mask find.

    Args:
        one, other: Mean AUC within folds, from each mask.
        equivalence: Of one less other.
        kept: Features that agreed, in each fold; the number of all where none was left out.
    """

    target: str
    one: Estimate
    other: Estimate
    equivalence: Equivalence
    kept: tuple[int, ...]

    @property
    def words(self) -> str:
        """As of `verdict`."""
        return verdict(self.equivalence.difference, self.equivalence.p)


def verdict(difference: Estimate, p: float) -> str:
    """'equivalent', 'different' or 'not settled': no difference found shows no equality.

    Args:
        difference: With the 90 % interval of two one-sided tests.
        p: Of these tests; below .05 the two are equivalent. They are different where the 95 %
            interval leaves out 0.
    """
    if p < 1 - LEVEL:
        return "equivalent"
    quantile = NormalDist().inv_cdf
    half = (difference.high - difference.value) * quantile(0.5 + LEVEL / 2) / quantile(LEVEL)
    return "different" if abs(difference.value) > half else "not settled"


@dataclass(frozen=True, slots=True)
class Park2021:
    """Agreement, feature by feature; then the same diagnosis from either mask."""

    card: SystemCard = CARD

    def agreement(self, one: Inputs, other: Inputs) -> Associations:
        """Lin's CCC of each feature that both tables have, with ICC(2,1) in the note's place.

        Two findings a feature: 'ccc', then 'icc'; NaN where it does not vary or less than 10
        patients have it in both tables.

        Raises:
            UsageError: the tables are of other patients, or share no column.
        """
        columns = _shared(one, other)
        left, right = one.matrix(columns), other.matrix(columns)
        found = [f for j, c in enumerate(columns) for f in _agreed(c, left[:, j], right[:, j])]
        return Associations(self.card.target, tuple(found))

    def diagnosis(
        self,
        one: Inputs,
        other: Inputs,
        target: ClassTarget,
        *,
        margin: float = 0.05,
        folds: int = 5,
        filtered: bool = True,
        seed: int = 0,
    ) -> Diagnosis:
        """Whether both masks' features find a class equally well, on the same folds.

        The standard error of the difference in AUC is that of its interval by bootstrap over
        patients, widened since the folds learn from each other (`cross_validated_gain`).

        Args:
            one, other: Features from each mask, of the same patients.
            target: Two classes; patients whose class is not known are left out.
            margin: Largest difference in AUC that does not matter, fixed before.
            folds: Stratified by class, grouped by person.
            filtered: Whether features that don't agree within the training fold are left out.
            seed: Of the folds and the draws.

        Raises:
            UsageError: as of `agreement`; folds too small; no feature agrees in a fold.
        """
        columns = _shared(one, other)
        if len(target) != len(one):
            raise UsageError("there is a class of each patient", source=target.name)
        known = np.flatnonzero(target.known)
        pair, asked = (one.take(known), other.take(known)), target.take(known)
        labels = binary_labels(asked)
        place = dealt_folds(pair[0].persons, labels, folds, seed=seed)
        scores, kept = np.zeros((2, labels.size)), []
        for k in range(folds):
            learn = np.flatnonzero(place != k)
            agreed = self._agreed_columns(pair, learn) if filtered else columns
            kept.append(len(agreed))
            for side, inputs in enumerate(pair):
                found = _scores(inputs.matrix(agreed), labels, learn, seed)
                scores[side, place == k] = found[place == k]
        return _judged(target.name, labels, scores, place, margin, tuple(kept), seed)

    def _agreed_columns(self, pair: tuple[Inputs, Inputs], learn: NDArray[np.intp]) -> list[str]:
        columns = _shared(*pair)
        ccc = _concordances(*(inputs.matrix(columns)[learn] for inputs in pair))
        agreed = [c for c, value in zip(columns, ccc, strict=True) if value >= LEAST_CCC]
        if not agreed:
            raise UsageError(f"a feature has a CCC of {LEAST_CCC:g} or more between the masks",
                             source=self.card.id, found="none in a training fold",
                             way_out="Compare the diagnoses without the filter.")  # fmt: skip
        return agreed


def _shared(one: Inputs, other: Inputs) -> list[str]:
    if one.subjects != other.subjects:
        raise UsageError("both tables hold the same patients in one order", source=CARD.id)
    columns = [c for c in one.columns if c in set(other.columns)]
    if not columns:
        raise UsageError("both tables share features", source=CARD.id)
    return columns


def _concordances(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lin's CCC of each column, (p,), without interval; NaN as of `Park2021.agreement`."""
    known = np.isfinite(one) & np.isfinite(other)
    n = known.sum(axis=0)
    scale = np.maximum(np.where(known, np.abs(one), 0), np.where(known, np.abs(other), 0)).max(0)
    x, y = (np.where(known, v, 0) / np.where(scale > 0, scale, 1) for v in (one, other))
    many = np.maximum(n, 1)
    gap = x.sum(0) / many - y.sum(0) / many
    x, y = (np.where(known, v - v.sum(0) / many, 0) for v in (x, y))
    below = (x**2).sum(0) + (y**2).sum(0) + n * gap**2
    # Values are scaled to 1: what is below this is rounding of a constant.
    defined = (n >= LEAST) & (below > n * 1e-28)
    return np.where(defined, 2 * (x * y).sum(0) / np.where(defined, below, 1), np.nan)


def _scores(
    values: NDArray[np.float64], labels: NDArray[np.int64], learn: NDArray[np.intp], seed: int
) -> NDArray[np.float64]:
    """Of all patients, from a model of the training fold."""
    scaling = fit_scaling(values[learn])
    scaled = scaling(values)
    chosen = select_features("lasso", scaled[learn], labels[learn], MOST_CHOSEN, seed=seed)
    model = fit_classifier("svm", scaled[learn][:, chosen], labels[learn], seed=seed)
    return scores_of(model, scaled[:, chosen])


def _judged(
    target: str,
    labels: NDArray[np.int64],
    scores: NDArray[np.float64],
    place: NDArray[np.int64],
    margin: float,
    kept: tuple[int, ...],
    seed: int,
) -> Diagnosis:
    try:
        areas = [cross_validated_auc(labels, s, place, seed=seed).mean for s in scores]
        gap = cross_validated_gain(labels, scores[0], {"other": scores[1]}, place, seed=seed)
        ends = gap.difference
        error = (ends.high - ends.low) / (2 * NormalDist().inv_cdf(0.5 + LEVEL / 2))
        equivalence = tost(ends.value, error, margin=margin, n=labels.size)
    except ValueError as why:
        raise UsageError("the folds are large enough to be judged", source=target, found=why,
                         way_out="Take fewer folds.") from why  # fmt: skip
    return Diagnosis(target, areas[0], areas[1], equivalence, kept)


def _agreed(name: str, one: np.ndarray, other: np.ndarray) -> tuple[Finding, Finding]:
    known = np.isfinite(one) & np.isfinite(other)
    n = int(known.sum())
    if n < LEAST:
        nothing = (float("nan"),) * 3
        return Finding(name, "masks", "ccc", *nothing, n), Finding(
            name, "masks", "icc", *nothing, n
        )
    # A common scale leaves both coefficients as they are and keeps squares of volumes in range.
    scale = float(np.abs(np.concatenate([one[known], other[known]])).max()) or 1.0
    x, y = one[known] / scale, other[known] / scale
    ccc, icc = concordance(x, y), icc_agreement(np.stack([x, y], axis=1))
    return (
        Finding(name, "masks", "ccc", ccc.value, ccc.low, ccc.high, n),
        Finding(name, "masks", "icc", icc.value, icc.low, icc.high, n),
    )


def by_family(found: Associations, families: Mapping[str, str]) -> tuple[FamilyAgreement, ...]:
    """The share kept in each family, features that are not defined counted as not kept.

    Args:
        found: Of `Park2021.agreement`.
        families: Family of each feature.
    """
    rows = []
    for family in dict.fromkeys(families.values()):
        mine = [f for f in found.findings if families.get(f.feature) == family]
        ccc = np.array([f.value for f in mine if f.statistic == "ccc"])
        icc = np.array([f.value for f in mine if f.statistic == "icc"])
        if ccc.size and np.isfinite(ccc).any():
            kept = int((np.nan_to_num(ccc, nan=-1.0) >= LEAST_CCC).sum())
            rows.append(
                FamilyAgreement(
                    family, ccc.size, kept, float(np.nanmedian(ccc)), float(np.nanmedian(icc))
                )
            )
    return tuple(rows)


def park2021() -> Park2021:
    """As published, but for post-treatment patients and the second hospital."""
    return Park2021()
