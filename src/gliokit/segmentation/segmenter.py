"""The house segmenter: the whole brain, then the tumour at a finer spacing.

The card of a model says at which; of the one that is shipped 3 mm and 1 mm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gliokit.inference import Model
from gliokit.preprocessing import PreparedStudy
from gliokit.segmentation.imported import segment_imported
from gliokit.segmentation.looks import look_at
from gliokit.segmentation.result import Segmentation
from gliokit.segmentation.specks import SMALLEST_ML, without_specks
from gliokit.segmentation.stages import THRESHOLD, run_stages
from gliokit.study import BRATS, LabelMap, UsageError

__all__ = ["QUALITIES", "Quality", "labels_of", "segment"]

FINE_SHARE = 0.5
"""Part of the fine stage in the mean of both; the other half is the coarse one's.

Of the whole tumour every four of five folds would take it too (results/segmentation/shares.json).
"""

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
    stages = run_stages(prepared, model, mirrored=quality == "best")
    probabilities = stages.mean(FINE_SHARE)
    probabilities *= prepared.brain
    named = dict(zip(model.card.regions, probabilities, strict=True))
    voxel_ml = prepared.grid.voxel_ml
    label_map = LabelMap(prepared.grid, labels_of(named, voxel_ml=voxel_ml), BRATS)
    agreements = zip(stages.stages_agree, stages.flips_agree, strict=True)
    looks = {
        region: look_at(
            probability,
            label_map.region(region),
            voxel_ml=voxel_ml,
            stage_agreement=stages_agree,
            flip_agreement=flips_agree,
        )
        for (region, probability), (stages_agree, flips_agree) in zip(
            named.items(), agreements, strict=True
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
