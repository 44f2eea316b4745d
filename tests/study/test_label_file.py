"""Label maps: what their values mean in which year."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gliokit.study import (
    BRATS,
    BRATS_POSTOPERATIVE,
    GENERATIONS,
    WHOLE_TUMOUR,
    Grid,
    LabelMap,
    StudyError,
    UsageError,
    find_label_map,
    read_brats_labels,
    read_label_map,
)
from gliokit.study.generation import generation_of_name

NAMED = {
    "VSD.Brain_3more.XX.O.OT.54512.mha": "2012-2016",
    "VSD.Brain.XX.O.OT.42283.nii": "2012-2016",
    "brats_2013_pat0001_1_seg.nii.gz": "2012-2016",
    "brats_tcia_pat101_1_seg.nii.gz": "2012-2016",
    "Brats17_TCIA_117_1_seg.nii.gz": "2017-2022",
    "Brats18_2013_2_1_seg.nii.gz": "2017-2022",
    "BraTS19_CBICA_AAB_1_seg.nii.gz": "2017-2022",
    "BraTS20_Training_001_seg.nii.gz": "2017-2022",
    "BraTS2021_00495_seg.nii.gz": "2017-2022",
    "UCSF-PDGM-0004_tumor_segmentation.nii.gz": "2017-2022",
    "UPENN-GBM-00001_11_segm.nii.gz": "2017-2022",
    "TCGA-02-0006_1996.08.23_GlistrBoost_ManuallyCorrected.nii.gz": "2017-2022",
    "BraTS-GLI-00000-000-seg.nii.gz": "2023",
    "BraTS-SSA-00041-000-seg.nii.gz": "2023",
    "BraTS-MET-00110-000-seg.nii.gz": "2023",
    "BraTS-GLI-02063-101-seg.nii.gz": "2024",
    "tumour.nii.gz": None,
}
MEANS = {  # value -> region of it alone, by generation
    "2012-2016": {1: "NCR", 2: "ED", 3: "NCR", 4: "ET"},
    "2017-2022": {1: "NCR", 2: "ED", 4: "ET"},
    "2023": {1: "NCR", 2: "ED", 3: "ET"},
    "2024": {1: "NCR", 2: "ED", 3: "ET", 4: "RC"},
    "whole-tumour": {1: "WT"},
}


def a_map(*values: int, dtype: type = np.uint8) -> np.ndarray:
    data = np.zeros((4, 5, 6), dtype)
    data.ravel()[1 : 1 + len(values)] = values
    return data


def refusal(path, **options) -> str:
    with pytest.raises(StudyError) as caught:
        read_label_map(path, **options)
    assert str(path) in str(caught.value)
    assert caught.value.way_out
    return str(caught.value)


@pytest.mark.parametrize("name", NAMED)
def test_the_generation_is_told_by_the_name(tmp_path, name):
    assert generation_of_name(tmp_path / name) == NAMED[name]


@pytest.mark.parametrize("depth", ["seg.nii.gz", "labels/seg.nii.gz"])
def test_the_generation_is_told_by_the_names_of_the_folders(tmp_path, depth):
    assert generation_of_name(tmp_path / "BraTS2021_00495" / depth) == "2017-2022"


@pytest.mark.parametrize("name", ["BraTS-PED-00001-000-seg.nii", "BRATS_HG0001_truth.mha"])
def test_collections_with_other_labels_are_refused(tmp_path, name):
    with pytest.raises(StudyError, match="glioma challenge"):
        generation_of_name(tmp_path / name)


@pytest.mark.parametrize("generation", MEANS)
def test_every_value_becomes_its_house_label(tmp_path, write_image, generation):
    for value, name in MEANS[generation].items():
        path = write_image(tmp_path / "tumour.nii", a_map(value))
        read = read_label_map(path, generation=generation)
        assert set(np.unique(read.data)) == {0, read.labels.values[name]}


def test_the_table_of_the_test_is_that_of_the_house():
    assert {g: set(v) for g, v in MEANS.items()} == {g: set(t) for g, (_, t) in GENERATIONS.items()}


@given(st.lists(st.sampled_from([0, 1, 2, 4]), min_size=60, max_size=60))
def test_regions_of_2021_are_kept_voxel_by_voxel(values):
    _, table = GENERATIONS["2017-2022"]
    data = np.array(values, np.uint8).reshape(3, 4, 5)
    converted = np.array([table.get(v, 0) for v in values], np.uint8).reshape(3, 4, 5)
    label_map = LabelMap(Grid((3, 4, 5), np.eye(4)), converted, BRATS)
    assert np.array_equal(label_map.region("ET"), data == 4)
    assert np.array_equal(label_map.region("TC"), np.isin(data, (1, 4)))
    assert np.array_equal(label_map.region("WT"), data > 0)


def test_4_is_tumour_in_2021_and_cavity_in_2024(tmp_path, write_image):
    old = read_label_map(write_image(tmp_path / "BraTS2021_00001_seg.nii.gz", a_map(1, 2, 4)))
    new = read_label_map(write_image(tmp_path / "BraTS-GLI-00001-100-seg.nii.gz", a_map(1, 2, 4)))
    assert old.region("ET").sum() == 1
    assert not old.knows("RC")
    assert old.labels == BRATS
    assert new.region("ET").sum() == 0
    assert new.region("RC").sum() == 1
    assert new.region("WT").sum() == 2
    assert new.labels == BRATS_POSTOPERATIVE


def test_a_conversion_gives_a_notice(tmp_path, write_image):
    path = write_image(tmp_path / "BraTS2021_00001_seg.nii.gz", a_map(1, 2, 4))
    (notice,) = read_label_map(path).notices
    assert notice.code == "labels-converted"
    assert "BraTS 2017-2022" in notice.message


def test_labels_of_2023_are_read_as_they_are_without_a_notice(tmp_path, write_image):
    read = read_label_map(write_image(tmp_path / "BraTS-GLI-00001-000-seg.nii", a_map(1, 2, 3)))
    assert not read.notices
    assert read.region("ET").sum() == 1


def test_a_converted_copy_under_an_old_name_is_read_as_2023(tmp_path, write_image):
    read = read_label_map(write_image(tmp_path / "BraTS2021_00001-seg.nii.gz", a_map(1, 2, 3)))
    assert read.region("ET").sum() == 1
    assert [n.code for n in read.notices] == ["labels-already-converted"]


@pytest.mark.parametrize("values", [(1, 2, 4), (1, 2, 3), (3,), (1,), (1, 2, 5)])
def test_a_map_of_unknown_generation_is_refused_where_it_matters(tmp_path, write_image, values):
    text = refusal(write_image(tmp_path / "tumour.nii.gz", a_map(*values)))
    assert "generation" in text
    assert ", ".join(map(str, values)) in text


@pytest.mark.parametrize("values", [(), (2,), (1, 2)])
def test_a_map_that_means_the_same_in_all_years_is_read(tmp_path, write_image, values):
    read = read_label_map(write_image(tmp_path / "tumour.nii.gz", a_map(*values)))
    assert read.region("WT").sum() == len(values)


def test_a_mask_is_a_whole_tumour_where_one_says_so(tmp_path, write_image):
    path = write_image(tmp_path / "mask.nii.gz", a_map(1))
    read = read_label_map(path, generation="whole-tumour")
    assert read.labels == WHOLE_TUMOUR
    assert not read.knows("ET")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("BraTS2021_00001_seg.nii.gz", (1, 2, 3, 4)),
        ("BraTS-GLI-00001-000-seg.nii.gz", (1, 2, 3, 4)),
        ("BraTS-GLI-00001-100-seg.nii.gz", (1, 7)),
    ],
)
def test_a_value_that_the_named_generation_has_not_is_refused(tmp_path, write_image, name, values):
    assert "labels of '20" in refusal(write_image(tmp_path / name, a_map(*values)))


def test_the_option_wins_over_the_name_and_is_checked(tmp_path, write_image):
    path = write_image(tmp_path / "BraTS2021_00001_seg.nii.gz", a_map(1, 2, 4))
    assert read_label_map(path, generation="2024").region("RC").sum() == 1
    assert "labels of '2023'" in refusal(path, generation="2023")
    with pytest.raises(UsageError, match="2017-2022"):
        read_label_map(path, generation="2021")


@pytest.mark.parametrize("value", [0.5, 1.2, -1, 300, np.nan, np.inf])
def test_values_that_are_no_small_whole_numbers_are_refused(tmp_path, write_image, value):
    path = write_image(tmp_path / "BraTS2021_00001_seg.nii.gz", a_map(value, dtype=np.float32))
    assert "1 voxels that are not, such as" in refusal(path)


def test_whole_numbers_stored_as_floats_are_read(tmp_path, write_image):
    path = write_image(tmp_path / "BraTS-SSA-00001-000-seg.nii", a_map(1, 2, 3, dtype=np.float64))
    assert read_label_map(path).data.dtype == np.uint8


def test_the_labels_of_a_case_are_found(tiny_study, write_image):
    assert read_brats_labels(tiny_study).region("ET").sum() == 7
    write_image(tiny_study / "other_seg.nii.gz")
    with pytest.raises(StudyError, match="one expert label map"):
        find_label_map(tiny_study)


def test_the_segmentation_of_the_tumour_is_preferred_to_that_of_the_brain(tmp_path, write_image):
    for name in ("brain_segmentation", "brain_parenchyma_segmentation", "tumor_segmentation"):
        write_image(tmp_path / f"UCSF-PDGM-0004_{name}.nii.gz")
    assert find_label_map(tmp_path).name == "UCSF-PDGM-0004_tumor_segmentation.nii.gz"


def test_a_case_without_labels_says_so(tiny_study):
    find_label_map(tiny_study).unlink()
    assert find_label_map(tiny_study) is None
    with pytest.raises(StudyError, match="expert label map"):
        read_brats_labels(tiny_study)


def test_a_label_map_knows_its_grid_and_its_scheme():
    grid = Grid((2, 2, 2), np.eye(4))
    with pytest.raises(StudyError, match="shape of its grid"):
        LabelMap(grid, np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(StudyError, match="brats2023"):
        LabelMap(grid, np.full((2, 2, 2), 4, np.uint8))
