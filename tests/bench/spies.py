"""Systems of tests' own: one that looks at all it is given, one that always fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gliokit.systems import (
    ClassProbabilities,
    Inputs,
    Needs,
    SystemCard,
    TrainingSet,
    registry,
)

CARD = SystemCard("spy", "A spy", "", "classification", "", "F1", state="baseline")
NEEDS = Needs(least_per_class=1)


@dataclass
class Spy:
    """Remembers what it was handed, and answers with the first column."""

    seen: list[tuple[TrainingSet, Inputs]] = field(default_factory=list)
    card: SystemCard = CARD
    needs: Needs = NEEDS
    training: TrainingSet | None = None
    findings: dict[str, Any] = field(default_factory=dict)

    def fit(self, training: TrainingSet, *, budget: str, seed: int) -> Spy:
        self.training = training
        return self

    def answer(self, patients: Inputs) -> ClassProbabilities:
        assert self.training is not None
        self.seen.append((self.training, patients))
        p = 1 / (1 + np.exp(-patients.values[:, 0]))
        target = self.training.classes
        both = np.stack([1 - p, p], axis=1)
        return ClassProbabilities(patients.subjects, target.name, target.classes, both, 0.5)

    def save(self, folder: Path) -> None:
        raise NotImplementedError

    def load(self, folder: Path) -> Spy:
        raise NotImplementedError


class Broken(Spy):
    """Fails on the fold that tests the first patient."""

    def fit(self, training: TrainingSet, *, budget: str, seed: int) -> Spy:
        if "p000" not in training.inputs.subjects:
            raise ValueError("no good")
        return super().fit(training, budget=budget, seed=seed)


@dataclass
class _Entry:
    name: str
    made: Spy

    def load(self) -> Any:
        return lambda: self.made


def installed(monkeypatch: pytest.MonkeyPatch, **systems: Spy) -> None:
    """Makes systems known as another package would."""
    entries = [_Entry(name, made) for name, made in systems.items()]
    monkeypatch.setattr(registry, "entry_points", lambda group: entries)
