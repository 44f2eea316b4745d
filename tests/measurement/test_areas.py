"""Parcels and areas around tumours that are made of the atlas itself."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.measurement.areas import (
    ELOQUENT,
    NO_PARCEL,
    brain_surface_distance_mm,
    neighbourhood,
)
from gliokit.measurement.parcels import load_labels
from gliokit.preprocessing.atlas import AtlasMatch
from gliokit.study import Grid, Modality
from tests.atlas_patient import known_affine

IN_PLACE = AtlasMatch(np.eye(4), 0.99, Modality.T1)


def in_atlas(*names: str) -> np.ndarray:
    """Voxels of the atlas with labels of these names."""
    labels, _, named = load_labels()
    return np.isin(labels, [value for value, name in named.items() if name in names])


def test_a_tumour_that_is_one_parcel_covers_it_and_no_other() -> None:
    tumour = in_atlas("ctx-rh-precentral")
    around = neighbourhood(tumour, load_labels()[1], IN_PLACE)
    assert around.parcels_percent == {"ctx-rh-precentral": pytest.approx(100)}
    assert around.touched == ("motor_right",)
    assert around.areas_ml["motor_right"] == pytest.approx(tumour.sum() / 1000)
    assert around.areas_distance_mm["motor_right"] == 0
    assert around.areas_distance_mm["sensory_right"] < 3
    assert around.areas_distance_mm["motor_left"] > 5
    assert around.cortex_distance_mm == 0


def test_shares_are_of_the_parcel_and_distances_of_the_patient() -> None:
    affine = known_affine()
    match = AtlasMatch(affine, 0.99, Modality.T1)
    labels, atlas, _ = load_labels()
    # The patient's grid: the atlas' own voxels, taken to where they lie in the patient.
    grid = Grid(labels.shape, np.linalg.inv(affine) @ atlas.affine)
    left = in_atlas("Left-Thalamus-Proper")
    tumour = left.copy()
    tumour[: int(np.median(np.argwhere(left)[:, 0]))] = False
    around = neighbourhood(tumour, grid, match)
    share = tumour.sum() / left.sum() * 100
    assert around.parcels_percent["Left-Thalamus-Proper"] == pytest.approx(share, abs=3)
    assert around.areas_ml["thalamus_left"] == pytest.approx(tumour.sum() * grid.voxel_ml)
    straight = neighbourhood(tumour, atlas, IN_PLACE)
    shrunk = around.areas_distance_mm["vision_left"] / straight.areas_distance_mm["vision_left"]
    assert 0.8 < shrunk < 0.95


def test_a_small_overlap_is_listed_but_does_not_count_as_touched() -> None:
    labels, grid, _ = load_labels()
    tumour = np.zeros(labels.shape, bool)
    first = np.argwhere(np.isin(labels, ELOQUENT["vision_left"]))[:40]
    tumour[tuple(first.T)] = True
    around = neighbourhood(tumour, grid, IN_PLACE)
    assert around.areas_ml == {"vision_left": pytest.approx(0.04)}
    assert around.touched == ()


def test_deep_in_white_matter_no_area_is_reached() -> None:
    _, grid, _ = load_labels()
    index = np.rint(np.linalg.inv(grid.affine) @ (27, -30, 30, 1)).astype(int)[:3]
    tumour = np.zeros(grid.shape, bool)
    tumour[tuple(slice(i - 1, i + 2) for i in index)] = True
    around = neighbourhood(tumour, grid, IN_PLACE)
    assert around.areas_ml == {}
    assert around.cortex_distance_mm > 2
    assert set(around.areas_distance_mm) == set(ELOQUENT)


def test_every_label_of_an_area_is_in_the_atlas_and_is_a_parcel() -> None:
    labels, _, named = load_labels()
    wanted = {value for values in ELOQUENT.values() for value in values}
    assert wanted <= set(np.unique(labels).tolist()) & set(named)
    assert not wanted & set(NO_PARCEL)


@pytest.mark.parametrize(("depth", "distance"), [(0, 0.0), (4, 4.0)])
def test_distance_to_the_surface_of_the_brain(depth: int, distance: float) -> None:
    brain = np.zeros((30, 30, 30), bool)
    brain[5:25, 5:25, 5:25] = True
    brain[14, 14, 14] = False
    tumour = np.zeros_like(brain)
    tumour[5 + depth : 8 + depth, 14:17, 14:17] = True
    grid = Grid(brain.shape, np.eye(4))
    assert brain_surface_distance_mm(tumour, brain, grid) == distance
