"""What baselines are given from images."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest

from gliokit.study import (
    BRATS,
    WHOLE_TUMOUR,
    Grid,
    LabelMap,
    Modality,
    Study,
    StudyError,
    Volume,
)
from gliokit.systems import Images
from gliokit.systems.measured_signs import MEASURED, measured_signs

SHAPE = (40, 44, 36)
GRID = Grid(SHAPE, np.diag([1.0, 1.0, 1.0, 1.0]))
ALL = (Modality.FLAIR, Modality.T2, Modality.T1C)


@dataclass(frozen=True)
class _Brain:
    """A ball of brain with a tumour of 8 mm radius, 4 mm of which enhance; edges `blur` wide."""

    blur: float = 0.0
    spread: float = 0.0
    sequences: tuple[Modality, ...] = ALL
    second: bool = False

    def away(self) -> np.ndarray:
        place = np.indices(SHAPE).astype(float)
        first = np.linalg.norm((place.T - np.array([20.0, 18, 18])).T, axis=0)
        other = np.linalg.norm((place.T - np.array([20.0, 36, 18])).T, axis=0) + 1
        return np.minimum(first, other) if self.second else first

    def study(self) -> Study:
        away, generator = self.away(), np.random.default_rng(0)
        ramp = np.clip((8 - away) / max(self.blur, 1e-6) + 0.5, 0, 1)
        noise = generator.normal(0, 1, (2, *SHAPE))
        middle = (np.array(SHAPE) - 1) / 2
        inside = np.linalg.norm((np.indices(SHAPE).T - middle).T, axis=0) < 16.5
        volumes = {}
        for m in self.sequences:
            image = 100 + (3 if m == Modality.T2 else 4) * noise[0]
            if m == Modality.T1C:
                image += 80 * (away < 4)
            else:
                image += ramp * (60 + self.spread * noise[1])
            data = np.where(inside, image, 0).astype(np.float32)
            volumes[m] = Volume.from_array(m, GRID, data)
        return Study("p", volumes)

    def labels(self) -> LabelMap:
        away = self.away()
        labels = np.where(away < 8, 2, 0) - np.where(away < 6, 1, 0) + np.where(away < 4, 2, 0)
        return LabelMap(GRID, labels.astype(np.uint8), BRATS)

    def whole(self) -> LabelMap:
        return LabelMap(GRID, (self.away() < 8).astype(np.uint8), WHOLE_TUMOUR)

    def images(self, *, core: bool = True) -> Images:
        opener = self.labels if core else self.whole
        return Images(
            frozenset(m.value for m in self.sequences), frozenset(opener().labels.regions),
            self.study, opener,
        )  # fmt: skip


def test_volume_and_enhancing_share_are_those_of_the_drawn_regions() -> None:
    brain = _Brain()
    found = measured_signs("p", brain.images(), core_drawn=True)
    away = brain.away()
    assert set(found) == set(MEASURED)
    assert found["whole_ml"] == pytest.approx((away < 8).sum() / 1000)
    assert found["enhancement_share"] == pytest.approx((away < 4).sum() / (away < 6).sum())
    assert found["multifocal"] == 0.0
    assert measured_signs("p", _Brain(second=True).images(), core_drawn=True)["multifocal"] == 1.0


def test_a_sharp_edge_and_a_mixed_tumour_are_told_from_a_ramp_and_an_even_one() -> None:
    sharp, lost, mixed = (
        measured_signs("p", b.images(), core_drawn=True)
        for b in (_Brain(), _Brain(blur=8.0), _Brain(spread=30.0))
    )
    assert sharp["margin_sharpness"] > 0.8 > 0.5 > lost["margin_sharpness"]
    assert mixed["heterogeneity"] > 2 * sharp["heterogeneity"]


def test_without_a_drawn_core_the_share_that_is_bright_on_t1c_enhances() -> None:
    brain = _Brain()
    found = measured_signs("p", brain.images(core=False), core_drawn=False)
    away = brain.away()
    assert found["enhancement_share"] == pytest.approx(
        (away < 4).sum() / (away < 8).sum(), abs=0.01
    )


def test_what_can_not_be_measured_is_not_known() -> None:
    plain = _Brain(sequences=(Modality.FLAIR,))
    found = measured_signs("p", plain.images(core=False), core_drawn=False)
    assert math.isnan(found["enhancement_share"])
    assert not math.isnan(found["margin_sharpness"] + found["heterogeneity"])
    blind = replace(plain.images(core=False), open_study=_Brain(sequences=(Modality.T1C,)).study)
    found = measured_signs("p", blind, core_drawn=False)
    assert found["whole_ml"] > 0
    assert math.isnan(found["margin_sharpness"])
    with pytest.raises(StudyError, match="drawn: WT; found no regions"):
        measured_signs("p", replace(blind, open_label_map=None), core_drawn=False)
    with pytest.raises(StudyError, match="drawn: WT, ET, TC; found WT"):
        measured_signs("p", blind, core_drawn=True)
