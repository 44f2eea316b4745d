"""Sides, lobes, shift and ventricles on the atlas' own brain, and on real patients."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from gliokit.measurement import Location, measure
from gliokit.measurement.parcels import PLACES, load_parcels
from gliokit.measurement.places import ventricle_distance_mm
from gliokit.preprocessing import PreparedStudy, label_map_on, prepare
from gliokit.preprocessing.atlas import AtlasMatch
from gliokit.study import (
    BRATS,
    WHOLE_TUMOUR,
    Grid,
    LabelMap,
    Modality,
    StudyError,
    read_brats_case,
    read_brats_labels,
)
from tests.atlas_patient import atlas_patient, ball, known_affine

AFFINE = known_affine()
MATCH = AtlasMatch(AFFINE, 0.99, Modality.T1)


@cache
def patient(push_mm: float = 0.0) -> PreparedStudy:
    return atlas_patient(AFFINE, push_mm=push_mm)


def located(
    mni: tuple[float, float, float], radius: float = 10.0, push_mm: float = 0.0
) -> Location:
    prepared = patient(push_mm)
    data = ball(prepared, mni, AFFINE, radius).astype(np.uint8)
    label_map = LabelMap(prepared.grid, data, WHOLE_TUMOUR)
    location = measure(prepared, label_map, atlas=MATCH).location
    assert location is not None
    return location


@pytest.mark.parametrize(
    ("mni", "place"),
    [
        ((-35, 40, 20), "frontal_left"),
        ((35, 40, 20), "frontal_right"),
        ((40, -50, 48), "parietal_right"),
        ((-52, -15, -25), "temporal_left"),
        ((25, -90, 5), "occipital_right"),
        ((-40, 2, 0), "insula_left"),
        ((26, 2, 2), "basal_ganglia_right"),
        ((-12, -19, 7), "thalamus_left"),
        ((0, -30, -35), "brainstem"),
        ((25, -65, -35), "cerebellum_right"),
        ((0, 5, 21), "corpus_callosum"),
        ((22, -28, 30), "parietal_right"),
    ],
)
def test_points_of_the_atlas_have_their_place(mni: tuple[float, float, float], place: str) -> None:
    assert load_parcels().shares(np.array([mni], dtype=float)) == {place: 100.0}


def test_every_voxel_has_a_place_and_shares_add_up() -> None:
    parcels = load_parcels()
    assert set(np.unique(parcels.data)) == set(range(1, len(PLACES) + 1))
    points = np.random.default_rng(0).uniform(-90, 90, (500, 3))
    assert sum(parcels.shares(points).values()) == pytest.approx(100)


def test_a_tumour_of_the_right_temporal_lobe() -> None:
    location = located((52.0, -20.0, -20.0))
    assert location.side == "right"
    assert location.left_percent == 0
    assert next(iter(location.lobes_percent)) == "temporal_right"
    assert not location.crosses_midline
    assert location.midline_shift_mm == pytest.approx(0, abs=1)
    assert location.centroid_mni_mm == pytest.approx((52, -20, -20), abs=1)


def test_a_tumour_of_the_corpus_callosum_is_on_both_sides_and_touches_the_ventricles() -> None:
    location = located((0.0, 25.0, 12.0), radius=14.0)
    assert location.side == "bilateral"
    assert location.left_percent == pytest.approx(50, abs=12)
    assert location.crosses_midline
    assert location.ventricle_distance_mm is not None
    assert location.ventricle_distance_mm < 2


def test_distance_to_the_ventricles() -> None:
    far = located((-45.0, 30.0, 30.0), radius=6.0).ventricle_distance_mm
    assert far is not None
    assert 15 < far < 35
    tumour, fluid = np.zeros((2, 20, 5, 5), bool)
    tumour[2], fluid[8] = True, True
    assert ventricle_distance_mm(tumour, fluid, (1.0, 1.0, 1.0)) == pytest.approx(5)
    assert ventricle_distance_mm(tumour, np.roll(tumour, 1, 0), (1.0, 1.0, 1.0)) == 0
    assert ventricle_distance_mm(tumour, fluid & False, (1.0, 1.0, 1.0)) is None


@pytest.mark.parametrize("push_mm", [8.0, -8.0])
def test_a_known_shift_is_measured_within_2_mm_on_its_side(push_mm: float) -> None:
    at = -50.0 if push_mm > 0 else 50.0
    location = located((at, -10.0, 30.0), push_mm=push_mm)
    assert location.midline_shift_mm == pytest.approx(-push_mm * 0.95, abs=2)
    assert location.side == ("left" if push_mm > 0 else "right")


def test_a_tumour_that_pushes_the_midline_does_not_cross_it() -> None:
    location = located((-9.0, 14.0, 22.0), radius=12.0, push_mm=10.0)
    assert not location.crosses_midline
    assert location.side == "left"
    rights = [p for name, p in location.lobes_percent.items() if name.endswith("_right")]
    assert sum(rights) <= 100 - location.left_percent + 1e-6


def test_places_are_withheld_where_the_match_is_poor() -> None:
    prepared = patient()
    label_map = LabelMap(
        prepared.grid, ball(prepared, (40, 0, 20), AFFINE, 8).astype(np.uint8), WHOLE_TUMOUR
    )
    poor = AtlasMatch(AFFINE, 0.3, Modality.T1)
    location = measure(prepared, label_map, atlas=poor).location
    assert location is not None
    assert location.similarity == pytest.approx(0.3)
    assert location.midline_shift_mm is None
    assert location.ventricle_distance_mm is None


def test_without_a_tumour_there_is_no_place_and_nothing_to_match() -> None:
    prepared = patient()
    figures = measure(
        prepared, LabelMap(prepared.grid, np.zeros(prepared.grid.shape, np.uint8), BRATS)
    )
    assert figures.location is None
    assert figures.proportions is None
    assert figures.regions["WT"].volume_ml == 0


def test_a_label_map_on_another_grid_is_refused() -> None:
    prepared = patient()
    other = Grid((10, 10, 10), np.eye(4))
    with pytest.raises(StudyError, match="voxel on voxel"):
        measure(prepared, LabelMap(other, np.zeros((10, 10, 10), np.uint8)))


@pytest.mark.parametrize(
    ("case", "side", "place", "shift_mm"),
    [
        ("brats/BraTS2021_01659", "right", "temporal_right", 8.7),
        ("brats_original/Brats18_2013_21_1", "left", "frontal_left", -7.0),
    ],
)
def test_real_patients_lie_where_the_pictures_show_them(
    shared_data: Path, case: str, side: str, place: str, shift_mm: float
) -> None:
    folder = shared_data / case
    prepared = prepare(read_brats_case(folder))
    label_map = label_map_on(read_brats_labels(folder), prepared)
    location = measure(prepared, label_map, segmentation="given").location
    assert location is not None
    assert location.side == side
    assert next(iter(location.lobes_percent)) == place
    assert location.midline_shift_mm == pytest.approx(shift_mm, abs=3)
    assert location.similarity > 0.85
