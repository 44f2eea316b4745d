"""What is written is there as a whole or not at all, and reads back as it was."""

import errno
import os

import nibabel as nib
import numpy as np
import pytest

from gliokit.study import (
    BRATS,
    BRATS_POSTOPERATIVE,
    WHOLE_TUMOUR,
    Grid,
    LabelMap,
    Modality,
    OutputError,
    UsageError,
    Volume,
    output_file,
    output_folder,
    read_label_map,
    read_volume,
    write_label_map,
    write_volume,
)

OBLIQUE = np.array([[0.8, -0.6, 0, 1], [0.6, 0.8, 0, 2], [0, 0, 2.5, 3], [0, 0, 0, 1]])
SHEARED = np.array([[1, 0.5, 0, 1], [0, 1, 0, 2], [0, 0, 2, 3], [0, 0, 0, 1]])
GRID = Grid((4, 5, 6), OBLIQUE)


def a_map(labels=BRATS, grid=GRID):
    data = np.resize([0, *labels.values.values()], grid.shape)
    return LabelMap(grid, data, labels)


def everything(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def no_space(*_args, **_kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("labels", [BRATS, BRATS_POSTOPERATIVE, WHOLE_TUMOUR])
def test_a_label_map_reads_back_with_its_scheme_whatever_its_name(tmp_path, labels):
    for name in ("BraTS2021_00001_seg.nii.gz", "x.nii"):
        write_label_map(tmp_path / name, a_map(labels))
        read = read_label_map(tmp_path / name)
        assert read.labels == labels
        assert np.array_equal(read.data, a_map(labels).data)
        assert np.allclose(read.grid.affine, OBLIQUE, atol=1e-6)
        assert not read.notices


def test_a_label_map_is_uint8_with_both_codes_and_millimetres(tmp_path):
    write_label_map(tmp_path / "a.nii.gz", a_map())
    image = nib.load(tmp_path / "a.nii.gz")
    assert image.get_data_dtype() == np.uint8
    assert (image.header["sform_code"], image.header["qform_code"]) == (1, 1)
    assert np.allclose(image.get_qform(), OBLIQUE, atol=1e-5)
    assert image.header.get_xyzt_units()[0] == "mm"


def test_a_sheared_grid_has_only_the_sform(tmp_path):
    write_label_map(tmp_path / "a.nii.gz", a_map(grid=Grid((4, 5, 6), SHEARED)))
    image = nib.load(tmp_path / "a.nii.gz")
    assert image.header["qform_code"] == 0
    assert np.allclose(image.affine, SHEARED)


def test_the_same_label_map_is_the_same_bytes(tmp_path):
    for name in ("a.nii.gz", "b.nii.gz"):
        write_label_map(tmp_path / name, a_map())
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()


def test_a_volume_reads_back(tmp_path):
    data = np.random.default_rng(0).random(GRID.shape, np.float32)
    write_volume(tmp_path / "new" / "a.nii.gz", Volume.from_array(Modality.T1, GRID, data))
    read = read_volume(tmp_path / "new" / "a.nii.gz", Modality.T1)
    assert np.array_equal(read.data, data)


def test_another_ending_is_a_wrong_call(tmp_path):
    with pytest.raises(UsageError, match=r"\.nii"):
        write_label_map(tmp_path / "a.png", a_map())


def test_a_full_disk_is_an_output_error_and_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.nii.gz"
    path.write_text("old")
    monkeypatch.setattr(nib, "save", no_space)
    with pytest.raises(OutputError, match="space left on the disk") as caught:
        write_label_map(path, a_map())
    assert caught.value.exit_code == 4
    assert str(path) in str(caught.value)
    assert everything(tmp_path) == ["a.nii.gz"]
    assert path.read_text() == "old"


def test_a_disk_that_is_full_half_way_leaves_nothing(tmp_path):
    def write_half():
        with output_file(tmp_path / "new" / "a.txt") as aside:
            aside.write_text("half")
            no_space()

    with pytest.raises(OutputError):
        write_half()
    assert everything(tmp_path) == []


def test_a_file_where_a_folder_should_be_is_an_output_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file/a"):
        write_label_map(tmp_path / "file" / "a.nii.gz", a_map())
    with pytest.raises(OutputError, match="file/out"), output_folder(tmp_path / "file" / "out"):
        pass
    with pytest.raises(OutputError, match="found a file"), output_folder(tmp_path / "file"):
        pass
    with pytest.raises(OutputError, match="found a folder"), output_file(tmp_path):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_an_output_error(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="Permission"), output_folder(tmp_path / "out"):
            pass
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_appears_as_a_whole(tmp_path):
    out = tmp_path / "results" / "out"
    with output_folder(out) as aside:
        (aside / "run.json").write_text("{}")
        (aside / "qc").mkdir()
        assert not out.exists()
    assert everything(out) == ["qc", "run.json"]
    assert everything(out.parent) == ["out", "out/qc", "out/run.json"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("is_there", [False, True])
def test_an_interruption_leaves_all_as_it_was(tmp_path, error, is_there):
    out = tmp_path / "results" / "out"
    if is_there:
        out.mkdir(parents=True)
        (out / "run.json").write_text("gliokit, old")
    before = everything(tmp_path)

    def write_half():
        with output_folder(out) as aside:
            (aside / "run.json").write_text("new")
            raise error

    with pytest.raises(error):
        write_half()
    assert everything(tmp_path) == before
    assert not is_there or (out / "run.json").read_text() == "gliokit, old"


def test_an_earlier_result_is_replaced_and_all_else_stays(tmp_path):
    (tmp_path / "dicom").mkdir()
    for name in ("run.json", "report.html", "report.pdf", "dicom/mine.dcm"):
        (tmp_path / name).write_text("gliokit, old")
    with output_folder(tmp_path) as aside:
        (aside / "run.json").write_text("new")
    assert everything(tmp_path) == ["dicom", "dicom/mine.dcm", "report.pdf", "run.json"]
    assert (tmp_path / "run.json").read_text() == "new"


def test_a_run_of_another_program_is_no_earlier_result(tmp_path):
    (tmp_path / "run.json").write_text('{"program": "other"}')
    with pytest.raises(OutputError, match=r"run\.json"), output_folder(tmp_path):
        pass
    assert everything(tmp_path) == ["run.json"]


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(OutputError, match=r"thesis\.doc"), output_folder(tmp_path):
        pass
    assert everything(tmp_path) == ["thesis.doc"]


def test_overwriting_leaves_what_is_not_ours(tmp_path):
    (tmp_path / "thesis.doc").write_text("years of work")
    with output_folder(tmp_path, overwrite=True) as aside:
        (aside / "run.json").write_text("{}")
    assert everything(tmp_path) == ["run.json", "thesis.doc"]


def test_what_an_unfinished_run_left_is_no_obstacle(tmp_path):
    (tmp_path / ".unfinished-0badcafe").mkdir()
    with output_folder(tmp_path) as aside:
        (aside / "run.json").write_text("{}")
    assert (tmp_path / "run.json").is_file()


def test_a_full_disk_in_a_folder_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="space left"), output_folder(tmp_path / "out"):
        no_space()
    assert everything(tmp_path) == []


def test_an_error_about_another_file_stays_what_it_is(tmp_path):
    with pytest.raises(FileNotFoundError), output_folder(tmp_path / "out"):
        (tmp_path / "elsewhere" / "input.txt").read_text()
