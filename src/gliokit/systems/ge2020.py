"""Ge 2020: IDH status from slices, learnt from patients with and without a label."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gliokit.study import StudyError
from gliokit.systems.answer import ClassProbabilities
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.fitted_networks import FittedNetworks, Teaching, taught
from gliokit.systems.inputs import Inputs
from gliokit.systems.label_graph import spread_labels
from gliokit.systems.needs import Needs
from gliokit.systems.network_classes import (
    class_answer,
    class_examples,
    class_settings,
    mean_of_units,
)
from gliokit.systems.stored_network import RunnableNetwork
from gliokit.systems.system import Budget
from gliokit.systems.training_set import TrainingSet
from gliokit.systems.tumour_slices import slices_of

__all__ = ["Ge2020", "ge2020"]

CARD = SystemCard(
    id="ge2020",
    title="IDH from slices, semi-supervised by a graph, with made sequences",
    citation=(
        "Ge C, Gu IYH, Jakola AS, Yang J. Deep semi-supervised learning for brain tumor "
        "classification. BMC Medical Imaging 20 (2020) 87"
    ),
    task="classification",
    target="idh",
    fidelity="F3",
    figures=(
        PaperFigure("accuracy, IDH, test", 0.8653),
        PaperFigure("accuracy, low or high grade, test", 0.9070),
    ),
    chosen=(
        "slices of 64 x 64 points of 2 mm centred on the tumour",
        "six convolutions, no layer list being printed",
        "ten neighbours, Gaussian weights, both extra terms of weight 1",
        "estimated labels weigh as much as they are sure",
        "one translation, T2 to T1C, by a generator and a critic of one optimiser; the paper's "
        "networks and losses are not known",
        "the patient's answer is the share of slices that say so, after the sister paper's vote",
    ),
    doubts=(
        "86.53 % is k/n for one n below 200 alone (167/193): slices, or a mean of runs",
        "accuracy on the unlabelled scans that stood in the graph is transductive: patients held "
        "out of it are owed",
        "it is lower than the group's own figure without the graph (88.82 %)",
    ),
    review=("'high accuracy' is quoted without a figure",),
    state="skeleton",
)

SEQUENCES = ("t1", "t1c", "t2", "flair")
SOURCE, MADE = SEQUENCES.index("t2"), SEQUENCES.index("t1c")
STEPS = {"smoke": 1, "small": 1500, "paper": 20_000}
SLICES = {"smoke": 2, "small": 8, "paper": 16}
SIDE, SPACING_MM, BATCH, RATE = 64, 2.0, 32, 1e-3
NEEDS = Needs(sequences=("t2",), regions=("WT",), least_per_class=2)

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ge2020:
    """A network, a graph over all its slices, and the network again."""

    card: SystemCard = CARD
    needs: Needs = NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> FittedNetworks:
        """Make what lacks, learn from labels, spread them, learn again."""
        target, how = training.classes, Teaching(STEPS[budget], BATCH, RATE, seed)
        slices, whose = _slices(training.inputs, SLICES[budget])
        maker = _taught_maker(slices, how)
        slices = _completed(slices, maker)
        codes, classes = target.codes[whose], len(target.classes)
        known = np.flatnonzero(codes >= 0)
        sizes = {"inputs": len(SEQUENCES), "classes": classes}
        first = taught(
            "slice_network:SliceNetwork", sizes,
            class_examples((slices[known],), target, whose[known]),
            "class_objective", how, strata=codes[known],
        )  # fmt: skip
        shares = spread_labels(first(slices)[1], codes, whose, classes=classes)
        said = np.where(codes >= 0, codes, shares.argmax(axis=1))
        sure = np.where(codes >= 0, 1.0, shares.max(axis=1).clip(0, 1)).astype(np.float32)
        made = slices.copy()
        made[:, MADE] = maker(slices[:, SOURCE][:, None])[0][:, 0]
        examples = (np.concatenate([slices, made]), np.tile(said, 2), np.tile(sure, 2))
        final = taught(
            "slice_network:SliceNetwork", sizes, examples, "class_objective", how,
            strata=examples[1],
        )  # fmt: skip
        settings = class_settings(target) | {"slices": SLICES[budget]}
        findings = {"labelled": len(set(whose[known])), "patients": len(training.inputs)}
        networks = {"maker": maker, "network": final}
        return FittedNetworks(CARD.id, settings, networks, _say, findings)

    def load(self, folder: Path) -> FittedNetworks:
        """What was saved."""
        return FittedNetworks.load(folder, CARD.id, _say)


def _slices(patients: Inputs, count: int) -> tuple[Array, NDArray[np.intp]]:
    return slices_of(
        patients, SEQUENCES, region="WT", count=count, side=SIDE, spacing_mm=SPACING_MM
    )


def _there(slices: Array, channel: int) -> NDArray[np.bool_]:
    """Which slices have a sequence at all."""
    return np.asarray(slices[:, channel].any(axis=(1, 2)))


def _taught_maker(slices: Array, how: Teaching) -> RunnableNetwork:
    """From T2 to T1C, by all patients who have both; no label is asked."""
    both = slices[_there(slices, SOURCE) & _there(slices, MADE)]
    if not len(both):
        raise StudyError("a patient has both T2 and T1C, from whom T1C is learnt", found="none")
    pairs = (both[:, SOURCE][:, None], both[:, MADE][:, None])
    return taught("translation:Translation", {}, pairs, "translation_objective", how)


def _completed(slices: Array, maker: RunnableNetwork) -> Array:
    """With a made T1C where the patient has none."""
    lacks = ~_there(slices, MADE)
    filled = slices.copy()
    if lacks.any():
        filled[lacks, MADE] = maker(slices[lacks, SOURCE][:, None])[0][:, 0]
    return filled


def _say(fitted: FittedNetworks, patients: Inputs) -> ClassProbabilities:
    slices, whose = _slices(patients, int(fitted.settings["slices"]))
    logits = fitted.networks["network"](_completed(slices, fitted.networks["maker"]))[0]
    votes = np.eye(logits.shape[1])[logits.argmax(axis=1)]
    return class_answer(fitted, patients, mean_of_units(votes, whose, len(patients)))


def ge2020() -> Ge2020:
    """As published, as far as it is known."""
    return Ge2020()
