"""Several classes by models of two: each class against the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gliokit.systems.answer import ClassProbabilities
from gliokit.systems.inputs import Inputs
from gliokit.systems.storing import read_fitted, write_fitted
from gliokit.systems.tabular import TabularClassifier
from gliokit.systems.target import ClassTarget
from gliokit.systems.training_set import TrainingSet

__all__ = ["OneVsRest", "fit_one_vs_rest"]

REST = "rest"


@dataclass(frozen=True, slots=True, eq=False)
class OneVsRest:
    """One model of two classes for each class; their probabilities are made to sum to 1.

    Args:
        system: Id.
        target, classes: As of the training fold; three classes or more.
        parts: One a class, of 'rest' and that class.
    """

    system: str
    target: str
    classes: tuple[str, ...]
    parts: tuple[TabularClassifier, ...]

    @property
    def findings(self) -> dict[str, Any]:
        """Of each class's model."""
        return {c: dict(p.findings) for c, p in zip(self.classes, self.parts, strict=True)}

    def answer(self, patients: Inputs) -> ClassProbabilities:
        """Probabilities of all classes."""
        each = np.stack([p.answer(patients).probabilities[:, 1] for p in self.parts], axis=1)
        each = np.maximum(each, 1e-12)
        return ClassProbabilities(patients.subjects, self.target, self.classes,
                                  each / each.sum(axis=1, keepdims=True), 0.5)  # fmt: skip

    def save(self, folder: Path) -> None:
        """fitted.json, and a folder for each class."""
        write_fitted(folder, self.system, {"target": self.target, "one_of": list(self.classes)})
        for k, part in enumerate(self.parts):
            part.save(folder / f"class{k}")

    @classmethod
    def load(cls, folder: Path, system: str) -> OneVsRest:
        """What `save` wrote."""
        content = read_fitted(folder, system)
        classes = tuple(content["one_of"])
        parts = tuple(
            TabularClassifier.load(Path(folder) / f"class{k}", system) for k in range(len(classes))
        )
        return cls(system, content["target"], classes, parts)


def fit_one_vs_rest(
    system: str, known: TrainingSet, fit: Callable[[TrainingSet], TabularClassifier]
) -> OneVsRest:
    """Fit a model of two classes for each class against the rest.

    Args:
        system: Id.
        known: Patients with a known class.
        fit: Of a training set of the classes 'rest' and one other.
    """
    target = known.classes
    parts = []
    for k, name in enumerate(target.classes):
        codes = (target.codes == k).astype(np.int64)
        alone = ClassTarget(target.name, (REST if name != REST else f"not {name}", name), codes)
        parts.append(fit(replace(known, target=alone)))
    return OneVsRest(system, target.name, target.classes, tuple(parts))
