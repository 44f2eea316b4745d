from __future__ import annotations

from dataclasses import fields
from functools import cache

import numpy as np
import pytest

from gliokit.phantom import BrainSettings, DigitalPatient, Tissue, TumourSettings, make_patient
from gliokit.phantom.atlas import LOBES
from gliokit.phantom.places import _one_of
from gliokit.phantom.settings import drawn
from gliokit.study import Modality, UsageError

# Living tumour without enhancement, all alike.
PLAIN = {
    "whole_ml": 60.0, "core_fraction": 0.8, "necrotic_fraction": 0.0, "enhancement_share": 0.0,
    "heterogeneity": 0.0, "haemorrhage": 0.0,
}  # fmt: skip


@cache
def _plain_but(name: str | None = None, value: float = 0.0) -> DigitalPatient:
    asked = PLAIN if name is None else {**PLAIN, name: value}
    return make_patient(seed=3, spacing_mm=4.0, tumour=TumourSettings(**asked))  # type: ignore[arg-type]


def test_every_map_is_on_the_grid_and_read_only(patient: DigitalPatient) -> None:
    maps = patient.maps
    for field in fields(maps):
        values = getattr(maps, field.name)
        if isinstance(values, np.ndarray):
            assert values.shape[:3] == maps.grid.shape, field.name
            assert not values.flags.writeable, field.name
            assert not values[~maps.brain].any(), field.name
    assert set(maps.tissue_fractions) >= {"white_matter", "grey_matter", "csf", "tumour"}


def test_shares_are_shares(patient: DigitalPatient) -> None:
    maps = patient.maps
    for name in ("cell_density", "leakage", "oedema", "vessels", "anisotropy"):
        values = getattr(maps, name)
        assert values.dtype == np.float32, name
        assert values.min() >= 0, name
        assert values.max() <= 1, name


def test_barrier_leaks_where_the_tumour_enhances(patient: DigitalPatient) -> None:
    leakage, labels = patient.maps.leakage, patient.truth.data
    assert np.median(leakage[labels == 3]) > 0.2
    assert np.median(leakage[labels == 1]) < 0.1
    assert leakage[(labels == 0) & patient.brain].mean() < 0.01


def test_water_is_added_where_the_oedema_is(patient: DigitalPatient) -> None:
    oedema, labels = patient.maps.oedema, patient.truth.data
    assert np.median(oedema[labels == 2]) > 0.15
    assert oedema[(labels == 0) & patient.brain].mean() < 0.02


def test_solid_tumour_keeps_little_anisotropy_and_necrosis_none(patient: DigitalPatient) -> None:
    maps = patient.maps
    solid = maps.tissue_fractions["tumour"] > 0.95
    dead = maps.tissue_fractions["necrosis"] > 0.95
    assert 0.1 < np.median(maps.anisotropy[solid]) < 0.25
    assert maps.anisotropy[dead].max() < 0.05
    white = maps.tissue_fractions["white_matter"] > 0.85
    assert np.median(maps.anisotropy[solid]) < 0.5 * np.median(maps.anisotropy[white])


def test_tumour_starts_in_the_asked_lobe() -> None:
    asked = TumourSettings(lobe="cerebellum", whole_ml=12.0, mass_effect=0.05, core_fraction=0.6)
    made = make_patient(seed=3, spacing_mm=4.0, tumour=asked)
    core = made.truth.region("TC")
    counts = np.bincount(made.maps.lobes[core], minlength=len(LOBES) + 1)
    assert LOBES[int(counts.argmax()) - 1] == "cerebellum"


def test_metastases_are_several_and_sharper_than_glioma(patient: DigitalPatient) -> None:
    from scipy import ndimage

    asked = TumourSettings(kind="metastasis", foci=3, whole_ml=60.0)
    metastases = make_patient(seed=3, spacing_mm=4.0, tumour=asked)
    assert ndimage.label(metastases.truth.region("TC"), np.ones((3, 3, 3)))[1] == 3
    assert metastases.tumour is not None
    assert len(metastases.tumour.seed_points_mm) == 3
    infiltrated = []
    for made in (metastases, patient):
        density, around = made.maps.cell_density, made.truth.data == 2
        infiltrated.append(float(np.median(density[around])))
    assert infiltrated[0] < 0.3 * infiltrated[1]


