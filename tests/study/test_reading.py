"""Single images: what is read, and what is refused in which words."""

import pickle
import struct
from functools import partial

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

from gliokit.study import Grid, Modality, StudyError, Volume, read_volume

AFFINE = np.array([[-1.0, 0, 0, 6], [0, -1, 0, 7], [0, 0, 1, -5], [0, 0, 0, 1]])
OBLIQUE = np.array([[0.8, -0.6, 0, 1], [0.6, 0.8, 0, 2], [0, 0, 2.5, 3], [0, 0, 0, 1]])

read_t1 = partial(read_volume, modality=Modality.T1)


def refused(path, *words, voxels=False):
    """The one-line refusal of an image; with `voxels`, only when they are asked for."""
    if voxels:
        volume = read_t1(path)
        with pytest.raises(StudyError) as caught:
            _ = volume.data
    else:
        with pytest.raises(StudyError) as caught:
            read_t1(path)
    text = str(caught.value)
    assert str(path) in text
    assert caught.value.way_out
    assert "\n" not in text
    for word in words:
        assert word in text


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_voxels_of_any_number_type_are_float32(tmp_path, write_image, ending, dtype):
    data = np.arange(60).reshape(3, 4, 5).astype(dtype)
    volume = read_t1(write_image(tmp_path / f"a{ending}", data, affine=OBLIQUE))
    assert volume.data.dtype == np.float32
    assert np.array_equal(volume.data, data)
    assert np.allclose(volume.grid.affine, OBLIQUE, atol=1e-6)


def test_scaling_of_the_header_is_applied(tmp_path):
    image = nib.Nifti1Image(np.full((3, 4, 5), 10, np.int16), AFFINE)
    image.header.set_slope_inter(0.5, 2)  # integers are stored as they are
    nib.save(image, tmp_path / "a.nii.gz")
    assert (read_t1(tmp_path / "a.nii.gz").data == 7).all()


def test_nifti_2_and_big_endian_are_read(tmp_path):
    data = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    nib.save(nib.Nifti2Image(data, AFFINE), tmp_path / "two.nii.gz")
    header = nib.Nifti1Header(endianness=">")
    nib.save(nib.Nifti1Image(data, AFFINE, header), tmp_path / "big.nii")
    for name in ("two.nii.gz", "big.nii"):
        assert np.array_equal(read_t1(tmp_path / name).data, data)


def test_metaimage_has_the_same_voxels_at_the_same_places_as_nifti(tmp_path):
    data = np.random.default_rng(0).integers(0, 99, (3, 4, 5)).astype(np.int16)
    nib.save(nib.Nifti1Image(data, OBLIQUE), tmp_path / "a.nii.gz")
    sitk.WriteImage(sitk.ReadImage(str(tmp_path / "a.nii.gz")), str(tmp_path / "a.mha"))
    volume = read_t1(tmp_path / "a.mha")
    assert np.array_equal(volume.data, data)
    assert np.allclose(volume.grid.affine, OBLIQUE, atol=1e-5)


def test_a_fourth_axis_of_one_voxel_is_dropped(tmp_path, write_image):
    volume = read_t1(write_image(tmp_path / "a.nii", np.ones((3, 4, 5, 1), np.float32)))
    assert volume.data.shape == volume.grid.shape == (3, 4, 5)


def test_voxels_are_read_when_asked_for_and_once():
    calls = []

    def read():
        calls.append(1)
        return np.ones((2, 2, 2), np.float32)

    volume = Volume(Modality.T1, Grid((2, 2, 2), np.eye(4)), "memory", read)
    assert not calls
    assert volume.data is volume.data
    assert len(calls) == 1
    with pytest.raises(ValueError, match="read-only"):
        volume.data[0, 0, 0] = 3


def test_a_volume_goes_to_another_process(tmp_path, write_image):
    volume = read_t1(write_image(tmp_path / "a.nii.gz"))
    assert np.array_equal(pickle.loads(pickle.dumps(volume)).data, volume.data)


def test_a_missing_file_is_refused(tmp_path):
    refused(tmp_path / "no.nii.gz", "no such file")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(StudyError, match="found a folder"):
        read_t1(tmp_path)


def test_another_format_is_refused(tmp_path):
    (tmp_path / "a.dcm").write_bytes(b"x")
    refused(tmp_path / "a.dcm", ".nii.gz, .nii, .mha", "dcm2niix")


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.mha"])
@pytest.mark.parametrize("content", [b"", b"not an image at all\n" * 50])
def test_text_and_nothing_named_as_an_image_are_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name)


