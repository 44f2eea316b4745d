"""Park 2021: which features agree between two masks of the same tumour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gliokit.evaluation import concordance, icc_agreement
from gliokit.study import UsageError
from gliokit.systems.answer import Associations, Finding
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.inputs import Inputs

__all__ = ["FamilyAgreement", "Park2021", "park2021"]

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


@dataclass(frozen=True, slots=True)
class FamilyAgreement:
    """How many features of a family are kept, and its median coefficients."""

    family: str
    features: int
    kept: int
    median_ccc: float
    median_icc: float


@dataclass(frozen=True, slots=True)
class Park2021:
    """Agreement, feature by feature."""

    card: SystemCard = CARD

    def agreement(self, one: Inputs, other: Inputs) -> Associations:
        """Lin's CCC of each feature that both tables have, with ICC(2,1) in the note's place.

        Two findings a feature: 'ccc', then 'icc'; NaN where it does not vary or less than 10
        patients have it in both tables.

        Raises:
            UsageError: the tables are of other patients, or share no column.
        """
        if one.subjects != other.subjects:
            raise UsageError("both tables hold the same patients in one order", source=self.card.id)
        columns = [c for c in one.columns if c in set(other.columns)]
        if not columns:
            raise UsageError("both tables share features", source=self.card.id)
        left, right = one.matrix(columns), other.matrix(columns)
        found = [f for j, c in enumerate(columns) for f in _agreed(c, left[:, j], right[:, j])]
        return Associations(self.card.target, tuple(found))


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
    """As published, the first half."""
    return Park2021()
