"""From class targets to what a network is taught, and from its logits to an answer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.systems.answer import ClassProbabilities
from gliokit.systems.fitted_networks import FittedNetworks
from gliokit.systems.inputs import Inputs
from gliokit.systems.target import ClassTarget

__all__ = ["class_answer", "class_examples", "class_settings", "mean_of_units", "softmax"]

EVEN_ODDS = 0.5


def class_examples(
    inputs: tuple[NDArray[Any], ...], target: ClassTarget, units: NDArray[np.intp] | None = None
) -> tuple[NDArray[Any], ...]:
    """What `class_objective` takes: inputs, classes, equal weights.

    Args:
        inputs: Arrays of one length.
        target: Of the patients, all known.
        units: Row of the patient that each example is of; None for one example a patient.
    """
    codes = target.codes if units is None else target.codes[units]
    return (*inputs, codes, np.ones(len(codes), dtype=np.float32))


def class_settings(target: ClassTarget) -> dict[str, Any]:
    """The target as a fitted system keeps it."""
    return {"target": target.name, "classes": list(target.classes)}


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities of the last axis."""
    from scipy import special

    return np.asarray(special.softmax(logits.astype(np.float64), axis=-1))


def mean_of_units(
    scores: NDArray[np.float64], units: NDArray[np.intp], patients: int
) -> NDArray[np.float64]:
    """The mean score of each patient's slices, patches or voxels.

    Args:
        scores: (unit, class).
        units: (unit,), row of the patient; each patient has one or more.
        patients: How many.
    """
    return np.stack([scores[units == row].mean(axis=0) for row in range(patients)])


def class_answer(
    fitted: FittedNetworks, patients: Inputs, probabilities: NDArray[np.float64]
) -> ClassProbabilities:
    """Probabilities of patients as an answer, said at even odds."""
    return ClassProbabilities(
        patients.subjects,
        str(fitted.settings["target"]),
        tuple(fitted.settings["classes"]),
        probabilities,
        EVEN_ODDS,
    )
