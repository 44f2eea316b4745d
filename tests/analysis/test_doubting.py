"""What a reader is told of how far an answer is to be believed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import gliokit
from gliokit.analysis.doubting import notice_of
from gliokit.inference import load_model
from gliokit.preprocessing import prepare
from gliokit.segmentation.calibration import (
    DOUBT_FILE,
    Calibration,
    RegionCalibration,
    Together,
    Usual,
)
from gliokit.segmentation.signs import image_signs
from gliokit.segmentation.together import together_of
from gliokit.segmentation.unusual import Sign
from gliokit.study import STRUCTURAL, Modality, UsageError, read_study, read_volume

OTHERS = ("brain_log_ml", "core_fluid", "whole_log_parts", "core_log_parts")

READ = RegionCalibration(
    dice_intercept=0.0, dice_slope=0.6, volume=(1.0, 1.0), longest=(1.0, 1.0),
    perpendicular=(1.0, 1.0),
)  # fmt: skip


def together_that_likes_exchanged(signs: dict[str, float]) -> Together:
    """As though FLAIR were T1C in all patients that are known."""
    words = {"t1c": "flair", "flair": "t1c"}
    other = {"_".join(words.get(p, p) for p in name.split("_")): v for name, v in signs.items()}
    other["t1c_flair_correlation"] = signs["t1c_flair_correlation"]
    patients = [{n: v + 0.01 * k for n, v in other.items()} for k in range(3)]
    limits = {"t1c+flair": 0.1}
    return together_of(patients).model_copy(
        update={"distance_limits": limits, "gain_limits": limits}
    )


@pytest.fixture(scope="module")
def calibrated(model: Path, study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model; this study is usual to it but for a brain half as large."""
    folder = tmp_path_factory.mktemp("calibrated") / "tiny"
    shutil.copytree(model, folder)
    signs = image_signs(prepare(read_study(study)))
    usual = {name: Usual(mean=value, sd=0.1) for name, value in signs.items()}
    usual["brain_log_ml"] = Usual(mean=signs["brain_log_ml"] + np.log(2), sd=0.1)
    known = Calibration(
        networks=tuple(s.sha256 for s in load_model(folder).card.stages), made_with="tests",
        level=0.9, patients=20, qualities={"standard": {r: READ for r in ("WT", "TC", "ET")}},
        usual=usual, usual_limit=3.0, usual_patients=20,
        together=together_that_likes_exchanged(signs),
    )  # fmt: skip
    (folder / DOUBT_FILE).write_text(known.model_dump_json())
    return folder


def test_a_doubtful_answer_has_intervals_and_is_warned_of(
    study: Path, calibrated: Path, tmp_path: Path
) -> None:
    found = gliokit.analyze(study, tmp_path / "out", model=calibrated)
    stored = json.loads((tmp_path / "out" / "measurements.json").read_text())
    for region, doubt in stored["doubt"]["regions"].items():
        assert doubt["volume_ml"]["low"] <= stored["regions"][region]["volume_ml"]
        assert doubt["volume_ml"]["high"] >= stored["regions"][region]["volume_ml"]
        assert doubt["expected_dice"] <= 0.6
        assert (doubt["longest_mm"] is None) == (region == "TC")
    codes = [n.code for n in found.prepared.notices]
    assert "brain-unusual" in codes
    assert codes.count("quality-low") == 3
    assert "sequence-unusual" not in codes
    told = next(n for n in found.prepared.notices if n.code == "sequences-exchanged")
    assert told.message.startswith("T1C and FLAIR may have been exchanged")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "How sure the figures are" in page
    assert "it may be a child" in page


def test_a_model_that_nobody_calibrated_claims_nothing(
    study: Path, model: Path, tmp_path: Path
) -> None:
    found = gliokit.segment_study(study, tmp_path / "seg.nii.gz", model=model)
    assert not {"quality-low", "brain-unusual"} & {n.code for n in found.notices}


def test_a_map_of_doubt_lies_on_the_grid_of_the_images(
    study: Path, calibrated: Path, tmp_path: Path
) -> None:
    found = gliokit.segment_study(
        study, tmp_path / "seg.nii.gz", model=calibrated, uncertainty=tmp_path / "bits.nii.gz"
    )
    bits = read_volume(tmp_path / "bits.nii.gz", modality=Modality.FLAIR)
    assert bits.grid.same_as(found.grid)
    assert 0 <= bits.data.min() <= bits.data.max() <= 2.001
    assert "brain-unusual" in {n.code for n in found.notices}
    with pytest.raises(UsageError, match=r"\.nii"):
        gliokit.segment_study(
            study, tmp_path / "other.nii.gz", model=calibrated, uncertainty=tmp_path / "bits.txt"
        )
    assert not (tmp_path / "other.nii.gz").exists()


def test_every_sign_can_be_told() -> None:
    ones = [f"{m}_{what}" for m in STRUCTURAL for what in ("low", "high", "rough")]
    for name in (*ones, *OTHERS):
        told = notice_of(Sign(name, 1.0, Usual(mean=0, sd=1))).message
        sequences = [m.upper() for m in STRUCTURAL if m in name.split("_")]
        assert all(sequence in told for sequence in sequences)


def test_every_sequence_that_looks_unlike_is_named_once(
    study: Path, calibrated: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(calibrated, folder)
    known = Calibration.model_validate_json((folder / DOUBT_FILE).read_text())
    far = {name: Usual(mean=sign.mean + 9, sd=0.1) for name, sign in known.usual.items()}
    usual = {n: far[n] if n.endswith(("_low", "_high")) else s for n, s in known.usual.items()}
    changed = known.model_copy(update={"usual": usual, "together": None})
    (folder / DOUBT_FILE).write_text(changed.model_dump_json())
    found = gliokit.segment_study(study, tmp_path / "seg.nii.gz", model=folder)
    odd = [n for n in found.notices if n.code == "sequence-unusual"]
    assert sorted(n.about for n in odd) == ["FLAIR", "T1C"]
    assert len({n.message for n in odd}) == 2
