"""Studies: what a folder is taken for, and what options change."""

import json
import pickle
import shutil

import numpy as np
import pytest
import SimpleITK as sitk

from gliokit.study import (
    STRUCTURAL,
    Grid,
    Modality,
    Study,
    StudyError,
    UsageError,
    Volume,
    read_brats_case,
    read_study,
)


def codes(study):
    return [n.code for n in study.notices]


def names(study):
    return {m.value: v.source.name for m, v in study.volumes.items()}


@pytest.fixture
def write_all(write_image):
    """Writes differing images of these names into a folder."""

    def write(folder, *files):
        for seed, name in enumerate(files):
            write_image(folder / name, seed=seed)
        return folder

    return write


def test_a_brats_case_is_read_in_the_house_order(tiny_study):
    study = read_study(tiny_study)
    assert tuple(study.volumes) == STRUCTURAL
    assert study.subject == "BraTS-GLI-00007-000"
    assert study.session == ""
    assert codes(study).count("sequence-recognised") == 4
    ignored = [n.message for n in study.notices if n.code == "file-ignored"]
    assert ignored == ["BraTS-GLI-00007-000-seg.nii.gz was not used (a label map or mask)."]
    assert names(read_brats_case(tiny_study)) == names(study)


def test_a_case_of_2015_lies_in_folders_of_its_own(tmp_path):
    for number, name in enumerate(("MR_T1", "MR_T1c", "MR_T2", "MR_Flair", "OT")):
        title = f"VSD.Brain.XX.O.{name}.5450{number}"
        (tmp_path / title).mkdir()
        image = sitk.GetImageFromArray(np.random.default_rng(number).random((5, 6, 7), np.float32))
        sitk.WriteImage(image, str(tmp_path / title / f"{title}.mha"))
    study = read_study(tmp_path)
    assert tuple(study.volumes) == STRUCTURAL
    assert study.volumes[Modality.T1].grid.orientation == "LPS"


def test_a_bids_folder_gives_subject_and_session(tmp_path, write_all):
    parts = ("T1w", "ce-gad_T1w", "T2w", "FLAIR")
    write_all(tmp_path / "sub-07/ses-02/anat", *(f"sub-07_ses-02_{p}.nii.gz" for p in parts))
    write_all(tmp_path / "sub-07/ses-02/dwi", "sub-07_ses-02_dwi.nii.gz")
    study = read_study(tmp_path / "sub-07")
    assert (study.subject, study.session) == ("sub-07", "02")
    assert names(study)["t1c"] == "sub-07_ses-02_ce-gad_T1w.nii.gz"
    assert "sub-07_ses-02_dwi.nii.gz" in [n.about for n in study.notices]


def test_two_visits_at_once_are_refused(tmp_path, write_all):
    for visit in ("01", "02"):
        write_all(tmp_path / f"sub-07/ses-{visit}/anat", f"sub-07_ses-{visit}_T1w.nii.gz")
    with pytest.raises(StudyError, match="folder of one visit"):
        read_study(tmp_path / "sub-07")


def test_what_was_taken_for_what_is_said(tmp_path, write_all):
    write_all(tmp_path, "T1_MPRAGE.nii.gz", "T1post.nii.gz", "ADC.nii.gz", "x.nii.gz")
    assert [n.message for n in read_study(tmp_path).notices] == [
        "ADC.nii.gz was not used (another kind of image).",
        "x.nii.gz was not used (not known by name or JSON sidecar).",
        "T1_MPRAGE.nii.gz was taken for T1 (by its name).",
        "T1post.nii.gz was taken for T1C (by its name).",
        "T2 is not in the study; the segmentation was made without it.",
        "FLAIR is not in the study; the segmentation was made without it.",
    ]


def test_a_sidecar_names_what_the_file_name_does_not(tmp_path, write_all):
    write_all(tmp_path, "5.nii.gz")
    (tmp_path / "5.json").write_text(json.dumps({"SeriesDescription": "AX FLAIR"}))
    assert names(read_study(tmp_path)) == {"flair": "5.nii.gz"}


def test_two_files_for_one_sequence_are_refused_with_the_option_to_use(tmp_path, write_all):
    write_all(tmp_path, "T1c.nii.gz", "t1_gd.nii", "T2.nii.gz")
    with pytest.raises(StudyError) as caught:
        read_study(tmp_path)
    text = str(caught.value)
    assert "T1c.nii.gz, t1_gd.nii" in text
    assert "--t1c FILE" in text
    assert str(tmp_path) in text


