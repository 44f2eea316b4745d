"""What the stages of the house segmenter see: the whole brain, then the box of the tumour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.evaluation import dice
from gliokit.inference import Model, Stage
from gliokit.preprocessing import PreparedStudy, block_mean, channels, linear_upsample
from gliokit.study import Modality

__all__ = ["THRESHOLD", "Stages", "run_stages"]

THRESHOLD = 0.5

Maps = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Stages:
    """Probabilities of every stage, and how far looks agree on each region.

    Args:
        coarse: (region, i, j, k), of the whole image.
        box: What the fine stage saw of it; None where it saw nothing, or there is none.
        fine: (region, ...), within the box; None without one.
        stages_agree: Dice of both stages within the box; None without one.
        flips_agree: Dice of image and mirror image in the last stage; None after one look.
    """

    coarse: Maps
    box: tuple[slice, ...] | None
    fine: Maps | None
    stages_agree: tuple[float | None, ...]
    flips_agree: tuple[float | None, ...]

    def mean(self, fine_share: float) -> Maps:
        """Probabilities (region, i, j, k); within the box the fine stage has so much of them."""
        together = self.coarse.copy()
        if self.box is not None and self.fine is not None:
            inside = together[(slice(None), *self.box)]
            inside *= 1 - fine_share
            inside += fine_share * self.fine
        return together


def run_stages(prepared: PreparedStudy, model: Model, *, mirrored: bool) -> Stages:
    """Ask the coarse stage and, where there is one and it has something to see, the fine one.

    Args:
        prepared: Any subset of the four sequences; one that is missing is given as 0.
        model: A model of the house.
        mirrored: Whether each stage looks at the mirror image too, and takes the mean.
    """
    image = channels(prepared, tuple(Modality(c) for c in model.card.channels))
    stages = {s.name: s for s in model.card.stages}
    coarse, flips = _look(image, model, stages["coarse"], mirrored)
    box = None
    if "fine" in stages:
        box = _box(coarse[0] > THRESHOLD, stages["fine"].margin_mm)
    if box is None:
        return Stages(coarse, None, None, (None,) * len(coarse), flips)
    fine, flips = _look(image[(slice(None), *box)], model, stages["fine"], mirrored)
    agree = tuple(_agreements(coarse[(slice(None), *box)], fine))
    return Stages(coarse, box, fine, agree, flips)


def _look(
    image: Maps, model: Model, stage: Stage, mirrored: bool
) -> tuple[Maps, tuple[float | None, ...]]:
    """Probabilities of one stage, and how well image and mirror image agree on each region.

    Left and right are the first axis of the prepared grid.
    """
    once = _run(image, model, stage)
    if not mirrored:
        return once, (None,) * len(once)
    flipped = _run(image[:, ::-1], model, stage)[:, ::-1]
    agreed = tuple(_agreements(once, flipped))
    once += flipped
    once /= 2
    return once, agreed


def _agreements(one: Maps, other: Maps) -> Iterator[float]:
    """Dice of two looks at each region."""
    for a, b in zip(one, other, strict=True):
        yield dice(a > THRESHOLD, b > THRESHOLD)


def _run(image: Maps, model: Model, stage: Stage) -> Maps:
    shape = (image.shape[1], image.shape[2], image.shape[3])
    answer = model.networks[stage.name](block_mean(image, stage.spacing_mm))
    return linear_upsample(answer, stage.spacing_mm, shape)


def _box(found: NDArray[np.bool_], margin_mm: float) -> tuple[slice, ...] | None:
    """The box of all that was found, with a margin (the prepared grid has 1 mm)."""
    if not found.any():
        return None
    margin = round(margin_mm)
    slices = []
    for axis, length in enumerate(found.shape):
        there = np.flatnonzero(found.any(axis=tuple(a for a in range(3) if a != axis)))
        slices.append(
            slice(max(int(there[0]) - margin, 0), min(int(there[-1]) + margin + 1, length))
        )
    return tuple(slices)
