"""Networks from outside, run on the house's images as they were run where they come from."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, combinations

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from gliokit.inference import BACKGROUND, Foreign, Model, slide
from gliokit.preprocessing import PreparedStudy
from gliokit.segmentation.result import Segmentation
from gliokit.study import BRATS, WHOLE_TUMOUR, LabelMap, Modality, StudyError

__all__ = ["segment_imported", "standard_scores"]

THRESHOLD = 0.5
SPACING_MM = 1.0
"""Of the prepared grid, whose axes are nearest to RAS."""


def segment_imported(
    prepared: PreparedStudy, model: Model, *, keep_probabilities: bool = False
) -> Segmentation:
    """Find the tumour with a network that `gliokit models import` converted.

    The image is normalised, turned, resampled and cut into windows as the network's card
    says; logits of mirrored windows and of several networks are averaged. Nothing is
    found outside the brain.

    Args:
        prepared: Holds every sequence that the network was trained with.
        model: Its card has `imported`.
        keep_probabilities: Whether the answer holds the probability of each region.

    Raises:
        StudyError: a sequence is missing, or the study was stored without the
            intensities that it came with.
    """
    foreign = model.card.imported
    assert foreign is not None
    brain = _filled(prepared.brain)
    box = _box(brain)
    image = _image(prepared, model, brain, box)
    turned = _turned(image, foreign.orientation)
    small = _resampled(turned, _shape_at(turned.shape[1:], foreign.spacing_mm), order=3)
    networks = [model.networks[stage.name] for stage in model.card.stages]
    logits = np.mean([_logits(network, small, foreign) for network in networks], axis=0)
    logits = _turned_back(_resampled(logits, turned.shape[1:], order=1), foreign.orientation)
    whole = _labels_and_probabilities(logits, foreign)
    data = np.zeros(prepared.grid.shape, dtype=np.uint8)
    data[box] = whole[0] * brain[box]
    scheme = WHOLE_TUMOUR if model.card.regions == ("WT",) else BRATS
    return Segmentation(
        label_map=LabelMap(prepared.grid, data, scheme),
        model=model.title,
        probabilities=_in_grid(whole[1], brain, box) if keep_probabilities else None,
    )


def standard_scores(
    image: NDArray[np.float32], brain: NDArray[np.bool_], kind: str
) -> NDArray[np.float32]:
    """One sequence with mean 0 and standard deviation 1 within a mask, 0 outside.

    Args:
        image: (i, j, k), as it was read.
        brain: The same shape, all sequences' voxels with holes filled.
        kind: The mask: 'brain', 'nonzero' or 'box', as `Foreign.normalisation`.
    """
    masks = {"brain": brain, "nonzero": image != 0, "box": np.ones(image.shape, dtype=bool)}
    mask = masks[kind]
    inside = image[mask].astype(np.float64)
    scores = np.zeros(image.shape, dtype=np.float32)
    scores[mask] = (inside - inside.mean()) / max(float(inside.std()), 1e-8)
    return scores


def _image(
    prepared: PreparedStudy, model: Model, brain: NDArray[np.bool_], box: tuple[slice, ...]
) -> NDArray[np.float32]:
    assert model.card.imported is not None
    wanted = [Modality(c) for c in model.card.channels]
    missing = [m for m in wanted if m not in prepared.images]
    if missing:
        raise StudyError(
            f"{model.title} needs {', '.join(m.upper() for m in wanted)}",
            source=prepared.subject,
            found=f"no {', '.join(m.upper() for m in missing)}",
            way_out="Give the missing sequence, or use a model of gliokit's own.",
        )
    if any(m not in prepared.unscaled for m in wanted):
        raise StudyError(
            "an imported network needs the intensities that the images came with",
            source=prepared.subject,
            found="normalised images alone",
            way_out="Prepare the study from its files.",
        )
    kind = model.card.imported.normalisation
    return np.stack([standard_scores(prepared.unscaled[m][box], brain[box], kind) for m in wanted])


def _logits(
    network: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    image: NDArray[np.float32],
    foreign: Foreign,
) -> NDArray[np.float32]:
    axes = [a + 1 for a in foreign.mirror_axes]
    choices = list(chain.from_iterable(combinations(axes, n) for n in range(len(axes) + 1)))

    def run(window: NDArray[np.float32]) -> NDArray[np.float32]:
        answers = [np.flip(network(np.ascontiguousarray(np.flip(window, c))), c) for c in choices]
        mean: NDArray[np.float32] = np.mean(answers, axis=0, dtype=np.float32)
        return mean

    return slide(run, image, foreign.patch, overlap=foreign.overlap, window=foreign.window)


def _labels_and_probabilities(
    logits: NDArray[np.float32], foreign: Foreign
) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.float32]]]:
    """Labels, and the probability of each region."""
    if foreign.activation == "sigmoid":
        return _of_regions(dict(zip(foreign.outputs, 1 / (1 + np.exp(-logits)), strict=True)))
    raised = np.exp(logits - logits.max(axis=0))
    named = dict(zip(foreign.outputs, raised / raised.sum(axis=0), strict=True))
    if "WT" in named:
        return _of_regions({"WT": named["WT"]})
    values = np.array([0 if n == BACKGROUND else BRATS.values[n] for n in foreign.outputs])
    labels = values.astype(np.uint8)[logits.argmax(axis=0)]
    regions = {
        region: np.sum([named[n] for n, v in BRATS.values.items() if v in members], axis=0)
        for region, members in BRATS.regions.items()
    }
    return labels, regions


def _of_regions(
    named: dict[str, NDArray[np.float32]],
) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.float32]]]:
    labels = np.zeros(named["WT"].shape, dtype=np.uint8)
    if len(named) == 1:
        labels[named["WT"] > THRESHOLD] = WHOLE_TUMOUR.values["WT"]
        return labels, named
    for region, label in (("WT", "ED"), ("TC", "NCR"), ("ET", "ET")):
        labels[named[region] > THRESHOLD] = BRATS.values[label]
    return labels, {region: named[region] for region in ("WT", "TC", "ET")}


def _in_grid(
    named: dict[str, NDArray[np.float32]], brain: NDArray[np.bool_], box: tuple[slice, ...]
) -> dict[str, NDArray[np.float32]]:
    whole = {}
    for region, probability in named.items():
        whole[region] = np.zeros(brain.shape, dtype=np.float32)
        whole[region][box] = probability * brain[box]
    return whole


def _filled(brain: NDArray[np.bool_]) -> NDArray[np.bool_]:
    from scipy import ndimage

    filled: NDArray[np.bool_] = ndimage.binary_fill_holes(brain)
    return filled


def _box(brain: NDArray[np.bool_]) -> tuple[slice, ...]:
    from scipy import ndimage

    found: tuple[slice, ...] = ndimage.find_objects(brain.astype(np.uint8))[0]
    return found


def _turn(orientation: str, *, back: bool) -> NDArray[np.float64]:
    house = nib.orientations.axcodes2ornt("RAS")
    there = nib.orientations.axcodes2ornt(orientation)
    first, last = (there, house) if back else (house, there)
    turn: NDArray[np.float64] = nib.orientations.ornt_transform(first, last)
    return turn


def _turned(image: NDArray[np.float32], orientation: str) -> NDArray[np.float32]:
    turn = _turn(orientation, back=False)
    return np.stack([nib.orientations.apply_orientation(part, turn) for part in image])


def _turned_back(image: NDArray[np.float32], orientation: str) -> NDArray[np.float32]:
    turn = _turn(orientation, back=True)
    return np.stack([nib.orientations.apply_orientation(part, turn) for part in image])


def _shape_at(shape: tuple[int, ...], spacing_mm: tuple[float, ...]) -> tuple[int, ...]:
    return tuple(max(round(n * SPACING_MM / s), 1) for n, s in zip(shape, spacing_mm, strict=True))


def _resampled(
    image: NDArray[np.float32], shape: tuple[int, ...], *, order: int
) -> NDArray[np.float32]:
    """Every channel in so many voxels over the same box."""
    if image.shape[1:] == tuple(shape):
        return image
    from skimage.transform import resize

    return np.stack(
        [
            resize(part, shape, order=order, mode="edge", clip=False, anti_aliasing=False)
            for part in image
        ]
    ).astype(np.float32)
