"""Systems that find places, of tests' own: they know the truth, and miss it by a measure."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gliokit.bench import BenchCohort, with_places
from gliokit.study import WHOLE_TUMOUR, Grid, LabelMap
from gliokit.systems import (
    Detection,
    Detections,
    Inputs,
    LabelMaps,
    Needs,
    SystemCard,
    VoxelMap,
    VoxelMaps,
)
from tests.bench.spies import Spy
from tests.systems.digital import digital_patients


def place_cohort(n: int = 8) -> BenchCohort:
    """Digital patients whose whole tumour is asked for."""
    made = digital_patients(n)
    return with_places(BenchCohort("digital", made.inputs, {}), "tumour", "WT")


def truth(subject: str, n: int = 8) -> LabelMap:
    patients = digital_patients(n).inputs
    images = patients.images[patients.subjects.index(subject)]
    assert images is not None
    assert images.open_label_map is not None
    return images.open_label_map()


def card(task: str) -> SystemCard:
    return SystemCard(f"finds_{task.replace(' ', '_')}", "A finder", "Nobody. Nowhere (2026)",
                      task, "tumour", "F1")  # type: ignore[arg-type]  # fmt: skip


@dataclass
class Draws(Spy):
    """The whole tumour, moved by some voxels; in patients of even number by one more."""

    card: SystemCard = field(default_factory=lambda: card("segmentation"))
    needs: Needs = field(default_factory=lambda: Needs(sequences=("flair",), least_per_class=1))
    moved: int = 0

    def answer(self, patients: Inputs) -> LabelMaps:  # type: ignore[override]
        assert self.training is not None
        self.seen.append((self.training, patients))
        return LabelMaps(patients.subjects, tuple(map(self.drawn, patients.subjects)))

    def drawn(self, subject: str) -> LabelMap:
        known = truth(subject)
        further = self.moved + (self.moved > 0 and int(subject[1:]) % 2 == 0)
        mask = np.roll(known.region("WT"), further, axis=0)
        return LabelMap(known.grid, mask.astype(np.uint8), WHOLE_TUMOUR)


@dataclass
class Maps(Draws):
    """The truth under noise, in every voxel."""

    card: SystemCard = field(default_factory=lambda: card("voxel map"))
    noise: float = 1.0

    def answer(self, patients: Inputs) -> VoxelMaps:  # type: ignore[override]
        generator = np.random.default_rng(0)
        maps = []
        for subject in patients.subjects:
            known = truth(subject)
            values = known.region("WT") + generator.normal(0, self.noise, known.grid.shape)
            maps.append(VoxelMap(values.astype(np.float32), known.grid))
        return VoxelMaps(patients.subjects, tuple(maps), "how likely it is tumour")


@dataclass
class Points(Draws):
    """A ball on the tumour in some patients, and one beside it in all."""

    card: SystemCard = field(default_factory=lambda: card("detection"))
    every: int = 1

    def answer(self, patients: Inputs) -> Detections:  # type: ignore[override]
        found = []
        for subject in patients.subjects:
            known = truth(subject)
            x, y, z = known.grid.to_mm(np.argwhere(known.region("WT")).mean(axis=0))
            beside = Detection((x + 40.0, y, z), 3.0, 0.3)
            hit = Detection((x, y, z), 6.0, 0.8)
            found.append((hit, beside) if int(subject[1:]) % self.every == 0 else (beside,))
        return Detections(patients.subjects, tuple(found))


def turned(label_map: LabelMap) -> LabelMap:
    """The same voxels, the first axis the other way round."""
    affine = np.array(label_map.grid.affine)
    affine[:3, 3] += affine[:3, 0] * (label_map.grid.shape[0] - 1)
    affine[:3, 0] *= -1
    return LabelMap(Grid(label_map.grid.shape, affine), label_map.data[::-1], label_map.labels)
