"""Every look that is drawn can be asked of the simulator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gliokit.phantom.population import PopulationPatient, tumour_settings

Many = tuple[PopulationPatient, ...]


def test_every_look_is_a_tumour_that_can_be_asked_for(many: Many) -> None:
    for patient in many:
        look, asked = patient.phenotype, tumour_settings(patient.phenotype)
        assert asked.lobe == look.lobe
        assert asked.whole_ml == look.whole_ml
        assert asked.mismatch == look.mismatch
        assert asked.foci == (2 if look.multifocal else 1)


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
