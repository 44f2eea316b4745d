"""An analysis comes back from disk, and its report is the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gliokit.reporting import (
    ANALYSIS_FILE,
    Analysis,
    load_analysis,
    render_report,
    save_analysis,
)
from gliokit.study import StudyError


@pytest.mark.parametrize("which", ["analysis", "tumour_free", "corrected"])
def test_the_report_of_a_stored_analysis_is_the_same(
    which: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    original = request.getfixturevalue(which)
    assert save_analysis(original, tmp_path) == tmp_path / ANALYSIS_FILE
    again = load_analysis(tmp_path)
    assert render_report(again, lang="zh") == render_report(original, lang="zh")


def test_what_is_stored_comes_back(analysis: Analysis, tmp_path: Path) -> None:
    save_analysis(analysis, tmp_path)
    again = load_analysis(tmp_path)
    assert again.measurements == analysis.measurements
    assert again.card == analysis.card
    assert again.provenance == analysis.provenance
    assert again.prepared.notices == analysis.prepared.notices
    assert again.prepared.grid.same_as(analysis.prepared.grid, tolerance_mm=0)
    assert again.prepared.alignment.step == analysis.prepared.alignment.step
    assert np.array_equal(again.prepared.brain, analysis.prepared.brain)
    labels = again.segmentation.label_map
    assert np.array_equal(labels.data, analysis.segmentation.label_map.data)
    assert labels.labels == analysis.segmentation.label_map.labels
    for modality, image in analysis.prepared.images.items():
        assert again.prepared.images[modality].dtype == np.float32
        assert np.abs(again.prepared.images[modality] - image).max() < 0.02


def test_nothing_is_pickled(analysis: Analysis, tmp_path: Path) -> None:
    with np.load(save_analysis(analysis, tmp_path), allow_pickle=False) as file:
        assert all(file[name].dtype == np.uint8 for name in file.files)


def test_a_folder_that_is_not_there_or_foreign_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"no such folder.*gliokit analyze"):
        load_analysis(tmp_path / "nowhere")
    with pytest.raises(StudyError, match="no such file"):
        load_analysis(tmp_path)


def test_a_broken_or_foreign_file_is_refused(analysis: Analysis, tmp_path: Path) -> None:
    path = save_analysis(analysis, tmp_path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(StudyError, match="can be read"):
        load_analysis(tmp_path)
    path.write_text("no archive")
    with pytest.raises(StudyError, match="can be read"):
        load_analysis(tmp_path)
    np.savez(path, document=np.frombuffer(b'{"format": "other-1"}', dtype=np.uint8))
    with pytest.raises(StudyError, match=r"gliokit-analysis-1.*other-1"):
        load_analysis(tmp_path)
    text = b'{"format": "gliokit-analysis-1"}'
    np.savez(path, document=np.frombuffer(text, dtype=np.uint8))
    with pytest.raises(StudyError, match="complete"):
        load_analysis(tmp_path)
