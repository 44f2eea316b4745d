"""DICOM of a digital patient: what other readers find in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gliokit.phantom import DigitalPatient, make_patient, write_dicom
from gliokit.study import STRUCTURAL, Grid, Modality, OutputError, UsageError, Volume

pydicom = pytest.importorskip("pydicom")

FOLDERS = {
    Modality.T1: "1_T1",
    Modality.T1C: "2_T1_GD",
    Modality.T2: "3_T2",
    Modality.FLAIR: "4_FLAIR",
}
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


@pytest.fixture(scope="module")
def written(patient: DigitalPatient, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dicom(patient, tmp_path_factory.mktemp("dicom") / "patient")


def by_pydicom(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Voxels and affine (RAS+), as the standard's image plane module has them."""
    slices = [pydicom.dcmread(path) for path in folder.iterdir()]
    slices.sort(key=lambda one: int(one.InstanceNumber))
    voxels = np.stack([one.pixel_array.T for one in slices], axis=2)
    first, last = (np.array(one.ImagePositionPatient, float) for one in (slices[0], slices[-1]))
    turn = np.array(slices[0].ImageOrientationPatient, float)
    rows, columns = (float(v) for v in slices[0].PixelSpacing)
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1] = turn[:3] * columns, turn[3:] * rows
    affine[:3, 2], affine[:3, 3] = (last - first) / (len(slices) - 1), first
    return voxels, LPS_TO_RAS @ affine


def by_gdcm(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The same by ITK's reader, which sorts by position."""
    import SimpleITK as sitk

    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    image = reader.Execute()
    affine = np.eye(4)
    affine[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    affine[:3, 3] = image.GetOrigin()
    return sitk.GetArrayFromImage(image).transpose(2, 1, 0), LPS_TO_RAS @ affine


@pytest.mark.parametrize("read", [by_pydicom, by_gdcm])
@pytest.mark.parametrize("modality", STRUCTURAL)
def test_voxels_and_their_place_come_back(
    read: type, modality: Modality, patient: DigitalPatient, written: Path
) -> None:
    voxels, affine = read(written / FOLDERS[modality])
    volume = patient.acquired[modality]
    np.testing.assert_array_equal(voxels, volume.data)
    np.testing.assert_allclose(affine, volume.grid.affine, atol=1e-4)


@pytest.mark.parametrize("read", [by_pydicom, by_gdcm])
@pytest.mark.parametrize("mirrored", [False, True])
def test_oblique_grid_comes_back(
    read: type, mirrored: bool, patient: DigitalPatient, tmp_path: Path
) -> None:
    tilt = np.deg2rad(20)
    turn = np.array([[np.cos(tilt), -np.sin(tilt), 0], [np.sin(tilt), np.cos(tilt), 0], [0, 0, 1]])
    affine = np.eye(4)
    affine[:3, :3] = turn[:, [2, 0, 1]] * np.array([0.9, 1.1, -3.0 if mirrored else 3.0])
    affine[:3, 3] = (-31.5, 12.25, 40.0)
    grid = Grid((5, 6, 7), affine)
    data = np.random.default_rng(0).integers(0, 900, grid.shape).astype(np.float32)
    image = {Modality.T2: Volume.from_array(Modality.T2, grid, data)}
    folder = write_dicom(patient, tmp_path / "oblique", images=image)
    voxels, found = read(folder / "1_T2")
    if mirrored:
        # Slices are numbered along the normal: here from the last of the array to the first.
        voxels, found = voxels[:, :, ::-1], found.copy()
        found[:3, 3] += found[:3, 2] * (grid.shape[2] - 1)
        found[:3, 2] *= -1
    np.testing.assert_array_equal(voxels, data)
    np.testing.assert_allclose(found, affine, atol=1e-4)


def test_headers_tell_the_protocol(patient: DigitalPatient, written: Path) -> None:
    for modality, folder in FOLDERS.items():
        head = pydicom.dcmread(written / folder / "0001.dcm")
        sequence = patient.acquisition.sequences[modality]
        assert float(head.RepetitionTime) == pytest.approx(sequence.tr_ms, rel=1e-5)
        assert float(head.EchoTime) == pytest.approx(sequence.te_ms or 2.9, rel=1e-5)
        assert ("InversionTime" in head) == bool(sequence.ti_ms)
        assert ("ContrastBolusAgent" in head) == (modality is Modality.T1C)
        assert head.Modality == "MR"
        assert head.SeriesDescription.split()[0] == folder.split("_")[1]
        assert "not a person" in head.ImageComments
        assert str(head.PatientName) == "Digital^Patient 00003"


def test_identifiers_follow_from_the_patient(
    patient: DigitalPatient, written: Path, tmp_path: Path
) -> None:
    again = write_dicom(patient, tmp_path / "again")
    files = sorted(p.relative_to(written) for p in written.rglob("*.dcm"))
    assert len(files) == sum(v.grid.shape[2] for v in patient.acquired.values())
    assert all((again / f).read_bytes() == (written / f).read_bytes() for f in files)
    heads = [pydicom.dcmread(written / f, stop_before_pixels=True) for f in files]
    assert len({h.StudyInstanceUID for h in heads}) == 1
    assert len({h.SeriesInstanceUID for h in heads}) == 4
    assert len({h.SOPInstanceUID for h in heads}) == len(heads)
    other = make_patient(seed=4, spacing_mm=5.0, tumour=None)
    file = next(write_dicom(other, tmp_path / "other", days=100).rglob("0001.dcm"))
    head = pydicom.dcmread(file)
    assert head.StudyInstanceUID != heads[0].StudyInstanceUID
    assert head.StudyDate > heads[0].StudyDate


def test_what_dicom_cannot_hold_is_refused(patient: DigitalPatient, tmp_path: Path) -> None:
    grid = Grid((4, 4, 4), np.eye(4))
    for value in (0.5, -1.0, 70000.0):
        data = np.full(grid.shape, value, dtype=np.float32)
        image = {Modality.T1: Volume.from_array(Modality.T1, grid, data)}
        with pytest.raises(UsageError, match="whole numbers from 0 to 65535"):
            write_dicom(patient, tmp_path / "out", images=image)
    ct = {Modality.FA: Volume.from_array(Modality.FA, grid, np.ones(grid.shape, np.float32))}
    with pytest.raises(UsageError, match="is written as t1, t1c"):
        write_dicom(patient, tmp_path / "out", images=ct)
    with pytest.raises(UsageError, match="at least one image"):
        write_dicom(patient, tmp_path / "out", images={})
    assert not list(tmp_path.iterdir())


def test_folder_with_other_files_is_refused(patient: DigitalPatient, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="new, empty"):
        write_dicom(patient, tmp_path)
