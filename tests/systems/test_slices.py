"""Slices come back to where they came from, whatever the axes of the image."""

from __future__ import annotations

import itertools

import nibabel as nib
import numpy as np
import pytest

from gliokit.study import BRATS, Grid, LabelMap, StudyError
from gliokit.systems.grey_values import over_maximum, with_peak_at_100
from gliokit.systems.slices import Frame, axial, drawn_slices, native
from gliokit.systems.tumour_shape import largest_component, shape_of

TURNS = [
    "".join(ends)
    for axes in itertools.permutations(("LR", "PA", "SI"))
    for ends in itertools.product(*axes)
]


def grid_of(orientation: str, shape: tuple[int, int, int]) -> Grid:
    """A grid of 1 mm whose axes point as the three letters say."""
    turn = nib.orientations.axcodes2ornt(orientation)
    affine = np.zeros((4, 4))
    affine[3, 3] = 1
    for axis, (world, sign) in enumerate(turn):
        affine[int(world), axis] = sign
    return Grid(shape, affine)


@pytest.mark.parametrize("orientation", TURNS)
def test_slices_lie_alike_in_all_48_orientations_and_come_back(orientation: str) -> None:
    head = np.random.default_rng(0).random((5, 6, 7), dtype=np.float32)
    straight = grid_of("LPS", (5, 6, 7))
    way = nib.orientations.ornt_transform(
        nib.orientations.axcodes2ornt("LPS"), nib.orientations.axcodes2ornt(orientation)
    )
    turned = nib.orientations.apply_orientation(head, way)
    grid = grid_of(orientation, turned.shape)
    stack = axial(turned, grid)
    np.testing.assert_array_equal(stack, axial(head, straight))
    np.testing.assert_array_equal(stack[2, 3], head[:, 3, 2])
    np.testing.assert_array_equal(native(stack, grid), turned)


@pytest.mark.parametrize(("rows", "columns"), [(20, 16), (15, 24), (16, 16), (9, 40)])
def test_what_is_in_a_frame_comes_back_and_the_rest_is_0(rows: int, columns: int) -> None:
    stack = np.random.default_rng(1).random((2, rows, columns), dtype=np.float32)
    frame = Frame(rows, columns, extent=16, side=16)
    back = frame.leave(frame.enter(stack, "nearest"), "nearest")
    kept = back != 0
    np.testing.assert_array_equal(back[kept], stack[kept])
    assert kept.sum() == 2 * min(rows, 16) * min(columns, 16)


def test_a_frame_at_half_resolution_keeps_places() -> None:
    stack = np.zeros((1, 32, 32), dtype=np.float32)
    stack[0, 8:16, 20:28] = 1
    frame = Frame(32, 32, extent=32, side=16)
    for method in ("nearest", "linear", "cubic"):
        small = frame.enter(stack, method)  # type: ignore[arg-type]
        np.testing.assert_array_equal(
            np.argwhere(small[0] > 0.5), [[y, x] for y in range(4, 8) for x in range(10, 14)]
        )
        np.testing.assert_array_equal(frame.leave(small, "linear") > 0.4, stack > 0.5)


def test_a_drawing_on_another_grid_is_refused_by_the_patients_name() -> None:
    drawn = LabelMap(grid_of("RAS", (4, 4, 5)), np.zeros((4, 4, 5), np.uint8), BRATS)
    with pytest.raises(StudyError, match="p7"):
        drawn_slices(drawn, "WT", grid_of("RAS", (4, 4, 4)), subject="p7")


def test_a_region_drawn_on_axes_of_its_own_is_brought_onto_the_image() -> None:
    grid, other = grid_of("RAS", (4, 5, 6)), grid_of("LPS", (4, 5, 6))
    affine = other.affine.copy()
    affine[:3, 3] = (3, 4, 0)
    data = np.zeros((4, 5, 6), dtype=np.uint8)
    data[0, 1, 2] = 1
    drawn = LabelMap(Grid((4, 5, 6), affine), data, BRATS)
    found = drawn_slices(drawn, "WT", grid, subject="p")
    assert np.argwhere(found).tolist() == [[2, 1, 0]]


def test_the_fullest_grey_value_of_a_brain_falls_at_100_in_any_unit_and_with_noise_around() -> None:
    generator = np.random.default_rng(0)
    tissue = np.concatenate([generator.normal(90, 8, 40_000), generator.normal(200, 30, 4_000)])
    air = np.abs(generator.normal(0, 2, 60_000))
    head = np.clip(np.concatenate([tissue, air]), 0, 255).astype(np.float32)
    for unit in (1.0, 7.3):
        grey = with_peak_at_100(head * unit)
        fullest = int(np.bincount(grey[:40_000]).argmax())
        assert abs(fullest - 100) <= 4
        assert grey.min() == 0
        assert grey.max() == 255


@pytest.mark.parametrize("scale", [with_peak_at_100, over_maximum])
def test_an_image_without_signal_is_refused(scale: object) -> None:
    with pytest.raises(StudyError, match="has signal"):
        scale(np.zeros((4, 4, 4), dtype=np.float32))  # type: ignore[operator]


def test_over_maximum_makes_the_brightest_voxel_255_and_cuts_below_0() -> None:
    assert over_maximum(np.array([-3.0, 0, 20, 40], np.float32)).tolist() == [0, 0, 128, 255]


def test_the_largest_component_is_kept_and_corners_join() -> None:
    mask = np.zeros((6, 6, 6), dtype=bool)
    mask[0, 0, 0] = mask[1, 1, 1] = mask[2, 2, 2] = True
    mask[5, 5, 4:] = True
    assert np.argwhere(largest_component(mask)).tolist() == [[0, 0, 0], [1, 1, 1], [2, 2, 2]]
    assert not largest_component(np.zeros((3, 3, 3), bool)).any()


def test_shape_is_of_the_largest_component_and_of_nothing_for_an_empty_mask() -> None:
    grid = grid_of("LPS", (41, 41, 41))
    ball = (np.linalg.norm(np.indices((41, 41, 41)).T - 20, axis=-1) <= 15).T
    alone = shape_of(ball, grid)
    # A digital ball of radius 15 fills .85 of its ellipsoid (worked number of the formulas).
    assert alone["bevr"] == pytest.approx(0.85, abs=0.01)
    assert alone["asd"] < 0.03
    speck = ball.copy()
    speck[0, 0, 0] = True
    assert shape_of(speck, grid) == alone
    assert all(np.isnan(v) for v in shape_of(np.zeros((41, 41, 41), bool), grid).values())
