"""How sequences are spelled, in all generations of BraTS and elsewhere."""

import json
from pathlib import Path

import pytest

from gliokit.study import REASONS, Modality, StudyError
from gliokit.study.names import Kind, entity, is_expert_labels, read_name
from gliokit.study.reading import is_image, stem
from gliokit.study.recognition import WHY_NOT, recognise

T1, T1C, T2, FLAIR = Modality.T1, Modality.T1C, Modality.T2, Modality.FLAIR

BRATS_CASES = {
    "2012": "BRATS_HG0001_{}.mha:T1,T1C,T2,FLAIR",
    "2013": "VSD.Brain.XX.O.MR_{}.12345.mha:T1,T1c,T2,Flair",
    "2015": "VSD.Brain.XX.O.MR_{}.54512.mha:T1,T1c,T2,Flair",
    "2017": "Brats17_TCIA_117_1_{}.nii.gz:t1,t1ce,t2,flair",
    "2018": "Brats18_2013_2_1_{}.nii.gz:t1,t1ce,t2,flair",
    "2019": "BraTS19_CBICA_AAB_1_{}.nii.gz:t1,t1ce,t2,flair",
    "2020": "BraTS20_Training_001_{}.nii.gz:t1,t1ce,t2,flair",
    "2021": "BraTS2021_00495_{}.nii.gz:t1,t1ce,t2,flair",
    "2022": "BraTS2021_00495_{}.nii.gz:t1,t1gd,t2,flair",
    "TCIA": "TCGA-02-0006_1996.08.23_{}.nii.gz:t1,t1Gd,t2,flair",
    "2023": "BraTS-GLI-00000-000-{}.nii.gz:t1n,t1c,t2w,t2f",
    "2023 T2W": "BraTS-GLI-00000-000-{}.nii.gz:t1n,t1c,t2W,t2f",
    "Africa": "BraTS-SSA-00041-000-{}.nii.gz:t1n,t1c,t2w,t2f",
    "2024": "BraTS-GLI-02063-101-{}.nii.gz:t1n,t1c,t2w,t2f",
    "UPENN": "UPENN-GBM-00001_11_{}.nii.gz:T1,T1GD,T2,FLAIR",
    "UCSF": "UCSF-PDGM-0004_{}.nii.gz:T1,T1c,T2,FLAIR",
    "LUMIERE": "{}.nii.gz:T1,CT1,T2,FLAIR",
}


@pytest.mark.parametrize("generation", BRATS_CASES)
def test_the_four_names_of_every_generation_are_known(generation):
    form, _, endings = BRATS_CASES[generation].partition(":")
    files = [Path(form.format(e)) for e in endings.split(",")]
    assert all(is_image(f) for f in files)
    assert [read_name(stem(f)).what for f in files] == [T1, T1C, T2, FLAIR]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("t1", T1),
        ("T1w", T1),
        ("T1_MPRAGE", T1),
        ("AX_3D_T1_MPR", T1),
        ("sT1W_3D_TFE", T1),
        ("3DT1", T1),
        ("T1 pre contrast", T1),
        ("T1_pre_gad", T1),
        ("T1_noncontrast", T1),
        ("T1-native", T1),
        ("AX T1 FLAIR", T1),
        ("T1_postop", T1),
        ("post-op_T1", T1),
        ("preop_T1c", T1C),
        ("T1post", T1C),
        ("T1_POST_GAD", T1C),
        ("t1_gd", T1C),
        ("T1+C", T1C),
        ("T1 C+", T1C),
        ("T1wPostContrast", T1C),
        ("t1km", T1C),
        ("T1_mprage_contrast", T1C),
        ("sub-01_ce-gad_T1w", T1C),
        ("sub-01_ce-GADOLINIUM_acq-3D_T1w", T1C),
        ("sub-01_ses-post_T1w", T1),
        ("sub-01_space-T2_T1w", T1),
        ("sub-T2_FLAIR", FLAIR),
        ("T2w", T2),
        ("t2_tse_tra", T2),
        ("AX_T2_FSE", T2),
        ("FLAIR", FLAIR),
        ("t2_flair", FLAIR),
        ("3D_CUBE_T2FLAIR_post", FLAIR),
        ("t2_tirm_tra_dark-fluid", FLAIR),
        ("MRHR_FLAIR_AX_TCGA-FG-6692_SE_IR_5_tir2d1_21_fla", FLAIR),
        ("FLAIR_to_T1", Kind.CONTRADICTORY),
        ("T1_T2", Kind.CONTRADICTORY),
        ("patient2", Kind.UNKNOWN),
        ("hist1", Kind.UNKNOWN),
        ("T11", Kind.UNKNOWN),
        ("image", Kind.UNKNOWN),
        ("T2star", Kind.OTHER),
        ("T2*_gre", Kind.OTHER),
        ("T1map", Kind.OTHER),
        ("T1_subtraction", Kind.OTHER),
        ("dwi_b1000", Kind.OTHER),
        ("ADC", Kind.OTHER),
        ("DSC_perf", Kind.OTHER),
        ("ep2d_diff_T2", Kind.OTHER),
        ("BraTS-GLI-00000-000-seg", Kind.LABELS),
        ("VSD.Brain_3more.XX.O.OT.54512", Kind.LABELS),
        ("BRATS_HG0001_truth", Kind.LABELS),
        ("T1c_brain_mask", Kind.LABELS),
        ("sub-01_T1w_dseg", Kind.LABELS),
        ("IXI012_T1_DLMUSE", Kind.LABELS),
    ],
)
def test_a_name_is_taken_for_what_a_radiologist_takes_it(name, what):
    assert read_name(name).what is what


