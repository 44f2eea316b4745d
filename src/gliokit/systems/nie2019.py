"""Nie 2019: long or short survival from networks' features of T1C, DTI and BOLD maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.maps import SLOW_BANDS_HZ, diffusion_maps, fluctuation_amplitude
from gliokit.preprocessing import normalise
from gliokit.study import Grid, StudyError
from gliokit.systems.answer import ClassProbabilities
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.fitted_networks import FittedNetworks, Teaching, taught
from gliokit.systems.inputs import Inputs
from gliokit.systems.native_images import Box, NativeImages, resampled, seen
from gliokit.systems.needs import Needs
from gliokit.systems.network_classes import class_answer, class_examples, class_settings
from gliokit.systems.storing import load_estimator, save_estimator
from gliokit.systems.system import Budget
from gliokit.systems.target import UNKNOWN, ClassTarget, SurvivalTarget
from gliokit.systems.training_set import TrainingSet

__all__ = ["FittedNie", "Nie2019", "nie2019", "survival_class"]

CARD = SystemCard(
    id="nie2019",
    title="Long or short survival: features of three networks, then a support vector machine",
    citation=(
        "Nie D, Lu J, Zhang H, et al. Multi-channel 3D deep feature learning for survival time "
        "prediction of brain tumor patients using multi-modal neuroimages. Scientific Reports 9 "
        "(2019) 1103"
    ),
    task="classification",
    target="long_survival",
    fidelity="F2",
    figures=(
        PaperFigure("accuracy of the forerunner (MICCAI 2016)", 0.899, n=69, mark="second-hand"),
        PaperFigure("accuracy", 0.9066, n=68, mark="recall"),
    ),
    chosen=(
        "patches of 24 points of 2 mm along each axis, centred on voxels of the tumour",
        "FA and MD of DTI; amplitudes of BOLD in the bands slow-5, slow-4 and slow-3",
        "four groups of 16, 32, 64 and 64 maps, three fully connected layers, Adam at 1e-3",
        "mean and maximum of features over a patient's patches, with age and tumour volume",
        "principal components for nine tenths of the variance, then a linear machine; its "
        "distance becomes odds by the logistic function, not calibrated",
        "the tensor of functional correlation is not among the maps, and the histological type is "
        "left out: it is known after surgery alone",
    ),
    doubts=(
        "the accuracy, as remembered, is no share of a whole number of its patients: a mean over "
        "unequal folds",
        "features of training patients come from networks that have seen them, so the machine "
        "sees features that are too good",
        "censoring is not handled; whether a gap was left around the cut is not known",
        "the model is called presurgical but uses the histological type",
    ),
    review=(
        "69 patients and 89 % are the forerunner's, cut; the paper's are others",
        "a survival time is said to be predicted; it is two classes",
    ),
    state="skeleton",
)

BANDS = ("slow-5", "slow-4", "slow-3")
CHANNELS: Mapping[str, int] = {"t1c": 1, "dti": 2, "bold": len(BANDS)}
COLUMNS = ("age_years",)
SIDE, SPACING_MM, BATCH, RATE = 24, 2.0, 16, 1e-3
STEPS = {"smoke": 1, "small": 600, "paper": 10_000}
PATCHES = {"smoke": 2, "small": 30, "paper": 100}
CUT_DAYS = 650.0
NEEDS = Needs(columns=COLUMNS, sequences=("t1c", "dwi", "bold"), regions=("WT",), least_per_class=2)

Array = NDArray[np.float32]


def survival_class(target: SurvivalTarget, *, cut_days: float = CUT_DAYS) -> ClassTarget:
    """Short or long survival, not known of those whose follow-up ended before the cut.

    Args:
        target: Days and deaths.
        cut_days: At and beyond which a survival is long.
    """
    long = target.days >= cut_days
    told = target.known & (long | target.died)
    codes = np.where(told, long.astype(np.int64), UNKNOWN)
    return ClassTarget("long_survival", ("short", "long"), codes)


@dataclass(frozen=True, slots=True, eq=False)
class FittedNie:
    """Three networks and the machine that reads their features."""

    networks: FittedNetworks
    machine: Any

    @property
    def findings(self) -> Mapping[str, Any]:
        """Of the training fold."""
        return self.networks.findings

    def answer(self, patients: Inputs) -> ClassProbabilities:
        """Odds by distance from the machine's plane."""
        from scipy import special

        count = int(self.networks.settings["patches"])
        features = _features(patients, _patches(patients, count), self.networks)
        long = special.expit(self.machine.decision_function(features))
        return class_answer(self.networks, patients, np.stack([1 - long, long], axis=1))

    def save(self, folder: Path) -> None:
        """fitted.json, three networks and model.skops."""
        self.networks.save(folder)
        save_estimator(folder, self.machine)


