"""Where tumours lie, whatever the image shows: what a system that finds places must beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.study import STRUCTURAL, Grid, LabelMap, Labels, StudyError
from gliokit.systems.answer import Detection, Detections, LabelMaps, VoxelMap, VoxelMaps
from gliokit.systems.card import SystemCard, Task
from gliokit.systems.inputs import Inputs
from gliokit.systems.native_images import resampled
from gliokit.systems.needs import Needs
from gliokit.systems.storing import read_fitted, write_fitted
from gliokit.systems.system import Budget
from gliokit.systems.training_set import TrainingSet

__all__ = ["PlacePrior", "best_threshold", "place_prior", "place_prior_map", "place_prior_peak"]

POINTS, REACH = 48, 2.4
"""Points of the prior along each axis, and how far it reaches from the middle of the brain, in
standard deviations of its voxels: a solid ellipsoid ends at 2.24."""
LEVELS = 100
"""Thresholds tried, from 0.01 to 1."""
LEAST_MM = 1.0
"""Radius of a ball where nothing is drawn in anybody."""
PRIOR = "prior.npy"

NEEDS = Needs(any_sequence=tuple(m.value for m in STRUCTURAL), least_per_class=1)

Mask = NDArray[np.bool_]
Array = NDArray[np.float32]
Said = LabelMaps | VoxelMaps | Detections


@dataclass(frozen=True, slots=True, eq=False)
class FittedPlacePrior:
    """The share of training patients whose region holds each point of the brain.

    Args:
        system: Its id.
        region: Name.
        prior: (48, 48, 48) of 0 to 1, to the right, to the front and up.
        threshold: At and above which a point is said to be of the region.
        radius_mm: Of a ball of the mean volume drawn.
    """

    system: str
    region: str
    prior: Array
    threshold: float
    radius_mm: float
    say: Callable[[FittedPlacePrior, Inputs], Said] = field(repr=False)

    @property
    def findings(self) -> Mapping[str, Any]:
        """The highest share, and what was chosen by training patients."""
        return {"highest": round(float(self.prior.max()), 4), "threshold": self.threshold,
                "radius_mm": round(self.radius_mm, 2)}  # fmt: skip

    def answer(self, patients: Inputs) -> Said:
        """The same place of everybody's brain."""
        return self.say(self, patients)

    def save(self, folder: Path) -> None:
        """fitted.json and prior.npy."""
        content = {"region": self.region, "threshold": self.threshold, "radius_mm": self.radius_mm}
        write_fitted(folder, self.system, content)
        np.save(folder / PRIOR, self.prior, allow_pickle=False)


@dataclass(frozen=True, slots=True)
class PlacePrior:
    """The mean of the training patients' masks, brain laid on brain.

    Brains are laid on each other by the middle and the spread of their voxels along each axis of
    the body: no image is registered, and nothing of the image is looked at but where it is not 0.

    Args:
        card: Whose task says how it answers.
        say: The answer.
        needs: Of every patient.
    """

    card: SystemCard
    say: Callable[[FittedPlacePrior, Inputs], Said] = field(repr=False)
    needs: Needs = NEEDS

    def fit(self, training: TrainingSet, *, budget: Budget, seed: int) -> FittedPlacePrior:
        """Lay the masks on each other; the threshold is the best one for patients left out."""
        known = training.labelled
        region, masks, volumes_mm3 = known.masks.region, [], []
        for row in range(len(known.inputs)):
            drawn = known.masks.label_map(row)
            mask = drawn.region(region)
            box = _brain_box(*_brain(known.inputs, row), known.inputs.subjects[row])
            masks.append(resampled(mask, drawn.grid, box) >= 0.5)
            volumes_mm3.append(1000 * drawn.grid.voxel_ml * float(mask.sum()))
        radius_mm = (3 / (4 * np.pi) * float(np.mean(volumes_mm3))) ** (1 / 3)
        prior = np.asarray(np.mean(masks, axis=0), dtype=np.float32)
        threshold = best_threshold(masks, known.inputs.persons)
        return FittedPlacePrior(
            self.card.id, region, prior, threshold, max(radius_mm, LEAST_MM), self.say
        )

    def load(self, folder: Path) -> FittedPlacePrior:
        """What was saved."""
        content = read_fitted(folder, self.card.id)
        prior = np.load(Path(folder) / PRIOR, allow_pickle=False)
        return FittedPlacePrior(self.card.id, content["region"], prior, content["threshold"],
                                content["radius_mm"], self.say)  # fmt: skip


