"""Form: what is known in closed form, and what must not change."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist, squareform
from skimage.measure import marching_cubes, mesh_surface_area

from gliokit.measurement.radiomics import RadiomicsSettings, extract
from gliokit.measurement.radiomics.enclosing import ellipsoid_area, oriented_box_size
from gliokit.measurement.radiomics.mesh import mesh_of
from gliokit.measurement.radiomics.spatial import moran_and_geary

FORM = RadiomicsSettings(families=("morphology",))
SPACING_MM = (0.8, 1.5, 2.2)


def _ball(radius: float, size: int) -> np.ndarray:
    centre = (size - 1) / 2
    distance = np.linalg.norm(np.indices((size,) * 3).T - centre, axis=-1).T
    return distance <= radius


def _random(seed: int, shape: tuple[int, int, int] = (7, 6, 5)) -> np.ndarray:
    return np.random.default_rng(seed).random(shape) < 0.4


def test_a_ball_has_the_volume_and_axes_of_a_ball() -> None:
    found = extract(np.ones((45,) * 3), _ball(20, 45), (1.0, 1.0, 1.0), FORM)
    assert found["morph_volume"] == pytest.approx(4 / 3 * math.pi * 20**3, rel=0.01)
    assert found["morph_diam"] == pytest.approx(41, abs=1)
    for axis in ("maj", "min", "least"):
        # The spread of a ball along an axis is a fifth of its squared radius.
        assert found[f"morph_pca_{axis}_axis"] == pytest.approx(4 * 20 / math.sqrt(5), rel=0.01)
    assert found["morph_vol_dens_aee"] == pytest.approx((math.sqrt(5) / 2) ** 3, rel=0.02)
    # Half a voxel sticks out at the poles.
    assert found["morph_vol_dens_mvee"] == pytest.approx((20 / 20.5) ** 3, rel=0.01)
    assert found["morph_com"] == pytest.approx(0, abs=1e-9)


def test_a_long_box_has_its_sides_and_a_full_box_about_it() -> None:
    mask = np.zeros((30, 12, 8), bool)
    mask[2:26, 2:10, 2:6] = True
    found = extract(np.ones(mask.shape), mask, (1.0, 1.0, 1.0), FORM)
    assert found["morph_vol_approx"] == 24 * 8 * 4
    assert found["morph_pca_maj_axis"] > found["morph_pca_min_axis"]
    assert found["morph_vol_dens_aabb"] == pytest.approx(found["morph_vol_dens_ombb"])
    assert found["morph_vol_dens_conv_hull"] == pytest.approx(1)


@pytest.mark.parametrize("spacing_mm", [(1.0, 1.0, 1.0), SPACING_MM])
@given(seed=st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_counted_cubes_make_the_mesh_of_marching_cubes(
    seed: int, spacing_mm: tuple[float, float, float]
) -> None:
    mask = _random(seed)
    mask[3, 3, 2] = True
    vertices, faces, _, _ = marching_cubes(np.pad(mask, 1).astype(np.float32), 0.5)
    vertices = vertices.astype(np.float64) * spacing_mm
    a, b, c = (vertices[faces[:, n]] for n in range(3))
    volume = abs(np.einsum("ni,ni->", a, np.cross(b, c))) / 6
    mesh = mesh_of(mask, spacing_mm)
    assert mesh.volume_mm3 == pytest.approx(volume, rel=1e-5)
    assert mesh.area_mm2 == pytest.approx(mesh_surface_area(vertices, faces), rel=1e-5)
    ours, theirs = mesh.vertices, vertices - spacing_mm
    assert pdist(ours).max() == pytest.approx(pdist(theirs).max(), rel=1e-5)
    assert np.ptp(ours, axis=0) == pytest.approx(np.ptp(theirs, axis=0), rel=1e-5)


@given(seed=st.integers(0, 10**6), moved=st.tuples(*[st.integers(0, 4)] * 3))
@settings(max_examples=10, deadline=None)
def test_form_does_not_change_when_the_region_moves(seed: int, moved: tuple[int, int, int]) -> None:
    mask, image = np.zeros((12, 11, 10), bool), np.zeros((12, 11, 10))
    small = _random(seed)
    small[0, 0, 0] = True
    box = tuple(slice(m, m + n) for m, n in zip(moved, small.shape, strict=True))
    mask[box], image[box] = small, np.random.default_rng(seed).normal(9, 2, small.shape)
    there = extract(image, mask, SPACING_MM, FORM)
    here = extract(image[box], small, SPACING_MM, FORM)
    assert there == pytest.approx(here, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_form_does_not_change_when_axes_are_exchanged_and_turned(
    order: tuple[int, int, int],
) -> None:
    mask, image = _random(4), np.random.default_rng(4).normal(9, 2, (7, 6, 5))
    spacing_mm = tuple(SPACING_MM[axis] for axis in order)
    turned = extract(image.transpose(order)[::-1], mask.transpose(order)[::-1], spacing_mm, FORM)
    plain = extract(image, mask, SPACING_MM, FORM)
    # Marching cubes cuts ambiguous faces as they lie, and the enclosing ellipsoid is found to
    # a thousandth.
    assert turned == pytest.approx(plain, rel=0.02)


def test_moran_and_geary_are_their_sums_over_all_pairs() -> None:
    mask, image = _random(7), np.random.default_rng(7).normal(50, 9, (7, 6, 5))
    points, x = np.argwhere(mask) * SPACING_MM, image[mask]
    weights = squareform(1 / pdist(points))
    n, centred = len(x), x - x.mean()
    moran = n / weights.sum() * (centred @ weights @ centred) / (centred @ centred)
    squares = (weights * (x[:, None] - x) ** 2).sum()
    geary = (n - 1) / (2 * weights.sum()) * squares / (centred @ centred)
    assert moran_and_geary(image, mask, SPACING_MM) == pytest.approx((moran, geary), rel=1e-9)


def test_a_turned_box_fills_its_oriented_box_but_not_its_upright_one() -> None:
    corners = np.array([[i, j, k] for i in (0, 5) for j in (0, 3) for k in (0, 2)], float)
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    volume, area = oriented_box_size(corners @ turn)
    assert (volume, area) == pytest.approx((30, 62))


def test_the_area_of_a_ball_is_exact_and_that_of_a_line_0() -> None:
    assert ellipsoid_area(np.array([3.0, 3.0, 3.0])) == pytest.approx(36 * math.pi)
    assert ellipsoid_area(np.array([3.0, 0.0, 0.0])) == 0
