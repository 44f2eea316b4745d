"""The interface of every system."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from gliokit.systems.answer import Answer
from gliokit.systems.card import SystemCard
from gliokit.systems.inputs import Inputs
from gliokit.systems.needs import Needs
from gliokit.systems.training_set import TrainingSet

__all__ = ["AssociationSystem", "Budget", "Fitted", "System"]

Budget = Literal["smoke", "small", "paper"]
"""Seconds, for a test; what two cores do; what the paper did."""


@runtime_checkable
class Fitted(Protocol):
    """What has learnt; it runs and is saved without torch."""

    @property
    def findings(self) -> Mapping[str, Any]:
        """What it chose and found in the training fold, as JSON can hold it."""
        ...

    def answer(self, patients: Inputs) -> Answer:
        """What it says of patients, who come without a target."""
        ...

    def save(self, folder: Path) -> None:
        """Write it to a new folder: JSON, and what is not JSON without pickle."""
        ...


@runtime_checkable
class System(Protocol):
    """Configuration alone: cheap to make, nothing heavy at import."""

    @property
    def card(self) -> SystemCard:
        """What is known of it."""
        ...

    @property
    def needs(self) -> Needs:
        """What every patient must have."""
        ...

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> Fitted:
        """Learn from the training fold; the same seed gives the same."""
        ...

    def load(self, folder: Path) -> Fitted:
        """What `save` wrote."""
        ...


@runtime_checkable
class AssociationSystem(Protocol):
    """A system whose answer is of a whole cohort: nothing is fitted for another patient.

    Its method is its own (`associate`, `agreement`) and gives `Associations`.
    """

    @property
    def card(self) -> SystemCard:
        """What is known of it."""
        ...
