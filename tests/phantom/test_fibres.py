from __future__ import annotations

import numpy as np
import pytest

from gliokit.phantom import DigitalPatient
from gliokit.phantom.atlas import LOBES
from gliokit.phantom.fibres import _first_direction


def test_direction_is_the_first_eigenvector() -> None:
    rng = np.random.default_rng(2)
    half = rng.standard_normal((40, 3, 2))
    full = half @ half.transpose(0, 2, 1)
    full /= np.trace(full, axis1=1, axis2=2)[:, None, None]
    parts = np.stack([full[:, a, b] for a, b in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))])
    vector, _ = _first_direction(parts.astype(np.float32))
    values, vectors = np.linalg.eigh(full)
    clear = values[:, 2] > 1.3 * values[:, 1]
    alike = np.abs((vector.T * vectors[:, :, 2]).sum(axis=1))
    assert clear.sum() > 20
    assert alike[clear].min() > 0.999


@pytest.mark.parametrize(
    ("first", "share"), [((1.0, 0, 0), 1.0), ((0.5, 0.5, 0), 0.25), ((1 / 3, 1 / 3, 1 / 3), 0.0)]
)
def test_share_is_1_for_a_line_and_0_for_a_ball(first: tuple[float, ...], share: float) -> None:
    tensor = np.zeros((6, 1), dtype=np.float32)
    tensor[:3, 0] = first
    assert _first_direction(tensor)[1][0] == pytest.approx(share, abs=1e-5)


def _where(healthy: DigitalPatient, lobe: str) -> np.ndarray:
    maps = healthy.maps
    white = maps.tissue_fractions["white_matter"] > 0.7
    return white & (maps.lobes == LOBES.index(lobe) + 1)


def test_callosum_runs_from_side_to_side(healthy: DigitalPatient) -> None:
    there = _where(healthy, "callosum")
    middle = np.argwhere(healthy.brain).mean(0)[0]
    i = np.arange(there.shape[0]).reshape(-1, 1, 1)
    there &= np.abs(i - middle) * 3 < 8
    assert there.sum() > 20
    assert np.abs(healthy.maps.fibres[there][:, 0]).mean() > 0.85


def test_brainstem_runs_upwards_more_than_sideways(healthy: DigitalPatient) -> None:
    along = np.abs(healthy.maps.fibres[_where(healthy, "brainstem")]).mean(0)
    assert along[2] > 1.5 * along[0]


def test_occipital_bundles_run_forwards_more_than_upwards(healthy: DigitalPatient) -> None:
    along = np.abs(healthy.maps.fibres[_where(healthy, "occipital")]).mean(0)
    assert along[1] > max(along[0], along[2])


def test_vectors_are_of_unit_length_in_white_matter_and_0_outside(healthy: DigitalPatient) -> None:
    maps = healthy.maps
    length = np.linalg.norm(maps.fibres, axis=-1)
    white = maps.tissue_fractions["white_matter"] > 0.5
    np.testing.assert_allclose(length[white], 1, atol=1e-3)
    assert length[~healthy.brain].max() == 0


def test_anisotropy_is_that_of_its_tissue(healthy: DigitalPatient) -> None:
    maps = healthy.maps
    white, grey, csf = (
        float(np.median(maps.anisotropy[maps.tissue_fractions[t] > 0.85]))
        for t in ("white_matter", "grey_matter", "csf")
    )
    assert 0.4 < white < 0.7
    assert 0.1 < grey < 0.2
    assert csf < 0.1
    assert maps.anisotropy.max() <= 1
