"""Brains pass, heads are refused in words that say how much was found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gliokit.preprocessing import check_skull_stripped
from gliokit.study import Grid, Modality, Study, StudyError, Volume, read_study


def study_of(data: np.ndarray, spacing_mm: float = 4.0) -> Study:
    grid = Grid(data.shape, np.diag([spacing_mm, spacing_mm, spacing_mm, 1]))
    volume = Volume.from_array(Modality.T1, grid, data.astype(np.float32), source="t1.nii")
    return Study("x", {Modality.T1: volume})


def ball(radius: float, size: int = 40) -> np.ndarray:
    distance = np.linalg.norm(np.indices((size,) * 3).T - (size - 1) / 2, axis=-1).T
    return np.where(distance < radius, 100.0, 0.0)


def refusal(study: Study) -> str:
    with pytest.raises(StudyError) as caught:
        check_skull_stripped(study)
    assert "strip the skull first" in str(caught.value)
    return str(caught.value)


def test_a_brain_passes() -> None:
    check_skull_stripped(study_of(ball(17)))  # 1,300 mL


def test_a_small_brain_passes() -> None:
    check_skull_stripped(study_of(ball(10)))


def test_a_head_is_refused_by_its_volume() -> None:
    text = refusal(study_of(np.pad(ball(19.5), 2), spacing_mm=5.0))
    assert text.startswith("t1.nii: a brain measures at most 2100 mL; found 38")


def test_a_background_that_is_not_0_is_refused() -> None:
    assert "found 0 in 0.0%" in refusal(study_of(ball(17) + 3))


def test_a_slab_of_a_head_is_refused_whatever_its_voxels_measure() -> None:
    slab = ball(19, 40)[:, :, 12:28]
    text = refusal(study_of(slab, spacing_mm=1.0))
    assert "at most 15% of any side of the image; found 6" in text
    assert "mL" in text


def test_each_image_is_looked_at() -> None:
    brain = study_of(ball(17)).volumes[Modality.T1]
    head = Volume.from_array(
        Modality.FLAIR, brain.grid, (ball(17) + 3).astype(np.float32), source="flair.nii"
    )
    study = Study("x", {Modality.T1: brain, Modality.FLAIR: head})
    assert refusal(study).startswith("flair.nii: ")


@pytest.mark.parametrize("folder", ["brats_original", "metastasis", "brats_unlabelled"])
def test_real_brains_pass(folder: str, shared_data: Path) -> None:
    for case in sorted(p for p in (shared_data / folder).iterdir() if p.is_dir()):
        check_skull_stripped(read_study(case))


def test_real_heads_are_refused(shared_data: Path) -> None:
    heads = sorted((shared_data / "heads").rglob("*_T1.nii.gz"))
    raw = sorted((shared_data / "raw").glob("*/*_T1_AX*.nii.gz"))
    assert heads
    assert raw
    for path in heads + raw:
        refusal(read_study(t1=path))
