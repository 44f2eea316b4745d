"""A whole digital patient in every modality shows what is known of its tumour."""

from __future__ import annotations

import numpy as np

from gliokit.phantom import DigitalPatient
from gliokit.phantom.series import (
    diffusion_table,
    make_bold,
    make_ct,
    make_dsc,
    make_dwi,
    make_fet_pet,
)
from gliokit.phantom.tissue import Tissue


def _median(image: np.ndarray, share: np.ndarray) -> float:
    return float(np.median(image[share > 0.6]))


def test_a_tumour_diffuses_holds_blood_and_takes_up_tracer(patient: DigitalPatient) -> None:
    maps = patient.maps
    white, grey, solid, dead = (
        maps.tissue_fractions[t]
        for t in (Tissue.WHITE_MATTER, Tissue.GREY_MATTER, Tissue.TUMOUR, Tissue.NECROSIS)
    )
    dwi = make_dwi(maps, seed=1, table=diffusion_table({1000.0: 6}))
    assert _median(dwi.truth.fa, white) > 0.35 > _median(dwi.truth.fa, solid)
    assert _median(dwi.truth.free_water, dead) > 0.3
    dsc = make_dsc(maps, seed=1)
    ratio = _median(dsc.truth.cbv, solid) / _median(dsc.truth.cbv, white)
    assert 2 < ratio < 5
    pet = make_fet_pet(maps, seed=1, snr=None)
    assert _median(pet.volume.data, solid) > 1.3 * _median(pet.volume.data, white)
    ct = make_ct(maps, seed=1, noise_hu=0.0)
    assert _median(ct.volume.data, dead) < _median(ct.volume.data, white)
    bold = make_bold(maps, seed=1, frames=60)
    assert _median(bold.amplitude_percent, grey) > 2 * _median(bold.amplitude_percent, solid)
    for image in (dwi.series, dsc.series, pet.volume, bold.series):
        assert not image.data[~maps.brain].any()
        assert image.grid.same_as(patient.truth.grid)
