from __future__ import annotations

import math

import numpy as np
import pytest

from gliokit.phantom.series.diffusion import (
    axial_tensors,
    diffusion_signal,
    diffusion_truth,
    make_dwi,
)
from gliokit.phantom.series.directions import DiffusionTable, diffusion_table, even_directions
from gliokit.phantom.series.noise import rician, sigma_for
from gliokit.phantom.tissue import Tissue
from gliokit.study import UsageError
from tests.phantom.series.tiny import LPS, only, tiny_maps

TIMES = {"te_ms": 85.0, "tr_ms": 8000.0, "field_t": 3.0}


def _one(value: float) -> np.ndarray:
    return np.array([value], np.float32)


def test_free_water_and_tensor_as_worked_by_hand() -> None:
    # f = 0.3, b = 1000, eigenvalues 1.7, 0.3, 0.3: along the fibre and across.
    md, fa = _one(2.3e-3 / 3), _one(0.799022)
    tensors = axial_tensors(md, fa, np.array([[0, 0, 1]], np.float32))
    table = DiffusionTable(np.full(2, 1000.0), np.array([[0.0, 0, 1], [1, 0, 0]]))
    signal = diffusion_signal(tensors, s0=_one(1), free_water=_one(0.3), table=table)
    np.testing.assert_allclose(signal[0], (0.142815, 0.533509), rtol=1e-5)


