"""What a training run is made of; stored beside its checkpoints."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["AugmentationSettings", "EarlyStopping", "TrainingSettings"]

Width = Annotated[int, Field(ge=1)]
Chance = Annotated[float, Field(ge=0, le=1)]
Range = Annotated[float, Field(ge=0, le=5)]
"""In normalised units an image ends at 5; of a factor it is the logarithm."""

NNUNET_STYLE = {"batch": 2, "learning_rate": 1e-2, "weight_decay": 3e-5, "average": 0.0}
"""What nnU-Net sets otherwise than the house: the last weights are taken, not their mean."""

UNUSED = {
    "house": {"filters", "memory_gib"},
    "nnunet-style": {"widths", "augmentation"},
}


class AugmentationSettings(BaseModel):
    """Ranges that a training example is varied in. Intensities are in normalised units.

    `often` is how likely each kind of change of intensity is, sequence by sequence: when
    every sequence of every example was changed, 36 patients were not even learnt by heart.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rotation_degrees: float = Field(20.0, ge=0, le=180)
    scale: Range = 0.2
    flip: Chance = 0.5
    often: Chance = 0.3
    gamma: Range = 0.4
    contrast: Range = 0.3
    shift: Range = 0.4
    bias_field: Range = 0.3
    noise: Range = 0.25
    blur_voxels: float = Field(1.0, gt=0, le=5)
    clip: Chance = 0.1
    thick_slices: Chance = 0.15
    ghosts: Chance = 0.1
    dropout: Chance = 0.35


class EarlyStopping(BaseModel):
    """When a run ends before its last step.

    A `share` of the patients to learn from is kept back and looked at after `every` so many
    steps; a run ends when `patience` looks in a row were no better than the best one, and
    its weights are those of the best. Those patients chose the weights: they count as seen,
    and no figure is made of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: float = Field(0.1, gt=0, lt=1)
    every: int = Field(100, ge=1)
    patience: int = Field(5, ge=1)


class TrainingSettings(BaseModel):
    """One stage of a segmenter.

    `network` is 'house', or 'nnunet-style': the architecture, loss, augmentation and
    optimiser of nnU-Net, planned for the patch with `filters` at its finest level, on the
    house's images. With `memory_gib` its patch is the largest up to `patch` that trains in
    so much memory. `widths` and `augmentation` are the house's own.

    `stage` says what the network sees: 'coarse' the whole brain in one piece, 'fine' a
    patch in or about the tumour. What is cut from a patient is larger than the patch by
    `surplus`, so that a turned patch has corners; `around_box` of the fine patches lie
    anywhere in the tumour's box, the others about a voxel of the core or of the whole.
    `digital_share` of the examples are of digital patients (collection 'digital'), however
    many there are of either kind; unless given, every patient has his turn equally often.
    A `batch` is shared out among the processes of `torchrun`. Two or more examples to a
    process cost less each on a processor with one thread: torch then takes its faster
    convolutions at every depth.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: Literal["house", "nnunet-style"] = "house"
    stage: Literal["coarse", "fine"] = "coarse"
    spacing_mm: int = Field(2, ge=1, le=4)
    patch: tuple[int, int, int] = (80, 96, 80)
    surplus: float = Field(0.0, ge=0, le=1)
    around_box: float = Field(0.4, ge=0, le=1)
    widths: tuple[Width, ...] = Field((24, 48, 96, 128), min_length=1)
    filters: int = Field(32, ge=1)
    memory_gib: float | None = Field(None, gt=0, allow_inf_nan=False)
    batch: int = Field(1, ge=1)
    steps: int = Field(3000, ge=1)
    learning_rate: float = Field(1e-3, gt=0, le=1)
    weight_decay: float = Field(1e-4, ge=0, le=1)
    average: float = Field(0.995, ge=0, lt=1)
    precision: Literal["f32", "bf16", "f16"] = "f32"
    stop_early: EarlyStopping | None = None
    digital_share: float | None = Field(None, gt=0, lt=1)
    seed: int = Field(0, ge=0, lt=2**63)
    augmentation: AugmentationSettings = AugmentationSettings()

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("network") == "nnunet-style":
            return {**NNUNET_STYLE, **values}
        return values

    @model_validator(mode="after")
    def _check_used(self) -> TrainingSettings:
        fields = type(self).model_fields
        given = sorted(n for n in UNUSED[self.network] if getattr(self, n) != fields[n].default)
        if given:
            raise ValueError(f"a network '{self.network}' has no {', '.join(given)}")
        return self

    def in_use(self) -> dict[str, Any]:
        """All that the network of these settings has, for its card."""
        return self.model_dump(mode="json", exclude=UNUSED[self.network])
