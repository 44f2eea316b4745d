"""Eight tiny patients with images and a planted class, made in memory once a session."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from gliokit.study import (
    BRATS,
    STRUCTURAL,
    Grid,
    LabelMap,
    Modality,
    Study,
    Volume,
    write_label_map,
    write_volume,
)
from gliokit.systems import ClassTarget, Images, Inputs, TrainingSet

SHAPE = (28, 32, 24)
ENDINGS = {Modality.T1: "t1n", Modality.T1C: "t1c", Modality.T2: "t2w", Modality.FLAIR: "t2f"}
LPS = np.array([[-1.0, 0, 0, 14], [0, -1, 0, 16], [0, 0, 1, -12], [0, 0, 0, 1]])


@dataclass(frozen=True)
class _Opener:
    """Makes one patient's images of a seed; can be pickled, as openers of files can."""

    subject: str
    seed: int
    mutant: bool
    sequences: tuple[str, ...]

    def study(self) -> Study:
        labels, brain, generator = self._parts()
        volumes = {}
        for n, modality in enumerate(STRUCTURAL):
            image = 100 + 20 * np.cos(np.indices(SHAPE)[n % 3] / (2.0 + n))
            image += generator.normal(0, 4, SHAPE)
            image += (labels == 2) * (30 if modality.value in ("t2", "flair") else -10)
            bright = modality.value == "t1c" and not self.mutant
            image += (labels == 3) * (90 if bright else 10)
            image = np.where(brain, image, 0).astype(np.float32)
            if modality.value in self.sequences:
                volumes[modality] = Volume.from_array(modality, Grid(SHAPE, LPS), image)
        return Study(self.subject, volumes)

    def labels(self) -> LabelMap:
        return LabelMap(Grid(SHAPE, LPS), self._parts()[0], BRATS)

    def _parts(self) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
        generator = np.random.default_rng(self.seed)
        place = np.indices(SHAPE).astype(float)
        middle = (np.array(SHAPE) - 1) / 2
        brain = (((place.T - middle) / (np.array(SHAPE) / 2 - 2)).T ** 2).sum(axis=0) < 1
        centre = middle + generator.uniform(-3, 3, 3)
        away = np.linalg.norm((place.T - centre).T, axis=0)
        labels = np.where(away < 6, 2, 0).astype(np.uint8)
        labels[away < 4] = 3
        labels[away < 2] = 1
        labels[~brain] = 0
        return labels, brain, generator


@cache
def digital_patients(
    n: int = 8, *, seed: int = 0, lacking: str = "", target: str = "idh_mutant"
) -> TrainingSet:
    """Brains with a tumour whose ring is bright on T1C where IDH is wild type.

    Args:
        n: Patients; every second one is mutant.
        seed: Of all of them.
        lacking: Sequence that the first patient lacks.
        target: Its name.
    """
    codes, images = np.arange(n) % 2, []
    for i in range(n):
        sequences = tuple(m.value for m in STRUCTURAL if i or m.value != lacking)
        opener = _Opener(f"d{i:02d}", 1000 * seed + i, bool(codes[i]), sequences)
        images.append(
            Images(
                frozenset(sequences), frozenset(BRATS.regions), opener.study, opener.labels,
                content=f"digital {seed} {i} {lacking}",
            )
        )  # fmt: skip
    subjects = tuple(f"d{i:02d}" for i in range(n))
    numbers = np.stack([40.0 + 5 * (np.arange(n) % 5), np.arange(n) // 2 % 2], axis=1)
    inputs = Inputs(subjects, ("age_years", "male"), numbers, images=tuple(images))
    return TrainingSet(inputs, ClassTarget(target, ("0", "1"), codes))


def write_digital_cohort(root: Path, patients: TrainingSet) -> Path:
    """The patients as `gliokit phantom cohort` lays them out, with age as the only number."""
    lines = [f"subject_id\tstudy\t{patients.target.name}\tage_years"]
    age = patients.inputs.column("age_years")
    for i, subject in enumerate(patients.inputs.subjects):
        images = patients.inputs.images[i]
        assert images is not None
        assert images.open_label_map is not None
        (root / subject).mkdir(parents=True)
        for modality, volume in images.open_study().volumes.items():
            write_volume(root / subject / f"{subject}-{ENDINGS[modality]}.nii.gz", volume)
        write_label_map(root / subject / f"{subject}-seg.nii.gz", images.open_label_map())
        lines.append(f"{subject}\t{subject}\t{patients.classes.codes[i]}\t{age[i]:g}")
    (root / "participants.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root