def test_without_enhancement_no_rim_is_drawn_and_nothing_leaks() -> None:
    made = _plain_but()
    assert made.volumes_ml["ET"] == 0
    assert made.volumes_ml["NCR"] > 10
    assert made.maps.leakage.max() < 0.05


def test_share_of_enhancement_is_as_asked() -> None:
    made = _plain_but("enhancement_share", 0.4)
    assert made.volumes_ml["ET"] == pytest.approx(0.4 * made.volumes_ml["TC"], rel=0.1)


def test_mismatch_is_bright_in_t2_and_dark_in_flair() -> None:
    plain, mismatch = _plain_but(), _plain_but("mismatch", 1.0)
    inner = mismatch.tissue[Tissue.MYXOID] > 0.7
    assert inner.sum() > 30

    def ratio(made: DigitalPatient, modality: Modality) -> float:
        image = made.study.volumes[modality].data
        return float(np.median(image[inner]) / np.median(image[made.brain]))

    assert ratio(mismatch, Modality.FLAIR) < 0.8 * ratio(plain, Modality.FLAIR)
    assert ratio(mismatch, Modality.T2) > 1.1 * ratio(plain, Modality.T2)


@pytest.mark.parametrize(
    ("name", "tissue", "share"),
    [("calcification", Tissue.CALCIUM, 0.16), ("haemorrhage", Tissue.HAEMORRHAGE, 0.33)],
)
def test_calcium_and_blood_take_their_share_of_the_core(
    name: str, tissue: Tissue, share: float
) -> None:
    made = _plain_but(name, 1.0)
    found_ml = float(made.tissue[tissue].sum()) * made.truth.grid.voxel_ml
    assert 0.4 * share < found_ml / made.volumes_ml["TC"] < 1.2 * share
    assert tissue not in _plain_but().tissue


def test_heterogeneous_tumour_is_less_even() -> None:
    spreads = []
    for made in (_plain_but(), _plain_but("heterogeneity", 1.0)):
        inside = made.tissue[Tissue.TUMOUR] > 0.95
        image = made.study.volumes[Modality.T2].data[inside]
        spreads.append(float(image.std() / image.mean()))
    assert spreads[1] > 1.5 * spreads[0]


def test_atrophy_widens_fluid() -> None:
    fluid = []
    for atrophy in (0.0, 1.0):
        made = make_patient(
            seed=3, spacing_mm=4.0, tumour=None, brain=BrainSettings(atrophy=atrophy)
        )
        fluid.append(float(made.tissue[Tissue.CSF].sum()) / int(made.brain.sum()))
    assert fluid[1] > 1.3 * fluid[0]


def test_brain_has_the_asked_volume() -> None:
    made = make_patient(seed=3, spacing_mm=4.0, tumour=None, brain=BrainSettings(volume_ml=1250))
    assert made.volumes_ml["brain"] == pytest.approx(1250, rel=0.03)


def test_patients_of_one_site_share_its_protocol(healthy: DigitalPatient) -> None:
    one, other = (
        make_patient(seed=s, spacing_mm=5.0, tumour=None, site="north").acquisition for s in (1, 2)
    )
    assert one == other
    assert one != healthy.acquisition


def test_place_that_no_brain_has_is_refused() -> None:
    rng = np.random.default_rng(0)
    plan = drawn(TumourSettings(lobe="insula"), rng)
    nowhere = np.zeros((2, 2, 2), dtype=bool)
    with pytest.raises(UsageError, match="place where such a tumour") as caught:
        _one_of(nowhere, np.zeros((3, 2, 2, 2)), rng, plan)
    assert "insula" in str(caught.value.found)
    assert caught.value.way_out


def test_restlessness_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        make_patient(seed=1, motion=2.0)
