"""Zeineldin 2020 (DeepSeg): whole tumour from FLAIR slices, by any encoder and two decoders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gliokit.study import Grid, Modality, UsageError
from gliokit.systems.answer import LabelMaps
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.fitted_networks import FittedNetworks
from gliokit.systems.grey_values import over_maximum
from gliokit.systems.inputs import Images, Inputs
from gliokit.systems.needs import Needs
from gliokit.systems.slice_teaching import ALONE, Course, Lesson, taught_by_slices
from gliokit.systems.slices import (
    Entering,
    Frame,
    Slices,
    answered,
    axial,
    native,
    run_slices,
    study_with_flair,
)
from gliokit.systems.system import Budget
from gliokit.systems.training_set import TrainingSet

if TYPE_CHECKING:
    from torch import nn

    from gliokit.learning.loop import Batch, Draw

__all__ = [
    "ENCODERS",
    "RECIPES",
    "DecoderName",
    "Recipe",
    "Zeineldin2020",
    "variation",
    "zeineldin2020",
    "zeineldin2020_unet",
]

CARD = SystemCard(
    id="zeineldin2020",
    title="Whole tumour from FLAIR slices by interchangeable encoders and decoders (DeepSeg)",
    citation=(
        "Zeineldin RA, Karar ME, Coburger J, Wirtz CR, Burgert O. DeepSeg: deep neural network "
        "framework for automatic brain tumor segmentation using magnetic resonance FLAIR images. "
        "International Journal of Computer Assisted Radiology and Surgery 15 (2020) 909-920"
    ),
    task="segmentation",
    target="whole tumour",
    fidelity="F1",
    figures=(
        PaperFigure("lowest mean Dice of the models compared, on-line validation", 0.81, n=125),
        PaperFigure("highest mean Dice of the models compared, on-line validation", 0.84, n=125),
        PaperFigure("smallest Hausdorff distance of the models, on-line validation", 9.8, n=125),
        PaperFigure("largest Hausdorff distance of the models, on-line validation", 19.7, n=125),
    ),
    chosen=(
        "no N4 correction: the authors' call exempts FLAIR",
        "of the two ways to scale a slice, its z-score; a slice of one value is 0",
        "all slices that hold brain are learnt from: which 51 a patient the authors took is not "
        "known",
        "an image that is not 240 x 240 is set in the middle of such a field",
        "turn, shear, scale, shift and flip are one step, then comes the bend: the authors' order "
        "is drawn by chance",
        "encoders of the Keras zoo start at random: ImageNet's weights are not to be had here",
        "probabilities are brought back to the image linearly; `as_published` takes the labels, "
        "by nearest neighbour",
    ),
    doubts=(
        "336 training patients are named where BraTS 2019 has 335",
        "whether the inner split was by patient or by slice is not settled: only the on-line "
        "figures are safe",
        "the class convolution ends in a ReLU before the softmax",
        "the authors' UNet-Mod decoder leaves one convolution out, as its program is written: "
        "'unet-mod' has it, 'unet-mod-as-coded' has not",
    ),
    review=(),
    small="slices of 128 x 128 in the place of 224 x 224, 16 filters in the place of 32, 5,000 "
    "steps of 8 in the place of 35 turns in steps of 16",
)

NEEDS = Needs(sequences=("flair",), least_per_class=1)

PAPER_SIDE = 224
CHANNELS = 3
TUMOUR = 1
THRESHOLD = 0.5
WEIGHTS = (0.05, 1.0)
"""Of background and tumour in the loss."""

BEND_PIXELS = 720.0
BEND_SMOOTH_PIXELS = 24.0
"""Of the authors' elastic transformation, at 224 pixels."""

