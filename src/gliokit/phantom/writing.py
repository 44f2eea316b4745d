"""Digital patients as files in the form of BraTS 2023."""

from __future__ import annotations

from pathlib import Path

from gliokit.phantom.patient import DigitalPatient
from gliokit.study import Modality, OutputError, write_label_map, write_volume

__all__ = ["write_patient"]

ENDINGS = {Modality.T1: "t1n", Modality.T1C: "t1c", Modality.T2: "t2w", Modality.FLAIR: "t2f"}


def write_patient(patient: DigitalPatient, folder: str | Path) -> Path:
    """Write the four images and the truth into a folder, which is made.

    Files are FOLDER/SUBJECT-t1n.nii.gz, -t1c, -t2w, -t2f and -seg; the last is marked with
    its scheme, so that its labels read back as they are whatever the subject's name.

    Returns:
        The folder.

    Raises:
        OutputError: it can't be written; no file is half-written.
    """
    folder, subject = Path(folder), patient.study.subject
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            "the folder of a digital patient can be made",
            source=folder,
            found=error.strerror or type(error).__name__,
            way_out="Choose a folder that you may write to, on a disk that isn't full.",
        ) from error
    for modality, ending in ENDINGS.items():
        write_volume(folder / f"{subject}-{ending}.nii.gz", patient.study.volumes[modality])
    write_label_map(folder / f"{subject}-seg.nii.gz", patient.truth)
    return folder
