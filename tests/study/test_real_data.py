"""Real files, where they are: as published and as tools write them."""

import csv

import pytest

from gliokit.study import (
    STRUCTURAL,
    Modality,
    StudyError,
    check_study,
    read_brats_labels,
    read_label_map,
    read_study,
    read_volume,
)


@pytest.fixture(scope="module")
def cases(shared_data):
    with (shared_data / "brats" / "cases.tsv").open(newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def test_every_case_has_its_sequences_and_orientation(shared_data, cases):
    for case in cases:
        study = read_study(shared_data / case["folder"] / case["case_id"])
        assert tuple(study.volumes) == STRUCTURAL
        for volume in study.volumes.values():
            assert volume.grid.orientation == case["axis_codes"]
            assert volume.grid.spacing_mm == pytest.approx((1, 1, 1))


def test_labels_of_all_generations_have_the_published_millilitres(shared_data, cases):
    labelled = [c for c in cases if c["wt_ml"] and c["folder"] in ("brats", "brats_original")]
    assert len(labelled) > 15
    for case in labelled:
        labels = read_brats_labels(shared_data / case["folder"] / case["case_id"])
        for region in ("WT", "TC", "ET"):
            volume = labels.region(region).sum() * labels.grid.voxel_ml
            assert volume == pytest.approx(float(case[f"{region.lower()}_ml"]), abs=0.002)


@pytest.mark.parametrize("case", ["BraTS20_Training_001", "BraTS-SSA-00041-000"])
def test_a_case_as_published_passes_the_check(shared_data, case):
    check_study(read_study(shared_data / "brats_original" / case))


def test_a_raw_study_is_recognised_and_its_two_grids_refused(shared_data):
    study = read_study(shared_data / "raw" / "TCGA-FG-6692")
    assert tuple(study.volumes) == STRUCTURAL
    assert study.volumes[Modality.T1C].source.name.endswith("_t1c.nii.gz")
    with pytest.raises(StudyError, match="mm apart"):
        check_study(study)


def test_a_fused_segmentation_without_a_year_is_refused_until_told(shared_data):
    folder = shared_data / "raw" / "TCGA-FG-6692" / "atlas_reference"
    path = folder / "tumour_seg_fused_simple.nii.gz"
    with pytest.raises(StudyError, match="generation"):
        read_label_map(path)
    read = read_label_map(path, generation="2017-2022")
    assert read.region("WT").sum() * read.grid.voxel_ml == pytest.approx(30.2, abs=0.1)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("other/asl/pcasl.nii.gz", "three dimensions"),
        ("other/dti/V1.nii.gz", "three dimensions"),
        ("other/ct/ct_perfusion_ttm_rgb.nii.gz", "colours"),
        ("other/formats/minc2-4d-d.mnc", "ends in"),
        ("dicom_odd/pydicom/MR_small.dcm", "dcm2niix"),
    ],
)
def test_what_is_no_structural_image_is_refused(shared_data, file, words):
    with pytest.raises(StudyError, match=words):
        read_volume(shared_data / file, Modality.T1)


def test_a_cohort_given_as_one_study_is_refused(shared_data):
    with pytest.raises(StudyError, match="folder of one visit"):
        read_study(shared_data / "brats")
