"""Imported networks see the image as they were trained to, and their answer finds its place."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from gliokit.inference import Foreign, Model, ModelCard, Stage, load_model
from gliokit.preprocessing import prepare
from gliokit.segmentation import segment
from gliokit.segmentation.imported import standard_scores
from gliokit.study import Grid, Modality, Study, StudyError, UsageError, Volume

SHAPE = (30, 26, 22)
SETTINGS: dict[str, Any] = {
    "source": "nnU-Net v2",
    "orientation": "SPL",
    "spacing_mm": (1, 1, 1),
    "patch": (12, 14, 16),
    "normalisation": "brain",
    "activation": "sigmoid",
    "outputs": ("WT", "TC", "ET"),
}


def study(*modalities: Modality) -> Study:
    """A ball of noise; FLAIR has a bright box off the middle, T1C a smaller one inside."""
    grid = Grid(SHAPE, np.diag([1.0, 1, 1, 1]))
    centre = (np.array(SHAPE) - 1) / 2
    inside = np.linalg.norm((np.indices(SHAPE).T - centre).T / centre[:, None, None, None], axis=0)
    rng = np.random.default_rng(0)
    volumes = {}
    for modality in modalities:
        data = np.where(inside < 0.95, 100 + rng.normal(0, 2, SHAPE), 0)
        if modality is Modality.FLAIR:
            data[15:22, 8:13, 9:15] = 200
        if modality is Modality.T1C:
            data[16:20, 9:12, 10:13] = 300
        volumes[modality] = Volume.from_array(modality, grid, data.astype(np.float32))
    return Study("ball", volumes)


BOTH = (Modality.T1C, Modality.FLAIR)


def write_model(
    folder: Path, weights: np.ndarray, biases: np.ndarray, *, copies: int = 1, **changes: Any
) -> Model:
    """A network of one voxel: logits of T1C and FLAIR."""
    folder.mkdir()
    foreign = Foreign(**(SETTINGS | changes))
    stages = []
    for copy in range(copies):
        path = folder / f"fold_{copy}.onnx"
        n, sides = len(weights), list(foreign.patch)
        graph = helper.make_graph(
            [helper.make_node("Conv", ["image", "weights", "biases"], ["logits"])],
            "one voxel",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 2, *sides])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, n, *sides])],
            [
                numpy_helper.from_array(
                    weights.astype(np.float32).reshape(n, 2, 1, 1, 1), "weights"
                ),
                numpy_helper.from_array((biases + copy).astype(np.float32), "biases"),
            ],
        )
        opset = [helper.make_opsetid("", 17)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        stages.append(
            Stage(name=path.stem, file=path.name, sha256=digest, spacing_mm=1, multiple=1)
        )
    card = ModelCard(
        name="foreign", version="1", task="", channels=("t1c", "flair"),
        regions=("WT",) if "TC" not in foreign.outputs and "ED" not in foreign.outputs
        else ("WT", "TC", "ET"),
        labels="", stages=tuple(stages), trained_on=(), trained_on_known=False, training={},
        held_out={}, limits=(), licence="", date="2026-11-24", imported=foreign,
    )  # fmt: skip
    (folder / "card.json").write_text(card.model_dump_json(), encoding="utf-8")
    return load_model(folder)


REGIONS = np.array([[0, 4], [4, 0], [4, 0]]), np.array([-4.0, -6, -6])


@pytest.mark.parametrize("orientation", ["SPL", "LPS", "RAS", "ARS"])
def test_the_answer_lies_where_the_tumour_is_however_the_network_is_turned(
    orientation: str, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "m", *REGIONS, orientation=orientation, mirror_axes=(0, 2))
    prepared = prepare(study(*BOTH))
    found = segment(prepared, model, keep_probabilities=True)
    flair = prepared.unscaled[Modality.FLAIR]
    assert np.array_equal(found.label_map.region("WT"), flair > 150)
    assert np.array_equal(found.label_map.region("ET"), prepared.unscaled[Modality.T1C] > 250)
    assert found.probabilities is not None
    assert np.array_equal(found.probabilities["WT"] > 0.5, flair > 150)


def test_a_network_of_labels_is_read_by_its_most_likely_label(tmp_path: Path) -> None:
    # Background, ED, NCR, ET: three labels share the lesion, each less likely than background.
    weights = np.array([[0, 0], [0, 3], [0, 3], [6, 0]])
    biases = np.array([5.0, -3, -4, -9])
    outputs = ("BACKGROUND", "ED", "NCR", "ET")
    model = write_model(tmp_path / "m", weights, biases, activation="softmax", outputs=outputs)
    prepared = prepare(study(*BOTH))
    found = segment(prepared, model, keep_probabilities=True)
    scores = [standard_scores(prepared.unscaled[m], prepared.brain, "brain") for m in BOTH]
    logits = np.tensordot(weights, np.stack(scores), 1) + biases[:, None, None, None]
    expected = np.array([0, 2, 1, 3])[logits.argmax(0)] * prepared.brain
    assert set(np.unique(expected)) >= {0, 2, 3}
    assert np.array_equal(found.label_map.data, expected)
    shares = np.exp(logits) / np.exp(logits).sum(0)
    assert found.probabilities is not None
    assert found.probabilities["TC"] == pytest.approx(
        (shares[2] + shares[3]) * prepared.brain, abs=1e-4
    )


def test_folds_are_averaged_before_anything_is_decided(tmp_path: Path) -> None:
    weights, biases = REGIONS
    model = write_model(tmp_path / "m", weights, biases, copies=3)
    once = write_model(tmp_path / "once", weights, biases + 1)
    prepared = prepare(study(*BOTH))
    several, one = (segment(prepared, m, keep_probabilities=True) for m in (model, once))
    assert several.probabilities is not None
    assert one.probabilities is not None
    assert several.probabilities["WT"] == pytest.approx(one.probabilities["WT"], abs=1e-5)


def test_a_network_of_another_spacing_answers_on_the_prepared_grid(tmp_path: Path) -> None:
    model = write_model(tmp_path / "m", *REGIONS, spacing_mm=(2, 1.5, 1.25))
    prepared = prepare(study(*BOTH))
    found = segment(prepared, model).label_map.region("WT")
    box = prepared.unscaled[Modality.FLAIR] > 150
    assert 2 * (found & box).sum() / (found.sum() + box.sum()) > 0.8


def test_a_network_that_knows_the_whole_tumour_alone_says_no_more(tmp_path: Path) -> None:
    model = write_model(tmp_path / "m", REGIONS[0][:1], REGIONS[1][:1], outputs=("WT",))
    found = segment(prepare(study(*BOTH)), model).label_map
    assert found.region("WT").any()
    assert not found.knows("ET")


def test_a_missing_sequence_is_said_and_not_filled_in(tmp_path: Path) -> None:
    model = write_model(tmp_path / "m", *REGIONS)
    with pytest.raises(StudyError, match="found no T1C"):
        segment(prepare(study(Modality.FLAIR)), model)


@pytest.mark.parametrize("kind", ["brain", "nonzero", "box"])
def test_scores_are_of_the_mask_that_they_are_named_for(kind: str) -> None:
    image = np.random.default_rng(0).normal(50, 5, (8, 8, 8)).astype(np.float32)
    image[:4] = 0
    brain = np.ones_like(image, bool)
    brain[0] = False
    mask = {"brain": brain, "nonzero": image != 0, "box": np.ones_like(brain)}[kind]
    scores = standard_scores(image, brain, kind)
    assert scores[mask].mean() == pytest.approx(0, abs=1e-5)
    assert scores[mask].std() == pytest.approx(1, abs=1e-5)
    assert not scores[~mask].any()


@pytest.mark.parametrize(
    "changes",
    [
        {"orientation": "SPP"},
        {"outputs": ("WT", "TC")},
        {"activation": "softmax"},
        {"patch": (0, 4, 4)},
        {"outputs": ("WT", "WT", "TC", "ET")},
    ],
)
def test_a_card_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        Foreign(**(SETTINGS | changes))


def test_the_best_quality_of_an_imported_model_is_refused_plainly(tmp_path: Path) -> None:
    model = write_model(tmp_path / "m", *REGIONS, mirror_axes=(0, 2))
    prepared = prepare(study(*BOTH))
    assert segment(prepared, model, quality="standard").label_map.data.any()
    with pytest.raises(UsageError, match=r"seen 4 times, by 1 networks.*Leave --quality out"):
        segment(prepared, model, quality="best")