EncoderName = Literal["unet", "unet-mod", "vgg16", "resnet50", "mobilenet", "densenet121"]
DecoderName = Literal["unet", "unet-mod", "unet-mod-as-coded"]
ENCODERS: tuple[str, ...] = get_args(EncoderName)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the network is made and taught.

    Args:
        field: Side of a slice of the images, in pixels; that of BraTS. A smaller one is set in
            its middle, a larger one taken whole.
        side: Of a slice that the network sees.
        filters: Of decoder, and of the encoders 'unet' and 'unet-mod', at full resolution.
        batch: Slices a step.
        learning_rate: Of Adam.
        turns: How often all slices are gone through.
        most_steps: None for no limit.
    """

    field: int = 240
    side: int = PAPER_SIDE
    filters: int = 32
    batch: int = 16
    learning_rate: float = 1e-4
    turns: int = 35
    most_steps: int | None = None

    def steps(self, slices: int) -> int:
        """Of the optimiser, from so many slices."""
        wanted = max(1, self.turns * slices // self.batch)
        return wanted if self.most_steps is None else min(wanted, self.most_steps)


RECIPES: Mapping[Budget, Recipe] = MappingProxyType(
    {
        "smoke": Recipe(field=32, side=32, filters=4, batch=8, learning_rate=1e-3, most_steps=4),
        "small": Recipe(side=128, filters=16, batch=8, most_steps=5_000),
        "paper": Recipe(),
    }
)


@dataclass(frozen=True, slots=True)
class Zeineldin2020:
    """As published, or with another encoder or decoder.

    Args:
        encoder: One of `ENCODERS`.
        decoder: 'unet', 'unet-mod', or 'unet-mod-as-coded' (see the card).
        as_published: Bring labels, not probabilities, back to the image.
        weighted: Give the background its small weight in the loss; False shows what it does.
        varied: Flip, move and bend what is learnt from; False shows what it does.

    Raises:
        UsageError: there is no such encoder or decoder.
    """

    encoder: EncoderName = "unet-mod"
    decoder: DecoderName = "unet-mod"
    as_published: bool = False
    weighted: bool = True
    varied: bool = True
    card: SystemCard = CARD
    needs: Needs = NEEDS

    def __post_init__(self) -> None:
        for name, known in ((self.encoder, EncoderName), (self.decoder, DecoderName)):
            if name not in get_args(known):
                raise UsageError(
                    f"it is one of {', '.join(get_args(known))}", source=self.card.id, found=name
                )

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> FittedNetworks:
        """Learn from patients whose tumour is drawn: the target is a `MaskTarget`."""
        return self.learn(training, RECIPES[budget], seed=seed)

    def learn(
        self, training: TrainingSet, recipe: Recipe, *, seed: int, course: Course = ALONE
    ) -> FittedNetworks:
        """Learn by a recipe; a course with a folder goes on where it was stopped.

        Args:
            training: Its target is a `MaskTarget`; patients without a drawing are left out.
            recipe: See there.
            seed: Of first weights, shuffles and variations.
            course: How it is kept and watched.
        """
        from gliokit.learning.slices import WeightedEntropy

        slices = _read(training, recipe.field, recipe.side)
        lesson = Lesson(
            self.network(recipe.filters, seed=seed),
            _drawing(slices, recipe.batch, seed, varied=self.varied),
            WeightedEntropy(WEIGHTS if self.weighted else (1.0, 1.0)),
            recipe.steps(len(slices.images)),
            recipe.learning_rate,
            channels=CHANNELS,
            side=recipe.side,
        )
        network = taught_by_slices(lesson, training, seed=seed, course=course)
        settings = {
            "field": recipe.field,
            "side": recipe.side,
            "as_published": self.as_published,
        }
        findings = {"slices": len(slices.images), "encoder": self.encoder, "decoder": self.decoder}
        return FittedNetworks(self.card.id, settings, {"network": network}, _say, findings)

    def network(self, filters: int = 32, *, seed: int) -> nn.Module:
        """The network with its first weights; it gives logits of background and tumour.

        Args:
            filters: See `Recipe`.
            seed: Of the weights.
        """
        from gliokit.learning.exchange import first_weights
        from gliokit.networks.deepseg import deepseg

        return first_weights(
            deepseg, seed, encoder=self.encoder, decoder=self.decoder, filters=filters
        )

    def load(self, folder: Path) -> FittedNetworks:
        """What was saved."""
        return FittedNetworks.load(folder, self.card.id, _say)


def _stack(subject: str, images: Images) -> tuple[NDArray[np.float32], Grid]:
    """FLAIR as slices of 8 bit (n, rows, columns), and its grid."""
    flair = study_with_flair(subject, images).volumes[Modality.FLAIR]
    return axial(over_maximum(flair.data).astype(np.float32), flair.grid), flair.grid


def _frame(stack: NDArray[np.float32], field: int, side: int) -> Frame:
    """The field, or all of a slice that is larger."""
    rows, columns = stack.shape[1:]
    return Frame(rows, columns, max(field, rows, columns), side)


def _read(training: TrainingSet, field: int, side: int) -> Slices:
    def read(subject: str, images: Images) -> Entering:
        stack, grid = _stack(subject, images)
        frame = _frame(stack, field, side)
        entered = frame.enter(stack, "nearest").astype(np.uint8)
        brain = entered.reshape(len(entered), -1).any(axis=1)
        return entered[brain][:, None], grid, lambda drawn: frame.enter(drawn[brain], "nearest")

    return Slices.of(training, read)


def _shown(slices: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each slice (n, side, side) less its mean, over its deviation, three times (n, 3, ...)."""
    mean = slices.mean(axis=(1, 2), keepdims=True)
    sd = slices.std(axis=(1, 2), keepdims=True)
    scaled = (slices - mean) / np.where(sd > 0, sd, 1)
    return np.repeat(scaled[:, None], CHANNELS, axis=1).astype(np.float32)


