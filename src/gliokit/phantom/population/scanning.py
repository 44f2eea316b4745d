"""Which images a patient of the population gets, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.patient import DigitalPatient
from gliokit.phantom.population.phenotype import Phenotype
from gliokit.phantom.writing import ENDINGS, write_bids
from gliokit.study import (
    STRUCTURAL,
    MissingExtraError,
    Modality,
    Series,
    UsageError,
    Volume,
    write_label_map,
    write_series,
    write_volume,
)

__all__ = [
    "ALL_STRUCTURAL",
    "FORMS",
    "MODALITIES",
    "TRUTH",
    "checked_form",
    "checked_modalities",
    "known_of",
    "write_images",
    "write_map",
]

FORMS = ("brats", "bids", "dicom")
DICOM = "dicom"

SERIES = "series"
"""Sub-folder of what is not structural: the readers of a study don't look there."""
TRUTH = "truth"
MD_LIMITS_UM2_PER_MS, RCBV_LIMITS = (0.4, 2.5), (0.1, 20.0)

Image = Series | Volume


def _dti(patient: DigitalPatient, look: Phenotype) -> Image:
    from gliokit.phantom.series import make_dwi

    md = _within(look.adc_um2_per_ms, MD_LIMITS_UM2_PER_MS)
    return make_dwi(
        patient.maps, seed=patient.seed, field_t=_field_t(patient), tumour_md_um2_per_ms=md
    ).series


def _dsc(patient: DigitalPatient, look: Phenotype) -> Image:
    from gliokit.phantom.series import DscProtocol, make_dsc

    protocol = DscProtocol(field_t=_field_t(patient))
    rcbv = _within(look.rcbv_ratio, RCBV_LIMITS)
    return make_dsc(patient.maps, seed=patient.seed, protocol=protocol, rcbv=rcbv).series


def _pet(patient: DigitalPatient, _: Phenotype) -> Image:
    from gliokit.phantom.series import make_fet_pet

    return make_fet_pet(patient.maps, seed=patient.seed).volume


def _ct(patient: DigitalPatient, _: Phenotype) -> Image:
    from gliokit.phantom.series import make_ct

    return make_ct(patient.maps, seed=patient.seed).volume


def _bold(patient: DigitalPatient, _: Phenotype) -> Image:
    from gliokit.phantom.series import make_bold

    return make_bold(patient.maps, seed=patient.seed, field_t=_field_t(patient)).series


def _field_t(patient: DigitalPatient) -> float:
    return patient.acquisition.field_t


MAKERS: dict[str, Callable[[DigitalPatient, Phenotype], Image]] = {
    "dti": _dti,
    "dsc": _dsc,
    "pet": _pet,
    "ct": _ct,
    "bold": _bold,
}
ALL_STRUCTURAL = tuple(m.value for m in STRUCTURAL)
MODALITIES = (*ALL_STRUCTURAL, *MAKERS)
"""What can be asked for: the structural sequences, and series by name."""


def checked_modalities(asked: Sequence[str]) -> tuple[str, ...]:
    """The same, in the order of `MODALITIES`; empty is none.

    Raises:
        UsageError: an unknown one, or one that is named twice.
    """
    unknown = [m for m in asked if m not in MODALITIES]
    if unknown:
        raise UsageError(
            f"a modality is one of {', '.join(MODALITIES)}",
            source="modalities",
            found=", ".join(unknown),
            way_out="Ask for 'none' alone to get the tables without images.",
        )
    if len(set(asked)) < len(asked):
        raise UsageError("each modality is named once", source="modalities", found=", ".join(asked))
    return tuple(m for m in MODALITIES if m in asked)


def checked_form(form: str, modalities: Sequence[str]) -> None:
    """Refuse an unknown form, and series in one that has no place for them.

    Raises:
        UsageError: either of these.
        MissingExtraError: DICOM without pydicom, before anything is made.
    """
    if form not in FORMS:
        raise UsageError(f"a form is one of {', '.join(FORMS)}", source="format", found=form)
    series = [m for m in modalities if m in MAKERS]
    if form != "brats" and series:
        raise UsageError(
            f"the form {form} holds t1, t1c, t2 and flair alone",
            source="modalities",
            found=", ".join(series),
            way_out="Leave these out, or choose the form brats.",
        )
    if form == DICOM and find_spec("pydicom") is None:
        raise MissingExtraError("writing DICOM", "dicom")


def write_images(
    patient: DigitalPatient,
    look: Phenotype,
    folder: Path,
    modalities: Sequence[str],
    *,
    form: str = "brats",
    bids: Path | None = None,
    session: int = 1,
    days: float = 0.0,
) -> None:
    """Images and expert labels in a folder, series and truth below it.

    Files of the form 'brats': SUBJECT-t1n.nii.gz and so on as BraTS names them,
    SUBJECT-seg.nii.gz; series/SUBJECT_dti.nii.gz with its tables. In all forms
    truth/SUBJECT_density.nii.gz (tumour cells) and truth/SUBJECT_oedema.nii.gz (water
    added), both shares of a voxel.

    Args:
        bids: Root of a BIDS data set for the form 'bids', in place of the folder.
        session: Which visit, the one before surgery 1.
        days: Since the first visit, for DICOM.

    Raises:
        OutputError: a file can't be written.
    """
    subject = patient.study.subject
    chosen = {m: v for m, v in patient.acquired.items() if m.value in modalities}
    if form == "bids":
        root = folder if bids is None else bids
        write_bids(patient, root, session=f"{session:02d}", images=chosen)
    else:
        write_label_map(folder / f"{subject}-seg.nii.gz", patient.truth)
    if form == DICOM and chosen:
        from gliokit.phantom.dicom import write_dicom

        write_dicom(patient, folder / DICOM, images=chosen, days=round(days))
    if form == "brats":
        for modality in chosen:
            path = folder / f"{subject}-{ENDINGS[modality]}.nii.gz"
            write_volume(path, patient.study.volumes[modality])
    # Each visit has noise of its own.
    scanned = replace(patient, seed=patient.seed + session - 1)
    for name, maker in MAKERS.items():
        if name in modalities:
            _write(folder / SERIES / f"{subject}_{name}.nii.gz", maker(scanned, look))
    maps = {"density": patient.maps.cell_density, "oedema": patient.maps.oedema}
    for name, data in maps.items():
        write_map(folder / TRUTH / f"{subject}_{name}.nii.gz", patient, data)


def write_map(path: Path, patient: DigitalPatient, data: NDArray[np.float32]) -> None:
    """Write a map on the patient's grid.

    Raises:
        OutputError: it can't be written.
    """
    # A map is no modality; T1 only fills the place that a volume has for one.
    volume = Volume.from_array(Modality.T1, patient.truth.grid, data, source="digital patient")
    write_volume(path, volume)


def known_of(patient: DigitalPatient) -> dict[str, Any]:
    """What is known of the images, for JSON."""
    tumour = patient.tumour
    return {
        "image_seed": patient.seed,
        "volumes_ml": {name: round(value, 3) for name, value in patient.volumes_ml.items()},
        "seed_points_mm": [] if tumour is None else [list(p) for p in tumour.seed_points_mm],
        "days_of_growth": None if tumour is None else round(tumour.days, 1),
        "place_as_asked": None if tumour is None else tumour.place_as_asked,
        "plan": None if tumour is None else asdict(tumour.plan),
    }


def _write(path: Path, image: Image) -> None:
    if isinstance(image, Series):
        write_series(path, image)
    else:
        write_volume(path, image)


def _within(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])
