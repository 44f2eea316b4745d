"""What a model is, what it was trained on, how well it did: the card beside its weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from gliokit.inference.foreign import Foreign
from gliokit.study import People

__all__ = ["DIGITAL", "ModelCard", "Stage", "TrainingPatient"]

DIGITAL = "digital"
"""The collection that digital patients are listed under."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stage(_Part):
    """One network of a model.

    `file` is its ONNX file beside the card; `sha256` its checksum. The fine stage sees the
    box around what the coarse stage found, plus `margin_mm`.
    """

    name: str
    file: str
    sha256: str
    spacing_mm: int
    multiple: int
    margin_mm: float = 0.0


class TrainingPatient(_Part):
    """A patient that the model has seen, with every other name that he goes by."""

    subject: str
    collection: str
    patient: str = ""


class ModelCard(_Part):
    """Everything that a user of a model must know.

    `trained_on_known` is false for weights from outside whose patients nobody listed;
    `imported` says how these are run.
    """

    name: str
    version: str
    task: str
    channels: tuple[str, ...]
    regions: tuple[str, ...]
    labels: str
    stages: tuple[Stage, ...]
    trained_on: tuple[TrainingPatient, ...]
    trained_on_known: bool = True
    training: dict[str, Any]
    held_out: dict[str, Any]
    limits: tuple[str, ...]
    licence: str
    date: str
    imported: Foreign | None = None

    @property
    def patients(self) -> tuple[TrainingPatient, ...]:
        """The real patients that it has seen."""
        return tuple(p for p in self.trained_on if p.collection != DIGITAL)

    @property
    def digital_patients(self) -> tuple[TrainingPatient, ...]:
        """The digital patients that it has seen: nobody's name is theirs."""
        return tuple(p for p in self.trained_on if p.collection == DIGITAL)

    def has_seen(self, names: Sequence[str], collection: str = "") -> bool | None:
        """Whether the network learnt from a real patient; None where nobody says from whom.

        Who is who is told by `gliokit.study.person`, as in the bench.

        Args:
            names: All that the patient goes by.
            collection: That the names are of; '' where not known.
        """
        if not self.trained_on_known:
            return None
        seen = People.of((n, p.collection) for p in self.patients for n in (p.subject, p.patient))
        return any(seen.hold(name, collection) for name in names if name)
