"""A figure with its interval: what every judge of this room gives."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Estimate"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, the ends of its interval and how many stand behind it.

    A figure that is not defined on its data (a sensitivity without positives) is NaN, and so
    are its ends. `method` names how the interval was found.
    """

    value: float
    low: float
    high: float
    n: int
    method: str
    level: float = 0.95

    def __post_init__(self) -> None:
        if self.low > self.value or self.value > self.high:
            raise ValueError(
                f"value must lie between low and high; got {self.low}, {self.value}, {self.high}"
            )

    def excludes(self, value: float) -> bool:
        """Whether a value lies outside the interval; an end that is NaN excludes nothing."""
        return value < self.low or value > self.high
