from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gliokit.phantom import DigitalPatient, write_patient
from gliokit.study import STRUCTURAL, OutputError, read_brats_case, read_brats_labels


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
