"""One patient of the population on disk: images, labels, and all that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from gliokit import __version__
from gliokit.phantom.patient import SPACING_LIMITS_MM, make_patient
from gliokit.phantom.population.planting import tumour_settings
from gliokit.phantom.population.population import PopulationPatient
from gliokit.phantom.population.scanning import (
    checked_form,
    checked_modalities,
    known_of,
    write_images,
)
from gliokit.phantom.population.tables import write_json
from gliokit.study import STRUCTURAL, UsageError, output_folder

__all__ = ["ALL_STRUCTURAL", "PATIENT", "check_spacing", "write_population_patient"]

PATIENT = "patient.json"
"""Holds what is known; it is there where the whole folder is."""
ALL_STRUCTURAL = tuple(m.value for m in STRUCTURAL)


def write_population_patient(
    folder: str | Path,
    patient: PopulationPatient,
    *,
    spacing_mm: float = 2.0,
    modalities: Sequence[str] = ALL_STRUCTURAL,
    changes: Mapping[str, Any] = {},
    form: str = "brats",
) -> Path:
    """Make one patient's images and write them, with all that is known.

    As 'brats', files are those of a cohort. As 'bids' and 'dicom', images are on the
    scanner's native grids: a BIDS data set, whose derivatives hold the labels; or
    dicom/ with a folder for each series, beside the files of the truth.

    Args:
        folder: New or empty; it appears when all is written.
        patient: Of a `Population`.
        spacing_mm: Voxel size, 0.8 to 5 mm.
        modalities: Of `MODALITIES`.
        changes: Fields of `TumourSettings` in place of those of the patient's look.
        form: 'brats', 'bids' or 'dicom'; the last two hold structural images alone.

    Returns:
        The folder.

    Raises:
        UsageError: a spacing, modality, form or field that can't be; a seed point outside
            the brain.
        MissingExtraError: 'dicom' without pydicom.
        OutputError: the folder holds something else, or can't be written.
    """
    folder, modalities = Path(folder), checked_modalities(modalities)
    check_spacing(spacing_mm)
    checked_form(form, modalities)
    asked = replace(tumour_settings(patient.phenotype), **changes)
    with output_folder(folder) as aside:
        made = make_patient(
            seed=patient.image_seed, spacing_mm=spacing_mm, tumour=asked, subject=patient.subject
        )
        write_images(made, patient.phenotype, aside, modalities, form=form)
        known = {
            "made_by": f"gliokit {__version__}",
            "subject": patient.subject,
            "index": patient.index,
            "shown_class": patient.shown_class,
            "genotype": asdict(patient.genotype),
            "clinic": asdict(patient.clinic),
            "phenotype": asdict(patient.phenotype),
            "outcome": asdict(patient.outcome),
            **known_of(made),
        }
        write_json(aside / PATIENT, known)
    return folder


def check_spacing(spacing_mm: float) -> None:
    """Refuse a voxel size that can't be."""
    low, high = SPACING_LIMITS_MM
    if not low <= spacing_mm <= high:
        raise UsageError(
            f"digital patients have voxels of {low:g} to {high:g} mm",
            source="spacing",
            found=spacing_mm,
        )