def test_a_file_without_permission_is_refused(tmp_path, write_image, monkeypatch):
    path = write_image(tmp_path / "a.nii.gz")

    def load(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(nib, "load", load)
    refused(path, "Permission denied")


@pytest.mark.parametrize("part", [0.3, 0.6, 0.999])
@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_a_truncated_file_is_refused(tmp_path, write_image, name, part):
    path = write_image(tmp_path / name)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    refused(path, voxels=True)


def test_a_file_cut_in_its_header_is_refused(tmp_path, write_image):
    path = write_image(tmp_path / "a.nii.gz")
    path.write_bytes(path.read_bytes()[:40])
    refused(path)


def test_one_damaged_byte_of_a_compressed_file_is_noticed(tmp_path, write_image):
    path = write_image(tmp_path / "a.nii.gz")
    content = bytearray(path.read_bytes())
    content[len(content) * 3 // 4] ^= 0xFF
    path.write_bytes(content)
    refused(path, voxels=True)


def test_a_truncated_metaimage_is_refused(tmp_path):
    image = sitk.GetImageFromArray(np.random.default_rng(0).random((5, 6, 7), np.float32))
    sitk.WriteImage(image, str(tmp_path / "a.mha"))
    whole = (tmp_path / "a.mha").read_bytes()
    (tmp_path / "a.mha").write_bytes(whole[:-100])
    refused(tmp_path / "a.mha", voxels=True)


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 6, 2), (4, 5, 6, 1, 3)])
def test_an_image_of_two_or_four_dimensions_is_refused(tmp_path, write_image, shape):
    path = write_image(tmp_path / "a.nii.gz", np.ones(shape, np.float32))
    refused(path, "three dimensions", " x ".join(map(str, shape)))


@pytest.mark.parametrize("dtype", [np.complex64, [("R", "u1"), ("G", "u1"), ("B", "u1")]])
def test_colours_and_complex_numbers_are_refused(tmp_path, write_image, dtype):
    path = write_image(tmp_path / "a.nii.gz", np.zeros((3, 4, 5), dtype))
    refused(path, "one real number")


def test_colours_in_a_metaimage_are_refused(tmp_path):
    image = sitk.GetImageFromArray(np.zeros((3, 4, 5, 3), np.uint8), isVector=True)
    sitk.WriteImage(image, str(tmp_path / "a.mha"))
    refused(tmp_path / "a.mha", "3 numbers a voxel")


def test_a_metaimage_in_two_dimensions_is_refused(tmp_path):
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((3, 4), np.int16)), str(tmp_path / "a.mha"))
    refused(tmp_path / "a.mha", "three dimensions", "4 x 3")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_refused_when_read(tmp_path, write_image, value):
    data = np.ones((3, 4, 5), np.float32)
    data[1, 2, 3] = value
    refused(write_image(tmp_path / "a.nii.gz", data), "1 voxels that are NaN", voxels=True)


def test_a_number_beyond_float32_is_refused_as_infinite(tmp_path, write_image):
    path = write_image(tmp_path / "a.nii.gz", np.full((3, 4, 5), 1e300))
    refused(path, "infinite", voxels=True)


def patched(path, offset, form, *values):
    """The file with numbers of its header (little-endian) replaced."""
    content = bytearray(path.read_bytes())
    struct.pack_into(f"<{form}", content, offset, *values)
    path.write_bytes(content)
    return path


def test_voxels_of_size_0_are_refused_though_nibabel_reads_them_as_1(tmp_path, write_image):
    path = patched(write_image(tmp_path / "a.nii", sform=0), 80, "fff", 0, 0, 0)
    assert nib.load(path).header.get_zooms() == (1, 1, 1)
    refused(path, "0 x 0 x 0 mm")


def test_voxels_of_1000_mm_are_refused(tmp_path, write_image):
    path = write_image(tmp_path / "a.nii", affine=np.diag([1000.0, 1000, 1000, 1]))
    refused(path, "1000 x 1000 x 1000 mm")


def test_a_singular_affine_is_refused(tmp_path, write_image):
    path = patched(write_image(tmp_path / "a.nii"), 280, "12f", 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0)
    refused(path, "inverted")


def test_an_affine_with_nan_is_refused(tmp_path, write_image):
    path = patched(write_image(tmp_path / "a.nii"), 280, "f", float("nan"))
    refused(path, "finite numbers")
