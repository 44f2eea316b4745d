"""What can be asked of a tumour, and what is drawn where nothing is asked."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np

from gliokit.study import UsageError

__all__ = ["Side", "TumourPlan", "TumourSettings", "drawn"]

Side = Literal["left", "right"]

WHOLE_ML_RANGE = (30.0, 150.0)
WHOLE_ML_LIMITS = (1.0, 250.0)
DIFFUSION_LIMITS = (0.005, 1.0)
PROLIFERATION_LIMITS = (0.001, 0.2)


@dataclass(frozen=True, slots=True)
class TumourSettings:
    """What is asked of a tumour; None is drawn by the patient's seed.

    Args:
        whole_ml: Volume of the whole tumour (WT), 1 to 250; drawn from 30 to 150.
        core_fraction: Share of the core (TC) in the whole; drawn from 0.25 to 0.55.
        necrotic_fraction: Share of the necrosis (NCR) in the core; drawn from 0.2 to 0.65.
        side: Hemisphere that the tumour starts in; drawn.
        seed_point_mm: Where it starts, RAS+ millimetres of the patient's grid, in the
            brain; drawn in the white matter of the cerebrum.
        diffusion_mm2_per_day: How far cells wander in white matter (D); a fifth of it in
            grey matter, none in fluid.
        proliferation_per_day: How fast they divide (rho).
        mass_effect: Largest push on the tissue around, as a share of the tumour's radius.

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

    def __post_init__(self) -> None:
        _check("whole_ml", self.whole_ml, WHOLE_ML_LIMITS, "mL")
        _check("core_fraction", self.core_fraction, (0.05, 0.95), "")
        _check("necrotic_fraction", self.necrotic_fraction, (0.0, 0.8), "")
        _check("diffusion_mm2_per_day", self.diffusion_mm2_per_day, DIFFUSION_LIMITS, "mm2/day")
        _check("proliferation_per_day", self.proliferation_per_day, PROLIFERATION_LIMITS, "per day")
        _check("mass_effect", self.mass_effect, (0.0, 0.5), "")
        if self.side not in (None, "left", "right"):
            raise UsageError(
                "a tumour starts on the left or on the right",
                source="side",
                found=repr(self.side),
                way_out="Choose 'left', 'right' or None.",
            )


def _check(name: str, value: float | None, limits: tuple[float, float], unit: str) -> None:
    low, high = limits
    if value is not None and not low <= value <= high:
        raise UsageError(
            f"it lies between {low:g} and {high:g} {unit}".rstrip(), source=name, found=value
        )


@dataclass(frozen=True, slots=True)
class TumourPlan:
    """Settings with nothing left open; see `TumourSettings` for what each means."""

    whole_ml: float
    core_fraction: float
    necrotic_fraction: float
    side: Side
    diffusion_mm2_per_day: float
    proliferation_per_day: float
    mass_effect: float


def drawn(settings: TumourSettings, rng: np.random.Generator) -> TumourPlan:
    """The same settings with all that was left open drawn.

    All values are drawn whether they are needed or not, so that fixing one leaves the
    others as they were.
    """
    left = rng.random() < 0.5
    low, high = WHOLE_ML_RANGE
    plan = TumourPlan(
        whole_ml=float(np.exp(rng.uniform(np.log(low), np.log(high)))),
        core_fraction=float(rng.uniform(0.25, 0.55)),
        necrotic_fraction=float(rng.uniform(0.2, 0.65)),
        side="left" if left else "right",
        diffusion_mm2_per_day=float(rng.uniform(0.04, 0.12)),
        proliferation_per_day=float(rng.uniform(0.010, 0.020)),
        mass_effect=float(rng.uniform(0.15, 0.35)),
    )
    given = {
        field.name: value
        for field in fields(TumourPlan)
        if (value := getattr(settings, field.name)) is not None
    }
    return replace(plan, **given)
