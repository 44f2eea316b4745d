"""`gliokit phantom`: tables at once, images where asked, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gliokit.study import read_cohort
from tests.cli.conftest import Ending, everything_in

Run = Callable[..., Ending]


def test_a_cohort_of_tables(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "cohort"
    ending = run(
        "phantom", "cohort", "--n", 20, "--modalities", "none", "--seed", 7, "-o", out,
        "--effect", "idh=2,mgmt=0", "--effect", "survival=0.5", "--hazard-ratio", "male=2",
    )  # fmt: skip
    assert (ending.code, ending.out) == (0, f"Cohort: {out}\n")
    assert len((out / "participants.tsv").read_text().splitlines()) == 21
    said = json.loads((out / "cohort.json").read_text())
    assert said["effects"] == {
        "idh": 2.0, "codeletion": 1.0, "grade": 1.0, "mgmt": 0.0, "survival": 0.5,
    }  # fmt: skip
    assert said["hazard_ratios"] == {"male": 2.0}


def test_a_cohort_with_images(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "cohort"
    ending = run(
        "phantom", "cohort", "--n", 1, "--modalities", "t1c", "--spacing", 5, "-o", out,
        "--workers", 0,
    )  # fmt: skip
    assert ending.code == 0
    assert "1 of 1 patients" in ending.err
    assert len(read_cohort(out).patients) == 1


def test_one_patient(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "patient"
    ending = run(
        "phantom", "patient", "--index", 3, "--modalities", "flair", "--spacing", 5, "-o", out,
        "--whole-ml", 40,
    )  # fmt: skip
    assert ending.code == 0
    assert "sub-000003" in ending.out
    assert json.loads((out / "patient.json").read_text())["plan"]["whole_ml"] == 40
    assert (out / "sub-000003-t2f.nii.gz").is_file()
    assert not (out / "sub-000003-t1c.nii.gz").exists()


def test_one_patient_and_his_visits(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "patient"
    given = ("phantom", "patient", "--index", 3, "--modalities", "t1c", "--spacing", 5, "-o", out)
    asked = ("--visits", "pseudoprogression,postoperative", "--field-t", 1.5, "--site", "north")
    assert run(*given, *asked).code == 0
    known = json.loads((out / "patient.json").read_text())
    assert [v["kind"] for v in known["visits"]] == ["postoperative", "pseudoprogression"]
    assert (known["field_t"], known["site"]) == (1.5, "north")
    visit = json.loads((out / "visits" / "2" / "visit.json").read_text())
    assert (visit["cause"], visit["new_tumour_ml"]) == ("treatment", 0)
    again = run(*given, *asked)
    assert again.code != 0
    assert "Name another folder, or remove this one" in again.err


def test_one_patient_as_bids_and_as_dicom(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("pydicom")
    given = ("phantom", "patient", "--index", 3, "--modalities", "flair", "--spacing", 5)
    bids, dicom = tmp_path / "bids", tmp_path / "dicom"
    assert run(*given, "--format", "bids", "-o", bids).code == 0
    assert run(*given, "--format", "dicom", "-o", dicom).code == 0
    anat = bids / "sub-000003" / "ses-01" / "anat"
    assert sorted(p.name for p in anat.iterdir()) == [
        "sub-000003_ses-01_FLAIR.json", "sub-000003_ses-01_FLAIR.nii.gz",
    ]  # fmt: skip
    assert [p.name for p in (dicom / "dicom").iterdir()] == ["1_FLAIR"]
    assert (dicom / "dicom" / "1_FLAIR" / "0001.dcm").is_file()
    assert (dicom / "sub-000003-seg.nii.gz").is_file()
    for out in (bids, dicom):
        assert (out / "patient.json").is_file()
        assert (out / "truth" / "sub-000003_density.nii.gz").is_file()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--n", "0"), ("n: a cohort has 1 to", "found 0")),
        (("--spacing", "9"), ("voxels of 0.8 to 5 mm", "found 9")),
        (("--effect", "idh=9"), ("effect idh", "between 0", "found 9")),
        (("--effect", "colour=1"), ("an effect is one of idh,", "found colour")),
        (("--effect", "idh"), ("--effect", "NAME=NUMBER", "found idh")),
        (("--effect", "idh=1,idh=2"), ("each name is given once",)),
        (("--hazard-ratio", "male=-1"), ("hazard ratio male", "0.01 and 100")),
        (("--modalities", "t1c,xray"), ("a modality is one of t1, t1c", "found xray")),
        (("--modalities", "none,t1c"), ("a modality is one of", "found none")),
        (("--seed", "-1"), ("seed", "0 or more", "found -1")),
        (("--workers", "-1"), ("0 or more workers", "found -1")),
        (("--modalities", ","), ("--modalities", "names are parted by", "'none' alone")),
        (("--visits", "cure"), ("visits are 'course' alone", "found cure")),
        (("--format", "bids", "--modalities", "ct"), ("the form bids holds", "found ct")),
        (("--field-t", "7"), ("1.5 and 3 tesla", "found 7")),
        (("--sites", "-2"), ("sites", "found -2")),
    ],
)
def test_a_cohort_that_cannot_be_is_refused(
    options: tuple[str, ...], words: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    given = [] if "--n" in options else ["--n", "2"]
    ending = run("phantom", "cohort", *given, *options, "-o", tmp_path / "c")
    assert ending.code == 2
    for word in words:
        assert word in ending.err
    assert not everything_in(tmp_path)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--seed-point", "1,2"), ("a point is three numbers", "found 1,2", "X,Y,Z")),
        (("--seed-point=0,0,500",), ("seed_point_mm", "Give a point inside", "such as")),
        (("--whole-ml", "9999"), ("whole_ml", "between 1 and 250")),
        (("--index", "-2"), ("index of a patient", "found -2")),
        (("--format", "png"), ("a form is one of brats, bids, dicom", "found png")),
        (
            ("--format", "bids", "--modalities", "t1c,dsc"),
            ("the form bids holds t1, t1c", "found dsc"),
        ),
    ],
)
def test_a_patient_that_cannot_be_is_refused(
    options: tuple[str, ...], words: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    ending = run("phantom", "patient", "--spacing", 5, *options, "-o", tmp_path / "p")
    assert ending.code == 2
    for word in words:
        assert word in ending.err
    assert not everything_in(tmp_path)