@pytest.mark.parametrize("fa", [0.0, 0.2, 0.7, 0.95])
def test_an_axial_tensor_has_the_anisotropy_and_diffusivity_asked_for(fa: float) -> None:
    tensors = axial_tensors(_one(0.8e-3), _one(fa), np.array([[0.48, 0.6, 0.64]], np.float32))
    xx, xy, yy, xz, yz, zz = tensors[0].astype(float)
    values, vectors = np.linalg.eigh([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    assert values.mean() == pytest.approx(0.8e-3, rel=1e-5)
    found = math.sqrt(1.5) * np.linalg.norm(values - values.mean()) / np.linalg.norm(values)
    assert found == pytest.approx(fa, abs=1e-4)
    if fa:
        assert abs(vectors[:, 2] @ (0.48, 0.6, 0.64)) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("count", [1, 6, 30, 64])
def test_directions_are_spread_evenly(count: int) -> None:
    vectors = even_directions(count)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1)
    if count > 5:
        mean_of_squares = vectors.T @ vectors / count
        np.testing.assert_allclose(mean_of_squares, np.eye(3) / 3, atol=0.01)
        closeness = np.abs(vectors @ vectors.T) - np.eye(count)
        # Caps of half this angle must nearly fill the hemisphere.
        assert math.acos(closeness.max()) > 0.75 * math.sqrt(4 * math.pi / count / math.sqrt(3))


def test_a_table_has_its_frames_and_shells() -> None:
    table = diffusion_table({2500.0: 20, 1000.0: 12}, unweighted=3)
    np.testing.assert_array_equal(table.bvals, [0.0] * 3 + [1000.0] * 12 + [2500.0] * 20)
    assert table.bvecs.shape == (35, 3)


@pytest.mark.parametrize("shells", [{}, {0.0: 6}, {1000.0: 0}, {30000.0: 6}])
def test_a_table_that_can_not_be_is_refused(shells: dict) -> None:
    with pytest.raises(UsageError, match="shells"):
        diffusion_table(shells)


def test_the_truth_of_one_tissue_is_the_table_s() -> None:
    truth = diffusion_truth(only(Tissue.WHITE_MATTER, anisotropy=0.6), **TIMES)
    np.testing.assert_allclose(truth.md, 0.75e-3, rtol=1e-5)
    np.testing.assert_allclose(truth.fa, 0.6, rtol=1e-5)
    assert not truth.free_water.any()
    # Fibres lie along the array's second axis, which runs to posterior: y in RAS+.
    xx, _, yy, _, _, zz = truth.tensors[0, 0, 0]
    assert yy > 2 * xx
    assert xx == pytest.approx(zz, rel=1e-5)


def test_fluid_is_free_water_alone() -> None:
    truth = diffusion_truth(only(Tissue.CSF), **TIMES)
    np.testing.assert_allclose(truth.free_water, 1)


def test_water_of_oedema_is_free_water_weighed_by_its_brightness() -> None:
    maps = only(Tissue.OEDEMA)
    maps.oedema[:] = 0.25
    truth = diffusion_truth(maps, **TIMES)
    tissue = 0.84 * (1 - math.exp(-8000 / 1500)) * math.exp(-85 / 154)
    water = 1.0 * (1 - math.exp(-8000 / 4000)) * math.exp(-85 / 1500)
    expected = 0.25 * water / (0.25 * water + 0.75 * tissue)
    assert 0.25 < expected < 0.5
    np.testing.assert_allclose(truth.free_water, expected, rtol=0.15)


def test_dense_tumour_diffuses_less() -> None:
    sparse, dense = only(Tissue.TUMOUR), only(Tissue.TUMOUR)
    dense.cell_density[:] = 1
    first, second = (diffusion_truth(m, **TIMES).md.mean() for m in (sparse, dense))
    assert first == pytest.approx(1.25e-3, rel=1e-4)
    assert second == pytest.approx(0.75e-3, rel=1e-4)
    asked = diffusion_truth(dense, **TIMES, tumour_md_um2_per_ms=1.1).md.mean()
    assert asked == pytest.approx(1.1e-3, rel=1e-4)


@pytest.mark.parametrize("snr", [10.0, 40.0])
def test_noise_is_as_asked(snr: float) -> None:
    maps = only(Tissue.GREY_MATTER, shape=(30, 30, 30))
    made = make_dwi(maps, seed=1, table=diffusion_table({1000.0: 1}, unweighted=2), snr=snr)
    first, second = np.moveaxis(made.series.data[..., :2], -1, 0)
    noise = (first - second).std() / math.sqrt(2)
    assert made.truth.s0.mean() / noise == pytest.approx(snr, rel=0.03)


def test_noise_without_signal_is_rayleigh() -> None:
    rng = np.random.default_rng(0)
    noisy = rician(np.zeros((5000, 20), np.float32), 2.0, rng)
    assert noisy.mean() == pytest.approx(2 * math.sqrt(math.pi / 2), rel=0.01)


def test_the_same_seed_gives_the_same_voxels_and_another_does_not() -> None:
    maps, table = tiny_maps(), diffusion_table({1000.0: 6})
    first, again, other = (make_dwi(maps, seed=seed, table=table).series.data for seed in (4, 4, 5))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert not first[~maps.brain].any()


def test_the_patient_s_directions_do_not_depend_on_how_the_array_lies() -> None:
    first = tiny_maps(affine=LPS)
    turned = np.diag([2.0, 2, 2, 1])
    second = tiny_maps(affine=turned)
    flip = np.array([1, 1, 1, -1, -1, 1])
    np.testing.assert_allclose(
        diffusion_truth(first, **TIMES).tensors,
        diffusion_truth(second, **TIMES).tensors * flip,
        atol=1e-9,
    )


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({"snr": 0.0}, "above 0"), ({"tumour_md_um2_per_ms": 9.0}, "0.4 to 2.5|0.4 and 2.5"),
     ({"field_t": 7.0}, "1.5 and 3")],
)  # fmt: skip
def test_what_can_not_be_is_refused(changes: dict, rule: str) -> None:
    with pytest.raises(UsageError, match=rule):
        make_dwi(only(Tissue.TUMOUR), seed=0, table=diffusion_table({1000.0: 6}), **changes)


def test_no_noise_is_no_noise() -> None:
    assert sigma_for(np.ones(3, np.float32), None) == 0
