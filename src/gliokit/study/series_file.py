"""Series as NIfTI with the tables beside them: .bval, .bvec, .json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from gliokit.study.errors import StudyError, UsageError
from gliokit.study.grid import Grid
from gliokit.study.image_file import readable
from gliokit.study.modality import Modality
from gliokit.study.output import output_file
from gliokit.study.reading import stem
from gliokit.study.series import UNWEIGHTED_B, Series
from gliokit.study.sidecar import read_sidecar
from gliokit.study.writing import SCANNER

__all__ = ["read_series", "write_series"]

LENGTH_TOLERANCE = 0.02
"""Tables are rounded; a vector that is shorter by more means something that is not said."""

LONGEST_FRAME_MS = 60_000.0

Numbers = NDArray[np.float64]


def read_series(path: str | Path, modality: Modality) -> Series:
    """A 4-D NIfTI image and its tables; voxels are read when they are asked for.

    Diffusion needs NAME.bval and NAME.bvec as FSL and BIDS write them: vectors in columns,
    along the axes of the array, the first of them reversed where the affine's determinant
    is positive. They are turned to RAS+ of the patient. All others need times: `VolumeTiming`
    or `FrameTimesStart` of NAME.json (s), else its `RepetitionTime` (s), else the duration
    of a frame in the image's header, where the header says its unit.

    Raises:
        StudyError: a file is missing or broken, the tables don't fit the image, or the
            times are said nowhere.
    """
    path = Path(path)
    with readable(path):
        image = nib.load(path, mmap=False)
        if not isinstance(image, nib.Nifti1Image):
            raise nib.filebasedimages.ImageFileError(f"{type(image).__name__}, which is no NIfTI")
    if image.get_data_dtype().kind not in "buif":
        found = f"voxels of type {image.get_data_dtype()}"
        raise StudyError("every voxel holds one real number", source=path, found=found)
    if len(image.shape) != 4:
        found = " x ".join(str(n) for n in image.shape)
        way_out = "A single 3-D image is read by read_volume."
        raise StudyError("a series has four dimensions", source=path, found=found, way_out=way_out)
    grid = Grid(image.shape[:3], np.asarray(image.affine, dtype=np.float64))
    sidecar = read_sidecar(path)
    te_ms = _milliseconds(sidecar, "EchoTime", path)
    read = partial(_voxels, path)
    if modality is Modality.DWI:
        bvals, bvecs = _gradients(path, grid, image.shape[3])
        tr_ms = _milliseconds(sidecar, "RepetitionTime", path)
        return Series(modality, grid, path, read, bvals=bvals, bvecs=bvecs, te_ms=te_ms,
                      tr_ms=tr_ms)  # fmt: skip
    times = _times(path, sidecar, image)
    tr_ms = _milliseconds(sidecar, "RepetitionTimeExcitation", path)
    if tr_ms is None:
        tr_ms = _milliseconds(sidecar, "RepetitionTime", path)
    return Series(modality, grid, path, read, time_s=times, te_ms=te_ms, tr_ms=tr_ms)


def write_series(path: str | Path, series: Series) -> None:
    """Write a series as float32 NIfTI, its tables beside it; `read_series` gives it back.

    Args:
        path: .nii or .nii.gz; it and its tables are replaced if they are there.
        series: Sform and qform both get its affine.

    Raises:
        OutputError: a file can't be written; nothing half-written remains.
        UsageError: the name does not end in .nii or .nii.gz.
    """
    path = Path(path)
    if not path.name.lower().endswith((".nii", ".nii.gz")):
        raise UsageError("the name of a NIfTI file ends in .nii or .nii.gz", found=path.name)
    texts = {".json": json.dumps(_sidecar(series), indent=1) + "\n"}
    if series.bvals is not None and series.bvecs is not None:
        along_axes = series.bvecs @ _turn(series.grid)
        texts[".bval"] = " ".join(f"{b:.10g}" for b in series.bvals) + "\n"
        texts[".bvec"] = "".join(" ".join(f"{x:.9f}" for x in row) + "\n" for row in along_axes.T)
    image = nib.Nifti1Image(np.asarray(series.data), series.grid.affine)
    image.set_sform(series.grid.affine, SCANNER)
    # A qform holds no shear: where the axes are not at right angles, only the sform speaks.
    turned = series.grid.affine[:3, :3].T @ series.grid.affine[:3, :3]
    is_square = np.allclose(turned, np.diag(np.diag(turned)), atol=1e-4)
    image.set_qform(series.grid.affine, SCANNER if is_square else 0)
    image.header.set_xyzt_units("mm", "sec")
    step_s = _even_step_s(series)
    image.header["pixdim"][4] = 0.0 if step_s is None else step_s
    with ExitStack() as files:
        # The image is opened first, so that it takes its name last, its tables being there.
        aside = files.enter_context(output_file(path))
        for ending, text in texts.items():
            beside = files.enter_context(output_file(path.with_name(stem(path) + ending)))
            beside.write_text(text, encoding="utf-8")
        nib.save(image, aside)


def _turn(grid: Grid) -> Numbers:
    """Columns are FSL's axes of a gradient table in RAS+ of the patient."""
    # The nearest rotation: axes that aren't at right angles still give vectors of length 1.
    left, _, right = np.linalg.svd(grid.affine[:3, :3])
    turn = left @ right
    if np.linalg.det(turn) > 0:
        turn[:, 0] *= -1
    return np.asarray(turn, dtype=np.float64)