def _drawing(slices: Slices, batch: int, seed: int, *, varied: bool) -> Draw:
    from gliokit.learning.slices import Deck, warped

    deck = Deck(np.arange(len(slices.images)), batch, seed)

    def draw(step: int, generator: np.random.Generator) -> Batch:
        rows = deck.drawn(step)
        images, masks = slices.images[rows].astype(np.float32), slices.masks[rows]
        if not varied:
            return _shown(images[:, 0]), masks
        moves = variation(batch, images.shape[-1], generator)
        moved, moved_masks = warped(images, masks.astype(np.float32), *moves)
        return _shown(moved[:, 0].numpy()), moved_masks

    return draw


def variation(
    n: int, side: int, generator: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Flips, scale .8 to 1.2 along each axis, shift and turn and shear, and an elastic bend.

    Shift is up to a fifth of the side, the turn up to 25 degrees, the shear up to 8, either way.

    Args:
        n: Slices.
        side: Of a slice, in pixels; the bend is the authors' at 224, and as large a part of
            the slice at any other.
        generator: What is drawn from.

    Returns:
        Matrices (n, 2, 3) and bends (n, 2, side, side), as `learning.slices.warped` takes them.
    """
    from scipy import ndimage

    flip = generator.choice([-1.0, 1.0], size=(2, n))
    scale = flip * generator.uniform(0.8, 1.2, (2, n))
    angle, shear = np.radians(generator.uniform(-1, 1, (2, n)) * [[25], [8]])
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    lean = np.array([[np.ones(n), np.zeros(n)], [np.tan(shear), np.ones(n)]])
    matrices = np.zeros((n, 2, 3), dtype=np.float32)
    matrices[:, :, :2] = np.einsum("ijn,jkn,kn->nik", turn, lean, 1 / scale)
    matrices[:, :, 2] = generator.uniform(-0.2, 0.2, (n, 2)) * side
    part = side / PAPER_SIDE
    smooth = BEND_SMOOTH_PIXELS * part
    noise = generator.uniform(-1, 1, (n, 2, side, side)).astype(np.float32)
    bends = ndimage.gaussian_filter(noise, (0, 0, smooth, smooth), mode="constant")
    # Noise smoothed over s pixels shrinks as 1 / s: the strength goes with the square.
    return matrices, np.asarray(bends * BEND_PIXELS * part**2, dtype=np.float32)


def _say(fitted: FittedNetworks, patients: Inputs) -> LabelMaps:
    from scipy.special import expit

    def mask(subject: str, images: Images) -> tuple[NDArray[np.bool_], Grid]:
        stack, grid = _stack(subject, images)
        frame = _frame(stack, fitted.settings["field"], fitted.settings["side"])
        logits = run_slices(fitted.networks["network"], _shown(frame.enter(stack, "nearest")))
        # Of two classes the softmax is the logistic of the difference.
        probability = expit(logits[:, TUMOUR] - logits[:, 1 - TUMOUR])
        if fitted.settings["as_published"]:
            said = frame.leave((probability > THRESHOLD).astype(np.float32), "nearest")
        else:
            said = frame.leave(probability, "linear")
        return native(said, grid) > THRESHOLD, grid

    return answered(patients, mask)


def zeineldin2020() -> Zeineldin2020:
    """UNet-Mod, encoder and decoder."""
    return Zeineldin2020()


def zeineldin2020_unet() -> Zeineldin2020:
    """UNet, encoder and decoder: no batch normalisation."""
    return Zeineldin2020("unet", "unet")
