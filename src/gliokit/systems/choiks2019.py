"""Choi K.S. 2019: IDH status from the perfusion signal of four regions over time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gliokit.study import Series, StudyError
from gliokit.systems.answer import ClassProbabilities
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.fitted_networks import FittedNetworks, Teaching, taught
from gliokit.systems.inputs import Inputs
from gliokit.systems.native_images import NativeImages, seen
from gliokit.systems.needs import Needs
from gliokit.systems.network_classes import (
    class_answer,
    class_examples,
    class_settings,
    softmax,
)
from gliokit.systems.system import Budget
from gliokit.systems.training_set import TrainingSet

__all__ = ["Choiks2019", "choiks2019", "region_curves"]

CARD = SystemCard(
    id="choiks2019",
    title="IDH from perfusion signal over time, with attention",
    citation=(
        "Choi KS, Choi SH, Jeong B. Prediction of IDH genotype in gliomas with dynamic "
        "susceptibility contrast perfusion MR imaging using an explainable recurrent neural "
        "network. Neuro-Oncology 21 (2019) 1197-1209"
    ),
    task="classification",
    target="idh",
    fidelity="F2",
    figures=(
        PaperFigure("accuracy, test", 0.917),
        PaperFigure("sensitivity, test", 0.921),
        PaperFigure("specificity, test", 0.915),
        PaperFigure("AUC, test", 0.95, 0.898, 0.982),
        PaperFigure("AUC, validation", 0.98, 0.969, 0.991),
    ),
    chosen=(
        "each region's mean curve over its own baseline, on a fixed grid of 1.5 s",
        "the artery is the mean of the ten voxels that lose most signal outside the tumour",
        "a cell of 64 maps and a kernel of 3 over the row of regions, softmax over time",
        "an empty region has a flat curve",
        "cross-entropy, Adam at 1e-3, 32 curves a step, shifts of up to 2 points and 10 % in "
        "amplitude; the paper tells none of it",
    ),
    doubts=(
        "masks were corrected by hand: it is not fully automatic",
        "the validation interval is far tighter than the test's, so that its rows are probably "
        "more than its patients",
        "an empty enhancing region tells the grade by itself: a control of region presence alone "
        "is owed",
    ),
    review=("the figures quoted (92.8, 92.6, 93.1 %) are the validation's, not the test's",),
    state="skeleton",
)

REGIONS = ("ET", "non-enhancing", "ED", "WT")
STEP_S = 1.5
DROPPED, BASELINE = 2, 6
"""Frames before a steady state, and the end of the frames that count as baseline."""
ARTERY_VOXELS = 10
STEPS = {"smoke": 1, "small": 2000, "paper": 20_000}
POINTS = {"smoke": 24, "small": 60, "paper": 60}
NEEDS = Needs(sequences=("dsc",), regions=("WT", "TC", "ET"), least_per_class=2)

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Choiks2019:
    """Curves of four regions and the artery through a convolutional LSTM."""

    card: SystemCard = CARD
    needs: Needs = NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> FittedNetworks:
        """Read the curves, teach the network."""
        known = training.labelled
        curves = np.stack([region_curves(p, POINTS[budget]) for p in seen(known.inputs)])
        examples = class_examples((curves,), known.classes)
        network = taught(
            "curve_attention:CurveAttention", {"classes": len(known.classes.classes)}, examples,
            "class_objective", Teaching(STEPS[budget], 32, 1e-3, seed),
            strata=known.classes.codes, vary=_varied,
        )  # fmt: skip
        settings = class_settings(known.classes) | {"points": POINTS[budget]}
        return FittedNetworks(CARD.id, settings, {"network": network}, _say)

    def load(self, folder: Path) -> FittedNetworks:
        """What was saved."""
        return FittedNetworks.load(folder, CARD.id, _say)


def region_curves(patient: NativeImages, points: int) -> Array:
    """Signal over its baseline of four regions and the artery, (5, points), every 1.5 s.

    Rows are the enhancing part, the rest of the core, the whole without its core, the whole,
    and the artery. After the last frame the last value holds.

    Raises:
        StudyError: no DSC series, one of fewer than 7 frames, or regions that are not drawn.
    """
    series = patient.series("dsc")
    if series.time_s is None or series.frames <= BASELINE:
        raise StudyError(f"a perfusion series has more than {BASELINE} frames",
                         source=patient.subject, found=series.frames)  # fmt: skip
    whole, core, enhancing = (patient.region(r, series.grid) for r in ("WT", "TC", "ET"))
    parts = (enhancing, core & ~enhancing, whole & ~core, whole)
    raw = [series.data[part].mean(axis=0) if part.any() else None for part in parts]
    raw.append(_artery(series, whole))
    times = series.time_s - series.time_s[0]
    asked = STEP_S * np.arange(points)
    rows = [np.interp(asked, times, _relative(r)) for r in (_flat_or(r, times) for r in raw)]
    return np.stack(rows).astype(np.float32)


def _flat_or(curve: Array | None, times: NDArray[np.float64]) -> Array:
    return np.ones(len(times), dtype=np.float32) if curve is None else curve


def _relative(curve: Array) -> Array:
    baseline = float(curve[DROPPED:BASELINE].mean())
    return curve / baseline if baseline > 0 else np.ones_like(curve)


def _artery(series: Series, tumour: NDArray[np.bool_]) -> Array:
    """Mean signal of the voxels outside the tumour that lose the largest share of theirs."""
    outside = (series.data > 0).all(axis=3) & ~tumour
    curves = series.data[outside]
    lost = (1 - curves / curves[:, DROPPED:BASELINE].mean(axis=1, keepdims=True)).sum(axis=1)
    mean: Array = curves[np.argsort(-lost, kind="stable")[:ARTERY_VOXELS]].mean(axis=0)
    return mean


def _varied(
    batch: tuple[NDArray[np.generic], ...], generator: np.random.Generator
) -> tuple[NDArray[np.generic], ...]:
    """Curves up to two points earlier or later, and up to a tenth deeper or shallower."""
    curves, *rest = batch
    shift = int(generator.integers(-2, 3))
    places = np.clip(np.arange(curves.shape[2]) - shift, 0, curves.shape[2] - 1)
    depth = generator.uniform(0.9, 1.1, (len(curves), 1, 1)).astype(np.float32)
    return (1 - depth * (1 - curves[:, :, places].astype(np.float32)), *rest)


def _say(fitted: FittedNetworks, patients: Inputs) -> ClassProbabilities:
    points = int(fitted.settings["points"])
    curves = np.stack([region_curves(p, points) for p in seen(patients)])
    logits, _ = fitted.networks["network"](curves)
    return class_answer(fitted, patients, softmax(logits))


def choiks2019() -> Choiks2019:
    """As published, as far as it is known."""
    return Choiks2019()
