"""Zhou Z. 2020: metastases found in slices by a single-shot detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.study import Grid, StudyError
from gliokit.systems.answer import Detection, Detections
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.default_boxes import decoded, default_boxes, encoded, kept_boxes, overlap
from gliokit.systems.fitted_networks import FittedNetworks, Teaching, taught
from gliokit.systems.inputs import Inputs
from gliokit.systems.native_images import resampled
from gliokit.systems.needs import Needs
from gliokit.systems.network_classes import softmax
from gliokit.systems.pictures import Picture, crop, training_picture
from gliokit.systems.system import Budget
from gliokit.systems.training_set import TrainingSet

__all__ = ["Zhouz2020", "lesion_boxes", "linked", "zhouz2020"]

CARD = SystemCard(
    id="zhouz2020",
    title="Brain metastases found by a single-shot detector",
    citation=(
        "Zhou Z, Sanders JW, Johnson JM, et al. Computer-aided detection of brain metastases in "
        "T1-weighted MRI for stereotactic radiosurgery using deep learning single-shot "
        "detectors. Radiology 295 (2020) 407-415"
    ),
    task="detection",
    target="metastases",
    fidelity="F2",
    figures=(
        PaperFigure("sensitivity by lesion at a confidence of one half", 0.81, n=54,
                    mark="recall"),
        PaperFigure("share of detections that are lesions", 0.36, n=54, mark="recall"),
        PaperFigure("sensitivity for lesions of 6 mm or more", 0.98, n=54, mark="recall"),
    ),
    chosen=(
        "five levels of 16 to 128 maps, four default boxes a cell of 4 to 64 pixels; the paper's "
        "trunk and boxes are not known",
        "slices of 128 x 128 voxels of 2 mm, as many without a lesion as with one",
        "an overlap of one half is a match, of three tenths for tiny lesions",
        "boxes of neighbouring slices that overlap by three tenths are one detection, its "
        "probability the largest of theirs",
        "Adam at 1e-4, flips",
    ),
    doubts=(
        "as remembered, false alarms outnumber the true ones at the sensitivity that is printed",
        "on gliomas the task is nearly one box a patient: small lesions must be judged apart",
    ),
    review=(
        "a commentary (Kikinis and Wells 2020) is cited as the method",
        "boxes are called a segmentation",
        "'single-shot', one pass of the network, is read as a single metastasis",
    ),
    state="skeleton",
)  # fmt: skip

SIDES = {"smoke": 32, "small": 128, "paper": 256}
SPACINGS_MM = {"smoke": 4, "small": 2, "paper": 1}
STEPS = {"smoke": 1, "small": 5000, "paper": 50_000}
BATCH, RATE = 8, 1e-4
LEAST_PROBABILITY, MOST_OVERLAP, LINK = 0.05, 0.3, 0.3
MOST_BOXES = 50
"""Of a slice, before overlapping ones are left out."""
NEEDS = Needs(sequences=("t1c",))

Array = NDArray[np.float32]
Boxes = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Zhouz2020:
    """Default boxes at five resolutions, one pass a slice."""

    card: SystemCard = CARD
    needs: Needs = NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> FittedNetworks:
        """Draw boxes around lesions, slice by slice; teach the network."""
        known = training.labelled
        side, spacing_mm = SIDES[budget], SPACINGS_MM[budget]
        slices: list[Array] = []
        boxes: list[Boxes] = []
        for row in range(len(known.inputs)):
            image, picture = _slices(known.inputs, row, side, spacing_mm)
            drawn = known.masks.label_map(row)
            region = resampled(drawn.region(known.masks.region), drawn.grid, picture.grid, order=0)
            region = _squared(region[None], side)[0]
            slices += [image[..., k] for k in range(image.shape[-1])]
            boxes += [lesion_boxes(region[..., k] > 0) for k in range(region.shape[-1])]
        defaults = default_boxes(side)

        def matched(
            batch: tuple[NDArray[Any], ...], generator: np.random.Generator
        ) -> tuple[NDArray[Any], ...]:
            images, rows = batch
            said = [encoded(boxes[int(row)], defaults) for row in rows]
            kinds, offsets = (np.stack(part) for part in zip(*said, strict=True))
            return images, kinds, offsets

        network = taught(
            "single_shot:SingleShot", {}, (np.stack(slices), np.arange(len(slices))),
            "detection_objective", Teaching(STEPS[budget], BATCH, RATE, seed),
            strata=np.array([len(b) > 0 for b in boxes]), vary=matched,
        )  # fmt: skip
        settings = {"side": side, "spacing_mm": spacing_mm}
        findings = {"slices": len(slices), "boxes": sum(len(b) for b in boxes)}
        return FittedNetworks(CARD.id, settings, {"network": network}, _say, findings)

    def load(self, folder: Path) -> FittedNetworks:
        """What was saved."""
        return FittedNetworks.load(folder, CARD.id, _say)


def lesion_boxes(region: NDArray[np.bool_]) -> Boxes:
    """The tight box of each piece of a region in one slice, (n, 4)."""
    from scipy import ndimage

    pieces, _ = ndimage.label(region, structure=np.ones((3, 3)))
    found = []
    for part in ndimage.find_objects(pieces):
        low = np.array([s.start for s in part]) - 0.5
        high = np.array([s.stop for s in part]) - 0.5
        found.append([*((low + high) / 2), *(high - low)])
    return np.array(found, dtype=np.float64).reshape(-1, 4)


def linked(
    slices: Sequence[tuple[Boxes, NDArray[np.float64]]],
) -> list[tuple[Boxes, NDArray[np.intp], float]]:
    """Boxes of neighbouring slices that overlap, as one object each.

    Args:
        slices: Boxes (n, 4) and probabilities (n,) of each slice, from below.

    Returns:
        Of each object its boxes, the slices that they lie in, and its largest probability.
    """
    done: list[tuple[list[Boxes], list[int], float]] = []
    open_ = done[:0]
    for height, (boxes, scores) in enumerate(slices):
        grown = []
        free = list(range(len(boxes)))
        for parts, heights, score in open_:
            shares = overlap(parts[-1][None], boxes[free])[0] if free else np.zeros(0)
            if not free or shares.max() < LINK:
                done.append((parts, heights, score))
                continue
            taken = free.pop(int(shares.argmax()))
            grown.append(
                ([*parts, boxes[taken]], [*heights, height], max(score, float(scores[taken])))
            )
        grown += [([boxes[n]], [height], float(scores[n])) for n in free]
        open_ = grown
    return [(np.stack(p), np.array(h, dtype=np.intp), s) for p, h, s in [*done, *open_]]


def _slices(patients: Inputs, row: int, side: int, spacing_mm: int) -> tuple[Array, Picture]:
    """T1C in axial slices, (1, side, side, slice), about the middle of the picture."""
    picture = training_picture(patients, row, ("t1c",), spacing_mm=spacing_mm)
    if max(picture.grid.shape[:2]) > side:
        raise StudyError(f"a brain fits into {side * spacing_mm} mm", source=picture.subject,
                         found=f"{max(picture.grid.shape[:2]) * spacing_mm} mm")  # fmt: skip
    return _squared(picture.image, side), picture


def _corner(shape: Sequence[int], side: int) -> tuple[int, int, int]:
    """Where the square slices begin, in voxels of the picture."""
    return -((side - shape[0]) // 2), -((side - shape[1]) // 2), 0


def _squared(image: Array, side: int) -> Array:
    corner = _corner(image.shape[1:], side)
    return crop(image, corner, (side, side, image.shape[3]))


def _say(fitted: FittedNetworks, patients: Inputs) -> Detections:
    side, spacing_mm = int(fitted.settings["side"]), int(fitted.settings["spacing_mm"])
    found = []
    for row in range(len(patients)):
        image, picture = _slices(patients, row, side, spacing_mm)
        logits, offsets = fitted.networks["network"](np.moveaxis(image, -1, 0))
        called = [
            _called(*part, side) for part in zip(softmax(logits)[..., 1], offsets, strict=True)
        ]
        corner = _corner(picture.grid.shape, side)
        found.append(tuple(_detection(*o, corner, picture.grid) for o in linked(called)))
    return Detections(patients.subjects, tuple(found))


def _called(
    scores: NDArray[np.float64], offsets: Array, side: int
) -> tuple[Boxes, NDArray[np.float64]]:
    """Boxes of a slice that may hold a lesion, the best of those that overlap."""
    best = np.argsort(-scores, kind="stable")[:MOST_BOXES]
    best = best[scores[best] >= LEAST_PROBABILITY]
    boxes = decoded(offsets[best], default_boxes(side)[best])
    kept = kept_boxes(boxes, scores[best], most=MOST_OVERLAP)
    return boxes[kept], scores[best][kept]


def _detection(
    boxes: Boxes, heights: NDArray[np.intp], score: float, corner: Sequence[int], grid: Grid
) -> Detection:
    """A ball: its middle that of the boxes, its section as large as the largest box."""
    middle = np.array([*boxes[:, :2].mean(axis=0), heights.mean()]) + np.array(corner)
    x, y, z = grid.to_mm(middle)
    area_mm2 = float(boxes[:, 2:].prod(axis=1).max()) * grid.spacing_mm[0] * grid.spacing_mm[1]
    return Detection((float(x), float(y), float(z)), float(np.sqrt(area_mm2 / np.pi)), score)


def zhouz2020() -> Zhouz2020:
    """As published, as far as it is known."""
    return Zhouz2020()
