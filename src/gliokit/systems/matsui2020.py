"""Matsui 2020: three molecular types from MRI, PET, CT and numbers, any of which may lack."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gliokit.systems.answer import ClassProbabilities
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.fitted_networks import FittedNetworks, Teaching, taught
from gliokit.systems.inputs import Inputs
from gliokit.systems.needs import Needs
from gliokit.systems.network_classes import (
    class_answer,
    class_examples,
    class_settings,
    softmax,
)
from gliokit.systems.scaling import Scaling, fit_scaling
from gliokit.systems.system import Budget
from gliokit.systems.training_set import TrainingSet
from gliokit.systems.tumour_slices import slices_of

__all__ = ["Matsui2020", "matsui2020"]

CARD = SystemCard(
    id="matsui2020",
    title="Molecular type of lower-grade glioma from MRI, PET, CT and numbers",
    citation=(
        "Matsui Y, Maruyama T, Nitta M, et al. Prediction of lower-grade glioma molecular "
        "subtypes using deep learning. Journal of Neuro-Oncology 146 (2020) 321-327"
    ),
    task="classification",
    target="molecular_type",
    fidelity="F3",
    figures=(
        PaperFigure("accuracy, three classes, leave-one-out", 0.687, n=217),
        PaperFigure("accuracy, MRI alone", 0.585, n=217),
        PaperFigure("accuracy, MRI and PET", 0.604, n=217),
        PaperFigure("accuracy, MRI and CT", 0.594, n=217),
        PaperFigure("accuracy, IDH first and then 1p/19q", 0.659, n=217),
        PaperFigure("accuracy on the training patients", 0.966, n=217),
    ),
    chosen=(
        "one slice of 64 x 64 points of 3 mm through the middle of the tumour, a channel a "
        "modality; a lacking one is 0",
        "ten residual layers, 16 wide; numbers through 16 units, joined before the last layer",
        "age and sex as the numbers; the paper's are not known",
        "PET and CT are each left out of three tenths of the training examples",
        "any tracer's PET: the digital patients' is FET, the paper's probably methionine",
    ),
    doubts=(
        "direct against sequential is 149 against 143 of 217 patients",
        "96.6 % in training against 68.7 %: it knows its patients by heart",
        "the share of the largest class is not told, so that 68.7 % can't be placed",
        "PET and CT add 4 and 2 patients alone and 22 together: noise would do so",
    ),
    review=("neither the three classes nor the training figure are told",),
    state="skeleton",
)

MODALITIES = ("t1", "t1c", "t2", "flair", "pet", "ct")
DROPPED = tuple(MODALITIES.index(m) for m in ("pet", "ct"))
COLUMNS = ("age_years", "male")
DROP_CHANCE = 0.3
STEPS = {"smoke": 1, "small": 1500, "paper": 10_000}
SIDE, SPACING_MM, BATCH, RATE = 64, 3.0, 32, 1e-3
NEEDS = Needs(
    columns=COLUMNS,
    gaps_allowed=True,
    any_sequence=("t1", "t1c", "t2", "flair"),
    regions=("WT",),
    least_per_class=2,
)


@dataclass(frozen=True, slots=True)
class Matsui2020:
    """Six modalities and two numbers through one residual network."""

    card: SystemCard = CARD
    needs: Needs = NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> FittedNetworks:
        """Scale the numbers, teach the network."""
        known = training.labelled
        scaling = fit_scaling(known.inputs.matrix(COLUMNS))
        examples = class_examples(_seen(known.inputs, scaling), known.classes)
        classes = known.classes.classes
        network = taught(
            "multimodal_residual:MultimodalResidual",
            {"images": len(MODALITIES), "numbers": len(COLUMNS), "classes": len(classes)},
            examples, "class_objective", Teaching(STEPS[budget], BATCH, RATE, seed),
            inputs=2, strata=known.classes.codes, vary=_without_some,
        )  # fmt: skip
        settings = class_settings(known.classes) | {"scaling": scaling.to_json()}
        return FittedNetworks(CARD.id, settings, {"network": network}, _say)

    def load(self, folder: Path) -> FittedNetworks:
        """What was saved."""
        return FittedNetworks.load(folder, CARD.id, _say)


def _seen(patients: Inputs, scaling: Scaling) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A slice of each modality, and scaled numbers, of each patient."""
    slices, _ = slices_of(
        patients, MODALITIES, region="WT", count=1, side=SIDE, spacing_mm=SPACING_MM
    )
    return slices, scaling(patients.matrix(COLUMNS)).astype(np.float32)


def _without_some(
    batch: tuple[NDArray[np.generic], ...], generator: np.random.Generator
) -> tuple[NDArray[np.generic], ...]:
    """PET and CT left out of some examples, as they may be of a patient."""
    slices, *rest = batch
    slices = slices.copy()
    for channel in DROPPED:
        slices[generator.random(len(slices)) < DROP_CHANCE, channel] = 0
    return (slices, *rest)


def _say(fitted: FittedNetworks, patients: Inputs) -> ClassProbabilities:
    scaling = Scaling.from_json(fitted.settings["scaling"])
    (logits,) = fitted.networks["network"](*_seen(patients, scaling))
    return class_answer(fitted, patients, softmax(logits))


def matsui2020() -> Matsui2020:
    """As published, as far as it is known."""
    return Matsui2020()
