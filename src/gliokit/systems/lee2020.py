"""Lee 2020: pseudoprogression or progression, from sequences read one after the other."""

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
    mean_of_units,
    softmax,
)
from gliokit.systems.system import Budget
from gliokit.systems.training_set import TrainingSet
from gliokit.systems.tumour_slices import slices_of

__all__ = ["Lee2020", "lee2020", "with_differences"]

CARD = SystemCard(
    id="lee2020",
    title="Pseudoprogression or progression by a network and an LSTM over sequences",
    citation=(
        "Lee J, Wang N, Turk S, et al. Discriminating pseudoprogression and true progression in "
        "diffuse infiltrating glioma using multi-parametric MRI data through deep learning. "
        "Scientific Reports 10 (2020) 20331"
    ),
    task="classification",
    target="progression",
    fidelity="F2",
    figures=(
        PaperFigure("accuracy, the worst of three sets of sequences", 0.62),
        PaperFigure("accuracy, the best of three sets of sequences", 0.75),
        PaperFigure("AUC, the worst of three sets of sequences", 0.64),
        PaperFigure("AUC, the best of three sets of sequences", 0.81),
        PaperFigure("accuracy of VGG16 on one sequence, the best", 0.60),
    ),
    chosen=(
        "one visit, its slices of 96 x 96 points of 2 mm through the middle of the lesion",
        "an encoder of 16, 32 and 64 maps shared by all sequences, an LSTM of 64, dropout of one "
        "half",
        "the order T1, T1C, T2, FLAIR, ADC, T1C - T1, T2 - FLAIR; the three sets are not known",
        "differences are taken of normalised images",
        "cross-entropy, Adam at 1e-4; a patient is the mean of the slices",
    ),
    doubts=(
        "43 patients; the size of the test set and of the classes are not known",
        "the comparator is at chance and of another architecture: more sequences, another "
        "network and less overfitting are mixed",
        "no interval by patient",
    ),
    review=(
        ".62 to .75 is a range over three models, not a result",
        "'many sequences beat one' rests on the confounded comparison",
    ),
    state="skeleton",
)

SEQUENCES = ("t1", "t1c", "t2", "flair", "adc")
DIFFERENCES = (("t1c", "t1"), ("t2", "flair"))
STEPS = {"smoke": 1, "small": 2000, "paper": 10_000}
SLICES = {"smoke": 2, "small": 7, "paper": 15}
SIDE, SPACING_MM, BATCH, RATE = 96, 2.0, 16, 1e-4
NEEDS = Needs(sequences=SEQUENCES, regions=("WT",), least_per_class=2)


@dataclass(frozen=True, slots=True)
class Lee2020:
    """Seven images of a slice as a sequence."""

    card: SystemCard = CARD
    needs: Needs = NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> FittedNetworks:
        """Cut the slices, teach the network."""
        known = training.labelled
        images, whose = _seen(known.inputs, SLICES[budget])
        network = taught(
            "series_lstm:SeriesLstm", {"classes": len(known.classes.classes)},
            class_examples((images,), known.classes, whose), "class_objective",
            Teaching(STEPS[budget], BATCH, RATE, seed), strata=known.classes.codes[whose],
        )  # fmt: skip
        settings = class_settings(known.classes) | {"slices": SLICES[budget]}
        return FittedNetworks(CARD.id, settings, {"network": network}, _say)

    def load(self, folder: Path) -> FittedNetworks:
        """What was saved."""
        return FittedNetworks.load(folder, CARD.id, _say)


def with_differences(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Images (slice, sequence, i, j) in the order of `SEQUENCES`, and T1C - T1, T2 - FLAIR."""
    places = [[SEQUENCES.index(name) for name in pair] for pair in DIFFERENCES]
    more = [images[:, one] - images[:, other] for one, other in places]
    return np.concatenate([images, np.stack(more, axis=1)], axis=1)


def _seen(patients: Inputs, count: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    images, whose = slices_of(
        patients, SEQUENCES, region="WT", count=count, side=SIDE, spacing_mm=SPACING_MM
    )
    return with_differences(images), whose


def _say(fitted: FittedNetworks, patients: Inputs) -> ClassProbabilities:
    images, whose = _seen(patients, int(fitted.settings["slices"]))
    (logits,) = fitted.networks["network"](images)
    return class_answer(fitted, patients, mean_of_units(softmax(logits), whose, len(patients)))


def lee2020() -> Lee2020:
    """As published, as far as it is known."""
    return Lee2020()
