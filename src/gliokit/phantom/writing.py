"""Digital patients as files: in the form of BraTS 2023, and in BIDS."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gliokit.phantom.acquisition import Acquisition, Sequence
from gliokit.phantom.patient import DigitalPatient
from gliokit.study import (
    Modality,
    OutputError,
    UsageError,
    Volume,
    output_file,
    write_label_map,
    write_volume,
)

__all__ = ["write_bids", "write_patient"]

ENDINGS = {Modality.T1: "t1n", Modality.T1C: "t1c", Modality.T2: "t2w", Modality.FLAIR: "t2f"}
BIDS_SUFFIX = {
    Modality.T1: "T1w",
    Modality.T1C: "ce-gadolinium_T1w",
    Modality.T2: "T2w",
    Modality.FLAIR: "FLAIR",
}
DESCRIPTION = {"Name": "Digital glioma patients", "BIDSVersion": "1.9.0"}


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


def write_bids(
    patient: DigitalPatient,
    root: str | Path,
    *,
    session: str = "01",
    images: Mapping[Modality, Volume] | None = None,
) -> Path:
    """Write one visit into a BIDS data set: images on native grids, their protocol, the truth.

    Files are ROOT/sub-X/ses-Y/anat/*, X the subject's name without 'sub-' and what BIDS
    forbids, each with a JSON sidecar; and the truth, on the grid of the study, as
    ROOT/derivatives/truth/sub-X/ses-Y/anat/sub-X_ses-Y_dseg.nii.gz.

    Args:
        root: Of the data set; made, or added to.
        session: Letters and digits.
        images: In place of `patient.acquired`: those of `with_head`.

    Returns:
        The folder of the visit.

    Raises:
        UsageError: a session that BIDS forbids.
        OutputError: it can't be written; no file is half-written.
    """
    if not re.fullmatch(r"[0-9a-zA-Z]+", session):
        raise UsageError("a session is letters and digits", source="session", found=repr(session))
    root = Path(root)
    label = re.sub(r"[^0-9a-zA-Z]", "", patient.study.subject.removeprefix("sub-"))
    stem, place = f"sub-{label}_ses-{session}", Path(f"sub-{label}", f"ses-{session}")
    if not (root / "dataset_description.json").exists():
        _write_json(root / "dataset_description.json", DESCRIPTION)
    for modality, volume in (patient.acquired if images is None else images).items():
        name = root / place / "anat" / f"{stem}_{BIDS_SUFFIX[modality]}"
        write_volume(name.with_name(f"{name.name}.nii.gz"), volume)
        _write_json(name.with_name(f"{name.name}.json"), _sidecar(patient.acquisition, modality))
    truth = root / "derivatives" / "truth"
    if not (truth / "dataset_description.json").exists():
        made_by = [{"Name": "gliokit"}]
        derived = {**DESCRIPTION, "DatasetType": "derivative", "GeneratedBy": made_by}
        _write_json(truth / "dataset_description.json", derived)
    write_label_map(truth / place / "anat" / f"{stem}_dseg.nii.gz", patient.truth)
    return root / place


def _sidecar(acquisition: Acquisition, modality: Modality) -> dict[str, Any]:
    """Times in seconds, as BIDS has them."""
    sequence: Sequence = acquisition.sequences[modality]
    fields: dict[str, Any] = {
        "Modality": "MR",
        "MagneticFieldStrength": acquisition.field_t,
        "PulseSequenceType": sequence.kind,
        "RepetitionTime": round(sequence.tr_ms / 1000, 4),
        "EchoTime": round(sequence.te_ms / 1000, 5),
        "FlipAngle": round(sequence.flip_deg, 2),
    }
    if sequence.ti_ms:
        fields["InversionTime"] = round(sequence.ti_ms / 1000, 4)
    if sequence.slice_mm:
        fields["SliceThickness"] = round(sequence.slice_mm, 3)
        fields["SpacingBetweenSlices"] = round(sequence.slice_mm + sequence.gap_mm, 3)
    if sequence.gadolinium:
        fields["ContrastBolusIngredient"] = "GADOLINIUM"
    return fields


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    with output_file(path) as aside:
        aside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
