"""The simulator's truth comes back through a series, its maps and its file."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.measurement.maps import diffusion_maps, free_water_maps, perfusion_maps
from gliokit.phantom.series import Bolus, diffusion_table, make_dsc, make_dwi
from gliokit.phantom.tissue import Tissue
from gliokit.study import Modality, Series, StudyError, UsageError, read_series, write_series
from tests.phantom.series.tiny import only, tiny_maps

ONE_SHELL = diffusion_table({1000.0: 30}, unweighted=2)
TWO_SHELLS = diffusion_table({700.0: 30, 2000.0: 30}, unweighted=2)


def test_fa_and_md_come_back_where_no_water_is() -> None:
    maps = tiny_maps(seed=1, watery=False)
    made = make_dwi(maps, seed=0, snr=None, table=ONE_SHELL)
    found = diffusion_maps(made.series, maps.brain)
    dry = maps.brain
    assert not made.truth.free_water.any()
    np.testing.assert_allclose(found.fa[dry], made.truth.fa[dry], atol=0.002)
    np.testing.assert_allclose(found.md[dry], made.truth.md[dry], rtol=0.01)
    np.testing.assert_allclose(found.s0[dry], made.truth.s0[dry], rtol=0.01)
    assert not found.md[~maps.brain].any()


def test_the_direction_of_fibres_comes_back_from_a_file(tmp_path) -> None:
    maps = only(Tissue.WHITE_MATTER, anisotropy=0.7)
    made = make_dwi(maps, seed=0, snr=None, table=ONE_SHELL)
    write_series(tmp_path / "dwi.nii.gz", made.series)
    found = diffusion_maps(read_series(tmp_path / "dwi.nii.gz", Modality.DWI), maps.brain)
    np.testing.assert_allclose(np.abs(found.direction[3, 3, 3]), [0, 1, 0], atol=1e-3)


def test_free_water_of_two_shells_comes_back() -> None:
    maps = tiny_maps(seed=2)
    made = make_dwi(maps, seed=0, snr=None, table=TWO_SHELLS)
    found = free_water_maps(made.series, maps.brain)
    truth = made.truth
    clear = maps.brain & (truth.free_water < 0.8)
    assert not found.prior
    np.testing.assert_allclose(found.fraction[clear], truth.free_water[clear], atol=0.01)
    np.testing.assert_allclose(found.md[clear], truth.md[clear], rtol=0.01)
    np.testing.assert_allclose(found.fa[clear], truth.fa[clear], atol=0.01)


def test_free_water_of_one_shell_says_that_it_rests_on_a_prior() -> None:
    maps = tiny_maps(seed=2)
    maps.anisotropy[:] = 0.6
    for tissue, share in maps.tissue_fractions.items():
        share[:5] = float(tissue == Tissue.WHITE_MATTER)
        share[5:] = float(tissue == Tissue.CSF)
    made = make_dwi(maps, seed=0, snr=None, table=ONE_SHELL)
    found = free_water_maps(made.series, maps.brain)
    assert found.prior
    assert found.fraction[2, 5, 5] < 0.06
    assert found.fraction[8, 5, 5] > 0.95


@pytest.mark.parametrize("residue", ["exponential", "box"])
def test_blood_volume_without_leakage_comes_back(residue: str) -> None:
    maps = tiny_maps(seed=3)
    made = make_dsc(maps, seed=0, snr=None, ktrans_per_min=0.0, residue=residue)
    found = perfusion_maps(made.series, maps.brain, made.truth.aif, baseline=slice(0, 9))
    # Pure blood loses all its signal, as an artery does.
    clear = maps.brain & (made.truth.cbv > 0.1) & (maps.vessels < 0.2)
    assert clear.sum() > 200
    np.testing.assert_allclose(found.cbv[clear], made.truth.cbv[clear], rtol=0.01)


def test_flow_ratios_at_one_transit_time_come_back() -> None:
    maps = only(Tissue.WHITE_MATTER)
    whites, greys = (np.zeros(maps.brain.shape, np.float32) for _ in range(2))
    whites[:6], greys[6:] = 1, 0.5
    shares = {Tissue.WHITE_MATTER: whites, Tissue.TUMOUR: greys, Tissue.CSF: 1 - whites - greys}
    maps.tissue_fractions.update(shares)
    made = make_dsc(maps, seed=0, snr=None, ktrans_per_min=0.0, bolus=Bolus(recirculation=0.0))
    assert np.ptp(made.truth.mtt_s) < 1e-4
    for method in ("ssvd", "csvd", "osvd"):
        found = perfusion_maps(
            made.series, maps.brain, made.truth.aif, baseline=slice(0, 9), method=method
        )
        ratio = found.cbf[8, 5, 5] / found.cbf[2, 5, 5]
        assert ratio == pytest.approx(made.truth.cbf[8, 5, 5] / made.truth.cbf[2, 5, 5], rel=0.05)


def test_series_and_masks_that_do_not_fit_are_refused() -> None:
    maps = tiny_maps()
    dwi = make_dwi(maps, seed=0, table=ONE_SHELL).series
    dsc = make_dsc(maps, seed=0).series
    aif = Bolus().at(np.arange(60) * 1.5)
    with pytest.raises(UsageError, match="shape of the series"):
        diffusion_maps(dwi, maps.brain[1:])
    with pytest.raises(UsageError, match="at least one voxel"):
        diffusion_maps(dwi, np.zeros_like(maps.brain))
    with pytest.raises(StudyError, match="b-values"):
        free_water_maps(dsc, maps.brain)
    with pytest.raises(StudyError, match="echo time"):
        perfusion_maps(dwi, maps.brain, aif, baseline=slice(0, 9))
    silent = Series.from_array(Modality.DSC, dsc.grid, dsc.data, time_s=dsc.time_s)
    with pytest.raises(StudyError, match="echo time"):
        perfusion_maps(silent, maps.brain, aif, baseline=slice(0, 9))
