"""Runs exported networks on arrays, without torch.

In: a model folder and an array. Out: probabilities.
"""

from gliokit.inference.bottleneck import Bottleneck, Encoding
from gliokit.inference.card import DIGITAL, ModelCard, Stage, TrainingPatient
from gliokit.inference.foreign import BACKGROUND, Foreign
from gliokit.inference.model import (
    DEFAULT_MODEL,
    Model,
    list_models,
    load_model,
    shipped_models,
)
from gliokit.inference.network import Network
from gliokit.inference.sliding_window import slide

__all__ = [
    "BACKGROUND",
    "DEFAULT_MODEL",
    "DIGITAL",
    "Bottleneck",
    "Encoding",
    "Foreign",
    "Model",
    "ModelCard",
    "Network",
    "Stage",
    "TrainingPatient",
    "list_models",
    "load_model",
    "shipped_models",
    "slide",
]
