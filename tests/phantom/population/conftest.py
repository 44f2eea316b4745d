"""Patients that several tests look at."""

from __future__ import annotations

import pytest

from gliokit.phantom.population import Population, PopulationPatient


@pytest.fixture(scope="session")
def many() -> tuple[PopulationPatient, ...]:
    """4,000 patients as published."""
    return tuple(Population(seed=17).patients(4000))
