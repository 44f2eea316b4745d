"""How a tumour looks, given the class that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt
from typing import Literal

from gliokit.phantom.population.draws import Draws
from gliokit.phantom.population.showing import Showing, logistic

__all__ = ["LOBES", "Lobe", "Phenotype", "draw_phenotype"]

Lobe = Literal["frontal", "temporal", "parietal", "occipital", "insula"]
Side = Literal["left", "right"]

LOBES: tuple[Lobe, ...] = ("frontal", "temporal", "parietal", "occipital", "insula")
WHOLE_ML_LIMITS = (3.0, 240.0)
CORE_SHARE_LIMITS = (0.06, 0.94)
PROLIFERATION_LIMITS = (0.0005, 0.1)
# A mismatch is seen from this degree on; what is below it is not.
SEEN_MISMATCH = 0.6


@dataclass(frozen=True, slots=True)
class Phenotype:
    """What images show of a tumour.

    Args:
        lobe: That holds its centre.
        side: Hemisphere.
        multifocal: More than one centre.
        whole_ml: Whole tumour (WT), 3 to 240 mL.
        core_share: Of the core (TC) in the whole.
        enhancement_share: Of enhancing tumour in the core; 0 where nothing enhances.
        necrosis_share: Of necrosis in the core; 0 where there is none. With the
            enhancement at most 1: the rest of the core is alive and does not enhance.
        margin_sharpness: 0 lost in its surroundings, 1 sharp.
        mismatch: T2-FLAIR mismatch: 0 none, 0.6 to 1 where the sign is there.
        heterogeneity: Of the T2 signal, 0 to 1.
        calcification: 0 none, up to 1.
        cortical: 0 deep in white matter, 1 at the cortex.
        rcbv_ratio: Largest relative blood volume, white matter 1.
        adc_um2_per_ms: Diffusivity of the solid part.
        proliferation_per_day: How fast cells divide; no image before treatment shows it, but
            the time of growth and how long a recurrence takes.
    """

    lobe: Lobe
    side: Side
    multifocal: bool
    whole_ml: float
    core_share: float
    enhancement_share: float
    necrosis_share: float
    margin_sharpness: float
    mismatch: float
    heterogeneity: float
    calcification: float
    cortical: float
    rcbv_ratio: float
    adc_um2_per_ms: float
    proliferation_per_day: float


def draw_phenotype(draws: Draws, showing: Showing) -> Phenotype:
    """A look of the class shown.

    Definition: each sign has its published share, or its median and spread on a log or
    logit scale, within the class. Enhancement, necrosis, blood volume, diffusivity,
    margin and heterogeneity of one patient depend on one hidden normal deviate
    (`aggressiveness` in the table: a Gaussian copula, which leaves each sign's own
    distribution as it is). Where enhancement and necrosis would exceed the core, both
    shrink in proportion.

    Args:
        draws: Of the patient.
        showing: With the table of effects.
    """
    signs = _Signs(draws, showing)
    enhancing = signs.is_there("enhancing") * signs.between("enhancement_share")
    necrosis = signs.is_there("necrotic") * signs.between("necrosis_share")
    full = max(1.0, enhancing + necrosis)
    degree = SEEN_MISMATCH + (1 - SEEN_MISMATCH) * draws["mismatch_degree"]
    lobe = draws.choice("lobe", showing.shares([f"lobe_{name}" for name in LOBES]))
    return Phenotype(
        lobe=LOBES[lobe],
        side="left" if draws.happens("side", 0.5) else "right",
        multifocal=signs.is_there("multifocal"),
        whole_ml=_within(signs.above_0("whole_ml"), WHOLE_ML_LIMITS),
        core_share=_within(signs.between("core_share"), CORE_SHARE_LIMITS),
        enhancement_share=enhancing / full,
        necrosis_share=necrosis / full,
        margin_sharpness=signs.between("margin_sharpness"),
        mismatch=signs.is_there("mismatch") * degree,
        heterogeneity=signs.between("heterogeneity"),
        calcification=signs.is_there("calcified") * (0.2 + 0.8 * draws["calcification"]),
        cortical=signs.between("cortical"),
        rcbv_ratio=signs.above_0("rcbv_ratio"),
        adc_um2_per_ms=signs.above_0("adc_um2_per_ms"),
        proliferation_per_day=_within(signs.above_0("proliferation_per_day"), PROLIFERATION_LIMITS),
    )


@dataclass(frozen=True, slots=True)
class _Signs:
    """Signs of one patient, tied to each other by the hidden deviate."""

    draws: Draws
    showing: Showing

    def is_there(self, quantity: str) -> bool:
        return self._deviate(quantity) < self.showing.probit(quantity)

    def between(self, quantity: str) -> float:
        """A value between 0 and 1."""
        showing = self.showing
        return logistic(showing.logit(quantity) - showing.sd(quantity) * self._deviate(quantity))

    def above_0(self, quantity: str) -> float:
        showing = self.showing
        return exp(showing.log(quantity) - showing.sd(quantity) * self._deviate(quantity))

    def _deviate(self, quantity: str) -> float:
        """Standard normal; low where the sign is strong."""
        entries = self.showing.table.entries
        tie = entries.get(("aggressiveness", quantity))
        own = self.draws.normal(quantity)
        if tie is None:
            return own
        return sqrt(1 - tie.value**2) * own - tie.value * self.draws.normal("aggressiveness")


def _within(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])