def test_an_option_settles_what_is_ambiguous(tmp_path, write_all):
    write_all(tmp_path, "T1c.nii.gz", "t1_gd.nii", "T2.nii.gz")
    study = read_study(tmp_path, t1c=tmp_path / "t1_gd.nii")
    assert names(study) == {"t1c": "t1_gd.nii", "t2": "T2.nii.gz"}
    assert "T1c.nii.gz was not used (another file was given by option)." in [
        n.message for n in study.notices
    ]


def test_an_option_wins_over_what_the_name_says(tmp_path, write_all):
    write_all(tmp_path, "T2.nii.gz", "T1.nii.gz")
    assert names(read_study(tmp_path, flair=tmp_path / "T2.nii.gz")) == {
        "t1": "T1.nii.gz",
        "flair": "T2.nii.gz",
    }


def test_files_alone_make_a_study(tmp_path, write_all):
    write_all(tmp_path, "5.nii.gz", "9.nii.gz")
    study = read_study(t1=tmp_path / "5.nii.gz", t2=str(tmp_path / "9.nii.gz"), subject="A")
    assert names(study) == {"t1": "5.nii.gz", "t2": "9.nii.gz"}
    assert study.subject == "A"


def test_one_file_given_for_two_sequences_is_refused(tmp_path, write_all):
    write_all(tmp_path, "5.nii.gz")
    with pytest.raises(StudyError, match="the same file for --t1 and --t2"):
        read_study(t1=tmp_path / "5.nii.gz", t2=tmp_path / ".." / tmp_path.name / "5.nii.gz")


def test_a_missing_file_given_by_option_is_refused(tmp_path):
    with pytest.raises(StudyError, match="no such file"):
        read_study(t1=tmp_path / "5.nii.gz")


def test_nothing_given_is_a_wrong_call():
    with pytest.raises(UsageError, match="--t1"):
        read_study()


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], "no .nii, .nii.gz or .mha file"),
        (["ADC.nii.gz", "x.nii.gz"], "ADC.nii.gz, x.nii.gz"),
        (["case_seg.nii.gz"], "case_seg.nii.gz"),
    ],
)
def test_a_folder_with_none_of_the_four_is_refused(tmp_path, write_all, files, words):
    with pytest.raises(StudyError, match=words):
        read_study(write_all(tmp_path, *files))


def test_a_folder_of_dicom_names_the_converter(tmp_path):
    (tmp_path / "IM1.dcm").write_bytes(b"x")
    with pytest.raises(StudyError, match="dcm2niix"):
        read_study(tmp_path)


def test_a_folder_that_is_not_there_or_is_a_file_is_refused(tiny_study):
    with pytest.raises(StudyError, match="no such folder"):
        read_study(tiny_study / "nowhere")
    with pytest.raises(StudyError, match="found a file"):
        read_study(next(tiny_study.iterdir()))


def test_hidden_copies_are_left_alone(tiny_study):
    shutil.copy(next(tiny_study.glob("*t1n*")), tiny_study / "._T1.nii.gz")
    assert len(read_study(tiny_study).volumes) == 4


def test_a_header_without_a_place_in_the_patient_gives_a_warning(tmp_path, write_image):
    write_image(tmp_path / "T1.nii.gz", sform=0, qform=0)
    (notice,) = [n for n in read_study(tmp_path).notices if n.code == "orientation-unknown"]
    assert notice.severity == "warning"
    assert "T1.nii.gz" in notice.message


def test_a_header_that_contradicts_itself_gives_a_warning(tmp_path, write_image):
    path = write_image(tmp_path / "T1.nii")
    content = bytearray(path.read_bytes())
    content[280:284] = np.float32(1).tobytes()  # the first number of the sform: was -1
    path.write_bytes(content)
    (notice,) = [n for n in read_study(tmp_path).notices if "contradictory" in n.code]
    assert "22.0 mm apart" in notice.message


def test_a_study_goes_to_another_process(tiny_study):
    study = read_study(tiny_study)
    copy = pickle.loads(pickle.dumps(study))
    assert copy.notices == study.notices
    assert np.array_equal(copy.volumes[Modality.T2].data, study.volumes[Modality.T2].data)


def test_a_study_holds_images_under_their_own_names():
    volume = Volume.from_array(
        Modality.T1, Grid((2, 2, 2), np.eye(4)), np.zeros((2, 2, 2), np.float32)
    )
    with pytest.raises(StudyError, match="at least one image"):
        Study("a", {})
    with pytest.raises(StudyError, match="found t1"):
        Study("a", {Modality.T2: volume})