def _sidecar(series: Series) -> dict[str, object]:
    said: dict[str, object] = {}
    if series.te_ms is not None:
        said["EchoTime"] = series.te_ms / 1000
    if series.time_s is None:
        if series.tr_ms is not None:
            said["RepetitionTime"] = series.tr_ms / 1000
        return said
    step_s = _even_step_s(series)
    if step_s is not None and series.tr_ms in (None, step_s * 1000) and series.time_s[0] == 0:
        said["RepetitionTime"] = step_s
        return said
    said["VolumeTiming"] = series.time_s.tolist()
    if series.tr_ms is not None:
        said["RepetitionTimeExcitation"] = series.tr_ms / 1000
    return said


def _even_step_s(series: Series) -> float | None:
    if series.time_s is None or series.frames < 2:
        return None
    steps = np.diff(series.time_s)
    return float(steps[0]) if np.allclose(steps, steps[0], rtol=1e-6, atol=1e-6) else None


def _gradients(path: Path, grid: Grid, frames: int) -> tuple[Numbers, Numbers]:
    bvals = _table(path.with_name(stem(path) + ".bval")).ravel()
    beside = path.with_name(stem(path) + ".bvec")
    along_axes = _table(beside)
    if along_axes.shape == (frames, 3) != (3, 3):
        along_axes = along_axes.T
    if len(bvals) != frames or along_axes.shape != (3, frames):
        raise StudyError(
            f"the tables have one column for each of the image's {frames} frames",
            source=beside,
            found=f"{len(bvals)} b-values and a table of {along_axes.shape} for the vectors",
        )
    bvecs: Numbers = np.asarray(along_axes.T @ _turn(grid).T, dtype=np.float64)
    length = np.linalg.norm(bvecs, axis=1)
    bvecs[bvals == 0] = 0.0
    near = (np.abs(length - 1) <= LENGTH_TOLERANCE) & (bvals > 0)
    bvecs[near] /= length[near, None]
    blank = (bvals > 0) & (bvals <= UNWEIGHTED_B) & ~near
    bvecs[blank] = 0.0
    return bvals, bvecs


def _table(path: Path) -> Numbers:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        rows = [[float(x) for x in line.replace(",", " ").split()] for line in lines]
        table: Numbers = np.array([row for row in rows if row], dtype=np.float64)
    except (OSError, ValueError) as error:
        raise StudyError(
            "a diffusion series has its b-values and b-vectors beside it, as rows of numbers",
            source=path,
            found=str(error) if path.is_file() else "no such file",
            way_out="Export it with dcm2niix, which writes both.",
        ) from error
    return table


def _times(path: Path, sidecar: Mapping[str, object], image: nib.Nifti1Image) -> Numbers:
    frames = image.shape[3]
    for key in ("VolumeTiming", "FrameTimesStart"):
        listed = sidecar.get(key)
        if listed is None:
            continue
        if not isinstance(listed, list) or len(listed) != frames:
            found = len(listed) if isinstance(listed, list) else repr(listed)
            rule = f"{key} of the sidecar is a list of {frames} times, one for each frame"
            raise StudyError(rule, source=path, found=found)
        return np.array(listed, dtype=np.float64)
    step_ms = _milliseconds(sidecar, "RepetitionTime", path) or _header_step_ms(image)
    if step_ms is None or step_ms > LONGEST_FRAME_MS:
        # Headers are found that give milliseconds and call them seconds.
        raise StudyError(
            "the sidecar or the header says how long a frame takes, at most 60 s",
            source=path,
            found="neither" if step_ms is None else f"{step_ms / 1000:g} s",
            way_out=f'Write {stem(path)}.json beside it, such as {{"RepetitionTime": 1.5}} (s).',
        )
    return np.asarray(np.arange(frames) * (step_ms / 1000), dtype=np.float64)


def _header_step_ms(image: nib.Nifti1Image) -> float | None:
    scale = {"sec": 1000.0, "msec": 1.0, "usec": 0.001}.get(image.header.get_xyzt_units()[1])
    step = float(image.header["pixdim"][4])
    return None if scale is None or not 0 < step < np.inf else step * scale


def _milliseconds(sidecar: Mapping[str, object], key: str, path: Path) -> float | None:
    value = sidecar.get(key)
    if value is None:
        return None
    if not isinstance(value, int | float) or not 0 < value < 60:
        rule = f"{key} of the sidecar is a time in seconds, more than 0 and less than 60"
        raise StudyError(rule, source=path, found=repr(value))
    return float(value) * 1000


def _voxels(path: Path) -> NDArray[np.float32]:
    with readable(path), np.errstate(over="ignore", invalid="ignore"):
        image = nib.load(path, mmap=False)
        assert isinstance(image, nib.Nifti1Image)
        return np.asarray(image.dataobj, dtype=np.float32)
