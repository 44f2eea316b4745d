"""From files to a result on disk, and again from what it says of itself."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import gliokit
from gliokit.reporting import Analysis
from gliokit.study import OutputError, UsageError, read_label_map, read_volume
from gliokit.study.modality import Modality

FILES = {"analysis.npz", "measurements.json", "report.html", "run.json", "segmentation.nii.gz"}
LESION_ML = 10 * 12 * 8 * 0.027


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("result") / "out"


@pytest.fixture(scope="module")
def analysis(study: Path, model: Path, out: Path, said: list[str]) -> Analysis:
    return gliokit.analyze(study, out, model=model, progress=said.append)


def test_a_result_is_whole(analysis: Analysis, out: Path, study: Path) -> None:
    assert {p.name for p in out.iterdir()} == FILES
    found = read_label_map(out / "segmentation.nii.gz")
    image = read_volume(study / "flair.nii.gz", modality=Modality.FLAIR)
    assert found.grid.same_as(image.grid)
    volume_ml = found.region("WT").sum() * found.grid.voxel_ml
    assert volume_ml == pytest.approx(LESION_ML, rel=0.25)
    # Measured at 1 mm, where the box of 3 mm voxels has soft edges.
    assert analysis.measurements.regions["WT"].volume_ml == pytest.approx(volume_ml, rel=0.3)
    stored = json.loads((out / "measurements.json").read_text())
    assert stored == analysis.measurements.model_dump(mode="json")


def test_the_run_says_what_it_was_made_from(analysis: Analysis, out: Path, study: Path) -> None:
    run = json.loads((out / "run.json").read_text())
    assert run == analysis.provenance
    assert run["version"] == gliokit.__version__
    for entry in run["inputs"]:
        assert hashlib.sha256(Path(entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert {e["role"] for e in run["inputs"]} == {"t1c", "flair"}
    assert list(run["seconds"]) == ["read", "prepare", "segment", "measure", "report", "total"]
    assert run["model"]["networks"]["coarse.onnx"]
    assert {"openvino", "numpy"} <= set(run["libraries"])
    assert "sequence-missing" in {n["code"] for n in run["notices"]}


def test_progress_names_no_patient(analysis: Analysis, said: list[str], study: Path) -> None:
    assert len(said) == 5
    assert analysis.prepared.subject == study.name
    assert not any(study.name in line for line in said)


def test_the_command_of_a_run_makes_the_same_voxels(
    analysis: Analysis, out: Path, tmp_path: Path
) -> None:
    command = list(analysis.provenance["command"])
    command[command.index("--out") + 1] = str(tmp_path / "again")
    # As on a machine without the extra [train] and without a network.
    script = (
        "import sys, socket\n"
        "for name in ('torch', 'monai', 'onnx'): sys.modules[name] = None\n"
        "def refuse(*_): raise AssertionError('no network')\n"
        "socket.socket.connect = refuse\n"
        "from gliokit.cli import main\n"
        "main()\n"
    )
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, *command[1:]], check=True, text=True
    )
    one, other = (
        read_label_map(folder / "segmentation.nii.gz") for folder in (out, tmp_path / "again")
    )
    assert np.array_equal(one.data, other.data)
    texts = [(f / "measurements.json").read_text() for f in (out, tmp_path / "again")]
    assert texts[0] == texts[1]


def test_a_report_is_made_again_in_chinese(analysis: Analysis, out: Path, tmp_path: Path) -> None:
    path = gliokit.report(out, lang="zh", file=tmp_path / "bericht.html")
    assert 'lang="zh-Hans"' in path.read_text(encoding="utf-8")
    assert 'lang="en"' in (out / "report.html").read_text(encoding="utf-8")


def test_a_label_map_alone_is_that_of_the_analysis(
    analysis: Analysis, out: Path, study: Path, model: Path, tmp_path: Path
) -> None:
    found = gliokit.segment_study(study, tmp_path / "seg.nii.gz", model=model)
    assert np.array_equal(found.data, read_label_map(out / "segmentation.nii.gz").data)
    assert np.array_equal(found.data, read_label_map(tmp_path / "seg.nii.gz").data)
    with pytest.raises(OutputError, match="new file"):
        gliokit.segment_study(study, tmp_path / "seg.nii.gz", model=model)


def test_a_corrected_segmentation_is_measured_and_the_automatic_one_shown_beside(
    analysis: Analysis, out: Path, study: Path, model: Path, tmp_path: Path
) -> None:
    image = nib.load(out / "segmentation.nii.gz")
    labels = np.asarray(image.dataobj).copy()
    labels[:25] = 0
    corrected = nib.Nifti1Image(labels, image.affine)
    # As a viewer may save it: other axes, the same place.
    turned = corrected.as_reoriented(np.array([[1, -1], [2, 1], [0, -1]]))
    nib.save(turned, tmp_path / "corrected.nii.gz")
    again = gliokit.analyze(
        study,
        tmp_path / "out",
        model=model,
        segmentation=tmp_path / "corrected.nii.gz",
        generation="2023",
    )
    written = read_label_map(tmp_path / "out" / "segmentation.nii.gz")
    assert np.array_equal(written.data, labels)
    assert again.measurements.segmentation == "given"
    assert again.compared is not None
    before = analysis.measurements.regions["WT"].volume_ml
    assert again.compared[1].regions["WT"].volume_ml == pytest.approx(before)
    assert again.measurements.regions["WT"].volume_ml < 0.7 * before
    assert "segmentation-given" in {n.code for n in again.prepared.notices}
    assert [e["role"] for e in again.provenance["inputs"]][-1] == "segmentation"


def test_a_brain_without_a_tumour_is_an_answer(healthy: Path, model: Path, tmp_path: Path) -> None:
    found = gliokit.analyze(healthy, tmp_path / "out", model=model)
    assert "no-tumour" in {n.code for n in found.prepared.notices}
    assert found.measurements.regions["WT"].volume_ml == 0
    assert "No tumour was found" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_an_earlier_result_is_replaced_and_other_files_stay(
    analysis: Analysis, study: Path, model: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"notes\.txt"):
        gliokit.analyze(study, tmp_path / "out", model=model)
    for _ in range(2):
        gliokit.analyze(study, tmp_path / "out", model=model, overwrite=True)
        assert {p.name for p in (tmp_path / "out").iterdir()} == FILES | {"notes.txt"}


def test_an_unknown_language_is_refused_before_any_work(study: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a language is one of"):
        gliokit.analyze(study, tmp_path / "out", lang="fr")  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()
