"""Every look that is drawn can be asked of the simulator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gliokit.phantom import DigitalPatient, Tissue, make_patient
from gliokit.phantom.atlas import LOBES
from gliokit.phantom.population import Phenotype, Population, PopulationPatient, tumour_settings
from gliokit.phantom.regions import CALCIUM_SHARE

Many = tuple[PopulationPatient, ...]


def test_every_look_is_a_tumour_that_can_be_asked_for(many: Many) -> None:
    for patient in many:
        look, asked = patient.phenotype, tumour_settings(patient.phenotype)
        assert asked.lobe == look.lobe
        assert asked.whole_ml == look.whole_ml
        assert asked.mismatch == look.mismatch
        assert asked.foci == (2 if look.multifocal else 1)


def test_exaggerated_looks_can_be_asked_for_too() -> None:
    for p in Population(effects={"idh": 5, "grade": 5}, seed=3).patients(200):
        assert tumour_settings(p.phenotype).proliferation_per_day is not None


def test_shares_of_the_core_become_shares_of_its_living_part(many: Many) -> None:
    look = replace(many[0].phenotype, necrosis_share=0.4, enhancement_share=0.3)
    asked = tumour_settings(look)
    assert asked.necrotic_fraction == 0.4
    assert asked.enhancement_share == pytest.approx(0.5)
    full = tumour_settings(replace(look, necrosis_share=0.4, enhancement_share=0.6))
    assert full.enhancement_share == pytest.approx(1.0)


def test_more_necrosis_than_can_be_made_is_cut(many: Many) -> None:
    look = replace(many[0].phenotype, necrosis_share=0.95, enhancement_share=0.05)
    asked = tumour_settings(look)
    assert asked.necrotic_fraction == 0.8
    assert asked.enhancement_share == pytest.approx(0.25)


@pytest.fixture(scope="module")
def planted(many: Many) -> dict[str, tuple[Phenotype, DigitalPatient]]:
    """A deep glioblastoma, and a cortical and calcified tumour that grows ten times as slowly."""
    deep = replace(
        many[0].phenotype, lobe="temporal", side="left", multifocal=False, whole_ml=130.0,
        core_share=0.55, enhancement_share=0.45, necrosis_share=0.35, margin_sharpness=0.5,
        mismatch=0.0, calcification=0.0, cortical=0.05, proliferation_per_day=0.012,
    )  # fmt: skip
    looks = {
        "deep": deep,
        "cortical": replace(
            deep, cortical=0.95, calcification=0.8, enhancement_share=0.1, necrosis_share=0.0,
            proliferation_per_day=0.0012,
        ),
        "slow": replace(deep, proliferation_per_day=0.0012),
    }  # fmt: skip
    return {
        name: (look, make_patient(seed=5, spacing_mm=4.0, tumour=tumour_settings(look)))
        for name, look in looks.items()
    }


@pytest.mark.parametrize("name", ["deep", "cortical"])
def test_the_image_has_the_look_that_was_planted(
    name: str, planted: dict[str, tuple[Phenotype, DigitalPatient]]
) -> None:
    look, patient = planted[name]
    core = patient.truth.region("TC")
    assert patient.volumes_ml["WT"] == pytest.approx(look.whole_ml, rel=0.1)
    assert patient.volumes_ml["TC"] / look.whole_ml == pytest.approx(look.core_share, abs=0.06)
    enhancing = patient.volumes_ml["ET"] / patient.volumes_ml["TC"]
    assert enhancing == pytest.approx(look.enhancement_share, abs=0.05)
    dead = patient.tissue[Tissue.NECROSIS].sum() / core.sum()
    assert dead == pytest.approx(look.necrosis_share, abs=0.08)
    calcium = patient.tissue[Tissue.CALCIUM].sum() if Tissue.CALCIUM in patient.tissue else 0.0
    assert calcium / core.sum() == pytest.approx(CALCIUM_SHARE * look.calcification, abs=0.04)
    lobes = np.bincount(patient.maps.lobes[core], minlength=len(LOBES) + 1)[1:]
    assert LOBES[int(lobes.argmax())] == look.lobe


def test_a_cortical_tumour_reaches_nearer_to_the_surface(
    planted: dict[str, tuple[Phenotype, DigitalPatient]],
) -> None:
    depths = {}
    for name, (_, patient) in planted.items():
        assert patient.tumour is not None
        anatomy, frame = patient.made.body.anatomy, patient.made.body.frame
        depth = frame.whole(anatomy.depth_mm)
        depths[name] = float(np.median(depth[patient.truth.region("TC")]))
    assert depths["cortical"] < depths["deep"] - 3


def test_slow_cells_take_longer_and_look_the_same(
    planted: dict[str, tuple[Phenotype, DigitalPatient]],
) -> None:
    fast, slow = planted["deep"][1], planted["slow"][1]
    assert fast.tumour is not None
    assert slow.tumour is not None
    assert slow.tumour.days == pytest.approx(10 * fast.tumour.days, rel=0.01)
    assert np.mean(fast.truth.data != slow.truth.data) < 1e-4
