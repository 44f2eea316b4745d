"""Grey levels, outlines, slices and still 3-D views."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gliokit.reporting import Analysis
from gliokit.reporting.choice import focus_slices, key_sequences, slice_of_diameters
from gliokit.reporting.language import language
from gliokit.reporting.picture import outline
from gliokit.reporting.plane import PLANES
from gliokit.reporting.rendering import render
from gliokit.reporting.shades import displayed, levels, scores
from gliokit.reporting.viewer import viewer_data
from gliokit.study import Modality
from tests.reporting.conftest import CENTRE, bidimensional


def test_levels_come_back_to_half_a_level() -> None:
    image = np.linspace(-5, 5, 1001).astype(np.float32)
    brain = np.ones(image.shape, dtype=bool)
    assert np.abs(scores(levels(image), brain) - image).max() <= 10 / 255 / 2 + 1e-6
    assert np.array_equal(levels(scores(levels(image), brain)), levels(image))


def test_the_display_is_black_outside_and_uses_all_of_its_range() -> None:
    image = levels(np.random.default_rng(0).normal(size=(30, 30, 30)).astype(np.float32))
    brain = np.zeros(image.shape, dtype=bool)
    brain[5:25, 5:25, 5:25] = True
    shown = displayed(image, brain)
    assert not shown[~brain].any()
    assert shown.min() == 0
    assert shown.max() == 255


def test_an_image_of_one_level_is_shown_without_fault() -> None:
    brain = np.ones((3, 3, 3), dtype=bool)
    assert displayed(np.full((3, 3, 3), 7, dtype=np.uint8), brain).shape == (3, 3, 3)


def test_an_outline_runs_between_voxels() -> None:
    mask = np.zeros((5, 6), dtype=bool)
    mask[2, 3] = True
    points = {tuple(map(float, p.split())) for p in outline(mask)[1:-1].split("L")}
    assert points == {(3.0, 2.5), (4.0, 2.5), (3.5, 2.0), (3.5, 3.0)}
    assert outline(np.zeros((5, 6), dtype=bool)) == ""


def test_slices_go_through_the_tumour(analysis: Analysis) -> None:
    slices = focus_slices(analysis.prepared, analysis.segmentation)
    assert [abs(slices[p] - CENTRE[p.axis]) <= 2 for p in PLANES] == [True] * 3
    assert slice_of_diameters(analysis.prepared, bidimensional()) == CENTRE[2]


def test_the_sequences_that_say_most_come_first(analysis: Analysis) -> None:
    assert key_sequences(analysis.prepared) == (Modality.T1C, Modality.FLAIR)
    images = {m: analysis.prepared.images[m] for m in (Modality.T1, Modality.T2)}
    assert key_sequences(replace(analysis.prepared, images=images)) == (Modality.T2, Modality.T1)


def test_three_views_of_a_tumour_and_of_none(analysis: Analysis, tumour_free: Analysis) -> None:
    for one in (analysis, tumour_free):
        views = render(one.prepared.brain, one.segmentation, language("en"))
        assert [v.caption for v in views] == [
            "seen from the front",
            "seen from the left",
            "seen from below",
        ]


def test_the_viewer_gets_every_sequence_and_both_segmentations(corrected: Analysis) -> None:
    shown = {m: levels(i) for m, i in corrected.prepared.images.items()}
    data = viewer_data(corrected, shown, language("en"))
    assert [s["label"] for s in data["sequences"]] == ["T1", "T1 with contrast", "T2", "FLAIR"]
    assert data["sequences"][data["first"]]["label"] == "T1 with contrast"
    assert len(data["segmentations"]) == 2
    assert [v["value"] for v in data["values"]] == [1, 2, 3]
