"""Yogananda 2020: IDH status of every voxel of the tumour that the same network finds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gliokit.systems.answer import ClassProbabilities, VoxelMap, VoxelMaps
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.fitted_networks import FittedNetworks, Teaching, taught
from gliokit.systems.inputs import Inputs
from gliokit.systems.needs import Needs
from gliokit.systems.network_classes import class_answer, class_settings, softmax
from gliokit.systems.pictures import Picture, crop, training_picture
from gliokit.systems.system import Budget
from gliokit.systems.training_set import TrainingSet

__all__ = ["Yogananda2020", "fused", "voxel_maps", "yogananda2020"]

CARD = SystemCard(
    id="yogananda2020",
    title="IDH voxel by voxel, with the tumour's mask, from T2 alone",
    citation=(
        "Bangalore Yogananda CG, Shah BR, Vejdani-Jahromi M, et al. A novel fully automated "
        "MRI-based deep-learning method for classification of IDH mutation status in brain "
        "gliomas. Neuro-Oncology 22 (2020) 402-411"
    ),
    task="classification",
    target="idh",
    fidelity="F2",
    figures=(
        PaperFigure("accuracy, T2 alone", 0.9714, n=214),
        PaperFigure("AUC, T2 alone", 0.98, n=214),
        PaperFigure("Dice of the whole tumour, T2 alone", 0.85, n=214),
        PaperFigure("accuracy, T2, FLAIR and T1C", 0.9712, n=214),
        PaperFigure("AUC, T2, FLAIR and T1C", 0.99, n=214),
        PaperFigure("Dice of the whole tumour, T2, FLAIR and T1C", 0.89, n=214),
    ),
    chosen=(
        "voxels of 2 mm, patches of 32 that are centred in the tumour every second time",
        "seven dense blocks of two layers, growth 16, widths of 16 to 64",
        "soft Dice plus cross-entropy, Adam at 1e-3, flips",
        "the whole brain at once when asked, in the place of patches that overlap by 75 %",
        "the share of voxels as the score; even odds where no tumour is found",
    ),
    doubts=(
        "97.14 against 97.12 % is no difference; AUC and Dice favour three sequences",
        "no error counts of three folds of 214 patients give the printed mean",
        "the group's later test of 1,100 patients gives T2 alone 85.4 % and an AUC of 0.86",
        "patches of one patient must stay in one fold",
    ),
    review=("'T2 alone is more accurate' is not what the figures say",),
    state="skeleton",
)

SEQUENCES = ("t2",)
PATCH, MULTIPLE = 32, 8
STEPS = {"smoke": 1, "small": 1500, "paper": 50_000}
BATCHES = {"smoke": 1, "small": 4, "paper": 8}
SPACINGS_MM = {"smoke": 4, "small": 2, "paper": 1}
PATCHES = {"smoke": 1, "small": 40, "paper": 200}
RATE = 1e-3
NEEDS = Needs(sequences=SEQUENCES, training_regions=("WT",), least_per_class=2)

Array = NDArray[np.float32]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Yogananda2020:
    """A dense U-Net whose classes are background and each genotype."""

    card: SystemCard = CARD
    needs: Needs = NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> FittedNetworks:
        """Paint each genotype over its mask, cut patches, teach the network."""
        known = training.labelled
        target, spacing_mm = known.classes, SPACINGS_MM[budget]
        pictures = [
            training_picture(known.inputs, row, SEQUENCES, spacing_mm=spacing_mm, regions=("WT",))
            for row in range(len(known.inputs))
        ]
        generator = np.random.default_rng(seed)
        cuts = [
            _patch(picture, int(code), generator, in_tumour=n % 2 == 0)
            for picture, code in zip(pictures, target.codes, strict=True)
            for n in range(PATCHES[budget])
        ]
        images, voxels = (np.stack(part) for part in zip(*cuts, strict=True))
        network = taught(
            "dense_unet:DenseUNet",
            {"inputs": len(SEQUENCES), "outputs": 1 + len(target.classes)},
            (images, voxels), "voxel_objective",
            Teaching(STEPS[budget], BATCHES[budget], RATE, seed),
            strata=np.repeat(target.codes, PATCHES[budget]), vary=_flipped, free_axes=(0, 2, 3, 4),
        )  # fmt: skip
        settings = class_settings(target) | {"spacing_mm": spacing_mm}
        return FittedNetworks(CARD.id, settings, {"network": network}, _say)

    def load(self, folder: Path) -> FittedNetworks:
        """What was saved."""
        return FittedNetworks.load(folder, CARD.id, _say)


def fused(classes: NDArray[np.intp]) -> NDArray[np.bool_]:
    """The tumour: the largest connected piece of all voxels that are of any genotype.

    Args:
        classes: (i, j, k), 0 background.
    """
    from scipy import ndimage

    pieces, count = ndimage.label(classes > 0, structure=np.ones((3, 3, 3)))
    if count == 0:
        return np.zeros(classes.shape, dtype=bool)
    sizes = np.bincount(pieces.ravel())[1:]
    return np.asarray(pieces == 1 + int(sizes.argmax()))


def voxel_maps(fitted: FittedNetworks, patients: Inputs) -> VoxelMaps:
    """The probability of the last class in each voxel, whatever the mask, on a grid of its own."""
    maps = []
    for row in range(len(patients)):
        picture, scores = _scores(fitted, patients, row)
        maps.append(VoxelMap(scores[-1].astype(np.float32), picture.grid))
    name = fitted.settings["classes"][-1]
    meaning = f"probability of {name} tumour"
    return VoxelMaps(patients.subjects, tuple(maps), meaning)


def _say(fitted: FittedNetworks, patients: Inputs) -> ClassProbabilities:
    shares = []
    for row in range(len(patients)):
        _, scores = _scores(fitted, patients, row)
        classes = scores.argmax(axis=0)
        inside = classes[fused(classes)]
        # A voxel of the fused mask is never background: it lies in the union of genotypes.
        counts = np.bincount(inside, minlength=len(scores))[1:].astype(np.float64)
        shares.append(counts / counts.sum() if counts.sum() else np.full(len(counts), 1.0))
    found = np.stack(shares)
    return class_answer(fitted, patients, found / found.sum(axis=1, keepdims=True))


def _scores(
    fitted: FittedNetworks, patients: Inputs, row: int
) -> tuple[Picture, NDArray[np.float64]]:
    """A patient's picture and the probabilities of its voxels, (class, i, j, k)."""
    spacing_mm = int(fitted.settings["spacing_mm"])
    picture = training_picture(patients, row, SEQUENCES, spacing_mm=spacing_mm)
    i, j, k = picture.grid.shape
    sides = [n + (-n) % MULTIPLE for n in (i, j, k)]
    padded = crop(picture.image, (0, 0, 0), sides)
    (logits,) = fitted.networks["network"](padded[None])
    scores = softmax(np.moveaxis(logits[0, :, :i, :j, :k], 0, -1))
    scores[~picture.brain] = np.eye(scores.shape[-1])[0]
    return picture, np.moveaxis(scores, -1, 0)


def _patch(
    picture: Picture, code: int, generator: np.random.Generator, *, in_tumour: bool
) -> tuple[Array, Codes]:
    """A patch of the image, and of its voxels' classes."""
    where = picture.regions["WT"] if in_tumour and picture.regions["WT"].any() else picture.brain
    there = np.argwhere(where)
    corner = (there[generator.integers(len(there))] - PATCH // 2).tolist()
    painted = np.where(picture.regions["WT"], 1 + code, 0)[None]
    image = crop(picture.image, corner, (PATCH,) * 3)
    return image, crop(painted.astype(np.float32), corner, (PATCH,) * 3)[0].astype(np.int64)


def _flipped(
    batch: tuple[NDArray[np.generic], ...], generator: np.random.Generator
) -> tuple[NDArray[np.generic], ...]:
    axes = tuple(axis for axis in (-3, -2, -1) if generator.random() < 0.5)
    return tuple(np.ascontiguousarray(np.flip(part, axes)) for part in batch)


def yogananda2020() -> Yogananda2020:
    """From T2 alone."""
    return Yogananda2020()
