"""Buda 2019 and Zeineldin 2020 learn from slices, and answer on the image that they were given."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gliokit.study import WHOLE_TUMOUR, Modality, Study, StudyError, UsageError
from gliokit.systems import Images, Inputs, MaskTarget, System, TrainingSet, check_needs
from gliokit.systems.answer import LabelMaps
from gliokit.systems.buda2019 import RECIPES, Buda2019, Recipe, buda2019, variation
from gliokit.systems.slice_teaching import Course
from gliokit.systems.zeineldin2020 import ENCODERS, Zeineldin2020, zeineldin2020
from gliokit.systems.zeineldin2020 import RECIPES as DEEPSEG
from gliokit.systems.zeineldin2020 import Recipe as DeepSegRecipe
from gliokit.systems.zeineldin2020 import variation as deepseg_variation
from tests.systems.digital import digital_patients

SYSTEMS = (buda2019(), zeineldin2020())

CHILD = """
import sys
sys.modules["torch"] = None
from pathlib import Path
import numpy as np
from gliokit.systems.MODULE import MODULE
from tests.systems.digital import digital_patients
said = MODULE().load(Path(sys.argv[1])).answer(digital_patients().inputs)
np.savez(sys.argv[2], *[m.data for m in said.maps])
"""


def drawn_patients(*, lacking: str = "") -> TrainingSet:
    """Digital patients whose tumour is the target, and no input."""
    inputs = digital_patients(lacking=lacking).inputs
    masks = tuple(i.open_label_map for i in inputs.images if i is not None)
    bare = tuple(i and replace(i, regions=frozenset(), open_label_map=None) for i in inputs.images)
    return TrainingSet(replace(inputs, images=bare), MaskTarget("tumour", "WT", masks))


def ids(system: System) -> str:
    return system.card.id


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")
    torch.set_num_threads(1)


@pytest.mark.parametrize("system", SYSTEMS, ids=ids)
def test_it_learns_is_saved_and_answers_without_torch(system: System, tmp_path: Path) -> None:
    patients = drawn_patients()
    fitted = system.fit(patients, budget="smoke", seed=1)
    said = fitted.answer(patients.inputs)
    assert isinstance(said, LabelMaps)
    assert said.subjects == patients.inputs.subjects
    for label_map, images in zip(said.maps, patients.inputs.images, strict=True):
        assert images is not None
        assert label_map.labels == WHOLE_TUMOUR
        assert label_map.grid.same_as(images.open_study().volumes[Modality.FLAIR].grid)
    assert json.dumps(dict(fitted.findings), allow_nan=False)
    again = system.fit(patients, budget="smoke", seed=1).answer(patients.inputs)
    assert isinstance(again, LabelMaps)
    fitted.save(tmp_path / "saved")
    child = CHILD.replace("MODULE", system.card.id)
    ending = subprocess.run(
        [sys.executable, "-c", child, str(tmp_path / "saved"), str(tmp_path / "said.npz")],
        cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True,
    )  # fmt: skip
    assert ending.returncode == 0, ending.stderr
    with np.load(tmp_path / "said.npz") as kept:
        for n, (one, other) in enumerate(zip(said.maps, again.maps, strict=True)):
            np.testing.assert_array_equal(one.data, other.data)
            np.testing.assert_array_equal(one.data, kept[f"arr_{n}"])


@pytest.mark.parametrize("system", SYSTEMS, ids=ids)
def test_a_patient_without_flair_and_a_target_that_is_no_place_are_refused(system: System) -> None:
    with pytest.raises(StudyError, match="FLAIR"):
        system.fit(drawn_patients(lacking="flair"), budget="smoke", seed=0)
    with pytest.raises(UsageError, match="places"):
        system.fit(digital_patients(), budget="smoke", seed=0)
    nobody = MaskTarget("tumour", "WT", (None,) * 8)
    with pytest.raises(UsageError, match="drawn"):
        system.fit(TrainingSet(drawn_patients().inputs, nobody), budget="smoke", seed=0)


@pytest.mark.parametrize("system", SYSTEMS, ids=ids)
def test_a_patient_without_a_drawing_changes_nothing_and_none_is_needed_to_be_asked(
    system: System,
) -> None:
    patients = drawn_patients()
    assert all(i is not None and not i.regions for i in patients.inputs.images)
    check_needs(system.card.id, system.needs, patients.inputs, patients.target)
    masks = (*patients.masks.open_masks[:3], None)
    some = TrainingSet(patients.inputs.take(np.arange(4)), MaskTarget("tumour", "WT", masks))
    answers = [
        system.fit(training, budget="smoke", seed=0).answer(patients.inputs.take(asked))
        for training, asked in ((some, [6, 5]), (patients.take([0, 1, 2]), [5, 6]))
    ]
    one, other = answers
    assert isinstance(one, LabelMaps)
    assert isinstance(other, LabelMaps)
    for a, b in zip(one.maps, other.maps[::-1], strict=True):
        np.testing.assert_array_equal(a.data, b.data)


@pytest.mark.parametrize(
    ("system", "recipe"),
    [
        (Buda2019(), Recipe(side=32, filters=4, batch=8, learning_rate=1e-2, slices=8 * 60)),
        (
            Zeineldin2020("unet", "unet", varied=False),
            DeepSegRecipe(32, 32, filters=4, batch=8, learning_rate=2e-3, most_steps=60),
        ),
    ],
    ids=["buda2019", "zeineldin2020"],
)
def test_a_tumour_that_is_bright_is_learnt(system: Buda2019 | Zeineldin2020, recipe: Any) -> None:
    patients = drawn_patients()
    fitted = system.learn(patients.take(np.arange(6)), recipe, seed=0)
    for row in (6, 7):
        said = fitted.answer(patients.inputs.take([row]))
        assert isinstance(said, LabelMaps)
        true = patients.masks.label_map(row).region("WT")
        found = said.maps[0].region("WT")
        assert 2 * (true & found).sum() / (true.sum() + found.sum()) > 0.5


def test_a_run_that_was_stopped_ends_as_one_that_was_not(tmp_path: Path) -> None:
    recipe = replace(RECIPES["smoke"], slices=8 * 4)
    patients = drawn_patients().take([0, 1])
    whole = Buda2019().learn(patients, recipe, seed=2)
    asked = iter([False, False, True])
    stopped = Course(tmp_path, enough=lambda: next(asked))
    Buda2019().learn(patients, recipe, seed=2, course=stopped)
    done: list[int] = []
    resumed = Buda2019().learn(
        patients, recipe, seed=2, course=Course(tmp_path, lambda step, *_: done.append(step))
    )
    assert done == [3, 4]
    slices = np.random.default_rng(0).normal(size=(2, 3, 32, 32)).astype(np.float32)
    np.testing.assert_allclose(
        resumed.networks["network"](slices)[0], whole.networks["network"](slices)[0], rtol=1e-5
    )


def test_a_folder_does_not_go_on_with_the_slices_of_others(tmp_path: Path) -> None:
    recipe, patients = replace(RECIPES["smoke"], slices=8 * 2), drawn_patients()
    stopped = Course(tmp_path, enough=lambda: True)
    Buda2019().learn(patients.take([0, 1]), recipe, seed=2, course=stopped)
    with pytest.raises(UsageError, match="that it was begun with"):
        Buda2019().learn(patients.take([0, 2]), recipe, seed=2, course=Course(tmp_path))


def test_a_missing_sequence_is_replaced_by_flair() -> None:
    fitted = Buda2019().fit(drawn_patients(), budget="smoke", seed=0)
    whole = digital_patients().inputs.images[0]
    assert whole is not None
    study = whole.open_study()
    flair = study.volumes[Modality.FLAIR]
    alone = Study("a", {Modality.FLAIR: flair})
    bare = Images(frozenset({"flair"}), frozenset(), lambda: alone)
    inputs = Inputs(("a",), (), np.zeros((1, 0)), images=(bare,))
    assert isinstance(fitted.answer(inputs), LabelMaps)


def test_only_slices_with_tumour_are_varied_and_within_the_papers_bounds() -> None:
    tumour = np.arange(4000) % 2 == 0
    matrices = variation(tumour, np.random.default_rng(0))
    np.testing.assert_array_equal(matrices[~tumour, :, :2], np.tile(np.eye(2), (2000, 1, 1)))
    assert not matrices[:, :, 2].any()
    moved = matrices[tumour, :, :2].astype(float)
    scale = 1 / np.sqrt(np.linalg.det(moved))
    angle = np.degrees(np.arctan2(moved[:, 0, 1], moved[:, 0, 0]))
    for values, least, most in ((np.abs(scale - 1), 0.04, 0.08), (np.abs(angle), 5, 15)):
        changed = values > 1e-4
        assert 0.45 < changed.mean() < 0.55
        assert values[changed].min() >= least - 1e-4
        assert values[changed].max() <= most + 1e-4
    assert (scale > 1.01).any()
    assert (scale < 0.99).any()
    assert (angle > 1).any()
    assert (angle < -1).any()


def test_the_papers_budget_is_that_of_the_paper() -> None:
    paper, small = RECIPES["paper"], RECIPES["small"]
    assert (paper.side, paper.filters, paper.batch, paper.learning_rate) == (256, 32, 32, 1e-5)
    # 3,929 slices of which 1,373 have tumour, 128 times.
    assert paper.steps(2556 + 3 * 1373) == 128 * (2556 + 3 * 1373) // 32
    assert (small.side, small.filters, small.steps(6675)) == (128, 32, 2500)


def test_deepseg_takes_any_encoder_by_name_and_starts_by_seed() -> None:
    import torch

    kinds = []
    with torch.device("meta"):
        for encoder in ENCODERS:
            network: Any = Zeineldin2020(encoder).network(4, seed=0)  # type: ignore[arg-type]
            kinds.append((type(network.encoder).__name__, network.encoder.widths[-1]))
    assert len(set(kinds)) == len(ENCODERS) - 1  # 'unet' and 'unet-mod' are one class
    drawn = [
        next(Zeineldin2020("unet").network(4, seed=seed).parameters()).detach().numpy()
        for seed in (0, 1, 0)
    ]
    np.testing.assert_array_equal(drawn[0], drawn[2])
    assert not np.array_equal(drawn[0], drawn[1])


def test_an_encoder_or_decoder_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="densenet121"):
        Zeineldin2020("inception")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="unet-mod"):
        Zeineldin2020("unet", "vgg16")  # type: ignore[arg-type]


def test_the_unet_mod_of_deepseg_has_the_parameters_of_the_paper() -> None:
    def count(encoder: Any, decoder: Any) -> int:
        network = Zeineldin2020(encoder, decoder).network(seed=0)
        return sum(p.numel() for p in network.parameters())

    assert count("unet", "unet") == 7_760_642
    assert count("unet-mod", "unet-mod") == 7_766_534
    assert count("unet-mod", "unet-mod-as-coded") == 7_757_222


def test_deepsegs_variations_keep_to_their_bounds_and_scale_with_the_slice() -> None:
    matrices, bends = deepseg_variation(500, 32, np.random.default_rng(0))
    areas = 1 / np.abs(np.linalg.det(matrices[:, :, :2].astype(float)))
    assert areas.min() >= 0.8**2 - 1e-3
    assert areas.max() <= 1.2**2 + 1e-3
    assert (areas < 0.75).any()
    assert (areas > 1.25).any()
    flipped = np.linalg.det(matrices[:, :, :2]) < 0
    assert 0.4 < flipped.mean() < 0.6
    assert 0.19 * 32 < np.abs(matrices[:, :, 2]).max() <= 0.2 * 32
    larger = deepseg_variation(100, 64, np.random.default_rng(0))[1]
    assert larger[:, :, 32, 32].std() == pytest.approx(2 * bends[:, :, 16, 16].std(), rel=0.15)


def test_deepsegs_budget_of_the_paper_is_that_of_the_paper() -> None:
    paper = DEEPSEG["paper"]
    assert (paper.side, paper.filters, paper.batch, paper.learning_rate) == (224, 32, 16, 1e-4)
    assert paper.steps(13_779) == 35 * 13_779 // 16
    assert DEEPSEG["small"].steps(5_000) == 5_000


def test_labels_as_published_and_probabilities_differ_in_resolution_alone() -> None:
    patients = drawn_patients()
    recipe = DeepSegRecipe(32, 16, filters=4, batch=8, learning_rate=1e-2, most_steps=20)
    said = []
    for as_published in (False, True):
        system = Zeineldin2020("unet", "unet", as_published=as_published)
        answer = system.learn(patients.take([0, 1]), recipe, seed=0).answer(
            patients.inputs.take([2])
        )
        assert isinstance(answer, LabelMaps)
        said.append(answer.maps[0].region("WT"))
    fine, coarse = said
    assert coarse.any()
    assert (fine != coarse).any()
    both = (fine & coarse).sum()
    assert 2 * both / (fine.sum() + coarse.sum()) > 0.7
