"""Eight tiny digital patients with every modality, by the simulators of `phantom`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from gliokit.phantom import Tissue, TruthMaps
from gliokit.phantom.series import (
    DscProtocol,
    diffusion_table,
    make_bold,
    make_ct,
    make_dsc,
    make_dwi,
    make_fet_pet,
)
from gliokit.study import BRATS, Grid, LabelMap, Labels, Modality, Series, Study, Volume
from gliokit.systems import ClassTarget, Images, Inputs, MaskTarget, TrainingSet

SHAPE, SPACING_MM = (28, 32, 24), 4.0
MOLECULAR = ("codeleted", "intact", "wildtype")
RECURRENCE = Labels("recurrence", {"recurrence": 1}, {"recurrence": frozenset({1})})
WEIGHTS = {  # white matter, fluid, tumour, necrosis, oedema
    Modality.T1: (110, 40, 80, 50, 80),
    Modality.T1C: (110, 40, 190, 55, 80),
    Modality.T2: (70, 200, 120, 180, 150),
    Modality.FLAIR: (80, 20, 130, 60, 160),
}


def grid() -> Grid:
    affine = np.diag([-SPACING_MM, -SPACING_MM, SPACING_MM, 1.0])
    affine[:3, 3] = SPACING_MM * np.array([14.0, 16.0, -12.0])
    return Grid(SHAPE, affine)


@cache
def truth(seed: int, mutant: bool) -> TruthMaps:
    """A brain with a ventricle, an artery and a tumour that enhances where it is wild type."""
    generator = np.random.default_rng(seed)
    place = np.moveaxis(np.indices(SHAPE).astype(float), 0, -1)
    middle = (np.array(SHAPE) - 1) / 2
    brain = (((place - middle) / (np.array(SHAPE) / 2 - 2)) ** 2).sum(axis=-1) < 1
    side = 1 if generator.random() < 0.5 else -1
    centre = middle + np.array([4.0 * side, *generator.uniform(-2, 2, 2)])
    away = np.linalg.norm(place - centre, axis=-1)
    labels = np.select([away < 1.5, away < 3, away < 5], [1, 3, 2], 0).astype(np.uint8)
    if mutant:
        labels[labels == 3] = 1
    labels[~brain] = 0
    ventricle = (np.abs(place - middle) < (2, 4, 2)).all(axis=-1) & (labels == 0) & brain
    artery = (np.abs(place - (middle + 9.0 * np.eye(3)[1])) < (2, 1, 2)).all(axis=-1) & brain
    parts = {
        Tissue.CSF: ventricle,
        Tissue.BLOOD: artery & ~ventricle,
        Tissue.TUMOUR: (labels == 3) | ((labels == 1) & mutant),
        Tissue.NECROSIS: (labels == 1) & (not mutant),
    }
    fractions = {tissue: part.astype(np.float32) for tissue, part in parts.items()}
    rest = brain.astype(np.float32) - sum(fractions.values())
    fractions[Tissue.WHITE_MATTER] = rest.astype(np.float32)
    zeros = np.zeros(SHAPE, np.float32)
    fibres = np.zeros((*SHAPE, 3), np.float32)
    fibres[rest > 0, 0] = 1
    return TruthMaps(
        grid=grid(),
        brain=brain,
        tissue_fractions=fractions,
        cell_density=np.exp(-away / 4).astype(np.float32) * brain,
        leakage=(labels == 3).astype(np.float32),
        oedema=np.where(labels == 2, 0.4, 0).astype(np.float32),
        vessels=artery.astype(np.float32),
        fibres=fibres,
        anisotropy=np.where(rest > 0, 0.6, zeros).astype(np.float32),
        labels=labels,
        lobes=brain.astype(np.uint8),
    )


@dataclass(frozen=True)
class Maker:
    """Makes one patient's images of a seed; can be sent to another process."""

    subject: str
    seed: int
    mutant: bool
    volumes: tuple[str, ...]

    def study(self) -> Study:
        maps, found = truth(self.seed, self.mutant), {}
        for name in self.volumes:
            found[Modality(name)] = self._volume(maps, Modality(name))
        return Study(self.subject, found)

    def _volume(self, maps: TruthMaps, modality: Modality) -> Volume:
        if modality is Modality.CT:
            return make_ct(maps, seed=self.seed).volume
        if modality is Modality.PET:
            return make_fet_pet(maps, seed=self.seed).volume
        if modality is Modality.ADC:
            adc = np.where(maps.brain, 0.8e-3, 0) + 1e-3 * maps.oedema + 2e-3 * (maps.labels == 1)
            return Volume.from_array(modality, maps.grid, adc.astype(np.float32))
        white, fluid, tumour, necrosis, oedema = WEIGHTS[modality]
        shares = maps.tissue_fractions
        image = white * (shares[Tissue.WHITE_MATTER] + shares[Tissue.BLOOD])
        image = image + fluid * shares[Tissue.CSF] + tumour * shares[Tissue.TUMOUR]
        image = image + necrosis * shares[Tissue.NECROSIS]
        image = np.where(maps.labels == 2, oedema, image)
        noise = np.random.default_rng([self.seed, len(modality)]).normal(0, 4, SHAPE)
        image = np.where(maps.brain, np.maximum(image + noise, 1), 0)
        return Volume.from_array(modality, maps.grid, image.astype(np.float32))

    def labels(self) -> LabelMap:
        return LabelMap(grid(), truth(self.seed, self.mutant).labels, BRATS)

    def recurrence(self) -> LabelMap:
        """The half of the oedema that lies towards the front."""
        maps = truth(self.seed, self.mutant)
        front = np.indices(SHAPE)[1] < np.argwhere(maps.labels == 2)[:, 1].mean()
        return LabelMap(grid(), ((maps.labels == 2) & front).astype(np.uint8), RECURRENCE)

    def series(self, name: str) -> Series:
        maps = truth(self.seed, self.mutant)
        if name == "dsc":
            return make_dsc(maps, seed=self.seed, protocol=DscProtocol(frames=40)).series
        if name == "dwi":
            return make_dwi(maps, seed=self.seed, table=diffusion_table({1000.0: 12})).series
        return make_bold(maps, seed=self.seed, frames=60).series


