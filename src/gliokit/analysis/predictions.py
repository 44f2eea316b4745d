"""Label maps that were made before, one for each patient of a cohort."""

from __future__ import annotations

from pathlib import Path

from gliokit.study import Cohort, StudyError

__all__ = ["find_predictions"]

PLACES = (
    "{}.nii.gz",
    "{}.nii",
    "{}/segmentation.nii.gz",
    "{}-seg.nii.gz",
)


def find_predictions(cohort: Cohort, folder: Path) -> dict[str, Path]:
    """The label map of every patient, by subject.

    Args:
        cohort: Whose patients are looked for.
        folder: Holds `SUBJECT.nii.gz`, `SUBJECT.nii`, `SUBJECT/segmentation.nii.gz` or
            `SUBJECT-seg.nii.gz` of each.

    Raises:
        StudyError: a patient has none, or two.
    """
    found, without = {}, []
    for patient in cohort.patients:
        there = [p for p in (folder / n.format(patient.subject) for n in PLACES) if p.is_file()]
        if len(there) > 1:
            raise StudyError(
                "a patient has one prediction",
                source=folder,
                found=" and ".join(str(p.relative_to(folder)) for p in there),
            )
        if there:
            found[patient.subject] = there[0]
        else:
            without.append(patient.subject)
    if without:
        raise StudyError(
            "every patient of the cohort has a prediction",
            source=folder,
            found=f"none of {len(without)} patients, such as {without[0]}",
            way_out=f"Name them {', '.join(n.format('SUBJECT') for n in PLACES)}.",
        )
    return found
