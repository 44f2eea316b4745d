"""Processes that torchrun starts learn what one process learns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from gliokit.inference import load_model  # noqa: E402
from gliokit.learning import TrainingSettings  # noqa: E402
from gliokit.learning.method import method_of  # noqa: E402
from gliokit.learning.run import train_segmentation  # noqa: E402
from gliokit.learning.training import train  # noqa: E402
from gliokit.learning.workers import Workers, joined_workers  # noqa: E402
from gliokit.study import UsageError, read_cohort  # noqa: E402
from tests.learning.test_training import SETTINGS, example  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


def write_cohort(folder: Path) -> Path:
    """Two brains of 600 mL at 3 mm as NIfTI, and their table."""
    import nibabel as nib

    shape = (50, 50, 50)
    distance = np.linalg.norm((np.indices(shape).T - 24.5).T, axis=0)
    labels = np.zeros(shape, np.uint8)
    labels[20:30, 20:30, 20:30] = 2
    labels[22:27, 22:27, 22:27] = 3
    rows = ["subject_id\tstudy\tgeneration\tcollection"]
    for n, name in enumerate(("BraTS-GLI-00001-000", "BraTS-GLI-00002-000")):
        (folder / name).mkdir()
        values = np.random.default_rng(n).normal(100, 10, shape) + 80 * (labels > 0)
        image = np.where(distance < 20, values, 0).astype(np.float32)
        affine = np.diag([3.0, 3.0, 3.0, 1.0])
        for part, array in (("t2f", image), ("seg", labels)):
            nib.Nifti1Image(array, affine).to_filename(folder / name / f"{name}-{part}.nii.gz")
        rows.append(f"{name}\t{name}\t2023\tx")
    table = folder / "cohort.tsv"
    table.write_text("\n".join(rows) + "\n")
    return table


def torchrun(arguments: list[str | Path], processes: int, *, module: str = "gliokit") -> str:
    """What the processes say of a run of the command line, or of another module."""
    quiet = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
    done = subprocess.run(
        [sys.executable, *launcher, str(processes), "-m", module, *map(str, arguments)],
        env=os.environ | quiet,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_two_processes_learn_what_one_does(tmp_path: Path) -> None:
    """Of a network whose steps are no steeper than its gradients: Adam's would magnify rounding."""
    table, config = write_cohort(tmp_path), tmp_path / "run.toml"
    values = {"network": "nnunet-style", "spacing_mm": 3, "patch": [16, 16, 16], "filters": 4}
    values |= {"steps": 4, "batch": 2}
    config.write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in values.items()))
    settings = TrainingSettings.model_validate(values)
    model = train_segmentation(read_cohort(table), tmp_path / "one", settings=settings)
    options = ["--cohort", table, "--config", config, "--out", tmp_path / "two"]
    said = torchrun(["train", "segmentation", *options], processes=2)
    assert said.count("Model:") == 1
    one, two = (
        torch.load(tmp_path / name / "checkpoint.pt", weights_only=True) for name in ("one", "two")
    )
    assert two["step"] == 4
    torch.manual_seed(settings.seed)
    random = method_of(settings).build().state_dict()
    for name, weight in one["network"].items():
        torch.testing.assert_close(two["network"][name], weight, atol=1e-5, rtol=1e-4)
    moved = [float((w - random[k]).abs().max()) for k, w in one["network"].items()]
    assert max(moved) > 1e-2
    steps = [(tmp_path / n / "curve.jsonl").read_text().count('"step"') for n in ("one", "two")]
    assert steps == [4, 4]
    card = load_model(tmp_path / "two" / "model").card
    assert card.trained_on == load_model(model).card.trained_on


def test_a_batch_that_cannot_be_shared_out_is_refused(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"batch": 3})
    with pytest.raises(UsageError, match="shared out") as found:
        train([example(0)], settings, tmp_path, workers=Workers(0, 2))
    assert "batch of 4" in str(found.value)


def test_without_torchrun_one_process_learns_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined_workers() as workers:
        assert workers == Workers(rank=0, count=1)
        assert workers.first
        workers.wait()


def test_means_over_processes_keep_shapes_and_layouts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.distributed.all_reduce", lambda flat: flat.mul_(3))  # 1 + 2
    gradients = [
        torch.ones(2, 3),
        torch.randn(2, 3, 4, 4, 4).to(memory_format=torch.channels_last_3d),
    ]
    expected = [1.5 * g.clone() for g in gradients]
    Workers(0, 2).average(gradients)
    for gradient, wanted in zip(gradients, expected, strict=True):
        torch.testing.assert_close(gradient, wanted)
