"""Tables of cohorts."""

import pickle

import numpy as np
import pytest

from gliokit.study import Cohort, Modality, Patient, StudyError, read_cohort


def table(folder, *lines, name="cohort.csv"):
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def refusal(path, **options):
    with pytest.raises(StudyError) as caught:
        read_cohort(path, **options)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_folders_targets_and_labels_are_read(tmp_path, tiny_study):
    path = table(tmp_path, "subject_id,study,idh,age", f"A,{tiny_study.name},1,n/a")
    cohort = read_cohort(path)
    (patient,) = cohort.patients
    assert cohort.columns == ("idh", "age")
    assert cohort.root == tmp_path
    assert dict(patient.attributes) == {"idh": "1", "age": ""}
    study = patient.open_study()
    assert study.subject == "A"
    assert len(study.volumes) == 4
    assert patient.open_label_map().region("ET").sum() == 7


def test_a_tsv_with_a_byte_order_mark_and_files_is_read(tmp_path, write_image):
    write_image(tmp_path / "a.nii.gz")
    path = table(tmp_path, "\ufeffsubject_id\tt1c\tseg", "A\ta.nii.gz\t", name="c.tsv")
    (patient,) = read_cohort(path).patients
    assert list(patient.open_study().volumes) == [Modality.T1C]
    assert patient.open_label_map is None


def test_files_win_over_the_folder(tmp_path, tiny_study, write_image):
    write_image(tmp_path / "b.nii.gz", seed=9)
    path = table(tmp_path, "subject_id,study,t2", f"A,{tiny_study.name},b.nii.gz")
    study = read_cohort(path).patients[0].open_study()
    assert study.volumes[Modality.T2].source.name == "b.nii.gz"
    assert len(study.volumes) == 4


def test_paths_start_from_the_root_given(tmp_path, tiny_study):
    (tmp_path / "tables").mkdir()
    path = table(tmp_path / "tables", "subject_id,study", f"A,{tiny_study.name}")
    assert len(read_cohort(path, root=tmp_path).patients) == 1
    assert "line 2" in refusal(path)


def test_the_generation_of_the_labels_is_a_column(tmp_path, tiny_study, write_image):
    write_image(tmp_path / "four.nii.gz", np.eye(4, dtype=np.uint8)[:, :, None].repeat(2, 2) * 4)
    path = table(
        tmp_path, "subject_id,study,seg,generation", f"A,{tiny_study.name},four.nii.gz,2017-2022"
    )
    (patient,) = read_cohort(path).patients
    assert patient.open_label_map().region("ET").sum() == 8
    assert not patient.attributes


def test_images_are_opened_only_when_asked_for(tmp_path, tiny_study):
    broken = next(tiny_study.glob("*t1c*"))
    broken.write_bytes(b"broken")
    path = table(tmp_path, "subject_id,study", f"A,{tiny_study.name}")
    (patient,) = read_cohort(path).patients
    with pytest.raises(StudyError, match="t1c"):
        patient.open_study()


def test_a_patient_goes_to_another_process(tmp_path, tiny_study):
    path = table(tmp_path, "subject_id,study,idh", f"A,{tiny_study.name},1")
    patient = pickle.loads(pickle.dumps(read_cohort(path))).patients[0]
    assert patient.attributes["idh"] == "1"
    assert len(patient.open_study().volumes) == 4


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["participant_id,study"], "column 'subject_id'; found participant_id, study"),
        (["subject_id,age", "A,3"], "a column 'study', or columns t1, t1c, t2, flair"),
        (["subject_id,study,age,age"], "name of its own"),
        ([""], "no header"),
        (["subject_id,study", "A,{0}", "B,{0}", "A,{0}"], "line 4: .*A, which line 2 has already"),
        (["subject_id,study", "A,{0}", "", ",{0}"], "line 4: .*an empty cell"),
        (["subject_id,study", "A,{0}", "B,gone"], "line 3: column 'study' names a folder .*gone"),
        (["subject_id,t1", "A,gone.nii"], "line 2: column 't1' names a file .*gone.nii"),
        (["subject_id,study", "A,"], "line 2: a patient has a folder in 'study'"),
        (["subject_id,study", "A,{0},5"], "line 2: .*as many cells as the header, 2; found 3"),
        (["subject_id,study,generation", "A,{0},2021"], "line 2: .*2017-2022.*found 2021"),
        (["subject_id,study,seg", "A,{0},no.nii"], "line 2: column 'seg' names a file"),
        (['subject_id,study\n"A,x'], "can be read"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, tiny_study, lines, words):
    path = table(tmp_path, *[line.format(tiny_study.name) for line in lines])
    with pytest.raises(StudyError, match=words):
        read_cohort(path)


def test_two_label_maps_in_a_folder_are_named_with_the_line(tmp_path, tiny_study, write_image):
    write_image(tiny_study / "second_seg.nii.gz")
    path = table(tmp_path, "subject_id,study", f"A,{tiny_study.name}")
    assert "line 2" in refusal(path)


def test_a_table_that_is_missing_or_of_another_kind_is_refused(tmp_path):
    assert "No such file" in refusal(tmp_path / "no.csv")
    assert ".csv or .tsv" in refusal(tmp_path / "a.xlsx")
    (tmp_path / "latin.csv").write_bytes(b"subject_id,study\n\xe9,a\n")
    assert "can be read" in refusal(tmp_path / "latin.csv")


def test_a_cohort_has_every_patient_once(tmp_path):
    patient = Patient("A", {}, lambda: None)
    with pytest.raises(StudyError, match="a name of their own; found A"):
        Cohort((patient, patient), (), tmp_path)
