"""What a run starts from: the weights of another run, or of a model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gliokit.inference import TrainingPatient, load_model
from gliokit.study import UsageError

__all__ = ["Start", "read_start", "stored_weights"]


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Weights, who was seen by the network that they are of, and how it was trained."""

    weights: Mapping[str, Tensor]
    seen: tuple[TrainingPatient, ...]
    history: Mapping[str, Any]


def read_start(source: str | Path, stage: str) -> Start:
    """Read the start of a run.

    Args:
        source: Folder of a run, or the name or folder of a model of this architecture.
        stage: Of a model with several networks the one of this name is taken, or else its
            coarse one.

    Raises:
        UsageError: it is neither, or a model from outside.
    """
    folder = Path(source)
    if (folder / "checkpoint.pt").is_file():
        patients = json.loads((folder / "patients.json").read_text(encoding="utf-8"))
        return Start(
            torch.load(folder / "checkpoint.pt", weights_only=True)["average"],
            tuple(TrainingPatient.model_validate(p) for p in patients["trained_on"]),
            json.loads((folder / "settings.json").read_text(encoding="utf-8")),
        )
    model = load_model(source)
    known = stage if stage in model.networks else "coarse"
    if known not in model.networks:
        raise UsageError(
            "training starts from a run or a model of the house segmenter",
            source=source,
            found=", ".join(model.networks),
        )
    history = {"model": model.title, "stage": known, **model.card.training.get(known, {})}
    return Start(stored_weights(model.networks[known].path), model.card.trained_on, history)


def stored_weights(path: Path) -> dict[str, Tensor]:
    """The weights in an ONNX file that `export_network` wrote, named as in torch."""
    import onnx
    from onnx import numpy_helper

    return {
        w.name.removeprefix("network.").removesuffix("_half"): torch.tensor(
            numpy_helper.to_array(w)
        ).float()
        for w in onnx.load(path).graph.initializer
    }
