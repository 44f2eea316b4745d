"""Liang 2018: a 3-D DenseNet over a box of all sequences tells IDH, then by transfer grade."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gliokit.study import STRUCTURAL, StudyError
from gliokit.systems.answer import ClassProbabilities
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.fitted_networks import FittedNetworks
from gliokit.systems.inputs import Images, Inputs
from gliokit.systems.needs import Needs
from gliokit.systems.pictures import crop, read_picture, region_box
from gliokit.systems.stored_network import RunnableNetwork, save_network
from gliokit.systems.system import Budget
from gliokit.systems.tabular import binary_labels
from gliokit.systems.training_set import TrainingSet

if TYPE_CHECKING:
    from torch import nn

__all__ = ["Liang2018", "Plan", "liang2018", "liang2018_transfer"]

CARD = SystemCard(
    id="liang2018",
    title="IDH from a box around the tumour by a 3-D DenseNet, and grade by transfer",
    citation=(
        "Liang S, Zhang R, Liang D, et al. Multimodal 3D DenseNet for IDH Genotype Prediction in "
        "Gliomas. Genes 9 (2018) 382. doi:10.3390/genes9080382"
    ),
    task="classification",
    target="idh_mutant",
    fidelity="F2",
    figures=(
        PaperFigure("accuracy for IDH, validation data", 0.846),
        PaperFigure("AUC for IDH, validation data", 0.857),
        PaperFigure("accuracy for grade after transfer", 0.914),
        PaperFigure("AUC for grade after transfer", 0.948),
    ),
    chosen=(
        "a stem of 7^3 at a stride of 2 with 32 channels, max-pool, three dense blocks of 4 layers "
        "that grow by 16, transitions that halve: 0.44 million weights",
        "a cube of 96 mm about the middle of the whole tumour's box, in voxels of 2 mm",
        "intensities by the house's robust scores within the brain",
        "cross-entropy with class weights; the classes' shares are put back into the answer",
        "AdamW at 1e-3 with a weight decay of 1e-4, a cosine, 3000 steps of 8 boxes",
        "mirrored axes, quarter turns in the axial plane, size and contrast by a tenth",
        "the mean of three networks of different seeds",
        "of the four sequences those that the training patients have; one that a patient lacks "
        "is 0",
        "transfer: all weights but the last layer's go over and learn on at a tenth of the rate, "
        "half as many steps",
    ),
    doubts=(
        "the abstract names the breast cancer set of TCGA as the source of genotypes: a slip",
        "84.6 % is no whole number of 167 patients: a mean over folds or one fold, not all",
        "no outside test, and no interval",
        "IDH goes with grade in its patients: glioblastomas are nearly all wild type",
    ),
    small="32^3 voxels of 3 mm in the place of 48^3 of 2 mm, and 100 steps in the place of 3000",
)  # fmt: skip

SEQUENCES = tuple(m.value for m in STRUCTURAL)
REGION = "WT"
IDH = "idh_mutant"
NEEDS = Needs(any_sequence=SEQUENCES, regions=(REGION,), least_per_class=4)
RATE, TRANSFER_RATE, WEIGHT_DECAY, BATCH = 1e-3, 1e-4, 1e-4, 8


@dataclass(frozen=True, slots=True)
class Plan:
    """What a budget buys."""

    side: int
    spacing_mm: int
    blocks: tuple[int, ...]
    steps: int
    networks: int


PLANS: dict[Budget, Plan] = {
    "smoke": Plan(16, 3, (1, 1), 2, 1),
    "small": Plan(32, 3, (4, 4, 4), 100, 3),
    "paper": Plan(48, 2, (4, 4, 4), 3000, 3),
}


@dataclass(frozen=True, slots=True)
class Liang2018:
    """The network for one target.

    Args:
        transfer: Learn IDH first, from the training patients' column `idh_mutant`, which no
            answer looks at.
    """

    transfer: bool = False
    card: SystemCard = CARD
    needs: Needs = NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> FittedNetworks:
        """Crop, teach each network, keep them."""
        known, plan = training.labelled, PLANS[budget]
        labels = binary_labels(known.classes)
        sequences = _shared_sequences(known.inputs)
        boxes = _boxes(known.inputs, sequences, plan.side, plan.spacing_mm)
        idh = known.inputs.column(IDH) if self.transfer else None
        made = {
            f"network{k}": _taught(boxes, labels, idh, plan, seed + k) for k in range(plan.networks)
        }
        shares = np.bincount(labels, minlength=2) / labels.size
        return FittedNetworks(
            self.card.id,
            {
                "target": known.classes.name,
                "classes": list(known.classes.classes),
                "sequences": list(sequences),
                "side": plan.side,
                "spacing_mm": plan.spacing_mm,
                "shares": shares.tolist(),
            },
            {name: network for name, (network, _) in made.items()},
            _say,
            {
                "weights": next(iter(made.values()))[1]["weights"],
                "sequences": list(sequences),
                "transfer": self.transfer,
                "last_losses": [round(found["loss"], 4) for _, found in made.values()],
            },
        )

    def load(self, folder: Path) -> FittedNetworks:
        """What was saved."""
        return FittedNetworks.load(folder, self.card.id, _say)


def _shared_sequences(inputs: Inputs) -> tuple[str, ...]:
    there = frozenset().union(*(i.sequences for i in inputs.images if i is not None))
    return tuple(s for s in SEQUENCES if s in there)


def _boxes(
    inputs: Inputs, sequences: tuple[str, ...], side: int, spacing_mm: int
) -> NDArray[np.float16]:
    """(n, c, side, side, side)."""
    return np.stack(
        [
            _box(subject, inputs.images_of(row), sequences, side, spacing_mm)
            for row, subject in enumerate(inputs.subjects)
        ]
    )


# Preparing a patient takes as long as many steps of learning, and every fold asks anew.
@lru_cache(maxsize=256)
def _box(
    subject: str, images: Images, sequences: tuple[str, ...], side: int, spacing_mm: int
) -> NDArray[np.float16]:
    """The cube about the middle of the whole tumour's bounding box."""
    picture = read_picture(subject, images, sequences, spacing_mm=spacing_mm, regions=(REGION,))
    corner, sides = region_box(picture.regions[REGION], margin_voxels=0)
    start = [c + s // 2 - side // 2 for c, s in zip(corner, sides, strict=True)]
    return crop(picture.image, start, (side, side, side)).astype(np.float16)


def _taught(
    boxes: NDArray[np.float16],
    labels: NDArray[np.int64],
    idh: NDArray[np.float64] | None,
    plan: Plan,
    seed: int,
) -> tuple[RunnableNetwork, dict[str, Any]]:
    """One network, with what it is worth knowing of it."""
    from gliokit.learning.exchange import first_weights
    from gliokit.learning.loop import LoopSettings
    from gliokit.learning.volume_classes import teach_classes, with_new_head
    from gliokit.networks.densenet_3d import DenseNet3D

    network: nn.Module = first_weights(
        DenseNet3D, seed, inputs=boxes.shape[1], classes=2, blocks=plan.blocks
    )
    how = LoopSettings(plan.steps, RATE, WEIGHT_DECAY, schedule="cosine", seed=seed)
    if idh is not None:
        rows = np.flatnonzero(np.isfinite(idh))
        codes = idh[rows].astype(np.int64)
        if not 0 < codes.sum() < codes.size:
            raise StudyError(
                "transfer starts from patients with and without mutated IDH",
                source=IDH,
                found=f"{codes.sum()} of {codes.size} mutated",
            )
        network = teach_classes(network, boxes[rows], codes, how, batch=BATCH)
        network = with_new_head(network, seed=seed)
        how = LoopSettings(
            max(1, plan.steps // 2), TRANSFER_RATE, WEIGHT_DECAY, schedule="cosine", seed=seed
        )
    losses: list[float] = []
    network = teach_classes(
        network, boxes, labels, how, batch=BATCH, progress=lambda _, loss, __: losses.append(loss)
    )
    with tempfile.TemporaryDirectory() as folder:
        # Two boxes, so that the file's batch can't be mistaken for a fixed one of 1.
        stored = save_network(Path(folder), network, (boxes[:2].astype(np.float32),))
    weights = sum(p.numel() for p in network.parameters())
    return stored, {"weights": weights, "loss": float(np.mean(losses[-20:]))}


def _say(fitted: FittedNetworks, patients: Inputs) -> ClassProbabilities:
    """The mean of the networks' probabilities, with the training fold's shares put back.

    Class weights teach a network as if classes were even: the log of the shares moves its
    logits back, and a threshold at the second class's share says what even odds would have said.
    """
    from scipy.special import softmax

    s = fitted.settings
    sequences = tuple(s["sequences"])
    shares = np.array(s["shares"])
    rows = []
    for i in range(len(patients)):
        box = _boxes(patients.take([i]), sequences, s["side"], s["spacing_mm"]).astype(np.float32)
        logits = np.stack([network(box)[0][0] for network in fitted.networks.values()])
        rows.append(softmax(logits.astype(np.float64) + np.log(shares), axis=1).mean(axis=0))
    p = np.array(rows).reshape(len(patients), 2)
    return ClassProbabilities(
        patients.subjects, s["target"], tuple(s["classes"]), p, float(shares[1])
    )


def liang2018() -> Liang2018:
    """IDH, or any other target of two classes, from the start."""
    return Liang2018()


def liang2018_transfer() -> Liang2018:
    """A target, such as grade, after IDH."""
    needs = Needs(
        columns=(IDH,), gaps_allowed=True, any_sequence=SEQUENCES, regions=(REGION,),
        least_per_class=4,
    )  # fmt: skip
    return Liang2018(transfer=True, needs=needs)
