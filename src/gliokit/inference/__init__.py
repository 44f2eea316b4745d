"""Runs exported networks on arrays, without torch.

In: a model folder and an array. Out: probabilities.
"""

from gliokit.inference.card import ModelCard, Stage, TrainingPatient
from gliokit.inference.model import (
    DEFAULT_MODEL,
    Model,
    list_models,
    load_model,
    shipped_models,
)
from gliokit.inference.network import Network

__all__ = [
    "DEFAULT_MODEL",
    "Model",
    "ModelCard",
    "Network",
    "Stage",
    "TrainingPatient",
    "list_models",
    "load_model",
    "shipped_models",
]
