"""A skeleton carries through the interface: it learns, is saved, and answers without torch."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from gliokit.systems import (
    SKELETONS,
    Answer,
    Detections,
    Fitted,
    Inputs,
    TrainingSet,
    VoxelMaps,
    check_needs,
    find_system,
    list_cards,
    list_systems,
)
from tests.systems.answers import numbers_of
from tests.systems.digital_series import MOLECULAR, mask_patients, patients, without_regions

STRUCTURAL = ("t1", "t1c", "t2", "flair")

PATIENTS: Mapping[str, Callable[[], TrainingSet]] = {
    "choiks2019": lambda: patients(series=("dsc",)),
    "ge2020": lambda: patients(lacking={1: ("t1c",), 6: ("t1", "flair")}, unknown=(6, 7)),
    "lee2020": lambda: patients(
        (*STRUCTURAL, "adc"), classes=("pseudo", "true"), target="progression"
    ),
    "matsui2020": lambda: patients(
        (*STRUCTURAL, "pet", "ct"), classes=MOLECULAR, target="molecular_type",
        lacking={0: ("pet",), 1: ("ct", "t1"), 2: ("pet", "ct")},
    ),
    "metz2020": lambda: mask_patients(
        "recurrence", "recurrence", volumes=("t1c",), series=("dwi",)
    ),
    "nie2019": lambda: patients(
        series=("dwi", "bold"), classes=("short", "long"), target="long_survival"
    ),
    "yogananda2020": lambda: patients(("t2",)),
    "zhouz2020": lambda: mask_patients("metastases", "WT", volumes=("t1c",), drawn=False),
}  # fmt: skip
"""Eight digital patients for each, as it needs them; some lack what may lack."""

AUTOMATIC = ("yogananda2020", "zhouz2020")
"""Asked about patients in whom nothing is drawn."""

CHILD = """
import pickle, sys
from pathlib import Path

class Refusal:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "onnx"):
            raise ImportError(f"{name} is refused")

sys.meta_path.insert(0, Refusal())
import numpy as np
from gliokit.systems import load_fitted
from tests.systems.answers import numbers_of
for folder in map(Path, sys.argv[1:]):
    asked = pickle.loads((folder / "asked").read_bytes())
    np.save(folder / "said.npy", numbers_of(load_fitted(folder / "saved").answer(asked)))
assert "torch" not in sys.modules
"""


@cache
def learnt(name: str) -> tuple[TrainingSet, Fitted, Inputs, Answer]:
    """Patients, what was fitted to them, what it was asked, what it said."""
    torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")
    torch.set_num_threads(1)
    system, whole = find_system(name), PATIENTS[name]()
    check_needs(name, system.needs, whole.inputs, whole.target)
    fitted = system.fit(whole, budget="smoke", seed=0)
    asked = without_regions(whole.inputs) if name in AUTOMATIC else whole.inputs
    return whole, fitted, asked, fitted.answer(asked)


def test_every_skeleton_is_tried() -> None:
    assert set(PATIENTS) == set(SKELETONS)


@pytest.mark.parametrize("name", sorted(SKELETONS))
def test_a_skeleton_is_marked_and_not_listed(name: str) -> None:
    card = list_cards()[name]
    assert card.state == "skeleton"
    assert card.id == name
    assert card.citation
    assert card.doubts
    assert card.chosen
    assert name not in list_systems()


@pytest.mark.parametrize("name", sorted(SKELETONS))
def test_a_skeleton_learns_one_step_of_eight_patients_and_answers(name: str) -> None:
    whole, fitted, asked, said = learnt(name)
    assert len(whole.inputs) == 8
    assert said.subjects == asked.subjects
    assert np.isfinite(numbers_of(said)).all()
    assert json.dumps(dict(fitted.findings), allow_nan=False)
    task = find_system(name).card.task
    assert isinstance(said, VoxelMaps) == (task == "voxel map")
    assert isinstance(said, Detections) == (task == "detection")


def test_skeletons_are_saved_and_answer_the_same_without_torch(tmp_path: Path) -> None:
    for name in SKELETONS:
        _, fitted, asked, _ = learnt(name)
        (tmp_path / name).mkdir()
        fitted.save(tmp_path / name / "saved")
        (tmp_path / name / "asked").write_bytes(pickle.dumps(asked))
    folders = [str(tmp_path / name) for name in SKELETONS]
    ending = subprocess.run(
        [sys.executable, "-c", CHILD, *folders],
        cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True,
    )  # fmt: skip
    assert ending.returncode == 0, ending.stderr
    for name in SKELETONS:
        found = np.load(tmp_path / name / "said.npy")
        np.testing.assert_allclose(
            found, numbers_of(learnt(name)[3]), rtol=1e-5, atol=1e-6, err_msg=name
        )


@pytest.mark.parametrize("name", sorted(set(SKELETONS) - {"zhouz2020"}))
def test_an_answer_does_not_depend_on_who_else_is_asked(name: str) -> None:
    _, fitted, asked, said = learnt(name)
    alone = numbers_of(fitted.answer(asked.take([3])))
    each = numbers_of(said).reshape(len(asked), -1)
    np.testing.assert_allclose(alone, each[3], rtol=1e-4, atol=1e-5)


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    whole, _, asked, said = learnt("matsui2020")
    system = find_system("matsui2020")
    again, other = (system.fit(whole, budget="smoke", seed=seed) for seed in (0, 1))
    np.testing.assert_allclose(numbers_of(again.answer(asked)), numbers_of(said), atol=1e-6)
    assert not np.allclose(numbers_of(other.answer(asked)), numbers_of(said))


def test_voxels_of_a_genotype_come_beside_the_answer() -> None:
    from gliokit.systems.yogananda2020 import voxel_maps

    _, fitted, asked, _ = learnt("yogananda2020")
    found = voxel_maps(fitted, asked.take([2, 5]))  # type: ignore[arg-type]
    assert found.subjects == ("s02", "s05")
    assert "mutant" in found.meaning
    for voxels in found.maps:
        assert 0 <= voxels.values.min() < voxels.values.max() <= 1


def test_a_recurrence_is_told_within_the_oedema_alone() -> None:
    whole, _, _, said = learnt("metz2020")
    assert isinstance(said, VoxelMaps)
    for images, voxels in zip(whole.inputs.images, said.maps, strict=True):
        assert images is not None
        assert images.open_label_map is not None
        np.testing.assert_array_equal(voxels.values > 0, images.open_label_map().data == 2)


def test_a_made_sequence_stands_in_for_one_that_lacks() -> None:
    _, fitted, asked, _ = learnt("ge2020")
    source = np.random.default_rng(0).normal(size=(2, 1, 64, 64)).astype(np.float32)
    made = fitted.networks["maker"](source)[0]  # type: ignore[attr-defined]
    assert made.shape == source.shape
    assert np.ptp(made) > 0
    assert "t1c" not in asked.images[1].sequences  # type: ignore[union-attr]


def test_the_machine_of_nie2019_reads_age_and_volume_beside_the_networks() -> None:
    _, fitted, _, _ = learnt("nie2019")
    assert fitted.machine.n_features_in_ == 3 * 2 * 16 + 2  # type: ignore[attr-defined]
