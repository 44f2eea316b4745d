from __future__ import annotations

import numpy as np
import pytest

from gliokit.phantom.fields import evaluate, lattice_shape, smooth_field


def _centres(spacing_mm: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    i, j, k = (np.arange(spacing_mm / 2, edge, spacing_mm) for edge in (240, 240, 155))
    return i, j, k


def test_constant_coefficients_give_a_constant_field() -> None:
    ones = np.ones(lattice_shape(20.0), dtype=np.float32)
    np.testing.assert_allclose(evaluate(ones, step_mm=20.0, at=_centres(5.0)), 1, rtol=1e-5)


def test_linear_coefficients_give_a_linear_field() -> None:
    nodes = (np.arange(lattice_shape(20.0)[0]) - 1) * 20.0
    ramp = np.broadcast_to(nodes[:, None, None], lattice_shape(20.0)).astype(np.float32)
    at = _centres(5.0)
    field = evaluate(ramp, step_mm=20.0, at=at)
    np.testing.assert_allclose(field[:, 3, 4], at[0], atol=1e-3)


def test_field_has_mean_0_and_deviation_1() -> None:
    field = smooth_field(np.random.default_rng(1), length_mm=6.0, at=_centres(3.0))
    assert float(field.mean()) == pytest.approx(0, abs=0.05)
    assert float(field.std()) == pytest.approx(1, abs=0.05)


def test_field_is_the_same_at_every_voxel_size() -> None:
    fine = smooth_field(np.random.default_rng(2), length_mm=12.0, at=_centres(1.0))
    coarse = smooth_field(np.random.default_rng(2), length_mm=12.0, at=_centres(3.0))
    # The middle of three fine voxels is the centre of a coarse one.
    np.testing.assert_allclose(
        fine[1::3, 1::3, 1::3][:80, :80, :51], coarse[:80, :80, :51], atol=1e-4
    )