def patients(
    volumes: tuple[str, ...] = ("t1", "t1c", "t2", "flair"),
    *,
    series: tuple[str, ...] = (),
    classes: tuple[str, ...] = ("wildtype", "mutant"),
    target: str = "idh",
    lacking: Mapping[int, tuple[str, ...]] | None = None,
    n: int = 8,
    unknown: tuple[int, ...] = (),
) -> TrainingSet:
    """Patients whose look goes with an even or odd class.

    Args:
        volumes, series: What they have.
        classes: In turn.
        target: Its name.
        lacking: What some patients, by number, lack.
        n: How many.
        unknown: Those whose class is not known.
    """
    codes, images = np.arange(n) % len(classes), []
    for i in range(n):
        there = tuple(v for v in volumes if v not in (lacking or {}).get(i, ()))
        made = Maker(f"s{i:02d}", i, bool(codes[i] % 2), there)
        openers = {name: partial(made.series, name) for name in series}
        names = frozenset((*there, *series))
        images.append(
            Images(names, frozenset(BRATS.regions), made.study, made.labels, open_series=openers)
        )
    numbers = np.stack([35.0 + 4 * np.arange(n), np.arange(n) // 2 % 2], axis=1)
    codes[list(unknown)] = -1
    subjects = tuple(f"s{i:02d}" for i in range(n))
    inputs = Inputs(subjects, ("age_years", "male"), numbers, images=tuple(images))
    return TrainingSet(inputs, ClassTarget(target, classes, codes))


def mask_patients(
    target: str,
    region: str,
    *,
    volumes: tuple[str, ...] = ("t1", "t1c", "t2", "flair"),
    series: tuple[str, ...] = (),
    drawn: bool = True,
) -> TrainingSet:
    """Patients with a place to be found; `drawn` says whether a system sees the regions."""
    whole = patients(volumes, series=series)
    makers = [Maker(s, i, bool(i % 2), ()) for i, s in enumerate(whole.inputs.subjects)]
    openers = [m.recurrence if region == "recurrence" else m.labels for m in makers]
    inputs = whole.inputs if drawn else without_regions(whole.inputs)
    return TrainingSet(inputs, MaskTarget(target, region, tuple(openers)))


def without_regions(inputs: Inputs) -> Inputs:
    """The same patients, nothing drawn: what a system sees that asks for no mask."""
    images = [
        Images(i.sequences, frozenset(), i.open_study, open_series=i.open_series)
        for i in inputs.images
        if i is not None
    ]
    return Inputs(inputs.subjects, inputs.columns, inputs.values, images=tuple(images))
