"""Coarse digital patients that several tests look at."""

from __future__ import annotations

import pytest

from gliokit.phantom import DigitalPatient, TumourSettings, make_patient

SPACING_MM = 3.0


@pytest.fixture(scope="session")
def patient() -> DigitalPatient:
    asked = TumourSettings(
        whole_ml=90.0, core_fraction=0.5, necrotic_fraction=0.35, side="right",
        enhancement_share=1.0, haemorrhage=0.0,
    )  # fmt: skip
    return make_patient(seed=3, spacing_mm=SPACING_MM, tumour=asked)


@pytest.fixture(scope="session")
def healthy() -> DigitalPatient:
    return make_patient(seed=3, spacing_mm=SPACING_MM, tumour=None)
