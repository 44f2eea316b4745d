"""How often each place is tumour in a cohort on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import gliokit.features.population as population
from gliokit.features import FeatureSettings, measure_population
from gliokit.preprocessing import PreparedStudy
from gliokit.preprocessing.atlas import AtlasMatch
from gliokit.study import Modality, OutputError, StudyError, UsageError, read_cohort
from tests.conftest import TINY_SHAPE


def matched(similarity: float) -> Callable[[PreparedStudy, np.ndarray], AtlasMatch]:
    """A match that puts the patient's grid around the atlas' origin, 1 mm a voxel."""

    def match(prepared: PreparedStudy, tumour: np.ndarray) -> AtlasMatch:
        return AtlasMatch(np.linalg.inv(prepared.grid.affine), similarity, Modality.T1)

    return match


@pytest.fixture
def one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "match_atlas", matched(0.95))


def test_a_map_and_its_picture_count_the_patients_that_could_be_placed(
    cohort_table: Path, one_place: None, tmp_path: Path
) -> None:
    path = tmp_path / "map.nii.gz"
    found, failures = measure_population(
        read_cohort(cohort_table), path, FeatureSettings(), workers=0
    )
    assert found.patients == 2
    assert [f.name for f in failures] == ["s1"]
    percent = nib.load(path).get_fdata()
    assert set(np.unique(percent)) == {0.0, 100.0}
    tumour_mm3 = 6 * 5 * 5
    assert np.count_nonzero(percent) * 8 == pytest.approx(tumour_mm3, rel=0.5)
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


def test_a_patient_without_a_tumour_counts(
    write_patient: Callable[..., Path], one_place: None, tmp_path: Path
) -> None:
    folders = [write_patient("00001"), write_patient("00002", np.zeros(TINY_SHAPE, np.uint8))]
    table = tmp_path / "two.tsv"
    lines = [f"s{n}\t{f.name}\t2023" for n, f in enumerate(folders)]
    table.write_text("\n".join(["subject_id\tstudy\tgeneration", *lines]) + "\n")
    found, failures = measure_population(
        read_cohort(table), tmp_path / "map.nii", FeatureSettings(), workers=0
    )
    assert failures == ()
    assert found.patients == 2
    assert found.percent.max() == 50.0


def test_an_uncertain_match_is_left_out_with_its_reason(
    cohort_table: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(population, "match_atlas", matched(0.8))
    with pytest.raises(StudyError, match="can be placed in the atlas") as raised:
        measure_population(
            read_cohort(cohort_table), tmp_path / "map.nii.gz", FeatureSettings(), workers=0
        )
    assert "similarity of 0.85 or more" in str(raised.value)
    assert not (tmp_path / "map.nii.gz").exists()


def test_what_can_not_be_is_refused_before_any_work(cohort_table: Path, tmp_path: Path) -> None:
    cohort = read_cohort(cohort_table)
    with pytest.raises(UsageError, match="without their skull"):
        measure_population(cohort, tmp_path / "map.nii.gz", FeatureSettings(head=True))
    with pytest.raises(UsageError, match=r"\.nii"):
        measure_population(cohort, tmp_path / "map.png", FeatureSettings())
    (tmp_path / "map.png").write_text("mine")
    with pytest.raises(OutputError, match=r"map\.png"):
        measure_population(cohort, tmp_path / "map.nii.gz", FeatureSettings())
    assert (tmp_path / "map.png").read_text() == "mine"
