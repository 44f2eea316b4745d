"""Any orientation in, the same voxels on the prepared grid, and back without loss."""

from __future__ import annotations

import itertools

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gliokit.preprocessing import (
    block_mean,
    label_map_on,
    linear_upsample,
    normalise,
    prepare,
    to_native,
)
from gliokit.study import BRATS, Grid, LabelMap, Modality, Study, Volume

SHAPE = (150, 140, 130)


def head(shape: tuple[int, int, int] = SHAPE, scale: float = 1.0) -> np.ndarray:
    """An ellipsoid of 1,300 mL with a gradient along each axis, in RAS order."""
    radii = np.array([66, 68, 62]) / scale
    centre = (np.array(shape) - 1) / 2
    place = (np.indices(shape).T - centre).T
    inside = ((place.T / radii) ** 2).sum(axis=-1).T < 1
    ramp = 100 + place[0] * scale / 3 + place[1] * scale / 7 + place[2] * scale / 11
    return np.where(inside, ramp, 0).astype(np.float32)


def oblique(shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    """An affine turned by some degrees about each axis, centred."""
    affine = np.eye(4)
    for axis, degrees in enumerate((7, -11, 5)):
        turn = np.eye(4)
        a, b = [n for n in range(3) if n != axis]
        cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        turn[a, a] = turn[b, b] = cosine
        turn[a, b], turn[b, a] = -sine, sine
        affine = affine @ turn
    affine[:3, 3] = affine[:3, :3] @ (-(np.array(shape) - 1) / 2) + (3, -4, 5)
    return affine


def orientations() -> list[np.ndarray]:
    """All 48: six orders of the axes, eight flips."""
    return [
        np.array(list(zip(order, flips, strict=True)), dtype=float)
        for order in itertools.permutations(range(3))
        for flips in itertools.product((1, -1), repeat=3)
    ]


def turned(
    data: np.ndarray, affine: np.ndarray, orientation: np.ndarray
) -> tuple[np.ndarray, Grid]:
    out = nib.orientations.apply_orientation(data, orientation)
    inverse = nib.orientations.inv_ornt_aff(orientation, data.shape)
    return out, Grid(out.shape, affine @ inverse)


def study_of(data: np.ndarray, grid: Grid) -> Study:
    return Study("x", {Modality.FLAIR: Volume.from_array(Modality.FLAIR, grid, data)})


@pytest.fixture(scope="module")
def reference() -> np.ndarray:
    return prepare(study_of(head(), Grid(SHAPE, oblique()))).images[Modality.FLAIR]


@pytest.mark.parametrize("orientation", orientations())
def test_every_orientation_gives_the_same_prepared_voxels_and_comes_back(
    orientation: np.ndarray, reference: np.ndarray
) -> None:
    data, grid = turned(head(), oblique(), orientation)
    prepared = prepare(study_of(data, grid))
    assert prepared.grid.orientation == "RAS"
    np.testing.assert_array_equal(prepared.images[Modality.FLAIR], reference)
    labels = np.where(data > 110, 2, 0).astype(np.uint8)
    native = LabelMap(grid, labels, BRATS)
    back = to_native(label_map_on(native, prepared), prepared)
    np.testing.assert_array_equal(back.data, labels)
    assert back.grid.same_as(grid)


def test_prepared_voxels_lie_where_they_lay_in_the_patient() -> None:
    data, grid = turned(head(), oblique(), orientations()[17])
    prepared = prepare(study_of(data, grid))
    brightest = np.unravel_index(int(data.argmax()), data.shape)
    after = np.unravel_index(int(prepared.images[Modality.FLAIR].argmax()), prepared.grid.shape)
    np.testing.assert_allclose(
        grid.to_mm(np.array(brightest, float)),
        prepared.grid.to_mm(np.array(after, float)),
        atol=1e-6,
    )


def test_other_spacings_are_brought_to_1_mm_with_the_same_volume() -> None:
    grid = Grid((75, 70, 65), np.diag([2.0, -2.0, 2.0, 1.0]))
    prepared = prepare(study_of(head((75, 70, 65), scale=2.0), grid))
    assert prepared.grid.spacing_mm == pytest.approx((1, 1, 1))
    native_ml = np.count_nonzero(head((75, 70, 65), scale=2.0)) * grid.voxel_ml
    assert prepared.brain.sum() * prepared.grid.voxel_ml == pytest.approx(native_ml, rel=1e-3)
    assert [n.code for n in prepared.notices] == ["grid-resampled"]
    labels = LabelMap(grid, (head((75, 70, 65), scale=2.0) > 110).astype(np.uint8), BRATS)
    back = to_native(label_map_on(labels, prepared), prepared)
    np.testing.assert_array_equal(back.data, labels.data)


@given(scale=st.floats(0.01, 1000), offset=st.floats(-500, 500), seed=st.integers(0, 99))
def test_normalised_intensities_forget_scale_and_offset(
    scale: float, offset: float, seed: int
) -> None:
    image = np.random.default_rng(seed).normal(100, 15, (8, 8, 8)).astype(np.float32)
    brain = np.ones(image.shape, bool)
    expected = normalise(image, brain)
    moved = (image.astype(np.float64) * scale + offset * scale).astype(np.float32)
    np.testing.assert_allclose(normalise(moved, brain), expected, atol=0.02)


def test_normalised_brain_has_median_0_and_nothing_outside() -> None:
    image = np.random.default_rng(0).gamma(2, 50, (20, 20, 20)).astype(np.float32)
    brain = np.indices(image.shape)[0] < 12
    scores = normalise(image, brain)
    assert np.median(scores[brain]) == pytest.approx(0, abs=1e-6)
    assert np.count_nonzero(scores[~brain]) == 0
    assert np.abs(scores).max() <= 5


def test_block_mean_keeps_the_sum_and_upsampling_a_constant() -> None:
    image = np.random.default_rng(0).random((2, 7, 9, 11), dtype=np.float32)
    coarse = block_mean(image, 2)
    assert coarse.shape == (2, 4, 5, 6)
    assert coarse.sum() * 8 == pytest.approx(image.sum(), rel=1e-5)
    constant = linear_upsample(np.full((1, 4, 5, 6), 3, np.float32), 2, (7, 9, 11))
    np.testing.assert_allclose(constant, 3)
    assert constant.shape == (1, 7, 9, 11)


def test_upsampling_a_coarse_ramp_gives_the_fine_ramp() -> None:
    ramp = np.broadcast_to(np.arange(16, dtype=np.float32)[:, None, None], (16, 4, 4))
    again = linear_upsample(block_mean(ramp[None], 2), 2, (16, 4, 4))[0]
    np.testing.assert_allclose(again[1:-1], ramp[1:-1], atol=1e-5)


def test_a_ct_beside_the_images_does_not_make_the_air_brain() -> None:
    data, grid = head(), Grid(SHAPE, oblique())
    t1c = Volume.from_array(Modality("t1c"), grid, data)
    hounsfield = Volume.from_array(Modality("ct"), grid, np.where(data > 0, 30, -1000))
    alone = prepare(Study("one", {t1c.modality: t1c}))
    beside = prepare(Study("one", {t1c.modality: t1c, hounsfield.modality: hounsfield}))
    assert np.array_equal(beside.brain, alone.brain)
