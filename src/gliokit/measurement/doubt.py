"""How far the figures of an automatic segmentation may be off: a part of `measurements.json`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Doubt", "Interval", "RegionDoubt"]


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Interval(_Figures):
    """Between `low` and `high` an expert's figure is expected; 0 is none at all."""

    low: float
    high: float


class RegionDoubt(_Figures):
    """One region: the Dice with an expert's outline that is to be expected, and intervals.

    The diameters are RANO's; they are there for the regions that have them.
    """

    expected_dice: float
    volume_ml: Interval
    longest_mm: Interval | None = None
    perpendicular_mm: Interval | None = None


class Doubt(_Figures):
    """Intervals that hold an expert's figure with a probability of `level`.

    They were found on `patients` patients that the networks had not seen.
    """

    level: float
    patients: int
    regions: dict[str, RegionDoubt]
