"""A trained stage as a model folder, with its card."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from torch import nn

from gliokit.inference import Model, ModelCard, Stage, TrainingPatient
from gliokit.learning.examples import REGIONS
from gliokit.learning.export import export_network
from gliokit.learning.method import method_of
from gliokit.learning.settings import TrainingSettings
from gliokit.learning.start import Start
from gliokit.study import BRATS, STRUCTURAL

__all__ = ["ship"]

LIMITS = ("Research use only; not a medical device.",)
"""What holds of every cohort; what holds of the house's own is added where its model is shipped."""


def ship(
    network: nn.Module,
    folder: Path,
    settings: TrainingSettings,
    seen: tuple[TrainingPatient, ...],
    start: Start | None,
    coarse: Model | None,
    *,
    name: str,
) -> Path:
    """Write `model/` in the folder of a run, whole or not at all.

    Args:
        network: As it was learnt; its weights are rounded to 16 bits.
        folder: Of the run.
        settings: What the run is made of.
        seen: Everybody that the model has seen.
        start: What the weights started from.
        coarse: For a fine stage, the model whose coarse stage goes with it.
        name: Of the model.
    """
    aside = folder / "model.part"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    stages: list[Stage] = []
    if coarse is not None:
        first = coarse.stage("coarse")
        shutil.copy(coarse.networks["coarse"].path, aside / first.file)
        stages.append(first)
    stages.append(
        export_network(
            network,
            aside,
            name=settings.stage,
            spacing_mm=settings.spacing_mm,
            multiple=method_of(settings).multiple,
            margin_mm=16.0 if settings.stage == "fine" else 0.0,
        )
    )
    card = ModelCard(
        name=name,
        version=_version(),
        task="segmentation of whole tumour, tumour core and enhancing tumour",
        channels=tuple(str(m) for m in STRUCTURAL),
        regions=REGIONS,
        labels=BRATS.name,
        stages=tuple(stages),
        trained_on=seen,
        training=_history(settings, start, coarse),
        held_out={},
        limits=LIMITS,
        licence="Apache-2.0",
        date=datetime.now(UTC).date().isoformat(),
    )
    (aside / "card.json").write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(folder / "model", ignore_errors=True)
    os.replace(aside, folder / "model")
    return folder / "model"


def _history(
    settings: TrainingSettings, start: Start | None, coarse: Model | None
) -> dict[str, Any]:
    """The settings of every stage, and how that which a stage started from was trained."""
    history: dict[str, Any] = {} if coarse is None else dict(coarse.card.training)
    history[settings.stage] = settings.in_use()
    if start is not None:
        history[settings.stage]["started_from"] = dict(start.history)
    return history


def _version() -> str:
    from gliokit import __version__

    return __version__
