"""Tensors against worked numbers, DIPY, and the simulator."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from gliokit.measurement.maps.tensor import (
    apparent_diffusion,
    attenuation_matrix,
    fit_tensor,
    tensor_figures,
)
from gliokit.phantom.series.directions import diffusion_table
from gliokit.study import StudyError, UsageError

TABLE = diffusion_table({1000.0: 32})
BS = {"bvals": TABLE.bvals, "bvecs": TABLE.bvecs}


def random_tensors(eigenvalues: np.ndarray, seed: int = 0) -> np.ndarray:
    """Turned at random, (voxel, 6)."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((len(eigenvalues), 3, 3)))[0]
    full = np.einsum("nij,nj,nkj->nik", turn, eigenvalues, turn)
    return full[:, [0, 0, 1, 0, 1, 2], [0, 1, 1, 2, 2, 2]].astype(np.float32)


def signals_of(tensors: np.ndarray, s0: float = 500.0) -> np.ndarray:
    return (s0 * np.exp(-tensors @ attenuation_matrix(**BS).T)).astype(np.float32)


@pytest.mark.parametrize(
    ("eigenvalues", "md", "fa"),
    [
        ((1.7, 0.3, 0.3), 0.76667, 0.799022),
        ((1.5, 0.5, 0.3), 0.76667, 0.691928),
        ((1.0, 1.0, 1.0), 1.0, 0.0),
        ((1.0, 1e-6, 1e-6), 1 / 3, 1.0),
    ],
)
@pytest.mark.parametrize("weighted", [True, False])
def test_figures_as_worked_by_hand(
    eigenvalues: tuple, md: float, fa: float, weighted: bool
) -> None:
    tensors = random_tensors(np.tile(np.array(eigenvalues) * 1e-3, (20, 1)))
    found, s0 = fit_tensor(signals_of(tensors), **BS, weighted=weighted)
    figures = tensor_figures(found)
    np.testing.assert_allclose(figures.md, md * 1e-3, rtol=3e-3)
    np.testing.assert_allclose(figures.fa, fa, atol=2e-3)
    np.testing.assert_allclose(figures.ad, eigenvalues[0] * 1e-3, rtol=2e-3)
    np.testing.assert_allclose(s0, 500, rtol=1e-4)


def test_noisy_fits_are_those_of_dipy() -> None:
    dti = pytest.importorskip("dipy.reconst.dti")
    gradient_table = pytest.importorskip("dipy.core.gradients").gradient_table
    rng = np.random.default_rng(5)
    clean = signals_of(random_tensors(rng.uniform(0.2e-3, 2e-3, (200, 3))))
    noisy = np.hypot(clean + 20 * rng.standard_normal(clean.shape),
                     20 * rng.standard_normal(clean.shape)).astype(np.float32)  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = gradient_table(TABLE.bvals, bvecs=TABLE.bvecs)
        for weighted, method in ((True, "WLS"), (False, "OLS")):
            oracle = dti.TensorModel(table, fit_method=method).fit(noisy.astype(np.float64))
            figures = tensor_figures(fit_tensor(noisy, **BS, weighted=weighted)[0])
            np.testing.assert_allclose(figures.fa, oracle.fa, atol=2e-4)
            np.testing.assert_allclose(figures.md, oracle.md, rtol=2e-4)
            cosine = np.abs((figures.direction * oracle.directions[:, 0]).sum(axis=1))
            assert (cosine[oracle.fa > 0.2] > 0.9999).all()


@pytest.mark.parametrize(
    ("share", "fa", "md"),
    [(0.0, 0.7990, 0.767), (0.3, 0.6188, 1.075), (0.5, 0.4921, 1.351), (0.7, 0.3526, 1.735)],
)
def test_what_free_water_does_to_a_plain_fit(share: float, fa: float, md: float) -> None:
    # Weighted, 32 directions at b = 1000, tissue 1.7, 0.3, 0.3: computed elsewhere.
    tensors = random_tensors(np.tile([1.7e-3, 0.3e-3, 0.3e-3], (50, 1)))
    water = 500 * np.exp(-TABLE.bvals * 3e-3)
    signals = ((1 - share) * signals_of(tensors) + share * water).astype(np.float32)
    figures = tensor_figures(fit_tensor(signals, **BS)[0])
    assert figures.fa.mean() == pytest.approx(fa, abs=5e-3)
    assert figures.md.mean() == pytest.approx(md * 1e-3, rel=5e-3)


def test_adc_over_even_directions_is_md() -> None:
    rng = np.random.default_rng(3)
    tensors = random_tensors(rng.uniform(0.2e-3, 2e-3, (100, 3)))
    adc = apparent_diffusion(signals_of(tensors), bvals=TABLE.bvals)
    np.testing.assert_allclose(adc, tensors[:, [0, 2, 5]].mean(axis=1), rtol=5e-3)


def test_adc_of_two_images_is_the_log_of_their_ratio() -> None:
    signals = np.array([[1000, 400], [0, 0]], np.float32)
    adc = apparent_diffusion(signals, bvals=np.array([0.0, 1000]))
    assert adc[0] == pytest.approx(np.log(2.5) / 1000, rel=1e-5)
    assert adc[1] == 0


def test_maps_do_not_change_when_the_signal_is_scaled() -> None:
    signals = signals_of(random_tensors(np.tile([1.5e-3, 0.5e-3, 0.3e-3], (10, 1))))
    first, second = (fit_tensor(k * signals, **BS)[0] for k in (np.float32(1), np.float32(0.01)))
    np.testing.assert_allclose(first, second, atol=1e-8)


def test_a_voxel_without_signal_gets_nothing() -> None:
    signals = signals_of(random_tensors(np.tile([1e-3, 1e-3, 1e-3], (3, 1))))
    signals[1] = 0
    tensors, s0 = fit_tensor(signals, **BS)
    figures = tensor_figures(tensors)
    assert s0[1] == figures.fa[1] == figures.md[1] == 0
    assert figures.md[2] == pytest.approx(1e-3, rel=1e-4)


def test_dead_frames_do_no_harm() -> None:
    signals = signals_of(random_tensors(np.tile([1e-3, 1e-3, 1e-3], (3, 1))))
    signals[:, 7] = -1
    assert np.isfinite(tensor_figures(fit_tensor(signals, **BS)[0]).fa).all()


def test_a_table_that_determines_no_tensor_is_refused() -> None:
    signals = np.ones((2, 6), np.float32)
    with pytest.raises(StudyError, match="six directions"):
        fit_tensor(signals, bvals=TABLE.bvals[:6], bvecs=TABLE.bvecs[:6])
    with pytest.raises(StudyError, match="two b-values"):
        fit_tensor(np.ones((2, 32), np.float32), bvals=TABLE.bvals[1:], bvecs=TABLE.bvecs[1:])
    with pytest.raises(StudyError, match="two b-values"):
        apparent_diffusion(signals, bvals=np.full(6, 1000.0))
    with pytest.raises(UsageError, match="six columns"):
        tensor_figures(np.zeros((3, 3), np.float32))
