"""What a training run is made of; stored beside its checkpoints."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["AugmentationSettings", "TrainingSettings"]


class AugmentationSettings(BaseModel):
    """Ranges that a training example is varied in. Intensities are in normalised units.

    `often` is how likely each kind of change of intensity is, sequence by sequence: when
    every sequence of every example was changed, 36 patients were not even learnt by heart.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rotation_degrees: float = 20.0
    scale: float = 0.2
    flip: float = 0.5
    often: float = 0.3
    gamma: float = 0.4
    contrast: float = 0.3
    shift: float = 0.4
    field: float = 0.4
    noise: float = 0.25
    blur_voxels: float = 1.0
    clip: float = 0.1
    thick_slices: float = 0.1
    dropout: float = 0.15


class TrainingSettings(BaseModel):
    """One stage of the house segmenter.

    `stage` says what the network sees: 'coarse' the whole brain in one piece, 'fine' a
    patch in or about the tumour. What is cut from a patient is larger than the patch by
    `surplus`, so that a turned patch has corners; `around_box` of the fine patches lie
    anywhere in the tumour's box, the others about a voxel of the core or of the whole.
    Two or more examples in a `batch` cost less each on a processor with one thread: torch
    then takes its faster convolutions at every depth.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: Literal["coarse", "fine"] = "coarse"
    spacing_mm: int = Field(2, ge=1, le=4)
    patch: tuple[int, int, int] = (80, 96, 80)
    surplus: float = Field(0.0, ge=0, le=1)
    around_box: float = Field(0.4, ge=0, le=1)
    widths: tuple[int, ...] = (24, 48, 96, 128)
    batch: int = Field(1, ge=1)
    steps: int = Field(3000, ge=1)
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    average: float = Field(0.995, ge=0, lt=1)
    precision: Literal["f32", "bf16"] = "f32"
    seed: int = 0
    augmentation: AugmentationSettings = AugmentationSettings()
