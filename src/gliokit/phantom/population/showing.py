"""What a class shows, read from a table on the scale of each sign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log
from statistics import NormalDist

from gliokit.phantom.population.classes import GliomaClass
from gliokit.phantom.population.draws import normal_quantile
from gliokit.phantom.population.effect import EffectScale, latent_place
from gliokit.phantom.population.table import Table

__all__ = ["Showing", "logistic", "logit"]

NORMAL = NormalDist()
LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Showing:
    """The class that a patient's images and person are those of, and how strongly.

    Args:
        glioma_class: As drawn by `shown_class`.
        effect: Scales above 1 move classes apart.
        table: With a line of each quantity for each class.
    """

    glioma_class: GliomaClass
    effect: EffectScale
    table: Table

    def probit(self, quantity: str) -> float:
        """Normal quantile of a share."""
        return _place(self.glioma_class, self.effect, self.table, quantity, normal_quantile)

    def share(self, quantity: str) -> float:
        """A share, 0 to 1."""
        return NORMAL.cdf(self.probit(quantity))

    def mean(self, quantity: str) -> float:
        """A mean, in its unit."""
        return _place(self.glioma_class, self.effect, self.table, quantity, float)

    def log(self, quantity: str) -> float:
        """Log of a median, or of a share."""
        return _place(self.glioma_class, self.effect, self.table, quantity, _log)

    def logit(self, quantity: str) -> float:
        """Logit of a median between 0 and 1."""
        return _place(self.glioma_class, self.effect, self.table, quantity, logit)

    def shares(self, quantities: Sequence[str]) -> list[float]:
        """Shares of things that exclude each other; sum to 1."""
        weights = [exp(self.log(q)) for q in quantities]
        return [w / sum(weights) for w in weights]

    def sd(self, quantity: str) -> float:
        """Standard deviation within the class, on the scale of the quantity."""
        sd = self.table.entry(quantity, *self.glioma_class.given).sd
        if sd is None:
            raise KeyError(f"sd of {quantity} of {self.glioma_class.name}")
        return sd


# Few classes and quantities, many patients.
@lru_cache(maxsize=4096)
def _place(
    shown: GliomaClass,
    effect: EffectScale,
    table: Table,
    quantity: str,
    scale: Callable[[float], float],
) -> float:
    return latent_place(shown, effect, lambda c: scale(table.value(quantity, *c.given)))


def _log(value: float) -> float:
    return log(max(value, LEAST))


def logit(share: float) -> float:
    """log(p / (1 - p))."""
    return log(share / (1 - share))


def logistic(place: float) -> float:
    """The way back."""
    return 1 / (1 + exp(-place)) if place >= 0 else exp(place) / (1 + exp(place))
