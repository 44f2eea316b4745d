"""Answers of every kind as plain numbers, to be compared."""

from __future__ import annotations

import numpy as np

from gliokit.systems import (
    Answer,
    ClassProbabilities,
    Detections,
    LabelMaps,
    Risk,
    SurvivalCurves,
    VoxelMaps,
)

__all__ = ["numbers_of"]


def numbers_of(answer: Answer) -> np.ndarray:
    """(n, ...) flat numbers, patient after patient."""
    if isinstance(answer, ClassProbabilities):
        return answer.probabilities.ravel()
    if isinstance(answer, SurvivalCurves):
        return np.column_stack([answer.risk, answer.survival]).ravel()
    if isinstance(answer, Risk):
        return answer.risk
    if isinstance(answer, LabelMaps):
        return np.concatenate([m.data.ravel().astype(float) for m in answer.maps])
    if isinstance(answer, VoxelMaps):
        return np.concatenate([m.values.ravel() for m in answer.maps])
    assert isinstance(answer, Detections)
    rows = [(*d.centre_mm, d.radius_mm, d.probability) for found in answer.found for d in found]
    return np.array(rows, dtype=float).ravel()
