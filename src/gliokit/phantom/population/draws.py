"""The chance of one patient: a number for each matter, whoever else is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

__all__ = ["MATTERS", "Draws", "draws_of", "image_seed", "normal_quantile"]

MATTERS = (
    "stratum", "group", "grade", "mgmt", "atrx", "tp53", "gain7_loss10", "egfr", "pten", "cdkn2ab",
    "shows_idh", "shows_codeletion", "shows_grade", "shown_class",
    "age", "sex", "kps", "resection", "radiotherapy", "temozolomide",
    "aggressiveness", "side", "lobe", "enhancing", "enhancement_share", "core_share", "whole_ml",
    "necrotic", "necrosis_share", "margin_sharpness", "mismatch", "mismatch_degree",
    "heterogeneity", "calcified", "calcification", "multifocal", "rcbv_ratio", "adc_um2_per_ms",
    "survival", "follow_up", "cortical",
    "progression_share", "pseudoprogression", "radiation_necrosis", "extent", "day_stable",
    "proliferation_per_day",
    "day_postoperative", "day_after_radiotherapy", "day_pseudoprogression",
    "day_radiation_necrosis", "day_response",
)  # fmt: skip
"""A new matter goes to the end: all others stay as they were."""

# Never exactly 0 or 1, so that every quantile is finite.
SMALLEST = 2.0**-53
NORMAL = NormalDist()
PATIENT, IMAGES = 0, 1


@dataclass(frozen=True, slots=True)
class Draws:
    """Numbers between 0 and 1, independent of each other, by matter."""

    numbers: dict[str, float]

    def __getitem__(self, matter: str) -> float:
        return self.numbers[matter]

    def happens(self, matter: str, share: float) -> bool:
        """True in a share of patients."""
        return self.numbers[matter] < share

    def choice(self, matter: str, shares: Sequence[float]) -> int:
        """Index of one of several, by shares that are scaled to sum to 1."""
        left = self.numbers[matter] * sum(shares)
        for index, share in enumerate(shares):
            left -= share
            if left < 0 and share > 0:
                return index
        return max(i for i, share in enumerate(shares) if share > 0)

    def normal(self, matter: str) -> float:
        """A standard normal deviate."""
        return NORMAL.inv_cdf(self.numbers[matter])


def normal_quantile(share: float) -> float:
    """Standard normal quantile of a share, which may be 0 or 1."""
    return NORMAL.inv_cdf(min(max(share, SMALLEST), 1 - SMALLEST))


def draws_of(seed: int, index: int) -> Draws:
    """All chance of the patient of an index; the same however many patients there are."""
    import numpy as np

    numbers = np.random.default_rng((seed, index, PATIENT)).random(len(MATTERS)).tolist()
    return Draws({m: max(u, SMALLEST) for m, u in zip(MATTERS, numbers, strict=True)})


def image_seed(seed: int, index: int) -> int:
    """Seed of the images of a patient, for `gliokit.phantom.make_patient`."""
    import numpy as np

    return int(np.random.SeedSequence((seed, index, IMAGES)).generate_state(1)[0])
