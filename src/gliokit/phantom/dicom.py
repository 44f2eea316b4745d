"""Digital patients as DICOM: one series a sequence, one file a slice."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.acquisition import Acquisition, Sequence
from gliokit.phantom.patient import DigitalPatient
from gliokit.study import Grid, MissingExtraError, Modality, UsageError, Volume, output_folder

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["write_dicom"]

MR_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.4"
SURGERY = datetime.date(2000, 1, 3)
REMARK = "Digital patient, made by gliokit; not a person. Research use only."
# The signal equation leaves the echo time of a gradient echo out; archives expect one.
GRADIENT_ECHO_TE_MS = 2.9
MOST_SIGNAL = 65535
NAMES = {Modality.T1: "T1", Modality.T1C: "T1 GD", Modality.T2: "T2", Modality.FLAIR: "FLAIR"}
# ScanningSequence, SequenceVariant, echo train, by kind of sequence.
CODES: Mapping[str, tuple[str, str, int]] = {
    "spin_echo": ("SE", "SK", 1),
    "inversion_recovery": ("IR", "SK", 16),
    "mprage": ("GR", "MP", 176),
}

Image = NDArray[np.float32]


def write_dicom(
    patient: DigitalPatient,
    folder: str | Path,
    *,
    images: Mapping[Modality, Volume] | None = None,
    days: int = 0,
) -> Path:
    """Write one visit as DICOM: FOLDER/1_T1/0001.dcm and so on, slices from below upwards.

    Headers are those of an MR image (Explicit VR little endian) with the sequence's times,
    position, orientation and spacing, so that readers find the voxels where the grid has
    them. Name, identifier and dates are plainly invented. The same patient gives the same
    bytes: identifiers follow from seed, subject and voxels.

    Args:
        folder: New or empty; it appears when all is written.
        images: In place of `patient.acquired`: those of `with_head`, or some of them.
        days: Since the first visit's date, for the dates of a follow-up.

    Returns:
        The folder.

    Raises:
        MissingExtraError: pydicom is not installed.
        UsageError: a sequence that the patient's protocol lacks; signal that is no whole
            number from 0 to 65535; no image.
        OutputError: the folder holds something else, or can't be written.

    References:
        DICOM PS3.3, C.7.6.2 (image plane) and C.8.3 (MR image).
    """
    try:
        import pydicom  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError("writing DICOM", "dicom") from error
    images = patient.acquired if images is None else images
    for modality, volume in images.items():
        _check(patient.acquisition, modality, volume.data)
    if not images:
        raise UsageError("a study has at least one image", source="images", found="none")
    study = _study(patient, days)
    with output_folder(folder) as aside:
        for number, modality in enumerate((m for m in NAMES if m in images), start=1):
            name = f"{number}_{NAMES[modality].replace(' ', '_')}"
            (aside / name).mkdir()
            _write_series(study, patient, modality, images[modality], aside / name, number)
    return Path(folder)


def _check(acquisition: Acquisition, modality: Modality, data: Image) -> None:
    if modality not in NAMES or modality not in acquisition.sequences:
        raise UsageError(
            f"a digital patient is written as {', '.join(NAMES)}", source="images", found=modality
        )
    if data.min() < 0 or data.max() > MOST_SIGNAL or not np.array_equal(data, np.rint(data)):
        raise UsageError(
            f"signal in DICOM is whole numbers from 0 to {MOST_SIGNAL}",
            source=f"image of {modality}",
            found=f"{data.min():g} to {data.max():g}",
            way_out="Scale and round the image first.",
        )


def _study(patient: DigitalPatient, days: int) -> dict[str, Any]:
    """What all series of the visit share."""
    subject = patient.study.subject
    date = (SURGERY + datetime.timedelta(days=days)).strftime("%Y%m%d")
    return {
        "PatientName": f"Digital^Patient {patient.seed:05d}",
        "PatientID": subject.upper()[:64],
        "PatientBirthDate": "",
        "PatientSex": "",
        "PatientComments": REMARK,
        "StudyInstanceUID": _uid("study", patient.seed, subject, days),
        "FrameOfReferenceUID": _uid("frame", patient.seed, subject),
        "PositionReferenceIndicator": "",
        "StudyID": str(patient.seed)[:16],
        "StudyDate": date,
        "SeriesDate": date,
        "StudyTime": "120000",
        "StudyDescription": "MRI brain, digital patient",
        "AccessionNumber": "",
        "ReferringPhysicianName": "",
        "Manufacturer": "gliokit",
        "ManufacturerModelName": "digital patient",
        "Modality": "MR",
        "BodyPartExamined": "BRAIN",
        "PatientPosition": "HFS",
        "MagneticFieldStrength": patient.acquisition.field_t,
        "ImageComments": REMARK,
    }


def _write_series(
    study: dict[str, Any],
    patient: DigitalPatient,
    modality: Modality,
    volume: Volume,
    folder: Path,
    number: int,
) -> None:
    voxels = volume.data.astype("<u2")
    digest = hashlib.sha256(voxels.tobytes()).hexdigest()
    series = _uid("series", study["StudyInstanceUID"], modality, digest)
    protocol = _protocol(patient.acquisition.sequences[modality], modality, volume.grid)
    shared = study | protocol | {"SeriesInstanceUID": series, "SeriesNumber": number}
    low, high = (float(v) for v in np.percentile(voxels[voxels > 0], (1, 99.5)))
    window = {"WindowCenter": round((low + high) / 2), "WindowWidth": max(round(high - low), 1)}
    for place, (k, position_mm, along_mm) in enumerate(_slices(volume.grid), start=1):
        fields = shared | window | {
            "SOPClassUID": MR_IMAGE_STORAGE,
            "SOPInstanceUID": _uid("image", series, k),
            "InstanceNumber": place,
            "ImagePositionPatient": [f"{x:.10g}" for x in position_mm],
            "SliceLocation": f"{along_mm:.10g}",
        }  # fmt: skip
        _write(_dataset(fields, voxels[:, :, k].T), folder / f"{place:04d}.dcm")


def _protocol(sequence: Sequence, modality: Modality, grid: Grid) -> dict[str, Any]:
    scanning, variant, echoes = CODES[sequence.kind]
    kind = "MPRAGE" if sequence.kind == "mprage" else "SE" if sequence.te_ms < 50 else "TSE"
    name = f"{NAMES[modality]} {kind} {'2D' if sequence.slice_mm else '3D'}"
    columns = _patient_axes(grid)
    spacing = grid.spacing_mm
    across, down = columns[:, 0] / spacing[0], columns[:, 1] / spacing[1]
    fields: dict[str, Any] = {
        "SeriesDescription": name,
        "ProtocolName": name,
        "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"],
        "ScanningSequence": scanning,
        "SequenceVariant": variant,
        "ScanOptions": "",
        "MRAcquisitionType": "2D" if sequence.slice_mm else "3D",
        "RepetitionTime": f"{sequence.tr_ms:.6g}",
        "EchoTime": f"{sequence.te_ms or GRADIENT_ECHO_TE_MS:.6g}",
        "EchoTrainLength": 16 if kind == "TSE" else echoes,
        "FlipAngle": f"{sequence.flip_deg:.6g}",
        "ImageOrientationPatient": [f"{x:.10g}" for x in (*across, *down)],
        # Between rows first, then between columns.
        "PixelSpacing": [f"{spacing[1]:.10g}", f"{spacing[0]:.10g}"],
        "SliceThickness": f"{sequence.slice_mm or spacing[2]:.6g}",
        "SpacingBetweenSlices": f"{spacing[2]:.10g}",
    }
    if sequence.ti_ms:
        fields["InversionTime"] = f"{sequence.ti_ms:.6g}"
    if sequence.gadolinium:
        fields["ContrastBolusAgent"] = "gadolinium"
    return fields


def _patient_axes(grid: Grid) -> NDArray[np.float64]:
    """The affine in DICOM's axes: left, posterior, superior."""
    return np.asarray(np.diag([-1.0, -1.0, 1.0, 1.0]) @ grid.affine)[:3]


def _slices(grid: Grid) -> list[tuple[int, NDArray[np.float64], float]]:
    """Each slice's place in the array, its first voxel, and its place along the normal, sorted."""
    axes = _patient_axes(grid)
    normal = np.cross(axes[:, 0], axes[:, 1])
    normal /= np.linalg.norm(normal)
    starts = [(k, axes[:, 3] + k * axes[:, 2]) for k in range(grid.shape[2])]
    return sorted(((k, at, float(normal @ at)) for k, at in starts), key=lambda one: one[2])


def _dataset(fields: Mapping[str, Any], pixels: NDArray[np.uint16]) -> Dataset:
    from pydicom import Dataset

    dataset = Dataset()
    for keyword, value in fields.items():
        setattr(dataset, keyword, value)
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation = 0
    dataset.PixelData = np.ascontiguousarray(pixels).tobytes()
    return dataset


def _write(dataset: Dataset, path: Path) -> None:
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta = meta
    dataset.save_as(path, enforce_file_format=True)


def _uid(*parts: object) -> str:
    """An identifier under 2.25, the root of those that are made from UUIDs (PS3.5, B.2)."""
    text = " ".join(("gliokit", *(str(part) for part in parts)))
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, text).int}"