def test_expert_labels_are_not_those_of_an_algorithm_or_a_brain_mask():
    assert is_expert_labels("BraTS20_Training_001_seg")
    assert is_expert_labels("VSD.Brain_3more.XX.O.OT.54512")
    assert not is_expert_labels("BraTS-GLI-00001-000-segalgo")
    assert not is_expert_labels("T1_brain_mask")


def test_parts_of_a_bids_name_are_found():
    assert entity("sub-01_ses-02_T1w", "ses") == "02"
    assert entity("BraTS-GLI-00000-000-t1n", "sub") == ""


def with_sidecar(folder: Path, name: str, **fields: object) -> Path:
    (folder / f"{name}.json").write_text(json.dumps(fields))
    return folder / f"{name}.nii.gz"


@pytest.mark.parametrize(
    ("name", "fields", "modality"),
    [
        ("5", {"SeriesDescription": "AX T2 FLAIR"}, FLAIR),
        ("5", {"SeriesDescription": "WIP", "ProtocolName": "t2_tse_tra"}, T2),
        ("5", {"SeriesDescription": "T1 AX POST GAD"}, T1C),
        ("5", {"SeriesDescription": "t1_mprage", "ContrastBolusAgent": "Gadavist"}, T1C),
        ("T1", {"ContrastBolusAgent": "Dotarem"}, T1C),
        ("T1", {"ContrastBolusAgent": "none"}, T1),
        ("T1_pre", {"ContrastBolusAgent": "Dotarem"}, T1),
        ("5", {"EchoTime": 0.12, "RepetitionTime": 9, "InversionTime": 2.5}, FLAIR),
        ("5", {"EchoTime": 0.1, "RepetitionTime": 4}, T2),
        ("5", {"EchoTime": 0.01, "RepetitionTime": 0.5}, T1),
        ("5", {"EchoTime": 0.003, "RepetitionTime": 2, "InversionTime": 0.9}, T1),
        ("post", {"EchoTime": 0.01, "RepetitionTime": 0.5}, T1C),
        ("5", {"EchoTime": 0.1, "RepetitionTime": 8, "ScanningSequence": "EP"}, None),
        ("5", {"EchoTime": 0.1, "RepetitionTime": 8, "ImageType": ["DERIVED"]}, None),
        ("5", {"EchoTime": 0.04, "RepetitionTime": 2}, None),
        ("5", {"SeriesDescription": "DSC perfusion", "EchoTime": 0.1, "RepetitionTime": 4}, None),
        ("5", {"SeriesDescription": "localizer"}, None),
        ("5", {}, None),
    ],
)
def test_a_sidecar_says_what_the_name_does_not(tmp_path, name, fields, modality):
    found = recognise(with_sidecar(tmp_path, name, **fields))
    assert found.modality is modality
    assert found.reason in REASONS


@pytest.mark.parametrize("content", ["{", "[1]"])
def test_a_sidecar_that_is_no_json_object_is_refused(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(StudyError, match=r"a\.json: the sidecar"):
        recognise(tmp_path / "a.nii")


def test_every_reason_is_one_that_the_catalogues_know():
    assert set(WHY_NOT.values()) <= set(REASONS)
