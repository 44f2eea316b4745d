"""One image, whatever file it is in."""

from __future__ import annotations

from pathlib import Path

from gliokit.study.errors import StudyError
from gliokit.study.image_file import ImageFile
from gliokit.study.metaimage import open_metaimage
from gliokit.study.modality import Modality
from gliokit.study.nifti import open_nifti
from gliokit.study.volume import Volume

__all__ = ["IMAGE_ENDINGS", "is_image", "open_image", "read_volume", "stem"]

IMAGE_ENDINGS = (".nii.gz", ".nii", ".mha")


def is_image(path: Path) -> bool:
    """Whether a file is named as an image that gliokit reads; hidden files are none."""
    return path.name.lower().endswith(IMAGE_ENDINGS) and not path.name.startswith(".")


def stem(path: Path) -> str:
    """The name of an image without the ending that says its format."""
    ending = next((e for e in IMAGE_ENDINGS if path.name.lower().endswith(e)), "")
    return path.name[: len(path.name) - len(ending)]


def open_image(path: Path) -> ImageFile:
    """The header of an image file.

    Raises:
        StudyError: there is no such file, or it is no 3-D image of a format that
            gliokit reads.
    """
    _check_file(path)
    return open_metaimage(path) if path.name.lower().endswith(".mha") else open_nifti(path)


def _check_file(path: Path) -> None:
    endings = ", ".join(IMAGE_ENDINGS)
    if path.is_dir():
        way_out = "Give one file of it; the folder of a visit is read as a study."
        raise StudyError("an image is a file", source=path, found="a folder", way_out=way_out)
    if not path.is_file():
        raise StudyError(
            "the image file exists",
            source=path,
            found="no such file",
            way_out="Check the path.",
        )
    if not is_image(path):
        raise StudyError(
            f"the name of an image ends in {endings}",
            source=path,
            found=path.name,
            way_out="Convert it to NIfTI first (dcm2niix does so for DICOM).",
        )
    if path.stat().st_size == 0:
        raise StudyError(
            "the image file has content",
            source=path,
            found="0 bytes",
            way_out="Copy or download the file again.",
        )


def read_volume(path: str | Path, modality: Modality) -> Volume:
    """One image of .nii, .nii.gz or .mha; its voxels are read when they are asked for.

    Whatever numbers the file holds, the voxels are float32 after the header's scaling.
    A fourth axis of one voxel is dropped.

    Args:
        path: The file.
        modality: What kind of image it is.

    Raises:
        StudyError: the file is missing, broken or no 3-D image; its affine is singular;
            its voxels have no size between 0.2 and 20 mm. `Volume.data` raises the same
            for what only the voxels show.
    """
    file = open_image(Path(path))
    return Volume(modality, file.grid, file.path, file.read)
