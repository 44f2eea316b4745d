"""Metz 2020: where the oedema will hold the recurrence, from FA without free water."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.maps import fit_tensor, tensor_figures
from gliokit.study import Grid, Series, StudyError
from gliokit.systems.answer import VoxelMap, VoxelMaps
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.fitted_networks import FittedNetworks, Teaching, taught
from gliokit.systems.inputs import Inputs
from gliokit.systems.mixed_logistic import MixedLogistic, fit_mixed_logistic
from gliokit.systems.native_images import NativeImages, resampled, seen
from gliokit.systems.needs import Needs
from gliokit.systems.stored_network import RunnableNetwork
from gliokit.systems.system import Budget
from gliokit.systems.tissue_signal import made_up_signals, without_water
from gliokit.systems.training_set import TrainingSet

__all__ = ["Metz2020", "metz2020"]

CARD = SystemCard(
    id="metz2020",
    title="Where a glioblastoma recurs, from FA with free water taken out",
    citation=(
        "Metz MC, Molina-Romero M, Lipkova J, et al. Predicting glioblastoma recurrence from "
        "preoperative MR scans using fractional-anisotropy maps with free-water suppression. "
        "Cancers 12 (2020) 728"
    ),
    task="voxel map",
    target="recurrence",
    fidelity="F2",
    figures=(
        PaperFigure("AUC of corrected FA", 0.90, n=35, mark="recall"),
        PaperFigure("AUC of plain FA", 0.77, n=35, mark="recall"),
    ),
    chosen=(
        "the correcting network learns by Adam, a fixed number of steps, not by RMSprop until its "
        "error is small",
        "a random intercept a patient, integrated out; a weak prior on the slope",
        "the model is fitted to the medians of two regions a patient and asked about each voxel "
        "of the oedema, at an intercept of 0: a new patient's own is not known",
        "the recurrence lies on the grid of the first visit: the registration is not part of it",
    ),
    doubts=(
        "the paper's AUC is of the patients that the model was fitted to, and may hold their "
        "intercepts",
        "the two rows of a patient are not independent",
        "at one b-value the share of water is not determined where tissue is isotropic: the "
        "network's answer is a prior",
        "where a recurrence lies depends on a registration after the shift by surgery",
    ),
    review=(
        "deep learning does not predict here: it estimates water; a mixed model predicts",
        "the outcome is the place of the recurrence, not its rate",
    ),
    state="skeleton",
)

STEPS = {"smoke": 1, "small": 14_000, "paper": 14_000}
MADE_UP = {"smoke": 500, "small": 50_000, "paper": 50_000}
BATCH, RATE = 32, 1e-3
LEAST_VOXELS = 10
STATISTICS = ("p10", "median", "p90", "mean")
NEEDS = Needs(sequences=("dwi",), regions=("WT", "TC"))

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Metz2020:
    """A network takes the water out; a mixed model reads what is left."""

    card: SystemCard = CARD
    needs: Needs = NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> FittedNetworks:
        """Teach the network on made-up signals, then the model on regions of patients."""
        known = training.labelled
        patients = seen(known.inputs)
        bvals = _shared_table(patients)
        generator = np.random.default_rng(seed)
        made_up = made_up_signals(bvals, MADE_UP[budget], generator)
        network = taught(
            "tissue_fraction:TissueFraction",
            {"signals": len(bvals), "b_values": len(np.unique(bvals))},
            made_up, "fraction_objective", Teaching(STEPS[budget], BATCH, RATE, seed),
        )  # fmt: skip
        rows, outcome, groups = _regions(known, patients, network)
        column = _column("corrected_fa", "median")
        values = rows[:, column]
        middle, width = float(values.mean()), float(values.std()) or 1.0
        model = fit_mixed_logistic((values[:, None] - middle) / width, outcome, groups)
        settings = {"bvals": bvals.tolist(), "middle": middle, "width": width,
                    "intercept": model.intercept, "slopes": list(model.slopes),
                    "spread": model.spread}  # fmt: skip
        findings = _compared(rows, outcome)
        return FittedNetworks(CARD.id, settings, {"network": network}, _say, findings)

    def load(self, folder: Path) -> FittedNetworks:
        """What was saved."""
        return FittedNetworks.load(folder, CARD.id, _say)


def _table(series: Series, patient: NativeImages) -> NDArray[np.float64]:
    if series.bvals is None:
        raise StudyError("a diffusion series has b-values", source=patient.subject, found="none")
    return np.round(series.bvals, -1)


def _shared_table(patients: Sequence[NativeImages]) -> NDArray[np.float64]:
    """The b-values that all have: the network takes one list of them."""
    if not patients:
        raise StudyError("a patient's recurrence is drawn", source=CARD.id, found="none")
    tables = [_table(p.series("dwi"), p) for p in patients]
    for patient, table in zip(patients, tables, strict=True):
        if not np.array_equal(table, tables[0]):
            raise StudyError(
                f"all patients have the b-values of the first, {len(tables[0])} frames",
                source=patient.subject, found=f"{len(table)} frames",
            )  # fmt: skip
    return tables[0]


def _maps(
    patient: NativeImages, network: RunnableNetwork, table: NDArray[np.float64]
) -> tuple[dict[str, Array], Mask, Grid]:
    """FA and MD with and without water, of the voxels of the oedema; the oedema; its grid."""
    series = patient.series("dwi")
    if not np.array_equal(_table(series, patient), table) or series.bvecs is None:
        raise StudyError("the diffusion series has the b-values that the system learnt with",
                         source=patient.subject, found=f"{series.frames} frames")  # fmt: skip
    oedema = patient.region("WT", series.grid) & ~patient.region("TC", series.grid)
    oedema &= (series.data > 0).all(axis=3)
    if not oedema.any():
        return {}, oedema, series.grid
    raw = series.data[oedema]
    tissue, _ = without_water(raw, table, network)
    found: dict[str, Array] = {}
    for name, signals in (("plain", raw), ("corrected", tissue)):
        figures = tensor_figures(fit_tensor(signals, bvals=table, bvecs=series.bvecs)[0])
        found |= {f"{name}_fa": figures.fa, f"{name}_md": figures.md}
    return found, oedema, series.grid


MAPS = ("plain_fa", "plain_md", "corrected_fa", "corrected_md")


def _column(name: str, statistic: str) -> int:
    return MAPS.index(name) * len(STATISTICS) + STATISTICS.index(statistic)


def _regions(
    known: TrainingSet, patients: Sequence[NativeImages], network: RunnableNetwork
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.intp]]:
    """Statistics of oedema with and without a later recurrence, two rows a patient.

    Patients in whom either has fewer than ten voxels have no rows.
    """
    rows, outcome, groups = [], [], []
    table = _shared_table(patients)
    for row, patient in enumerate(patients):
        maps, oedema, grid = _maps(patient, network, table)
        drawn = known.masks.label_map(row)
        later = resampled(drawn.region(known.masks.region), drawn.grid, grid, order=0) > 0
        inside = later[oedema]
        if min(int(inside.sum()), int((~inside).sum())) < LEAST_VOXELS:
            continue
        for value, part in ((0, ~inside), (1, inside)):
            rows.append(np.concatenate([_statistics(maps[name][part]) for name in MAPS]))
            outcome.append(value)
            groups.append(row)
    if not rows:
        raise StudyError(
            f"a patient's oedema has {LEAST_VOXELS} voxels or more with and without recurrence",
            source=known.target.name, found="none",
        )  # fmt: skip
    return np.stack(rows), np.array(outcome), np.array(groups, dtype=np.intp)


def _statistics(values: Array) -> NDArray[np.float64]:
    low, middle, high = np.percentile(values, (10, 50, 90))
    return np.array([low, middle, high, values.mean()], dtype=np.float64)


def _compared(rows: NDArray[np.float64], outcome: NDArray[np.int64]) -> Mapping[str, Any]:
    """Mean difference of each statistic with and without recurrence, and its signed-rank p."""
    from scipy import stats

    found: dict[str, Any] = {"patients": int(outcome.sum())}
    for name in MAPS:
        for statistic in STATISTICS:
            column = rows[:, _column(name, statistic)]
            apart = column[outcome == 1] - column[outcome == 0]
            p = float(stats.wilcoxon(apart, method="exact").pvalue) if apart.any() else 1.0
            found[f"{name} {statistic}"] = {"difference": float(apart.mean()), "p": p}
    return found


def _say(fitted: FittedNetworks, patients: Inputs) -> VoxelMaps:
    s = fitted.settings
    model = MixedLogistic(s["intercept"], tuple(s["slopes"]), s["spread"])
    table, maps = np.array(s["bvals"]), []
    for patient in seen(patients):
        of_voxels, oedema, grid = _maps(patient, fitted.networks["network"], table)
        values = np.zeros(grid.shape, dtype=np.float32)
        if oedema.any():
            scaled = (of_voxels["corrected_fa"].astype(np.float64) - s["middle"]) / s["width"]
            values[oedema] = model(scaled[:, None])
        maps.append(VoxelMap(values, grid))
    return VoxelMaps(patients.subjects, tuple(maps), "probability of recurrence in the oedema")


def metz2020() -> Metz2020:
    """As published, as far as it is known."""
    return Metz2020()
