from __future__ import annotations

import math

import numpy as np
import pytest

from gliokit.phantom.growth import diffuse, grow


def _front(density: np.ndarray, spacing_mm: float) -> float:
    """Where a density that falls along the first axis crosses 0.5, in mm."""
    line = density[:, 0, 0]
    last = int(np.flatnonzero(line >= 0.5)[-1])
    return spacing_mm * (last + (line[last] - 0.5) / (line[last] - line[last + 1]))


def _rod(days: float, d: float, rho: float, spacing_mm: float) -> np.ndarray:
    seed = np.zeros((400, 1, 1), dtype=np.float32)
    seed[:5] = 1
    grown = grow(
        seed,
        diffusion=np.full(seed.shape, d, dtype=np.float32),
        proliferation_per_day=rho,
        spacing_mm=spacing_mm,
        until=lambda _: False,
        most_days=days,
    )
    assert grown.days == pytest.approx(days, rel=0.01)
    return grown.density


def test_front_runs_at_the_speed_of_fisher_and_kolmogorov() -> None:
    # A finite-difference reference gives .0741 mm/day between days 1000 and 1450; the limit
    # 2 sqrt(D rho) = .0790 is approached from below.
    d, rho, spacing = 0.13, 0.012, 1.0
    way = _front(_rod(1450, d, rho, spacing), spacing) - _front(
        _rod(1000, d, rho, spacing), spacing
    )
    speed, limit = way / 450, 2 * math.sqrt(d * rho)
    assert 0.93 * limit < speed < limit
    assert speed == pytest.approx(0.0741, rel=0.02)
    # Bramson's correction, for the middle of the window.
    assert speed == pytest.approx(limit * (1 - 3 / (4 * rho * 1225)), rel=0.02)


def test_cells_without_diffusion_divide_logistically() -> None:
    seed = np.full((1, 1, 1), 0.1, dtype=np.float32)
    still = np.full((1, 1, 1), 1e-9, dtype=np.float32)
    grown = grow(
        seed, diffusion=still, proliferation_per_day=0.02, spacing_mm=1.0,
        until=lambda _: False, most_days=1.0,
    )  # fmt: skip
    expected = 0.1 / (0.1 + 0.9 * math.exp(-0.02 * grown.days))
    assert float(grown.density[0, 0, 0]) == pytest.approx(expected, rel=1e-4)


def test_cells_are_kept_where_none_divides() -> None:
    rng = np.random.default_rng(0)
    seed = np.zeros((15, 15, 15), dtype=np.float32)
    seed[7, 7, 7] = 0.5
    diffusion = rng.uniform(0, 0.2, seed.shape).astype(np.float32)
    grown = grow(
        seed, diffusion=diffusion, proliferation_per_day=0.0, spacing_mm=1.0,
        until=lambda _: False, most_days=60.0,
    )  # fmt: skip
    assert float(grown.density.sum()) == pytest.approx(0.5, rel=1e-4)


def test_nothing_enters_fluid() -> None:
    diffusion = np.full((20, 5, 5), 0.1, dtype=np.float32)
    diffusion[10:] = 0
    seed = np.zeros(diffusion.shape, dtype=np.float32)
    seed[2, 2, 2] = 1
    grown = grow(
        seed, diffusion=diffusion, proliferation_per_day=0.03, spacing_mm=1.0,
        until=lambda _: False, most_days=600.0,
    )  # fmt: skip
    assert grown.density[9].min() > 0.5
    assert grown.density[10:].max() == 0


def test_growth_stops_when_asked() -> None:
    grown = grow(
        np.full((3, 3, 3), 0.1, dtype=np.float32),
        diffusion=np.full((3, 3, 3), 0.1, dtype=np.float32),
        proliferation_per_day=0.01, spacing_mm=2.0,
        until=lambda c: bool(c.max() > 0.4), most_days=1e4,
    )  # fmt: skip
    assert 0.4 < grown.density.max() < 0.6


def test_fluid_goes_further_along_the_easier_way() -> None:
    source = np.zeros((41, 41, 1), dtype=bool)
    source[20, 20] = True
    ways = np.full(source.shape, 0.1, dtype=np.float32)
    ways[:, 18:23] = 1
    fluid = diffuse(source, diffusion=ways, uptake=0.004, steps=200)
    assert fluid[30, 20, 0] > 3 * fluid[20, 30, 0]
    assert fluid.max() == 1
    assert fluid.min() >= 0


@pytest.mark.parametrize("along", [(1, 0, 0), (1, 1, 0), (1, -2, 1)])
def test_cells_spread_by_the_tensor_of_the_fibres(along: tuple[int, int, int]) -> None:
    # Variance of a spreading point is 2 D t, axis by axis and between them.
    d, aligned, middle = 0.1, 0.4, 12
    v = np.array(along) / np.linalg.norm(along)
    seed = np.zeros((25, 25, 25), dtype=np.float32)
    seed[middle, middle, middle] = 0.5
    grown = grow(
        seed,
        diffusion=np.full(seed.shape, d, dtype=np.float32),
        proliferation_per_day=0.0, spacing_mm=1.0, until=lambda _: False, most_days=40.0,
        fibres=np.broadcast_to(v, (*seed.shape, 3)).astype(np.float32),
        aligned=np.full(seed.shape, aligned, dtype=np.float32),
    )  # fmt: skip
    away = np.indices(seed.shape).reshape(3, -1) - middle
    weight = grown.density.ravel() / grown.density.sum()
    covariance = (away * weight) @ away.T
    tensor = d * ((1 - aligned) * np.eye(3) + 3 * aligned * np.outer(v, v))
    np.testing.assert_allclose(covariance, 2 * grown.days * tensor, atol=0.02 * 2 * grown.days * d)


def test_density_stays_a_share_whatever_the_fibres() -> None:
    rng = np.random.default_rng(1)
    shape = (14, 15, 16)
    fibres = rng.standard_normal((*shape, 3)).astype(np.float32)
    fibres /= np.linalg.norm(fibres, axis=-1, keepdims=True)
    seed = np.zeros(shape, dtype=np.float32)
    seed[7, 7, 7] = 1
    grown = grow(
        seed, diffusion=rng.uniform(0, 0.2, shape).astype(np.float32),
        proliferation_per_day=0.2, spacing_mm=1.0, until=lambda _: False, most_days=100.0,
        fibres=fibres, aligned=np.full(shape, 1.0, dtype=np.float32),
    )  # fmt: skip
    assert grown.density.min() >= 0
    assert 0.5 < grown.density.max() <= 1
