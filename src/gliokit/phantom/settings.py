"""What can be asked of a tumour, and what is drawn where nothing is asked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal, get_args

import numpy as np

from gliokit.study import UsageError

__all__ = ["BrainSettings", "Kind", "Lobe", "Side", "TumourPlan", "TumourSettings", "drawn"]

Side = Literal["left", "right"]
Kind = Literal["glioma", "metastasis"]
Lobe = Literal["frontal", "parietal", "temporal", "occipital", "insula", "deep", "cerebellum"]

WHOLE_ML_RANGE = (40.0, 220.0)
# Width of the front, sqrt(D / rho), at a sharpness of 0 and of 1.
FRONT_MM = (4.5, 0.8)
LIMITS = {
    "whole_ml": (1.0, 250.0, "mL"),
    "core_fraction": (0.05, 0.95, ""),
    "necrotic_fraction": (0.0, 0.8, ""),
    "diffusion_mm2_per_day": (0.005, 1.0, "mm2/day"),
    "proliferation_per_day": (0.0003, 0.2, "per day"),
    "mass_effect": (0.0, 0.5, ""),
    "foci": (1, 12, ""),
    "enhancement_share": (0.0, 1.0, ""),
    "margin_sharpness": (0.0, 1.0, ""),
    "mismatch": (0.0, 1.0, ""),
    "heterogeneity": (0.0, 1.0, ""),
    "calcification": (0.0, 1.0, ""),
    "haemorrhage": (0.0, 1.0, ""),
    "cortical": (0.0, 1.0, ""),
}
CHOICES = {"kind": get_args(Kind), "side": get_args(Side), "lobe": get_args(Lobe)}


BRAIN_LIMITS = {
    "atrophy": (0.0, 1.0, ""),
    "ventricles": (0.0, 1.0, ""),
    "volume_ml": (1000.0, 1900.0, "mL"),
}


def _check_limits(settings: object, limits: Mapping[str, tuple[float, float, str]]) -> None:
    for name, (low, high, unit) in limits.items():
        value = getattr(settings, name)
        if value is not None and not low <= value <= high:
            raise UsageError(
                f"it lies between {low:g} and {high:g} {unit}".rstrip(), source=name, found=value
            )


@dataclass(frozen=True, slots=True)
class TumourSettings:
    """What is asked of a tumour; None is drawn by the patient's seed.

    Args:
        whole_ml: Volume of the whole tumour (WT), 1 to 250; drawn from 40 to 220.
        core_fraction: Share of the core (TC) in the whole; drawn from 0.2 to 0.55.
        necrotic_fraction: Share of necrosis in the core, 0 to 0.8; drawn from 0.2 to 0.65.
        side: Hemisphere that the tumour starts in; drawn.
        seed_point_mm: Where it starts, RAS+ millimetres of the patient's grid, in the
            brain; drawn in the white matter of the cerebrum.
        diffusion_mm2_per_day: How far cells wander in white matter (D); a fifth of it in
            grey matter, none in fluid.
        proliferation_per_day: How fast they divide (rho).
        mass_effect: Largest push on the tissue around, as a share of the tumour's radius.
        kind: 'glioma' grows into the brain; 'metastasis' is a ball with a sharp border
            and vasogenic oedema, often several.
        foci: How many tumours; of a glioma 1 unless asked, of metastases drawn from 1 to 5.
        lobe: Where the first starts; drawn among all of the cerebrum.
        enhancement_share: Share of the living core that takes up contrast agent, 0 to 1;
            drawn from 0.85 to 1. The rest has the label of NCR (non-enhancing core).
        margin_sharpness: 0 (a front of 4.5 mm, sqrt(D / rho)) to 1 (0.8 mm); it sets D
            where no D is asked for. Drawn by D and rho.
        mismatch: T2-FLAIR mismatch, 0 (none) to 1: share of the inner core that is
            bright in T2 and dark in FLAIR, within a rim that is bright in both; 0.
        heterogeneity: 0 (even) to 1: how much places within the tumour differ;
            drawn from 0.2 to 0.6.
        calcification: 0 (none) to 1 (a sixth of the core); 0.
        haemorrhage: Blood of some days (bright in T1), 0 (none) to 1 (a third of the
            core); drawn, mostly 0.
        cortical: 0 (deep in white matter) to 1 (at the cortex); drawn from 0 to 0.5.

    Raises:
        UsageError: a value outside its range.
    """

    whole_ml: float | None = None
    core_fraction: float | None = None
    necrotic_fraction: float | None = None
    side: Side | None = None
    seed_point_mm: tuple[float, float, float] | None = None
    diffusion_mm2_per_day: float | None = None
    proliferation_per_day: float | None = None
    mass_effect: float | None = None
    kind: Kind = "glioma"
    foci: int | None = None
    lobe: Lobe | None = None
    enhancement_share: float | None = None
    margin_sharpness: float | None = None
    mismatch: float | None = None
    heterogeneity: float | None = None
    calcification: float | None = None
    haemorrhage: float | None = None
    cortical: float | None = None

    def __post_init__(self) -> None:
        _check_limits(self, LIMITS)
        for name, choices in CHOICES.items():
            value = getattr(self, name)
            if value not in (None, *choices) or (name == "kind" and value is None):
                raise UsageError(
                    f"it is one of {', '.join(choices)}", source=name, found=repr(value)
                )
        if self.seed_point_mm is not None and self.lobe is not None:
            raise UsageError(
                "a tumour starts in a lobe or at a point",
                source="lobe",
                found=repr(self.lobe),
                way_out="Leave one of lobe and seed_point_mm open.",
            )


@dataclass(frozen=True, slots=True)
class BrainSettings:
    """What is asked of the brain itself; None is drawn by the patient's seed.

    Args:
        atrophy: How wide sulci and ventricles are, 0 (young) to 1.
        ventricles: The ventricles alone, 0 to 1.
        volume_ml: Brain with the fluid around it, 1000 to 1900.

    Raises:
        UsageError: a value outside its range.
    """

    atrophy: float | None = None
    ventricles: float | None = None
    volume_ml: float | None = None

    def __post_init__(self) -> None:
        _check_limits(self, BRAIN_LIMITS)


@dataclass(frozen=True, slots=True)
class TumourPlan:
    """Settings with nothing left open; see `TumourSettings` for what each means.

    `lobe` alone may be None: anywhere.
    """

    whole_ml: float
    core_fraction: float
    necrotic_fraction: float
    side: Side
    diffusion_mm2_per_day: float
    proliferation_per_day: float
    mass_effect: float
    kind: Kind
    foci: int
    lobe: Lobe | None
    enhancement_share: float
    margin_sharpness: float
    mismatch: float
    heterogeneity: float
    calcification: float
    haemorrhage: float
    cortical: float


def drawn(settings: TumourSettings, rng: np.random.Generator) -> TumourPlan:
    """The same settings with all that was left open drawn.

    All values are drawn whether they are needed or not, so that fixing one leaves the
    others as they were; of D and the sharpness of the margin the one that is asked for
    sets the other.
    """
    left = rng.random() < 0.5
    low, high = WHOLE_ML_RANGE
    plan = TumourPlan(
        whole_ml=float(np.exp(rng.uniform(np.log(low), np.log(high)))),
        core_fraction=float(rng.uniform(0.2, 0.55)),
        necrotic_fraction=float(rng.uniform(0.2, 0.65)),
        side="left" if left else "right",
        diffusion_mm2_per_day=float(rng.uniform(0.04, 0.12)),
        proliferation_per_day=float(rng.uniform(0.010, 0.020)),
        mass_effect=float(rng.uniform(0.15, 0.35)),
        kind=settings.kind,
        foci=int(rng.integers(1, 6)) if settings.kind == "metastasis" else 1,
        lobe=None,
        enhancement_share=float(rng.uniform(0.85, 1.0)),
        margin_sharpness=0.0,
        mismatch=0.0,
        heterogeneity=float(rng.uniform(0.2, 0.6)),
        calcification=0.0,
        haemorrhage=max(float(rng.uniform(-1.2, 0.3)), 0.0),
        cortical=float(rng.uniform(0.0, 0.5)),
    )
    given = {
        field.name: value
        for field in fields(TumourPlan)
        if (value := getattr(settings, field.name)) is not None
    }
    return _with_margin(replace(plan, **given), settings)


def _with_margin(plan: TumourPlan, settings: TumourSettings) -> TumourPlan:
    widest, narrowest = FRONT_MM
    fall = math.log(narrowest / widest)
    if settings.margin_sharpness is not None:
        if settings.diffusion_mm2_per_day is not None:
            return plan
        front_mm = widest * math.exp(fall * plan.margin_sharpness)
        return replace(plan, diffusion_mm2_per_day=plan.proliferation_per_day * front_mm**2)
    front_mm = math.sqrt(plan.diffusion_mm2_per_day / plan.proliferation_per_day)
    sharpness = min(max(math.log(front_mm / widest) / fall, 0.0), 1.0)
    return replace(plan, margin_sharpness=sharpness)
