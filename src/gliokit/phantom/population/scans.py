"""Which images are asked for of each patient of a population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gliokit.phantom.patient import SPACING_LIMITS_MM
from gliokit.phantom.population.course import checked_visits
from gliokit.phantom.population.population import PopulationPatient
from gliokit.phantom.population.scanning import ALL_STRUCTURAL, checked_form, checked_modalities
from gliokit.phantom.tissue import relaxation
from gliokit.study import UsageError

__all__ = ["Scans", "site_of"]

MOST_SITES = 99


@dataclass(frozen=True, slots=True)
class Scans:
    """What is made of each patient.

    Args:
        spacing_mm: Voxel size, 0.8 to 5 mm.
        modalities: Of `MODALITIES`; empty for no image.
        form: 'brats', 'bids' or 'dicom'; the last two hold structural images alone.
        field_t: Field strength, 1.5 or 3 tesla.
        sites: How many hospitals share the patients, each with a scanner of its own; 0 for
            a scanner of each patient's own.
        visits: After surgery: 'course' alone, or of `gliokit.phantom.VISITS`; empty for none.

    Raises:
        UsageError: any of these that can't be.
        MissingExtraError: 'dicom' without pydicom.
    """

    spacing_mm: float = 2.0
    modalities: Sequence[str] = ALL_STRUCTURAL
    form: str = "brats"
    field_t: float = 3.0
    sites: int = 0
    visits: Sequence[str] = ()

    def __post_init__(self) -> None:
        low, high = SPACING_LIMITS_MM
        if not low <= self.spacing_mm <= high:
            raise UsageError(
                f"digital patients have voxels of {low:g} to {high:g} mm",
                source="spacing",
                found=self.spacing_mm,
            )
        object.__setattr__(self, "modalities", checked_modalities(self.modalities))
        object.__setattr__(self, "visits", checked_visits(self.visits))
        checked_form(self.form, self.modalities)
        relaxation(self.field_t)
        if not 0 <= self.sites <= MOST_SITES:
            raise UsageError(
                f"there are 0 (a scanner for each patient) to {MOST_SITES} sites",
                source="sites",
                found=self.sites,
            )

    def as_settings(self) -> dict[str, Any]:
        """For JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


def site_of(patient: PopulationPatient, sites: int) -> str:
    """Name of the hospital of a patient, whatever else is known of him.

    A name stands for one scanner in every cohort.

    Args:
        sites: 1 or more.
    """
    return f"site-{1 + patient.image_seed % sites:02d}"
