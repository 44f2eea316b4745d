"""Distances between surfaces: against hand-made cases and the package of their authors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from gliokit.evaluation import hd95_mm, surface_dice
from gliokit.evaluation.surface import surface_distances

SPACINGS = [(1.0, 1.0, 1.0), (0.5, 0.9, 4.0), (3.0, 1.0, 2.0)]


def blob(seed: int, shape: tuple[int, int, int] = (18, 14, 11)) -> np.ndarray:
    """A ragged mask that touches no side."""
    noise = np.random.default_rng(seed).normal(size=shape)
    mask = ndimage.gaussian_filter(noise, 1.5) > 0.05
    mask[[0, -1]] = mask[:, [0, -1]] = mask[:, :, [0, -1]] = False
    return mask


@pytest.mark.filterwarnings("ignore:.*the `scipy.ndimage` namespace:DeprecationWarning")
@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("seed", range(4))
def test_figures_are_those_of_the_authors_package(
    seed: int, spacing: tuple[float, float, float]
) -> None:
    theirs = pytest.importorskip("surface_distance", reason="surface-distance is not installed")
    one, other = blob(seed), blob(seed + 100)
    expected = theirs.compute_surface_distances(one, other, spacing)
    for percent in (50, 95, 100):
        found = surface_distances(one, other, spacing)
        assert found is not None
        assert found.hd_mm(percent) == pytest.approx(
            theirs.compute_robust_hausdorff(expected, percent)
        )
    for tolerance in (0.3, 1.0, 2.5):
        assert surface_dice(one, other, spacing, tolerance_mm=tolerance) == pytest.approx(
            theirs.compute_surface_dice_at_tolerance(expected, tolerance)
        )


def test_area_of_a_box_is_that_of_its_faces_less_its_bevelled_edges() -> None:
    mask = np.zeros((30, 30, 30), bool)
    mask[5:25, 5:25, 5:25] = True
    found = surface_distances(mask, mask, (1, 1, 1))
    assert found is not None
    # Six faces of 19 x 19 whole elements; an edge element is 1 x sqrt(1/2), a corner sqrt(3)/8.
    expected = 6 * 19**2 + 12 * 19 * np.sqrt(0.5) + 8 * np.sqrt(3) / 8
    assert found.there_mm2.sum() == pytest.approx(expected)


def test_hd95_of_a_slab_moved_by_two_voxels_is_two_spacings() -> None:
    one, other = np.zeros((2, 10, 10, 10), bool)
    one[3], other[5] = True, True
    assert hd95_mm(one, other, (1.5, 1, 1)) == pytest.approx(3.0)
    assert hd95_mm(other, one, (1.5, 1, 1)) == pytest.approx(3.0)


def test_hd95_ignores_the_farthest_twentieth_of_the_surface() -> None:
    one = np.zeros((10, 10, 10), bool)
    one[5] = True
    other = one.copy()
    other[0, 0, 0] = True
    assert hd95_mm(one, other, (1, 1, 1)) == 0.0


def test_surfaces_at_the_tolerance_are_within_it_and_beyond_it_are_not() -> None:
    one = np.zeros((30, 8, 8), bool)
    other = one.copy()
    one[4:20], other[5:21] = True, True
    assert surface_dice(one, other, (1 + 1e-9, 1, 1), tolerance_mm=1.0) == 1.0
    assert surface_dice(one, other, (1.1, 1, 1), tolerance_mm=1.0) < 1.0
    assert surface_dice(one, other, (1.1, 1, 1), tolerance_mm=1.2) == 1.0


def test_empty_masks_agree_with_one_another_and_with_nothing_else() -> None:
    mask, empty = blob(0), np.zeros((18, 14, 11), bool)
    assert hd95_mm(empty, empty, (1, 1, 1)) == 0.0
    assert surface_dice(empty, empty, (1, 1, 1)) == 1.0
    for one, other in ((mask, empty), (empty, mask)):
        assert hd95_mm(one, other, (1, 1, 1)) is None
        assert surface_dice(one, other, (1, 1, 1)) == 0.0


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    axes=st.permutations([0, 1, 2]),
    flips=st.lists(st.sampled_from([0, 1, 2]), unique=True),
    scale=st.sampled_from([0.5, 2.0]),
)
def test_figures_follow_the_patient_not_the_axes(
    seed: int, axes: list[int], flips: list[int], scale: float
) -> None:
    spacing = np.array([0.8, 1.0, 2.5])
    pair = blob(seed, (10, 9, 8)), blob(seed + 1, (10, 9, 8))
    if not (pair[0].any() and pair[1].any()):
        return
    turned = [np.flip(m.transpose(axes), flips) for m in pair]
    found = hd95_mm(*turned, scale * spacing[axes])
    expected = hd95_mm(*pair, spacing)
    assert found is not None
    assert expected is not None
    assert found == pytest.approx(scale * expected)
    assert surface_dice(*turned, scale * spacing[axes], tolerance_mm=scale) == pytest.approx(
        surface_dice(*pair, spacing, tolerance_mm=1.0)
    )


def test_a_mask_that_reaches_the_side_has_its_surface_there() -> None:
    full = np.ones((4, 4, 4), bool)
    padded = np.pad(full, 3)
    other = padded.copy()
    other[3] = False
    assert hd95_mm(full, other[3:7, 3:7, 3:7], (1, 1, 1)) == hd95_mm(padded, other, (1, 1, 1)) == 1


@pytest.mark.parametrize("function", [hd95_mm, surface_dice])
def test_masks_of_different_shapes_are_refused(function: object) -> None:
    with pytest.raises(ValueError, match="shape of reference"):
        function(np.ones((2, 2, 2), bool), np.ones((2, 2, 3), bool), (1, 1, 1))  # type: ignore[operator]