@dataclass(frozen=True, slots=True)
class Nie2019:
    """A network for each kind of image, and a support vector machine."""

    card: SystemCard = CARD
    needs: Needs = NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> FittedNie:
        """Teach the networks on patches, then the machine on patients."""
        known = training.labelled
        count, codes = PATCHES[budget], known.classes.codes
        if len(known.classes.classes) != 2:
            raise StudyError("this system tells two classes", source=known.classes.name,
                             found=len(known.classes.classes))  # fmt: skip
        patches = _patches(known.inputs, count)
        whose = np.repeat(np.arange(len(known.inputs)), count)
        networks = {
            kind: taught(
                "channel_stems:ChannelStems", {"channels": channels, "side": SIDE},
                class_examples((patches[kind],), known.classes, whose), "class_objective",
                Teaching(STEPS[budget], BATCH, RATE, seed), strata=codes[whose],
            )
            for kind, channels in CHANNELS.items()
        }  # fmt: skip
        settings = class_settings(known.classes) | {"patches": count}
        fitted = FittedNetworks(CARD.id, settings, networks, _never)
        machine = _machine(seed).fit(_features(known.inputs, patches, fitted), codes)
        return FittedNie(fitted, machine)

    def load(self, folder: Path) -> FittedNie:
        """What was saved."""
        return FittedNie(FittedNetworks.load(folder, CARD.id, _never), load_estimator(folder))


def _never(fitted: FittedNetworks, patients: Inputs) -> ClassProbabilities:
    raise StudyError("the machine answers, not the networks alone", source=fitted.system)


def _machine(seed: int) -> Any:
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    parts = PCA(0.9, svd_solver="full", random_state=seed)
    return make_pipeline(StandardScaler(), parts, SVC(kernel="linear", random_state=seed))


def _patches(patients: Inputs, count: int) -> dict[str, Array]:
    """Patches of each kind of image, (patient * count, channel, side, side, side)."""
    found: dict[str, list[Array]] = {kind: [] for kind in CHANNELS}
    for patient in seen(patients):
        maps = {"t1c": _t1c(patient), "dti": _dti(patient), "bold": _bold(patient)}
        for box in _boxes(patient, count):
            for kind, images in maps.items():
                found[kind].append(np.stack([resampled(*image, box.grid) for image in images]))
    return {kind: np.stack(parts) for kind, parts in found.items()}


def _boxes(patient: NativeImages, count: int) -> list[Box]:
    """Around voxels of the tumour at even steps of the order in which they lie."""
    assert patient.drawn is not None
    there = np.argwhere(patient.region("WT", patient.drawn.grid))
    if not len(there):
        raise StudyError("region WT has a voxel", source=patient.subject, found="none")
    rows = ((np.arange(count) + 0.5) / count * len(there)).astype(int)
    places = patient.drawn.grid.to_mm(there[rows].astype(float))
    return [Box((float(x), float(y), float(z)), (SIDE,) * 3, SPACING_MM) for x, y, z in places]


def _t1c(patient: NativeImages) -> list[tuple[Array, Grid]]:
    image = patient.image("t1c")
    if image is None:
        raise StudyError("the patient has T1C", source=patient.subject, found="none")
    return [image]


def _dti(patient: NativeImages) -> list[tuple[Array, Grid]]:
    series = patient.series("dwi")
    brain = np.asarray((series.data > 0).all(axis=3))
    maps = diffusion_maps(series, brain)
    return [(normalise(m, brain), series.grid) for m in (maps.fa, maps.md)]


def _bold(patient: NativeImages) -> list[tuple[Array, Grid]]:
    series = patient.series("bold")
    brain = np.asarray((series.data > 0).all(axis=3))
    times = series.time_s
    if times is None or series.frames < 2:
        raise StudyError("a BOLD series has two frames or more", source=patient.subject,
                         found=series.frames)  # fmt: skip
    step_s = float(times[1] - times[0])
    found = []
    for band in BANDS:
        amplitude, _ = fluctuation_amplitude(
            series.data[brain], step_s=step_s, band_hz=SLOW_BANDS_HZ[band]
        )
        image = np.zeros(brain.shape, dtype=np.float32)
        image[brain] = amplitude
        found.append((normalise(image, brain), series.grid))
    return found


def _features(
    patients: Inputs, patches: Mapping[str, Array], fitted: FittedNetworks
) -> NDArray[np.float64]:
    """Mean and maximum of each network's features, age and tumour volume, (patient, p)."""
    parts = []
    for kind in CHANNELS:
        each = fitted.networks[kind](patches[kind])[1].astype(np.float64)
        of_patient = each.reshape(len(patients), -1, each.shape[1])
        parts += [of_patient.mean(axis=1), of_patient.max(axis=1)]
    volumes = [
        float(p.region("WT", p.drawn.grid).sum()) * p.drawn.grid.voxel_ml
        for p in seen(patients)
        if p.drawn is not None
    ]
    return np.column_stack([*parts, patients.matrix(COLUMNS), volumes])


def nie2019() -> Nie2019:
    """As published, as far as it is known."""
    return Nie2019()
