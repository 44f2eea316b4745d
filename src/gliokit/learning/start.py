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
from gliokit.learning.method import fitted, method_of
from gliokit.learning.run_folder import SETTINGS, START
from gliokit.learning.settings import TrainingSettings
from gliokit.networks import planned_sizes
from gliokit.study import UsageError

__all__ = ["Start", "continued", "read_start", "stored_weights"]

ARCHITECTURE = ("network", "widths", "filters", "patch")
TAKEN_OVER = ("spacing_mm", "patch")
"""What a stage sees, where nobody says otherwise: that on which its weights were learnt."""


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Weights, who was seen by the network that they are of, and how it was trained."""

    weights: Mapping[str, Tensor]
    seen: tuple[TrainingPatient, ...]
    history: Mapping[str, Any]


def read_start(source: str | Path, settings: TrainingSettings) -> Start:
    """Read the start of a run.

    Args:
        source: Folder of a run, or the name or folder of a model of this architecture.
        settings: Of the run that starts, as they were given. Of a model with several networks
            the one of its stage is taken, or else the coarse one.

    Raises:
        UsageError: it is neither, a model from outside, or another network; a patch that
            can't be.
    """
    start = _read(source, settings.stage)
    settings = fitted(continued(settings, start))
    method_of(settings)  # refuses a patch that can't be
    stored = {name: start.history[name] for name in ARCHITECTURE if name in start.history}
    wanted, found = _architecture(settings), _architecture(TrainingSettings(**stored))
    if found != wanted:
        raise UsageError(
            f"training starts from the network that is trained: {wanted}",
            source=source,
            found=found,
            way_out="Give the settings of that network in --config.",
        )
    return start


def continued(settings: TrainingSettings, start: Start | None) -> TrainingSettings:
    """Settings of a run, with what was not given as it was in the same stage of its start."""
    if start is None or start.history.get("stage", settings.stage) != settings.stage:
        return settings
    stored = TrainingSettings(**{n: start.history[n] for n in TAKEN_OVER if n in start.history})
    taken = stored.model_fields_set - settings.model_fields_set
    return settings.model_copy(update={n: getattr(stored, n) for n in taken})


def _architecture(settings: TrainingSettings) -> str:
    """Equal for settings whose networks have the same weights."""
    if settings.network == "house":
        return f"house, widths {list(settings.widths)}"
    sizes = planned_sizes(settings.patch, settings.filters)
    return f"{settings.network}, features {list(sizes.features)}, strides {list(sizes.strides)}"


def _read(source: str | Path, stage: str) -> Start:
    folder = Path(source)
    if (folder / "checkpoint.pt").is_file():
        patients = json.loads((folder / "patients.json").read_text(encoding="utf-8"))
        stored = torch.load(folder / "checkpoint.pt", weights_only=True, map_location="cpu")
        best = stored.get("best")
        return Start(
            stored["average"] if best is None else best["weights"],
            tuple(TrainingPatient.model_validate(p) for p in patients["trained_on"]),
            _history_of(folder),
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


def _history_of(run: Path) -> dict[str, Any]:
    """Settings of a run, and of the run that it started from, and so on."""
    history: dict[str, Any] = json.loads((run / SETTINGS).read_text(encoding="utf-8"))
    if (run / START).exists():  # runs of earlier versions don't say
        earlier = json.loads((run / START).read_text(encoding="utf-8"))["started_from"]
        if earlier is not None:
            history["started_from"] = earlier
    return history


def stored_weights(path: Path) -> dict[str, Tensor]:
    """The weights in an ONNX file that `export_network` wrote, named as in torch.

    The exporter keeps equal arrays once, and leads to them from the others' names.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    stored = {w.name.removesuffix("_half"): numpy_helper.to_array(w) for w in graph.initializer}
    for node in graph.node:
        if node.op_type == "Identity" and node.input[0] in stored:
            stored[node.output[0]] = stored[node.input[0]]
    return {k.removeprefix("network."): torch.tensor(v).float() for k, v in stored.items()}
