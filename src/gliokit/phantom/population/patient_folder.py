"""One patient of the population on disk: images, labels, and all that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from gliokit import __version__
from gliokit.phantom.follow_up import follow_up
from gliokit.phantom.patient import DigitalPatient, make_patient
from gliokit.phantom.population.course import PlannedVisit, visits_of
from gliokit.phantom.population.planting import tumour_settings
from gliokit.phantom.population.population import PopulationPatient
from gliokit.phantom.population.scanning import (
    ALL_STRUCTURAL,
    TRUTH,
    known_of,
    write_images,
    write_map,
)
from gliokit.phantom.population.scans import Scans
from gliokit.phantom.population.tables import write_json
from gliokit.study import OutputError, output_folder

__all__ = ["PATIENT", "VISITS_FOLDER", "write_population_patient", "write_scans"]

PATIENT, VISIT = "patient.json", "visit.json"
"""Hold what is known; the first is there where the whole folder is."""
VISITS_FOLDER = "visits"


def write_population_patient(
    folder: str | Path,
    patient: PopulationPatient,
    *,
    spacing_mm: float = 2.0,
    modalities: Sequence[str] = ALL_STRUCTURAL,
    changes: Mapping[str, Any] = {},
    form: str = "brats",
    field_t: float = 3.0,
    site: str | None = None,
    visits: Sequence[str] = (),
) -> Path:
    """Make one patient's images and write them, with all that is known.

    As 'brats', files are those of a cohort. As 'bids' and 'dicom', images are on the
    scanner's native grids: a BIDS data set, whose derivatives hold the labels; or
    dicom/ with a folder for each series, beside the files of the truth.

    Args:
        folder: New or empty; it appears when all is written.
        patient: Of a `Population`.
        spacing_mm, modalities, form, field_t, visits: As in `Scans`.
        changes: Fields of `TumourSettings` in place of those of the patient's look.
        site: Hospital whose scanner it is; None for a scanner of the patient's own.

    Returns:
        The folder.

    Raises:
        UsageError: a spacing, modality, form, field or visit that can't be; a seed point
            outside the brain.
        MissingExtraError: 'dicom' without pydicom.
        OutputError: the folder holds something, or can't be written.
    """
    scans = Scans(spacing_mm, modalities, form=form, field_t=field_t, visits=visits)
    return write_scans(Path(folder), patient, scans, site=site, changes=changes)


def write_scans(
    folder: Path,
    patient: PopulationPatient,
    scans: Scans,
    *,
    site: str | None = None,
    changes: Mapping[str, Any] = {},
    bids: Path | None = None,
) -> Path:
    """The same by what is asked for.

    Args:
        bids: Root of a BIDS data set of several patients, in place of one in the folder.
    """
    # Hidden ones are what a run that was cut off left.
    there = folder.iterdir() if folder.is_dir() else ()
    names = sorted(p.name for p in there if not p.name.startswith("."))
    if names:
        raise OutputError(
            "a patient goes into a new or empty folder",
            source=folder,
            found=", ".join(names[:5]),
            way_out="Name another folder, or remove this one.",
        )
    asked = replace(tumour_settings(patient.phenotype), **changes)
    with output_folder(folder) as aside:
        made = make_patient(
            seed=patient.image_seed, spacing_mm=scans.spacing_mm, tumour=asked,
            field_t=scans.field_t, site=site, subject=patient.subject,
        )  # fmt: skip
        root = aside if bids is None else bids
        write_images(made, patient.phenotype, aside, scans.modalities, form=scans.form, bids=root)
        planned = visits_of(patient.course, patient.outcome, scans.visits)
        for number, visit in enumerate(planned, start=1):
            _write_visit(aside / VISITS_FOLDER / str(number), made, patient, scans, visit, root)
        if scans.form == "bids" and bids is None:
            # What BIDS doesn't know.
            ignored = (PATIENT, f"{TRUTH}/", f"{VISITS_FOLDER}/")
            (aside / ".bidsignore").write_text("\n".join(ignored) + "\n", encoding="utf-8")
        write_json(aside / PATIENT, _known(patient, made, planned, scans.field_t, site))
    return folder


def _write_visit(
    folder: Path,
    before: DigitalPatient,
    patient: PopulationPatient,
    scans: Scans,
    visit: PlannedVisit,
    bids: Path,
) -> None:
    """Images and truth of one visit; its kind stands in the truth alone."""
    number = int(folder.name)
    folder.mkdir(parents=True)
    # BIDS and DICOM tell visits of one subject by session and date.
    in_brats = scans.form == "brats"
    subject = f"{patient.subject}_visit-{number}" if in_brats else patient.subject
    seen = follow_up(
        before, visit=visit.kind, extent_of_resection=patient.course.extent_of_resection,
        day=visit.day, subject=subject,
    )  # fmt: skip
    write_images(
        seen.patient, patient.phenotype, folder, scans.modalities, form=scans.form, bids=bids,
        session=1 + number, days=visit.day,
    )  # fmt: skip
    write_map(
        folder / TRUTH / f"{subject}_new_tumour.nii.gz", seen.patient,
        seen.new_tumour.astype("float32"),
    )  # fmt: skip
    known = {
        "kind": visit.kind,
        "day": visit.day,
        "cause": seen.cause,
        "extent_of_resection": seen.extent,
        "residual_ml": round(seen.residual_ml, 3),
        "growth_speed": round(seen.growth_speed, 4),
        "new_tumour_ml": round(float(seen.new_tumour.sum()) * seen.patient.truth.grid.voxel_ml, 3),
        "volumes_ml": {n: round(v, 3) for n, v in seen.patient.volumes_ml.items()},
    }
    write_json(folder / VISIT, known)


def _known(
    patient: PopulationPatient,
    made: DigitalPatient,
    planned: Sequence[PlannedVisit],
    field_t: float,
    site: str | None,
) -> dict[str, Any]:
    return {
        "made_by": f"gliokit {__version__}",
        "subject": patient.subject,
        "index": patient.index,
        "shown_class": patient.shown_class,
        "genotype": asdict(patient.genotype),
        "clinic": asdict(patient.clinic),
        "phenotype": asdict(patient.phenotype),
        "outcome": asdict(patient.outcome),
        "field_t": field_t,
        "site": site,
        "visits": [asdict(visit) for visit in planned],
        **known_of(made),
    }
