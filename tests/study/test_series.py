"""A series keeps what each of its frames is, in memory and on disk."""

import json

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gliokit.study import Grid, Modality, Series, StudyError, UsageError, read_series, write_series

OBLIQUE = np.array([[0.0, -1.6, 1.2, 1], [2.0, 0, 0, 2], [0, 1.2, 1.6, 3], [0, 0, 0, 1]])
MIRRORED = np.diag([-2.0, 2.0, 2.0, 1.0])
SHAPE = (3, 4, 5)
DIRECTIONS = np.array([[0, 0, 0], [1, 0, 0], [0.6, 0.8, 0], [0, 0.28, -0.96]])
BVALS = np.array([0.0, 1000, 1000, 2500])


def a_dwi(affine=OBLIQUE, **changes):
    data = np.random.default_rng(1).random((*SHAPE, 4)).astype(np.float32)
    arguments = {"bvals": BVALS, "bvecs": DIRECTIONS, "te_ms": 90.0, "tr_ms": 8000.0} | changes
    return Series.from_array(Modality.DWI, Grid(SHAPE, affine), data, **arguments)


def a_dsc(**changes):
    data = np.random.default_rng(2).random((*SHAPE, 6)).astype(np.float32)
    arguments = {"time_s": np.arange(6) * 1.5, "te_ms": 30.0, "tr_ms": 1500.0} | changes
    return Series.from_array(Modality.DSC, Grid(SHAPE, OBLIQUE), data, **arguments)


@pytest.mark.parametrize("affine", [OBLIQUE, MIRRORED])
@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_a_diffusion_series_reads_back_as_it_was(tmp_path, affine, ending):
    series = a_dwi(affine)
    write_series(tmp_path / f"dwi{ending}", series)
    back = read_series(tmp_path / f"dwi{ending}", Modality.DWI)
    np.testing.assert_array_equal(back.data, series.data)
    np.testing.assert_allclose(back.bvecs, DIRECTIONS, atol=1e-6)
    np.testing.assert_array_equal(back.bvals, BVALS)
    assert (back.te_ms, back.tr_ms) == (90.0, 8000.0)
    assert back.grid.same_as(series.grid)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tr_ms": 40.0},
        {"time_s": np.array([0.0, 1, 2, 4, 8, 16]), "tr_ms": None},
        {"time_s": 3 + np.arange(6) * 1.5},
        {"te_ms": None},
    ],
)
def test_a_series_over_time_reads_back_as_it_was(tmp_path, changes):
    series = a_dsc(**changes)
    write_series(tmp_path / "dsc.nii.gz", series)
    back = read_series(tmp_path / "dsc.nii.gz", Modality.DSC)
    np.testing.assert_array_equal(back.data, series.data)
    np.testing.assert_allclose(back.time_s, series.time_s)
    assert back.te_ms == series.te_ms
    assert back.tr_ms == series.tr_ms


def test_an_even_step_without_a_repetition_time_becomes_one(tmp_path):
    write_series(tmp_path / "a.nii.gz", a_dsc(tr_ms=None))
    assert read_series(tmp_path / "a.nii.gz", Modality.DSC).tr_ms == 1500.0


def test_vectors_on_disk_follow_the_axes_of_the_array_as_in_fsl(tmp_path):
    # Determinant negative (radiological): the table is along the axes as they are.
    write_series(tmp_path / "a.nii.gz", a_dwi(MIRRORED))
    np.testing.assert_allclose(np.loadtxt(tmp_path / "a.bvec").T, DIRECTIONS * (-1, 1, 1))
    # Determinant positive: FSL's first axis runs against the array's.
    write_series(tmp_path / "b.nii.gz", a_dwi(np.diag([2.0, 2, 2, 1])))
    np.testing.assert_allclose(np.loadtxt(tmp_path / "b.bvec").T, DIRECTIONS * (-1, 1, 1))


@given(st.integers(0, 10_000))
def test_a_direction_in_the_patient_does_not_depend_on_how_the_array_lies(tmp_path_factory, seed):
    from gliokit.study.series_file import _turn

    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    affine = np.eye(4)
    affine[:3, :3] = turn * rng.uniform(1, 4, 3)
    axes = _turn(Grid(SHAPE, affine))
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(axes) < 0


def test_the_header_gives_times_where_the_sidecar_is_missing(tmp_path):
    write_series(tmp_path / "a.nii.gz", a_dsc())
    (tmp_path / "a.json").unlink()
    back = read_series(tmp_path / "a.nii.gz", Modality.BOLD)
    np.testing.assert_allclose(back.time_s, np.arange(6) * 1.5)
    assert back.tr_ms is None


def test_times_that_nobody_says_are_not_guessed(tmp_path):
    image = nib.Nifti1Image(np.zeros((3, 4, 5, 6), np.float32), OBLIQUE)
    nib.save(image, tmp_path / "a.nii")
    with pytest.raises(StudyError, match="how long a frame takes"):
        read_series(tmp_path / "a.nii", Modality.DSC)


