"""Balls, boxes and rings whose figures are known in closed form."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gliokit.measurement.bidimensional import (
    bidimensional,
    filled_slices,
    with_enclosed_core,
)
from gliokit.measurement.geometry import (
    centroid_mm,
    lesions,
    longest_diameter_mm,
    surface_area_mm2,
)
from gliokit.measurement.regions import proportions_of, regions_of
from gliokit.study import BRATS, WHOLE_TUMOUR, Grid, LabelMap

SHAPE = (64, 60, 56)
OBLIQUE = np.array(
    [
        [0.936, -0.275, 0.218, -20],
        [0.289, 0.956, -0.037, 7],
        [-0.199, 0.098, 0.975, 3],
        [0, 0, 0, 1],
    ]
)


def grid(*spacing: float) -> Grid:
    return Grid(SHAPE, np.diag([*(spacing or (1.0, 1.0, 1.0)), 1.0]))


def ellipsoid(*radii: float, spacing: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    centre = (np.array(SHAPE) - 1) / 2
    place = ((np.indices(SHAPE).T - centre) * spacing / radii).T
    return (place**2).sum(axis=0) <= 1


def box(i: int, j: int, k: int) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[10 : 10 + i, 10 : 10 + j, 10 : 10 + k] = True
    return mask


def test_longest_diameter_of_a_box_is_its_diagonal_from_edge_to_edge() -> None:
    assert longest_diameter_mm(box(3, 4, 12), grid()) == pytest.approx(13)
    assert longest_diameter_mm(box(3, 2, 6), grid(1, 2, 2)) == pytest.approx(13)
    assert longest_diameter_mm(box(1, 1, 1), grid()) == pytest.approx(3**0.5)


def test_longest_diameter_is_the_same_in_a_turned_patient() -> None:
    turned = Grid(SHAPE, OBLIQUE)
    straight = longest_diameter_mm(ellipsoid(9, 14, 20), grid())
    assert straight == pytest.approx(40, abs=1.5)
    assert longest_diameter_mm(ellipsoid(9, 14, 20), turned) == pytest.approx(straight, rel=0.005)


def test_surface_area_of_a_box_and_a_ball() -> None:
    assert surface_area_mm2(box(20, 20, 20), grid()) == pytest.approx(2400, rel=0.03)
    assert surface_area_mm2(ellipsoid(20, 20, 20), grid()) == pytest.approx(
        4 * np.pi * 400, rel=0.11
    )
    assert surface_area_mm2(np.zeros(SHAPE, bool), grid()) == 0


def test_touching_corners_are_one_lesion_and_the_largest_comes_first() -> None:
    mask = box(2, 2, 2)
    mask[12, 12, 12] = True
    mask[30:34, 30:34, 30:34] = True
    parts = lesions(mask, grid())
    assert [int(part.sum()) for part, _ in parts] == [64, 9]
    assert centroid_mm(*parts[0]) == pytest.approx((31.5, 31.5, 31.5))


def test_centroid_is_in_millimetres_of_the_patient() -> None:
    mask = np.zeros(SHAPE, bool)
    mask[4, 5, 6] = True
    affine = np.array([[-2.0, 0, 0, 10], [0, 0, 3, 20], [0, 1, 0, 30], [0, 0, 0, 1]])
    assert centroid_mm(mask, Grid(SHAPE, affine)) == pytest.approx((2, 38, 35))


@pytest.mark.parametrize(
    ("sides", "longest", "product"),
    [((20, 20), 28.28, 800.0), ((40, 20), 44.72, 1000.0), ((30, 30), 42.43, 1800.0)],
)
def test_diameters_of_a_rectangle(sides: tuple[int, int], longest: float, product: float) -> None:
    found = bidimensional(box(*sides, 3), grid())
    assert found is not None
    assert found.longest_mm == pytest.approx(longest, abs=0.01)
    assert found.product_mm2 == pytest.approx(product, rel=1e-3)


def test_diameters_of_a_disc_and_an_ellipse() -> None:
    for a, b in ((15.3, 15.3), (20.4, 10.2)):
        found = bidimensional(ellipsoid(a, b, 3), grid())
        assert found is not None
        assert found.product_mm2 == pytest.approx(4 * a * b, rel=0.07)
        assert found.measurable


@given(degrees=st.floats(0, 180), long=st.floats(10, 24), share=st.floats(0.4, 1))
@settings(max_examples=15, deadline=None)
def test_diameters_of_an_ellipse_turned_in_its_slice(
    degrees: float, long: float, share: float
) -> None:
    i, j = np.indices(SHAPE[:2]) - 29.5
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    u, v = i * cosine + j * sine, j * cosine - i * sine
    mask = np.zeros(SHAPE, bool)
    mask[:, :, 20] = (u / long) ** 2 + (v / (long * share)) ** 2 <= 1
    found = bidimensional(mask, grid())
    assert found is not None
    assert found.longest_mm == pytest.approx(2 * long, abs=2)
    assert found.perpendicular_mm == pytest.approx(2 * long * share, abs=2.5)


def test_diameters_on_uneven_voxels_are_in_millimetres() -> None:
    found = bidimensional(box(20, 10, 2), grid(1, 2, 4))
    assert found is not None
    assert found.longest_mm == pytest.approx(28.28, abs=0.01)
    assert found.product_mm2 == pytest.approx(800, rel=1e-3)


def test_ends_lie_at_right_angles_in_one_slice_of_the_patient() -> None:
    found = bidimensional(ellipsoid(20, 11, 5), Grid(SHAPE, OBLIQUE))
    assert found is not None
    long = np.subtract(*found.longest_ends_mm)
    across = np.subtract(*found.perpendicular_ends_mm)
    assert np.linalg.norm(long) == pytest.approx(found.longest_mm, rel=0.002)
    assert np.linalg.norm(across) == pytest.approx(found.perpendicular_mm, rel=0.002)
    assert abs(long @ across) < 0.01 * found.product_mm2


def test_a_ring_is_measured_across_not_along_its_rim() -> None:
    ring = ellipsoid(15, 15, 15) & ~ellipsoid(11, 11, 11)
    full = bidimensional(ellipsoid(15, 15, 15), grid())
    assert bidimensional(filled_slices(ring, grid()), grid()) == full
    bare = bidimensional(ring, grid())
    assert bare is not None
    assert full is not None
    assert bare.product_mm2 < 0.7 * full.product_mm2


def test_an_open_ring_is_filled_with_its_core_and_a_nodule_in_a_large_core_is_not() -> None:
    disc, inner = ellipsoid(15, 15, 15), ellipsoid(11, 11, 11)
    gap = np.zeros(SHAPE, bool)
    gap[31:, 27:33] = True
    ring = disc & ~inner & ~gap
    filled = with_enclosed_core(ring, inner, grid())
    assert filled[inner].all()
    open_ring, closed = bidimensional(filled, grid()), bidimensional(disc, grid())
    assert open_ring is not None
    assert closed is not None
    assert open_ring.product_mm2 == pytest.approx(closed.product_mm2, rel=0.08)
    nodule = box(5, 5, 5)
    beside = np.roll(box(20, 20, 20), 5, 0)
    assert np.array_equal(with_enclosed_core(nodule, beside, grid()), nodule)


def test_axial_slices_are_those_nearest_to_superior_whatever_the_order_of_axes() -> None:
    mask = ellipsoid(20, 12, 6)
    straight = bidimensional(mask, grid())
    affine = np.array([[0, 1.0, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
    turned = bidimensional(mask.transpose(2, 0, 1), Grid((56, 64, 60), affine))
    assert straight is not None
    assert turned is not None
    assert turned.product_mm2 == pytest.approx(straight.product_mm2)
    assert turned.longest_ends_mm[0][2] == straight.longest_ends_mm[0][2]


@given(seed=st.integers(0, 2**16), axes=st.sets(st.sampled_from([0, 1, 2])))
@settings(max_examples=12, deadline=None)
def test_figures_are_the_same_in_a_mirrored_patient(seed: int, axes: set[int]) -> None:
    random = np.random.default_rng(seed)
    data = np.zeros(SHAPE, np.uint8)
    for value, size in ((2, 14), (1, 9), (3, 6)):
        at = random.integers(5, 35, 3)
        data[tuple(slice(a, a + size) for a in at)] = value
    straight = regions_of(LabelMap(grid(), data, BRATS))
    mirrored = regions_of(LabelMap(grid(), np.flip(data, tuple(axes)), BRATS))
    for name, figures in straight.items():
        other = mirrored[name]
        assert other.volume_ml == pytest.approx(figures.volume_ml)
        assert other.longest_diameter_mm == pytest.approx(figures.longest_diameter_mm)
        assert other.surface_area_mm2 == pytest.approx(figures.surface_area_mm2, rel=1e-3)
        assert len(other.lesions) == len(figures.lesions)
        assert (other.bidimensional is None) == (figures.bidimensional is None)
        if figures.bidimensional and other.bidimensional:
            # Chords of the same length may be told apart by the last digit.
            assert other.bidimensional.product_mm2 == pytest.approx(
                figures.bidimensional.product_mm2, rel=0.1
            )


def test_lesions_that_share_a_core_have_one_pair_of_diameters() -> None:
    data = np.zeros(SHAPE, np.uint8)
    data[ellipsoid(15, 15, 15)] = 3
    data[ellipsoid(11, 11, 11)] = 1
    data[31:33] = np.where(data[31:33] == 3, 1, data[31:33])
    figures = regions_of(LabelMap(grid(), data, BRATS))["ET"]
    assert len(figures.lesions) == 2
    assert [lesion.bidimensional is None for lesion in figures.lesions] == [False, True]
    assert figures.bidimensional == figures.lesions[0].bidimensional
    whole = bidimensional(ellipsoid(15, 15, 15), grid())
    assert figures.bidimensional is not None
    assert whole is not None
    assert figures.bidimensional.product_mm2 == pytest.approx(whole.product_mm2, rel=0.05)


def test_a_lesion_of_200_ml_is_measured_in_well_under_a_second() -> None:
    large = ellipsoid(30, 29, 27) & (np.indices(SHAPE).sum(axis=0) % 29 > 0)
    began = time.process_time()
    bidimensional(large, grid())
    assert time.process_time() - began < 1.5


def test_the_longest_chord_of_a_crescent_stays_within_it() -> None:
    mask = np.zeros(SHAPE, bool)
    i, j = np.indices(SHAPE[:2]) - 29.5
    radius = np.hypot(i, j)
    mask[:, :, 20] = (radius < 20) & (radius > 14) & (i < 0)
    found = bidimensional(mask, grid())
    assert found is not None
    assert found.longest_mm < 34


def test_the_slice_of_the_largest_product_is_taken() -> None:
    mask = box(12, 12, 1)
    mask[10:14, 10:50, 12] = True
    found = bidimensional(mask, grid())
    assert found is not None
    assert found.longest_ends_mm[0][2] == 10


@pytest.mark.parametrize(("side", "measurable"), [(7, False), (8, True)])
def test_below_10_by_10_mm_a_lesion_is_not_measurable(side: int, measurable: bool) -> None:
    found = bidimensional(box(side, side, 2), grid())
    assert found is not None
    assert found.measurable is measurable


def test_an_empty_region_measures_0_and_an_unknown_one_is_absent() -> None:
    empty = regions_of(LabelMap(grid(), np.zeros(SHAPE, np.uint8), BRATS))
    assert set(empty) == {"WT", "TC", "ET", "NCR", "ED"}
    assert empty["ET"].volume_ml == 0
    assert empty["ET"].longest_diameter_mm is None
    whole = LabelMap(grid(), box(10, 10, 10).astype(np.uint8), WHOLE_TUMOUR)
    assert set(regions_of(whole)) == {"WT"}
    assert proportions_of(whole) is None


def test_proportions_add_up_to_the_whole_tumour() -> None:
    data = np.zeros(SHAPE, np.uint8)
    data[box(20, 20, 20)] = 2
    data[box(10, 10, 20)] = 3
    data[box(5, 10, 20)] = 1
    label_map = LabelMap(grid(), data, BRATS)
    parts = proportions_of(label_map)
    assert parts is not None
    assert (
        parts.enhancing_percent,
        parts.non_enhancing_core_percent,
        parts.flair_outside_core_percent,
    ) == pytest.approx((12.5, 12.5, 75))
    figures = regions_of(label_map)
    assert figures["WT"].volume_ml == pytest.approx(8)
    assert figures["ET"].bidimensional is not None
    assert figures["TC"].bidimensional is None
