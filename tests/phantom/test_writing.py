from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gliokit.phantom import DigitalPatient, write_bids, write_patient
from gliokit.study import (
    STRUCTURAL,
    Modality,
    OutputError,
    UsageError,
    read_brats_case,
    read_brats_labels,
    read_label_map,
    read_study,
)


def test_written_patient_is_read_back(patient: DigitalPatient, tmp_path: Path) -> None:
    folder = write_patient(patient, tmp_path / "digital-00003")
    names = sorted(p.name for p in folder.iterdir())
    assert names == [f"digital-00003-{e}.nii.gz" for e in ("seg", "t1c", "t1n", "t2f", "t2w")]
    study = read_brats_case(folder)
    assert study.subject == patient.study.subject
    for modality in STRUCTURAL:
        np.testing.assert_array_equal(
            study.volumes[modality].data, patient.study.volumes[modality].data
        )
        assert study.volumes[modality].grid.same_as(patient.truth.grid)
    np.testing.assert_array_equal(read_brats_labels(folder).data, patient.truth.data)


def test_folder_that_cannot_be_made_is_refused(patient: DigitalPatient, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    with pytest.raises(OutputError, match="can be made"):
        write_patient(patient, taken / "below")


def test_bids_is_read_back_on_native_grids(patient: DigitalPatient, tmp_path: Path) -> None:
    visit = write_bids(patient, tmp_path / "set", session="1")
    study = read_study(visit)
    assert set(study.volumes) == set(STRUCTURAL)
    for modality in STRUCTURAL:
        acquired = patient.acquired[modality]
        assert study.volumes[modality].grid.same_as(acquired.grid)
        np.testing.assert_array_equal(study.volumes[modality].data, acquired.data)
    truth = tmp_path / "set" / "derivatives" / "truth" / "sub-digital00003" / "ses-1" / "anat"
    read = read_label_map(truth / "sub-digital00003_ses-1_dseg.nii.gz")
    np.testing.assert_array_equal(read.data, patient.truth.data)


def test_bids_tells_the_protocol_in_seconds(patient: DigitalPatient, tmp_path: Path) -> None:
    visit = write_bids(patient, tmp_path)
    side = json.loads((visit / "anat" / "sub-digital00003_ses-01_FLAIR.json").read_text())
    sequence = patient.acquisition.sequences[Modality.FLAIR]
    assert side["InversionTime"] == pytest.approx(sequence.ti_ms / 1000, abs=1e-4)
    assert side["MagneticFieldStrength"] == 3.0
    assert json.loads((tmp_path / "dataset_description.json").read_text())["BIDSVersion"]


@pytest.mark.parametrize("session", ["", "a_b", "../up"])
def test_session_that_bids_forbids_is_refused(
    session: str, patient: DigitalPatient, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="letters and digits"):
        write_bids(patient, tmp_path, session=session)
    assert not list(tmp_path.iterdir())
