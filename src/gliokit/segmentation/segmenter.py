"""The house segmenter: the whole brain, then the tumour at a finer spacing.

The card of a model says at which; of the one that is shipped 3 mm and 1 mm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gliokit.evaluation import dice
from gliokit.inference import Model, Stage
from gliokit.preprocessing import PreparedStudy, block_mean, channels, linear_upsample
from gliokit.segmentation.imported import segment_imported
from gliokit.segmentation.looks import look_at
from gliokit.segmentation.result import Segmentation
from gliokit.segmentation.specks import SMALLEST_ML, without_specks
from gliokit.study import BRATS, LabelMap, Modality, UsageError

__all__ = ["QUALITIES", "Quality", "labels_of", "segment"]

THRESHOLD = 0.5

FINE_SHARE = 0.5
"""Part of the fine stage in the mean of both; the other half is the coarse one's."""

Quality = Literal["standard", "best"]
QUALITIES: tuple[Quality, ...] = ("standard", "best")


def segment(
    prepared: PreparedStudy,
    model: Model,
    *,
    quality: Quality = "standard",
    keep_probabilities: bool = False,
) -> Segmentation:
    """Find WT, TC and ET in a prepared study.

    The coarse stage sees the whole brain. Where the model has a fine stage, that one sees
    the box around what the coarse one found, and within the box the mean of both counts.
    A sequence that is missing is given as 0, as in training.

    Args:
        prepared: Any subset of the four sequences.
        model: A model for the regions WT, TC and ET.
        quality: 'standard' looks once, 'best' also at the mirror image, and takes the mean.
            An imported model looks as often as it did where it comes from.
        keep_probabilities: Whether the answer holds the probability of each region.

    Raises:
        UsageError: there is no such quality; 'best' of an imported model.
    """
    if quality not in QUALITIES:
        raise UsageError(f"the quality is one of {', '.join(QUALITIES)}", found=quality)
    if model.card.imported is not None:
        _check_as_imported(model, quality)
        return segment_imported(prepared, model, keep_probabilities=keep_probabilities)
    image = channels(prepared, tuple(Modality(c) for c in model.card.channels))
    stages = {s.name: s for s in model.card.stages}
    probabilities, flips = _look(image, model, stages["coarse"], quality)
    agreed: list[float | None] = [None] * len(probabilities)
    box = None
    if "fine" in stages:
        box = _box(probabilities[0] > THRESHOLD, stages["fine"].margin_mm)
    if box is not None:
        inside = probabilities[(slice(None), *box)]
        fine, flips = _look(image[(slice(None), *box)], model, stages["fine"], quality)
        agreed = [*_agreements(inside, fine)]
        inside *= 1 - FINE_SHARE
        inside += FINE_SHARE * fine
    probabilities *= prepared.brain
    named = dict(zip(model.card.regions, probabilities, strict=True))
    voxel_ml = prepared.grid.voxel_ml
    label_map = LabelMap(prepared.grid, labels_of(named, voxel_ml=voxel_ml), BRATS)
    looks = {
        region: look_at(
            probability,
            label_map.region(region),
            voxel_ml=voxel_ml,
            stage_agreement=stages_agree,
            flip_agreement=flips_agree,
        )
        for (region, probability), stages_agree, flips_agree in zip(
            named.items(), agreed, flips, strict=True
        )
    }
    return Segmentation(
        label_map=label_map,
        model=model.title,
        probabilities=named if keep_probabilities else None,
        looks=looks,
    )


def _check_as_imported(model: Model, quality: Quality) -> None:
    if quality == "standard":
        return
    assert model.card.imported is not None
    axes = len(model.card.imported.mirror_axes)
    raise UsageError(
        "an imported model looks as its card says; --quality is of gliokit's own models",
        source=model.title,
        found=f"'{quality}', and a card by which each window is seen {2**axes} times, by "
        f"{len(model.card.stages)} networks",
        way_out="Leave --quality out. What is mirrored was chosen by 'gliokit models import "
        "--mirror'.",
    )


def _look(
    image: NDArray[np.float32], model: Model, stage: Stage, quality: Quality
) -> tuple[NDArray[np.float32], list[float | None]]:
    """Probabilities of one stage, and how well image and mirror image agree on each region.

    Left and right are the first axis of the prepared grid.
    """
    once = _run(image, model, stage)
    if quality != "best":
        return once, [None] * len(once)
    mirrored = _run(image[:, ::-1], model, stage)[:, ::-1]
    agreed = [*_agreements(once, mirrored)]
    once += mirrored
    once /= 2
    return once, agreed


def _agreements(one: NDArray[np.float32], other: NDArray[np.float32]) -> Iterator[float | None]:
    """Dice of two looks at each region."""
    for a, b in zip(one, other, strict=True):
        yield dice(a > THRESHOLD, b > THRESHOLD)


def _run(image: NDArray[np.float32], model: Model, stage: Stage) -> NDArray[np.float32]:
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


def labels_of(
    probabilities: Mapping[str, NDArray[np.float32]],
    *,
    voxel_ml: float = 0.001,
    smallest_ml: Mapping[str, float] = SMALLEST_ML,
) -> NDArray[np.uint8]:
    """Labels of BRATS from the probabilities of the nested regions WT, TC and ET.

    A voxel is of a region where its probability is above one half and it is of the region
    around it; pieces of a region that are too small are left out.

    Args:
        probabilities: Region -> (i, j, k).
        voxel_ml: Volume of a voxel.
        smallest_ml: Region -> volume of the smallest piece that is kept.
    """
    labels = np.zeros(probabilities["WT"].shape, dtype=np.uint8)
    around = np.ones(labels.shape, dtype=bool)
    for region, label in (("WT", "ED"), ("TC", "NCR"), ("ET", "ET")):
        found = (probabilities[region] > THRESHOLD) & around
        around = without_specks(found, smallest_ml[region], voxel_ml)
        labels[around] = BRATS.values[label]
    return labels
