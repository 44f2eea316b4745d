"""What a network from outside wants to see, and what it answers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["BACKGROUND", "Foreign"]

BACKGROUND = "BACKGROUND"
REGIONS, LABELS = {"WT", "TC", "ET"}, {BACKGROUND, "NCR", "ED", "ET"}


class Foreign(BaseModel):
    """How an imported network is run, as it was where it comes from.

    `orientation` names where its image axes point, in their order: 'SPL' is up, back,
    left. `overlap` is the part of a window that the next one covers again. Intensities
    become standard scores: of the 'brain' (all sequences' voxels, holes filled), of each
    sequence's 'nonzero' voxels, or of the whole 'box' around the brain. The network gives
    logits; 'sigmoid' makes each of the `outputs` the probability of a region, 'softmax'
    that of a label. Windows are mirrored along every choice of `mirror_axes` and averaged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Literal["nnU-Net v2", "MONAI bundle"]
    orientation: str
    spacing_mm: tuple[float, float, float]
    patch: tuple[int, int, int]
    overlap: float = Field(0.5, ge=0, lt=1)
    window: Literal["gaussian", "constant"] = "gaussian"
    normalisation: Literal["brain", "nonzero", "box"]
    activation: Literal["sigmoid", "softmax"]
    outputs: tuple[str, ...]
    mirror_axes: tuple[Literal[0, 1, 2], ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Foreign:
        pairs = {frozenset("RL"), frozenset("AP"), frozenset("SI")}
        found = [p for letter in self.orientation for p in pairs if letter in p]
        if len(self.orientation) != 3 or set(found) != pairs:
            raise ValueError(f"orientation must name three axes, as 'RAS'; got {self.orientation}")
        names = set(self.outputs)
        if self.activation == "sigmoid":
            known = names in (REGIONS, {"WT"})
        else:
            known = names in (LABELS, {BACKGROUND, "WT"})
        if not known or len(names) != len(self.outputs):
            raise ValueError(
                "outputs must be WT, TC, ET or WT alone for sigmoid, and BACKGROUND, NCR, ED, ET "
                f"or BACKGROUND, WT for softmax, in any order; got {self.outputs}"
            )
        if min(self.patch) < 1 or min(self.spacing_mm) <= 0:
            raise ValueError("patch and spacing_mm must be above 0")
        return self