def test_a_header_that_takes_milliseconds_for_seconds_is_refused(tmp_path):
    image = nib.Nifti1Image(np.zeros((3, 4, 5, 6), np.float32), OBLIQUE)
    image.header.set_xyzt_units("mm", "sec")
    image.header["pixdim"][4] = 2000
    nib.save(image, tmp_path / "a.nii")
    with pytest.raises(StudyError, match="found 2000 s"):
        read_series(tmp_path / "a.nii", Modality.BOLD)


def test_colours_are_no_series(tmp_path):
    colours = np.zeros((3, 4, 5, 2), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    nib.save(nib.Nifti1Image(colours, OBLIQUE), tmp_path / "a.nii")
    with pytest.raises(StudyError, match="one real number"):
        read_series(tmp_path / "a.nii", Modality.DSC)


def test_real_series_are_read_with_their_times(shared_data):
    other = shared_data / "other"
    labelled = read_series(other / "asl" / "pcasl.nii.gz", Modality.BOLD)
    assert labelled.data.shape == (52, 68, 20, 10)
    assert labelled.time_s[1] == pytest.approx(2.54)
    assert read_series(other / "formats" / "functional.nii", Modality.BOLD).time_s[2] == 4.0
    with pytest.raises(StudyError, match="2000 s"):
        read_series(other / "formats" / "example4d.nii.gz", Modality.BOLD)


def test_a_table_of_another_length_is_refused(tmp_path):
    write_series(tmp_path / "a.nii.gz", a_dwi())
    (tmp_path / "a.bval").write_text("0 1000\n")
    with pytest.raises(StudyError, match="one column for each of the image's 4 frames"):
        read_series(tmp_path / "a.nii.gz", Modality.DWI)
    (tmp_path / "a.bval").unlink()
    with pytest.raises(StudyError, match="no such file"):
        read_series(tmp_path / "a.nii.gz", Modality.DWI)


def test_vectors_in_rows_are_understood(tmp_path):
    write_series(tmp_path / "a.nii.gz", a_dwi())
    table = np.loadtxt(tmp_path / "a.bvec")
    np.savetxt(tmp_path / "a.bvec", table.T)
    back = read_series(tmp_path / "a.nii.gz", Modality.DWI)
    np.testing.assert_allclose(back.bvecs, DIRECTIONS, atol=1e-6)


def test_a_vector_that_is_too_short_is_refused(tmp_path):
    write_series(tmp_path / "a.nii.gz", a_dwi())
    np.savetxt(tmp_path / "a.bvec", np.loadtxt(tmp_path / "a.bvec") * 0.7)
    with pytest.raises(StudyError, match="length 1"):
        read_series(tmp_path / "a.nii.gz", Modality.DWI)


def test_a_3d_image_is_no_series(tmp_path):
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.float32), OBLIQUE), tmp_path / "a.nii")
    with pytest.raises(StudyError, match="four dimensions"):
        read_series(tmp_path / "a.nii", Modality.DSC)


def test_times_of_a_sidecar_that_can_not_be_are_refused(tmp_path):
    write_series(tmp_path / "a.nii.gz", a_dsc())
    (tmp_path / "a.json").write_text(json.dumps({"RepetitionTime": 1500}))
    with pytest.raises(StudyError, match="in seconds"):
        read_series(tmp_path / "a.nii.gz", Modality.DSC)
    (tmp_path / "a.json").write_text(json.dumps({"VolumeTiming": [0, 1]}))
    with pytest.raises(StudyError, match="6 times"):
        read_series(tmp_path / "a.nii.gz", Modality.DSC)


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: a_dsc(time_s=np.array([0.0, 2, 1, 3, 4, 5])), "increase"),
        (lambda: a_dsc(time_s=None), "has times"),
        (lambda: a_dsc(bvals=BVALS), "has times"),
        (lambda: a_dsc(te_ms=-1.0), "te_ms"),
        (lambda: a_dwi(bvals=-BVALS), "at least 0"),
        (lambda: a_dwi(bvecs=DIRECTIONS[:3]), "one b-vector"),
        (lambda: a_dwi(bvecs=DIRECTIONS * 0.9), "length 1"),
        (lambda: a_dwi(bvecs=None), "b-vectors"),
        (lambda: Series.from_array(Modality.T1, Grid(SHAPE, OBLIQUE), np.zeros(1)), "one of"),
    ],
)
def test_a_series_that_can_not_be_is_refused(make, rule):
    with pytest.raises(StudyError, match=rule):
        make()


def test_voxels_are_checked_when_they_are_asked_for():
    grid = Grid(SHAPE, OBLIQUE)
    times = np.arange(2.0)
    wrong = Series.from_array(Modality.PET, grid, np.zeros((*SHAPE, 3), np.float32), time_s=times)
    with pytest.raises(StudyError, match="shape"):
        _ = wrong.data
    data = np.zeros((*SHAPE, 2), np.float32)
    data[1, 2, 3, 1] = np.nan
    with pytest.raises(StudyError, match="1 that are NaN"):
        _ = Series.from_array(Modality.PET, grid, data, time_s=times).data
    assert not a_dsc().data.flags.writeable


def test_a_name_that_is_no_nifti_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(UsageError, match="ends in"):
        write_series(tmp_path / "a.mha", a_dsc())
    assert not list(tmp_path.iterdir())
