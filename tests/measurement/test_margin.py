"""Margins whose roughness is known, and what must not change their figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from gliokit.measurement.contour import largest_piece, outer_contour
from gliokit.measurement.margin import (
    angular_standard_deviation,
    largest_slice,
    margin_figures,
    margin_fluctuation,
    slice_figures,
    surface_figures,
)
from gliokit.study import Grid, UsageError

ROW, COLUMN = np.indices((121, 121)) - 60.0
RADIUS, ANGLE = np.hypot(ROW, COLUMN), np.arctan2(COLUMN, ROW)
SQUARE_PIXELS = np.eye(2)


def grid_of(mask: np.ndarray, *spacing: float) -> Grid:
    return Grid(mask.shape, np.diag([*(spacing or (1.0, 1.0, 1.0)), 1.0]))


def lumps(seed: int, shape: tuple[int, int] = (40, 37)) -> np.ndarray:
    random = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(random.normal(size=shape), random.uniform(0.5, 3))
    return largest_piece(noise > 0)


@pytest.mark.parametrize(
    ("shape", "asd", "fluctuation"),
    [
        (RADIUS <= 50, 0.0055, 0.0053),
        ((abs(ROW) <= 40) & (abs(COLUMN) <= 40), 0.0660, 0.0358),
        ((ROW / 50) ** 2 + (COLUMN / 25) ** 2 <= 1, 0.0868, 0.0206),
        (45 * (1 + 0.15 * np.sin(12 * ANGLE)) >= RADIUS, 0.0964, 0.1138),
    ],
    ids=["disc", "square", "ellipse", "star"],
)
def test_flat_shapes_have_their_reference_values(
    shape: np.ndarray, asd: float, fluctuation: float
) -> None:
    found = slice_figures(shape, SQUARE_PIXELS)
    assert found[0] == pytest.approx(asd, abs=6e-5)
    # The reference orders the border by its angle, not along the contour.
    assert found[1] == pytest.approx(fluctuation, abs=2e-4)


def test_area_ratio_of_a_square_is_that_of_its_circumscribed_circle() -> None:
    square = (abs(ROW) <= 40) & (abs(COLUMN) <= 40)
    assert slice_figures(square, SQUARE_PIXELS)[2] == pytest.approx(2 / np.pi, rel=1e-4)
    assert slice_figures(square, np.diag([0.3, 4.0]))[2] == pytest.approx(2 / np.pi, rel=1e-4)


@pytest.mark.parametrize("amplitude", [0.05, 0.1, 0.2])
def test_fluctuation_of_a_quick_wave_is_its_standard_deviation(amplitude: float) -> None:
    # Thirty periods: three in the window, which averages them away.
    wave = 1 + amplitude * np.sin(np.linspace(0, 60 * np.pi, 2100, endpoint=False))
    assert margin_fluctuation(wave) == pytest.approx(amplitude / 2**0.5, rel=0.03)


def test_fluctuation_leaves_a_slow_wave_out_which_the_angular_deviation_sees() -> None:
    angle = np.linspace(-np.pi, np.pi, 2000, endpoint=False)
    slow = 1 + 0.2 * np.sin(2 * angle)
    border = slow[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert margin_fluctuation(slow) < 0.02
    assert angular_standard_deviation(border) > 3 * margin_fluctuation(slow)


def test_deviation_of_radii_drawn_in_every_sector_is_theirs() -> None:
    random = np.random.default_rng(0)
    angle = random.uniform(-np.pi, np.pi, 40_000)
    radii = 10 * (1 + 0.1 * random.standard_normal(angle.size))
    border = radii[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert angular_standard_deviation(border) == pytest.approx(0.1, rel=0.02)


def test_a_ball_is_smooth_and_a_rough_or_drawn_out_one_less_so() -> None:
    place = np.indices((61, 61, 61)).T - 30.0
    distance = np.linalg.norm(place, axis=-1).T
    noise = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=distance.shape), 2)
    rough = ndimage.label(distance <= 20 * (1 + 0.15 * noise / noise.std()))[0] == 1
    ball = surface_figures(distance <= 20, grid_of(distance))
    rough_figures = surface_figures(rough, grid_of(rough))
    drawn = np.linalg.norm(place / (10, 14, 26), axis=-1).T <= 1
    drawn_figures = surface_figures(drawn, grid_of(drawn))
    assert ball[0] < 0.02
    assert ball[1] < 0.02
    assert rough_figures[0] > 4 * ball[0]
    assert rough_figures[1] > 4 * ball[1]
    assert drawn_figures[0] > 4 * ball[0]
    assert drawn_figures[1] < rough_figures[1]
    assert ball[2] > drawn_figures[2] > rough_figures[2]


def test_thick_slices_of_a_ball_are_measured_in_millimetres() -> None:
    place = (np.indices((81, 81, 17)).T - (40, 40, 8)) * (0.5, 0.5, 2.5)
    ball = np.linalg.norm(place, axis=-1).T <= 16
    as_ball = surface_figures(ball, grid_of(ball, 0.5, 0.5, 2.5))
    as_cubes = surface_figures(ball, grid_of(ball))
    assert as_ball[0] < 0.04
    assert as_cubes[0] > 3 * as_ball[0]
    assert as_cubes[2] == pytest.approx(as_ball[2], rel=2e-4)


@given(seed=st.integers(0, 2**16))
@settings(max_examples=40, deadline=None)
def test_the_contour_walks_over_all_border_pixels_step_by_step(seed: int) -> None:
    piece = lumps(seed)
    walk = outer_contour(piece)
    padded = np.pad(piece, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    walked = np.zeros_like(piece)
    walked[tuple(walk.T)] = True
    assert np.array_equal(walked, piece & ~inner)
    if len(walk) > 1:
        steps = np.diff(np.concatenate([walk, walk[:1]]), axis=0)
        assert set(abs(steps).max(axis=1)) == {1}


def test_holes_are_no_margin_and_crumbs_no_lesion() -> None:
    disc = RADIUS <= 30
    pierced = disc & ~(np.hypot(ROW - 9, COLUMN) < 6)
    pierced[2:5, 2:5] = True
    assert np.array_equal(largest_piece(pierced), disc)


def test_a_line_and_a_single_pixel_have_a_contour() -> None:
    line = np.zeros((5, 9), bool)
    line[2, 2:7] = True
    assert len(outer_contour(line)) == 8
    pixel = np.zeros((3, 3), bool)
    pixel[1, 1] = True
    assert outer_contour(pixel).tolist() == [[1, 1]]


def test_a_single_voxel_has_no_radius_but_a_ratio() -> None:
    voxel = np.ones((1, 1, 1), bool)
    figures = margin_figures(voxel, grid_of(voxel))
    assert figures.asd is None
    assert figures.asd_slice is None
    assert figures.margin_fluctuation is None
    assert figures.ellipsoid_volume_ratio == pytest.approx(2 / (np.pi * 3**0.5), rel=1e-4)
    with pytest.raises(UsageError, match="apart from its centroid"):
        angular_standard_deviation(np.zeros((1, 2)))


@given(seed=st.integers(0, 2**16), flips=st.sets(st.sampled_from([0, 1, 2])))
@settings(max_examples=10, deadline=None)
def test_figures_are_those_of_the_patient_whatever_the_order_of_axes(
    seed: int, flips: set[int]
) -> None:
    noise = np.random.default_rng(seed).normal(size=(24, 25, 22))
    labelled, _ = ndimage.label(ndimage.gaussian_filter(noise, 2.5) > 0.02)
    part = labelled == np.bincount(labelled.ravel())[1:].argmax() + 1
    straight = margin_figures(part, grid_of(part, 1.0, 1.2, 2.0))
    order = np.random.default_rng(seed).permutation(3)
    affine = np.zeros((4, 4))
    affine[3, 3] = 1
    for new, old in enumerate(order):
        affine[old, new] = (1.0, 1.2, 2.0)[old] * (-1 if old in flips else 1)
    turned = np.flip(part, tuple(flips)).transpose(order)
    other = margin_figures(turned, Grid(turned.shape, affine))
    assert other.asd == pytest.approx(straight.asd, rel=0.03)
    assert other.margin_fluctuation == pytest.approx(straight.margin_fluctuation, rel=1e-6)
    assert other.ellipsoid_volume_ratio == pytest.approx(straight.ellipsoid_volume_ratio, rel=1e-3)


def test_the_largest_axial_slice_is_taken_with_left_to_right_first() -> None:
    mask = np.zeros((6, 20, 30), bool)
    mask[1, 5:8, 5:8] = True
    mask[3, 4:10, 3:20] = True
    affine = np.array([[0, 0, 2.0, 0], [0, 1, 0, 0], [3, 0, 0, 0], [0, 0, 0, 1]])
    piece, step = largest_slice(mask, Grid(mask.shape, affine))
    assert piece.sum() == 6 * 17
    assert abs(np.diag(step)) == pytest.approx((2, 1))
    assert np.ptp(np.argwhere(piece), axis=0).tolist() == [16, 5]