def best_threshold(masks: Sequence[Mask], persons: Sequence[str]) -> float:
    """The threshold of the share of the others whose mean Dice with each mask is highest.

    A person's own masks are left out of the share: it would be asked to agree with itself. Two
    empty masks have a Dice of 1; of equal thresholds the lowest is taken; of one person it is 1.

    Args:
        masks: Of all scans, of one shape.
        persons: Whose each is.
    """
    if len(set(persons)) < 2:
        return 1.0
    stack, who = np.stack(masks), np.array(persons)
    total, dice = stack.sum(axis=0, dtype=np.int64), np.zeros(LEVELS)
    for mask, person in zip(masks, persons, strict=True):
        mine = who == person
        level = (total - stack[mine].sum(axis=0)) * LEVELS // int((~mine).sum())
        above, inside = (
            np.bincount(level[where], minlength=LEVELS + 1)[::-1].cumsum()[::-1][1:]
            for where in (np.ones_like(mask), mask)
        )
        size = above + mask.sum()
        dice += np.where(size > 0, 2 * inside / np.maximum(size, 1), 1.0)
    return (int(dice.argmax()) + 1) / LEVELS


def _brain(patients: Inputs, row: int) -> tuple[Mask, Grid]:
    """Where the first structural image of a patient is not 0."""
    volumes = patients.images_of(row).open_study().volumes
    volume = next(volumes[m] for m in STRUCTURAL if m in volumes)
    return volume.data != 0, volume.grid


def _brain_box(brain: Mask, grid: Grid, subject: str) -> Grid:
    """The points of the prior in a patient."""
    place_mm = grid.to_mm(np.argwhere(brain).astype(np.float64))
    if len(place_mm) < 2 or not (place_mm.std(axis=0) > 0).all():
        raise StudyError("an image shows a brain", source=subject,
                         found=f"{len(place_mm)} voxels that are not 0")  # fmt: skip
    reach_mm = REACH * place_mm.std(axis=0)
    affine = np.diag([*(2 * reach_mm / (POINTS - 1)), 1.0])
    affine[:3, 3] = place_mm.mean(axis=0) - reach_mm
    return Grid((POINTS,) * 3, affine)


def _shares(fitted: FittedPlacePrior, patients: Inputs) -> list[tuple[Array, Grid]]:
    """The prior on each patient's grid, 0 outside the brain."""
    found = []
    for row, subject in enumerate(patients.subjects):
        brain, grid = _brain(patients, row)
        box = _brain_box(brain, grid, subject)
        found.append((np.where(brain, resampled(fitted.prior, box, grid), np.float32(0)), grid))
    return found


def _say_mask(fitted: FittedPlacePrior, patients: Inputs) -> LabelMaps:
    labels = Labels("place_prior", {fitted.region: 1}, {fitted.region: frozenset({1})})
    # What is rounded between two points of one share is no reason to miss a threshold.
    least = fitted.threshold - 1e-4
    return LabelMaps(
        patients.subjects,
        tuple(
            LabelMap(grid, (share >= least).astype(np.uint8), labels)
            for share, grid in _shares(fitted, patients)
        ),
    )


def _say_map(fitted: FittedPlacePrior, patients: Inputs) -> VoxelMaps:
    maps = tuple(VoxelMap(share, grid) for share, grid in _shares(fitted, patients))
    return VoxelMaps(patients.subjects, maps, f"share of training patients with {fitted.region}")


def _say_peak(fitted: FittedPlacePrior, patients: Inputs) -> Detections:
    from scipy import ndimage

    smooth = ndimage.gaussian_filter(fitted.prior, 1.0)
    peak = np.array(np.unravel_index(int(smooth.argmax()), smooth.shape), dtype=np.float64)
    found = []
    for row, subject in enumerate(patients.subjects):
        x, y, z = _brain_box(*_brain(patients, row), subject).to_mm(peak)
        ball = Detection((float(x), float(y), float(z)), fitted.radius_mm, float(smooth.max()))
        found.append((ball,))
    return Detections(patients.subjects, tuple(found))


def _baseline(
    name: str, title: str, task: Task, say: Callable[[FittedPlacePrior, Inputs], Said]
) -> PlacePrior:
    return PlacePrior(SystemCard(name, title, "", task, "", "F1", state="baseline"), say)


def place_prior() -> PlacePrior:
    """As a label map: where the share reaches the best training threshold."""
    return _baseline("place_prior", "Where training patients' tumours lie", "segmentation",
                     _say_mask)  # fmt: skip


def place_prior_map() -> PlacePrior:
    """As a voxel map: the share."""
    return _baseline("place_prior_map", "The same as a map of shares", "voxel map", _say_map)


def place_prior_peak() -> PlacePrior:
    """As a detection: one ball at the highest share."""
    return _baseline("place_prior_peak", "The same as one ball at the highest share", "detection",
                     _say_peak)  # fmt: skip
