"""The atlas' own brain, moved by a known affine, is found again."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.preprocessing.atlas import (
    UNCERTAIN_SIMILARITY,
    load_brain,
    match_atlas,
)
from gliokit.preprocessing.prepared import PreparedStudy
from gliokit.study import Modality, StudyError, UsageError, installed_data
from tests.atlas_patient import atlas_patient, ball, known_affine


def error_mm(found: np.ndarray, true: np.ndarray, prepared: PreparedStudy) -> float:
    points = prepared.grid.to_mm(np.argwhere(prepared.brain)[::211].astype(float))
    difference = points @ (found - true)[:3, :3].T + (found - true)[:3, 3]
    return float(np.linalg.norm(difference, axis=1).max())


@pytest.mark.parametrize("modality", [Modality.T1, Modality.T2])
def test_a_known_affine_is_found_within_2_mm(modality: Modality) -> None:
    true = known_affine()
    prepared = atlas_patient(true, modality=modality)
    match = match_atlas(prepared)
    assert error_mm(match.affine, true, prepared) < 2
    assert match.similarity > UNCERTAIN_SIMILARITY
    assert match.modality is modality


def test_a_head_turned_far_is_found_and_a_tumour_left_out() -> None:
    true = known_affine((-32.0, 8.0, -20.0))
    plain = atlas_patient(true)
    tumour = ball(plain, (35.0, -10.0, 15.0), true, 24.0)
    image = plain.images[Modality.T1].copy()
    image[tumour] = image.max() + 5
    prepared = PreparedStudy("ill", plain.grid, {Modality.T1: image}, plain.brain, plain.alignment)
    match = match_atlas(prepared, tumour)
    assert error_mm(match.affine, true, prepared) < 2
    again = match_atlas(prepared, tumour)
    assert np.array_equal(match.affine, again.affine)
    assert match.similarity == again.similarity


def test_a_study_without_structural_images_or_without_brain_beside_its_tumour() -> None:
    prepared = atlas_patient(known_affine())
    other = PreparedStudy(
        "adc",
        prepared.grid,
        {Modality.ADC: prepared.images[Modality.T1]},
        prepared.brain,
        prepared.alignment,
    )
    with pytest.raises(StudyError, match="T1, T1C, T2 or FLAIR"):
        match_atlas(other)
    with pytest.raises(StudyError, match="beside the tumour"):
        match_atlas(prepared, np.ones(prepared.grid.shape, dtype=bool))


def test_the_atlas_is_read_from_the_installed_package_and_stays_as_it_is() -> None:
    data, grid = load_brain()
    assert data.shape == grid.shape
    assert 1.8e6 < np.count_nonzero(data) < 2.0e6
    with pytest.raises(ValueError, match="read-only"):
        data[0, 0, 0] = 1
    with pytest.raises(UsageError, match="pip install nosuchatlas"):
        installed_data("nosuchatlas", "brain.nii.gz")
    with pytest.raises(UsageError, match=r"missing\.nii\.gz"):
        installed_data("nilearn", "missing.nii.gz")
