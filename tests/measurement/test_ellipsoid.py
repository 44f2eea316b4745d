"""The smallest enclosing ellipsoid: closed forms, optimality, and what never changes it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gliokit.measurement.ellipsoid import ellipsoid_volume_ratio, enclosing_ellipsoid
from gliokit.measurement.geometry import outer_corners
from gliokit.study import UsageError

CUBE = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, -1).T.astype(float)


def random_linear_map(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    turn = np.linalg.qr(random.normal(size=(3, 3)))[0]
    return np.asarray(turn @ np.diag(random.uniform(0.2, 5, 3)) @ random.normal(size=(3, 3)))


def balls(*centres: tuple[int, int, int], radius: float = 8.0) -> np.ndarray:
    place = np.indices((61, 31, 31)).T
    return np.any([radius**2 >= ((place - c) ** 2).sum(axis=-1).T for c in centres], axis=0)


def ratio(mask: np.ndarray, matrix: np.ndarray | None = None) -> float:
    matrix = np.eye(3) if matrix is None else matrix
    volume = mask.sum() * abs(np.linalg.det(matrix))
    return ellipsoid_volume_ratio(volume, outer_corners(mask) @ matrix.T)


def test_ellipsoid_of_a_box_of_any_sides() -> None:
    found = enclosing_ellipsoid(CUBE * (2.0, 3.0, 5.0))
    assert 30 / found.volume == pytest.approx(2 / (np.pi * 3**0.5), rel=1e-4)
    assert found.centre == pytest.approx((1, 1.5, 2.5), abs=1e-4)
    assert found.half_axes == pytest.approx(np.array((5, 3, 2)) * 3**0.5 / 2, rel=1e-4)


def test_ellipsoid_of_a_regular_simplex_is_its_circumscribed_ball() -> None:
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], dtype=float)
    found = enclosing_ellipsoid(corners + 7)
    assert found.half_axes == pytest.approx([3**0.5] * 3, rel=1e-4)
    assert found.centre == pytest.approx([7, 7, 7], abs=1e-4)


def test_axes_of_points_on_a_turned_ellipsoid_are_found() -> None:
    random = np.random.default_rng(1)
    sphere = random.normal(size=(1500, 3))
    sphere /= np.linalg.norm(sphere, axis=1)[:, None]
    turn = np.linalg.qr(random.normal(size=(3, 3)))[0]
    found = enclosing_ellipsoid(sphere * (8, 12, 18) @ turn.T + (40, -7, 3))
    assert found.half_axes == pytest.approx((18, 12, 8), rel=1e-3)
    assert found.centre == pytest.approx((40, -7, 3), abs=0.01)


@given(seed=st.integers(0, 2**16), n=st.integers(4, 60))
@settings(max_examples=12, deadline=None)
def test_all_points_are_enclosed_and_no_smaller_ellipsoid_holds(seed: int, n: int) -> None:
    points = np.random.default_rng(seed).normal(size=(n, 3)) @ random_linear_map(seed)
    found = enclosing_ellipsoid(points, tolerance=1e-7)
    offsets = points - found.centre
    squared = np.einsum("ni,ij,nj->n", offsets, found.shape, offsets)
    assert squared.max() <= 1 + 1e-9
    # John's conditions: contact points with weights that balance, and whose spread is the shape.
    touching = offsets[squared > 1 - 1e-3]
    from scipy.optimize import nnls

    root = np.linalg.cholesky(found.shape)
    unit = touching @ root
    moments = np.concatenate(
        [np.einsum("ni,nj->ijn", unit, unit).reshape(9, -1), unit.T, np.ones((1, len(unit)))]
    )
    wanted = np.concatenate([np.eye(3).ravel() / 3, np.zeros(3), [1.0]])
    assert nnls(moments, wanted)[1] < 5e-3


@given(seed=st.integers(0, 2**16))
@settings(max_examples=6, deadline=None)
def test_the_ratio_needs_no_voxel_size(seed: int) -> None:
    mask = balls((14, 15, 15), (30, 12, 18))
    assert ratio(mask, random_linear_map(seed)) == pytest.approx(ratio(mask), rel=2e-4)


def test_ratio_of_balls_and_ellipsoids_of_voxels() -> None:
    place = np.indices((61, 61, 61)).T - 30.0
    ball = ((place / 15) ** 2).sum(axis=-1).T <= 1
    drawn_out = ((place / (8, 12, 18)) ** 2).sum(axis=-1).T <= 1
    assert ratio(ball) == pytest.approx(0.850, abs=0.001)
    assert ratio(drawn_out) == pytest.approx(0.809, abs=0.001)


def test_ratio_of_two_balls_that_touch_is_that_of_their_ellipsoid() -> None:
    # Of revolution about the axis, around two balls of radius r whose centres lie 2 a apart.
    # Exact for the least volume over half-axes p along, q across.
    from scipy.optimize import minimize_scalar

    radius, half = 8.5, 8.0

    def least_across(along: float) -> float:
        x = np.linspace(half - radius, half + radius, 4001)
        height = np.maximum(radius**2 - (x - half) ** 2, 0)
        return float(np.sqrt((height / np.maximum(1 - (x / along) ** 2, 1e-12)).max()))

    best = minimize_scalar(
        lambda p: p * least_across(p) ** 2, bounds=(half + radius + 0.01, 60), method="bounded"
    )
    expected = 4 / 3 * np.pi * best.fun
    mask = balls((20, 15, 15), (36, 15, 15))
    assert mask.sum() / ratio(mask) == pytest.approx(expected, rel=0.06)
    assert ratio(mask) < 0.75 * ratio(balls((20, 15, 15)))


def test_points_on_a_plane_are_refused_by_name() -> None:
    flat = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0.0], [2, 3, 0]])
    with pytest.raises(UsageError, match="one plane or line"):
        enclosing_ellipsoid(flat)
    with pytest.raises(UsageError, match="at least 4 points"):
        enclosing_ellipsoid(CUBE[:3])
    with pytest.raises(UsageError, match="all finite"):
        enclosing_ellipsoid(CUBE * np.nan)
