"""Images of a cohort's patients, opened when a system asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from gliokit.batch import digest_of_array, digest_of_file, digest_of_text
from gliokit.bench.cohort import BenchCohort
from gliokit.bench.series_files import digest_of_series, find_series, opened_series
from gliokit.study import Patient, StudyError, read_cohort
from gliokit.systems import Images, find_system

__all__ = ["images_of", "need_images", "with_images"]


def need_images(systems: Sequence[str]) -> bool:
    """Whether one of some systems looks at images."""
    needs = [find_system(name).needs for name in systems]
    return any(n.sequences or n.any_sequence or n.regions or n.training_regions for n in needs)


def with_images(
    cohort: BenchCohort, table: str | Path, *, root: str | Path | None = None
) -> BenchCohort:
    """The cohort with the images that a table names, by subject.

    Files are read through once, for their digests and for which regions are drawn; no voxel
    stays in memory. Series are those of columns `dsc`, `dwi` and `bold`, or of a folder 'series'
    beside a patient's images; one that can't be used stops the systems that need it alone.
    Patients that the table does not name have no images, which a system that needs them refuses,
    naming the patients.

    Args:
        cohort: Whose subjects are those of the table.
        table: As of `gliokit.study.read_cohort`: a folder of `gliokit phantom cohort`, or a
            table with `subject_id` and `study` or `t1`, `t1c`, `t2`, `flair`, and `seg`.
        root: Where relative paths start; else the table's folder.

    Raises:
        StudyError: the table, an image's header or a label map can't be read; no subject is in
            the table.
    """
    read = read_cohort(table, root=root)
    patients = {p.subject: p for p in read.patients}
    named = [s for s in cohort.inputs.subjects if s in patients]
    if not named:
        raise StudyError("a table of images names the cohort's patients", source=table,
                         found=f"none of {', '.join(cohort.inputs.subjects[:3])} ...")  # fmt: skip
    images = tuple(
        images_of(patients[s], root=read.root) if s in patients else None
        for s in cohort.inputs.subjects
    )
    return replace(cohort, inputs=replace(cohort.inputs, images=images))


def images_of(patient: Patient, *, root: Path | None = None) -> Images:
    """What is there of one patient, with a digest of it.

    Args:
        patient: Of a cohort's table.
        root: Where relative paths of its columns `dsc`, `dwi` and `bold` start.

    Raises:
        StudyError: a header or the label map can't be read.
    """
    study = patient.open_study()
    parts = [
        f"{m.value}={digest_of_file(v.source)}"
        for m, v in study.volumes.items()
        if isinstance(v.source, Path)
    ]
    regions: frozenset[str] = frozenset()
    if patient.open_label_map is not None:
        drawn = patient.open_label_map()
        regions = frozenset(drawn.labels.regions)
        parts.append(f"{drawn.labels.name}={digest_of_array(drawn.data)}")
    series = find_series(patient, study, root=root)
    parts += [f"{name}={digest_of_series(path)}" for name, path in series.files.items()]
    return Images(
        frozenset((*(m.value for m in study.volumes), *series.files)),
        regions,
        patient.open_study,
        patient.open_label_map,
        content=digest_of_text(*parts),
        open_series={
            name: partial(opened_series, path, name) for name, path in series.files.items()
        },
        faults=series.faults,
    )
