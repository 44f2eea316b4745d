"""Grids: where voxels lie."""

import itertools

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from gliokit.study import Grid, StudyError, check_same_grid

ORIENTATIONS = [
    "".join(letters[a][f] for a, f in zip(axes, flips, strict=True))
    for letters in [("RL", "AP", "SI")]
    for axes in itertools.permutations(range(3))
    for flips in itertools.product((0, 1), repeat=3)
]

spacings = st.tuples(*[st.floats(0.25, 15)] * 3)
angles = st.tuples(*[st.floats(-180, 180)] * 3)


def oriented(orientation: str, spacing: tuple[float, float, float]) -> np.ndarray:
    affine = np.eye(4)
    affine[:3, :3] = 0
    for axis, letter in enumerate(orientation):
        row = next(r for r, pair in enumerate(("RL", "AP", "SI")) if letter in pair)
        affine[row, axis] = spacing[axis] if letter in "RAS" else -spacing[axis]
    return affine


def oblique(angles: tuple[float, ...], spacing: tuple[float, ...]) -> np.ndarray:
    affine = np.eye(4)
    affine[:3, :3] = Rotation.from_euler("xyz", angles, degrees=True).as_matrix() * spacing
    affine[:3, 3] = (3, -50, 12)
    return affine


def test_there_are_48_orientations():
    assert len(set(ORIENTATIONS)) == 48


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_orientation_spacing_and_volume_are_those_of_the_affine(orientation):
    grid = Grid((9, 9, 9), oriented(orientation, (0.5, 1, 3)))
    assert grid.orientation == orientation
    assert grid.spacing_mm == pytest.approx((0.5, 1, 3))
    assert grid.voxel_ml == pytest.approx(0.0015)


@given(angles, spacings)
def test_spacing_and_volume_do_not_depend_on_the_angle(angles, spacing):
    grid = Grid((5, 6, 7), oblique(angles, spacing))
    assert grid.spacing_mm == pytest.approx(spacing)
    assert grid.voxel_ml == pytest.approx(np.prod(spacing) / 1000)
    assert grid.same_as(grid)
    assert {"RL", "AP", "SI"} == {
        pair for pair in ("RL", "AP", "SI") if any(c in pair for c in grid.orientation)
    }


@given(angles, st.floats(0.2, 30))
def test_a_shifted_grid_is_another_and_says_how_far(angles, shift):
    affine = oblique(angles, (1, 1, 2))
    moved = affine.copy()
    moved[:3, 3] += np.array([0, shift, 0])
    one, other = Grid((5, 6, 7), affine), Grid((5, 6, 7), moved)
    assert one.apart_mm(other) == pytest.approx(shift)
    assert not one.same_as(other)


def test_a_rotation_about_the_first_voxel_is_seen_at_the_far_corner():
    turned = Rotation.from_euler("z", 1, degrees=True).as_matrix()
    affine = np.eye(4)
    affine[:3, :3] = turned
    assert not Grid((200, 200, 100), np.eye(4)).same_as(Grid((200, 200, 100), affine))


def test_to_mm_is_the_affine():
    grid = Grid((5, 6, 7), oblique((10, 20, 30), (1, 2, 3)))
    index = np.array([[1.0, 2, 3], [4, 5, 6]])
    assert np.allclose(grid.to_mm(index), nib.affines.apply_affine(grid.affine, index))


def test_a_grid_can_not_be_changed():
    affine = np.eye(4)
    grid = Grid((2, 2, 2), affine)
    affine[0, 0] = 5
    assert grid.spacing_mm == (1, 1, 1)
    with pytest.raises(ValueError, match="read-only"):
        grid.affine[0, 0] = 5


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (np.diag([0.0, 1, 1, 1]), "0 x 1 x 1 mm"),
        (np.diag([1000.0, 1000, 1000, 1]), "1000 x 1000 x 1000 mm"),
        (np.diag([1.0, 1, np.nan, 1]), "finite"),
        (np.array([[1.0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]), "inverted"),
        (np.diag([1.0, 1, 1, 2]), "last row"),
        (np.eye(3), "4x4"),
    ],
)
def test_an_affine_that_can_not_be_is_refused(matrix, words):
    with pytest.raises(StudyError, match=words):
        Grid((4, 4, 4), matrix)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 0), (4, 4, 4, 2)])
def test_a_shape_that_is_not_three_axes_is_refused(shape):
    with pytest.raises(StudyError, match="three axes"):
        Grid(shape, np.eye(4))


def test_grids_that_differ_are_told_apart_in_voxels_and_mm():
    one = Grid((10, 10, 10), np.eye(4))
    other = Grid((10, 10, 5), np.diag([-1.0, 1, 2, 1]))
    with pytest.raises(StudyError) as caught:
        check_same_grid(other, one, source="b.nii", against="a.nii")
    text = str(caught.value)
    assert text.startswith("b.nii: ")
    for words in (
        "a.nii",
        "10 x 10 x 5 voxels, there 10 x 10 x 10",
        "1 x 1 x 2 mm, there 1 x 1 x 1 mm",
        "axes LAS, there RAS",
        "mm apart",
    ):
        assert words in text


def test_grids_that_differ_by_rounding_are_the_same():
    moved = np.eye(4)
    moved[0, 3] = 0.05
    check_same_grid(Grid((9, 9, 9), moved), Grid((9, 9, 9), np.eye(4)), source="b", against="a")
