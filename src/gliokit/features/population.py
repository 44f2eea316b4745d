"""How often each place of the brain is tumour in a cohort: a map and a picture on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gliokit import __version__
from gliokit.batch import Failure, Job, Task, run_batch
from gliokit.features.case import fingerprint, open_case, region_mask
from gliokit.features.settings import FeatureSettings
from gliokit.preprocessing.atlas import UNCERTAIN_SIMILARITY, match_atlas
from gliokit.study import Cohort, OutputError, Patient, StudyError, UsageError

if TYPE_CHECKING:
    from gliokit.measurement.population_map import PopulationMap

__all__ = ["check_map", "measure_population"]

NIFTI = (".nii.gz", ".nii")


def _silent(_: str) -> None:
    return


def measure_population(
    cohort: Cohort,
    path: Path,
    settings: FeatureSettings,
    *,
    workers: int = 1,
    cluster: str | None = None,
    kept: Path | None = None,
    overwrite: bool = False,
    progress: Callable[[str], None] = _silent,
) -> tuple[PopulationMap, tuple[Failure, ...]]:
    """Write how often each voxel of the MNI152 brain is whole tumour, in per cent at 2 mm.

    Beside the NIfTI file a picture of the same name, .png. A patient whose match with the
    atlas is uncertain is left out and listed with those who failed; one without a tumour
    counts.

    Args:
        cohort: Of `read_cohort`.
        path: .nii or .nii.gz.
        settings: `maps` and `model` say whose regions.
        workers: As in `measure_cohort`; so are the others.
        cluster: A Dask scheduler.
        kept: Folder of patients that are done; PATH.kept without it.
        overwrite: Replace both files if they are there.
        progress: Told how far it is.

    Raises:
        UsageError: heads, another ending, or no such cluster or model.
        StudyError: no patient could be placed.
        OutputError: a file can't be written.
    """
    from gliokit.measurement.population_map import counted, write_picture, write_population_map

    check_map(path, settings, overwrite=overwrite)
    settings.check()
    outcomes = run_batch(
        Task(_placed, _content, settings.digest(), __version__),
        [Job(p.subject, (p, settings)) for p in cohort.patients],
        workers=workers,
        cluster=cluster,
        kept=path.with_name(path.name + ".kept") if kept is None else kept,
        progress=progress,
    )
    failures = tuple(o.failure for o in outcomes if o.failure is not None)
    if len(failures) == len(outcomes):
        raise StudyError(
            "a map is of at least one patient that can be placed in the atlas",
            found=f"{len(failures)} that can't" + (f"; {failures[0].reason}" if failures else ""),
        )
    found = counted(np.asarray(o.value, np.int64) for o in outcomes if o.failure is None)
    write_population_map(path, found)
    write_picture(_picture(path), found)
    return found, failures


def check_map(path: Path, settings: FeatureSettings, *, overwrite: bool) -> None:
    """Hold that a map can be made and written, before anything is computed.

    Raises:
        UsageError: heads, or another ending than .nii or .nii.gz.
        OutputError: one of the files is there already.
    """
    if settings.head:
        raise UsageError(
            "the atlas sees brains without their skull",
            source="head",
            found="a population map",
            way_out="Strip the skull first, or leave the map out.",
        )
    if not path.name.lower().endswith(NIFTI):
        raise UsageError("the name of a NIfTI file ends in .nii or .nii.gz", found=path.name)
    for file in (path, _picture(path)):
        if file.exists() and not overwrite:
            raise OutputError(
                "a population map is written to new files",
                source=file,
                found="a file of that name",
                way_out="Name another file, or allow overwriting.",
            )


def _picture(path: Path) -> Path:
    ending = next(e for e in NIFTI if path.name.lower().endswith(e))
    return path.with_name(path.name[: -len(ending)] + ".png")


def _placed(argument: tuple[Patient, FeatureSettings]) -> list[int]:
    """Voxels of the map that are the patient's tumour."""
    from gliokit.measurement.population_map import atlas_voxels

    patient, settings = argument
    case = open_case(patient, settings)
    assert case.prepared is not None
    tumour = region_mask(case.label_map, "WT")
    if tumour is None:
        raise StudyError(
            "labels know the whole tumour", source=patient.subject, found=case.label_map.labels.name
        )
    if not tumour.any():
        return []
    match = match_atlas(case.prepared, tumour)
    if match.similarity < UNCERTAIN_SIMILARITY:
        raise StudyError(
            f"the match with the atlas has a similarity of {UNCERTAIN_SIMILARITY} or more",
            source=patient.subject,
            found=f"{match.similarity:.2f}",
        )
    voxels: list[int] = atlas_voxels(tumour, case.grid, match).tolist()
    return voxels


def _content(argument: tuple[Patient, FeatureSettings]) -> str:
    return fingerprint(argument[0])
