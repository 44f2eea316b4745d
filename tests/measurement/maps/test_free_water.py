"""Free water against known fractions, DIPY, and what the single shell can't know."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.measurement.maps.free_water import free_water_from_shells
from gliokit.measurement.maps.free_water_prior import free_water_from_one_shell, pure_signals
from gliokit.measurement.maps.tensor import attenuation_matrix, fit_tensor, tensor_figures
from gliokit.phantom.series.directions import diffusion_table
from gliokit.study import StudyError, UsageError
from tests.measurement.maps.test_tensor import random_tensors

SHELLS = diffusion_table({500.0: 32, 1500.0: 32})
ONE = diffusion_table({1000.0: 32}, unweighted=2)
FIBRE = np.array([1.7e-3, 0.3e-3, 0.3e-3])


def mixed_signals(table, share, tensors, s0=800.0):
    share = np.broadcast_to(share, len(tensors))[:, None]
    tissue = np.exp(-tensors @ attenuation_matrix(table.bvals, table.bvecs).T)
    water = np.exp(-table.bvals * 3e-3)
    return (s0 * ((1 - share) * tissue + share * water)).astype(np.float32)


def from_shells(signals):
    return free_water_from_shells(signals, bvals=SHELLS.bvals, bvecs=SHELLS.bvecs)


def from_one(signals, **changes):
    arguments = {"tissue_signal": 800.0, "water_signal": 2400.0} | changes
    return free_water_from_one_shell(signals, bvals=ONE.bvals, bvecs=ONE.bvecs, **arguments)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.7])
def test_two_shells_without_noise_give_the_truth(share: float) -> None:
    found = from_shells(mixed_signals(SHELLS, share, random_tensors(np.tile(FIBRE, (40, 1)))))
    np.testing.assert_allclose(found.fraction, share, atol=2e-3)
    np.testing.assert_allclose(found.tissue.fa, 0.799022, rtol=5e-3)
    np.testing.assert_allclose(found.tissue.md, 0.76667e-3, rtol=5e-3)
    np.testing.assert_allclose(found.s0, 800, rtol=1e-3)


def test_two_shells_with_noise_are_as_good_as_published() -> None:
    # f = 0.4 at an SNR of 40: f 0.405 +/- 0.028, FA 0.805 +/- 0.024 (computed elsewhere).
    rng = np.random.default_rng(8)
    clean = mixed_signals(SHELLS, 0.4, random_tensors(np.tile(FIBRE, (300, 1)), seed=2))
    noise = 20 * rng.standard_normal((2, *clean.shape))
    found = from_shells(np.hypot(clean + noise[0], noise[1]).astype(np.float32))
    assert found.fraction.mean() == pytest.approx(0.405, abs=0.012)
    assert 0.02 < found.fraction.std() < 0.04
    assert found.tissue.fa.mean() == pytest.approx(0.805, abs=0.015)


def test_noisy_fits_are_those_of_dipy() -> None:
    fwdti = pytest.importorskip("dipy.reconst.fwdti")
    gradients = pytest.importorskip("dipy.core.gradients")
    rng = np.random.default_rng(9)
    share = rng.uniform(0.1, 0.6, 12)
    clean = mixed_signals(SHELLS, share, random_tensors(np.tile(FIBRE, (12, 1)), seed=3))
    noise = 8 * rng.standard_normal((2, *clean.shape))
    noisy = np.hypot(clean + noise[0], noise[1]).astype(np.float32)
    table = gradients.gradient_table(SHELLS.bvals, bvecs=SHELLS.bvecs)
    oracle = fwdti.FreeWaterTensorModel(table, fit_method="NLS").fit(noisy.astype(np.float64))
    found = from_shells(noisy)
    np.testing.assert_allclose(found.fraction, oracle.f, atol=1e-4)
    np.testing.assert_allclose(found.tissue.fa, oracle.fa, atol=1e-4)


def test_fluid_is_all_water_and_an_empty_voxel_is_none() -> None:
    signals = mixed_signals(SHELLS, [1.0, 0.2, 0.2], random_tensors(np.tile(FIBRE, (3, 1))))
    signals[2] = 0
    found = from_shells(signals)
    np.testing.assert_allclose(found.fraction, [1, 0.2, 0], atol=1e-3)
    assert not found.tensors[0].any()
    assert found.tissue.fa[0] == found.s0[2] == 0


def test_the_answer_does_not_depend_on_the_scale_of_the_signal() -> None:
    signals = mixed_signals(SHELLS, 0.35, random_tensors(np.tile(FIBRE, (5, 1))))
    small = from_shells(signals * np.float32(1e-3))
    np.testing.assert_allclose(small.fraction, from_shells(signals).fraction, atol=1e-3)


def test_one_shell_is_refused_where_two_are_needed_and_the_reverse() -> None:
    with pytest.raises(StudyError, match="two weighted b-values"):
        free_water_from_shells(np.ones((1, 34), np.float32), bvals=ONE.bvals, bvecs=ONE.bvecs)
    with pytest.raises(StudyError, match="one weighted b-value"):
        free_water_from_one_shell(
            np.ones((1, 65), np.float32), bvals=SHELLS.bvals, bvecs=SHELLS.bvecs,
            tissue_signal=1, water_signal=2,
        )  # fmt: skip


def test_one_shell_without_water_is_the_plain_fit() -> None:
    signals = mixed_signals(ONE, 0.0, random_tensors(np.tile(FIBRE, (20, 1))))
    found = from_one(signals)
    plain = tensor_figures(fit_tensor(signals, bvals=ONE.bvals, bvecs=ONE.bvecs)[0])
    np.testing.assert_allclose(found.fraction, 0, atol=1e-5)
    np.testing.assert_allclose(found.tissue.fa, plain.fa, atol=1e-4)


def test_one_shell_rises_with_water_and_undoes_part_of_its_harm() -> None:
    shares = np.array([0.1, 0.3, 0.5, 0.7])
    tensors = random_tensors(np.tile(FIBRE, (4, 1)))
    signals = mixed_signals(ONE, shares, tensors)
    # Water is three times as bright as tissue, so a watery voxel is brighter at b = 0.
    signals *= (1 / (1 - shares + shares / 3))[:, None].astype(np.float32)
    found = from_one(signals)
    plain = tensor_figures(fit_tensor(signals, bvals=ONE.bvals, bvecs=ONE.bvecs)[0])
    assert (np.diff(found.fraction) > 0.05).all()
    assert (np.abs(found.tissue.fa - 0.799) < np.abs(plain.fa - 0.799)).all()


def test_one_shell_can_not_tell_water_from_fast_tissue() -> None:
    # (f, D) = (0, 1.240e-3) and (0.5, 0.636e-3) give one signal at b = 1000 (isotropic).
    tensors = random_tensors(np.array([[1.240e-3] * 3, [0.636e-3] * 3]))
    signals = mixed_signals(ONE, [0.0, 0.5], tensors)
    np.testing.assert_allclose(signals[0], signals[1], rtol=2e-3)
    found = from_one(signals)
    assert found.fraction[0] == pytest.approx(found.fraction[1], abs=0.01)


def test_each_prior_can_be_believed_alone() -> None:
    tensors = random_tensors(np.tile([0.6e-3] * 3, (3, 1)))
    signals = mixed_signals(ONE, np.array([0.1, 0.4, 0.8]), tensors)
    by_md = from_one(signals, md_share=1.0, tissue_md=0.6e-3)
    np.testing.assert_allclose(by_md.fraction, [0.1, 0.4, 0.8], atol=1e-3)
    signals *= np.float32(3**0.5)
    by_s0 = from_one(signals, md_share=0.0)
    assert by_s0.fraction[1] == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("changes", [{"md_share": 1.5}, {"tissue_md": 0.6}])
def test_a_prior_that_can_not_be_is_refused(changes: dict) -> None:
    with pytest.raises(UsageError, match="md_share"):
        from_one(np.ones((1, 34), np.float32), **changes)


def test_pure_signals_are_read_from_the_image() -> None:
    tensors = random_tensors(np.tile(FIBRE, (40, 1)))
    signals = mixed_signals(ONE, np.repeat([0.0, 1.0], 20), tensors)
    signals[20:] *= 3
    found, s0 = fit_tensor(signals, bvals=ONE.bvals, bvecs=ONE.bvecs)
    np.testing.assert_allclose(pure_signals(tensor_figures(found), s0), (800, 2400), rtol=1e-3)
    with pytest.raises(StudyError, match="10 voxels"):
        pure_signals(tensor_figures(found[:20]), s0[:20])
    with pytest.raises(StudyError, match="brighter"):
        from_one(signals, water_signal=700.0)
