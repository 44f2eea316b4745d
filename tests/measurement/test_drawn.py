"""A segmentation drawn on another grid is measured by its own voxels."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from gliokit.measurement import measure
from gliokit.preprocessing import label_map_on, prepare, reoriented
from gliokit.study import BRATS, Grid, LabelMap, Modality, Study, Volume


def test_millilitres_are_those_of_the_voxels_that_were_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = sys.modules["gliokit.measurement.measure"]
    monkeypatch.setattr(module, "_seen", lambda *_: (None, None))
    shape = (100, 110, 80)
    grid = Grid(shape, np.diag([-1.3, 1.1, 1.7, 1.0]))
    place = (np.indices(shape).T - (np.array(shape) - 1) / 2) * grid.spacing_mm
    brain = np.where((place**2).sum(axis=-1).T < 55**2, 100 + place[..., 0].T, 0)
    volume = Volume.from_array(Modality.FLAIR, grid, brain.astype(np.float32))
    prepared = prepare(Study("x", {Modality.FLAIR: volume}))
    data = np.zeros(shape, np.uint8)
    data[40:57, 50:61, 30:43] = 2
    data[44:49, 52:58, 33:38] = 3
    data[0:3, 0:3, 0:3] = 2
    given = LabelMap(grid, data, BRATS)
    figures = measure(
        prepared,
        label_map_on(given, prepared),
        segmentation="given",
        drawn=reoriented(given, prepared.grid),
    )
    for region in ("WT", "ET"):
        own_ml = given.region(region).sum() * grid.voxel_ml
        assert figures.regions[region].volume_ml == pytest.approx(own_ml)
    assert len(figures.regions["WT"].lesions) == 2


def test_cysts_are_taken_to_the_grid_that_the_segmentation_was_drawn_on() -> None:
    module = sys.modules["gliokit.measurement.measure"]
    shape = (60, 64, 40)
    grid = Grid(shape, np.diag([-1.0, -1.0, 2.0, 1.0]))
    place = (np.indices(shape).T - (np.array(shape) - 1) / 2) * grid.spacing_mm
    brain = np.where((place**2).sum(axis=-1).T < 28**2, 100 + place[..., 0].T, 0)
    volume = Volume.from_array(Modality.FLAIR, grid, brain.astype(np.float32))
    prepared = prepare(Study("x", {Modality.FLAIR: volume}))
    data = np.zeros(shape, np.uint8)
    data[20:30, 25:33, 15:22] = 1
    given = LabelMap(grid, data, BRATS)
    drawn = reoriented(given, prepared.grid)
    cyst = label_map_on(given, prepared).data == 1
    assert np.array_equal(module._on_grid_of(drawn, cyst, prepared), drawn.data == 1)
    assert module._on_grid_of(drawn, cyst & False, prepared) is None
