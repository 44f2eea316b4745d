"""A model small enough for tests: bright FLAIR is tumour, bright T1C its enhancing part."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from gliokit.inference import ModelCard, Stage

# One row a region (WT, TC, ET), one column a sequence (T1, T1C, T2, FLAIR).
WEIGHTS = np.array([[0, 0, 0, 8], [0, 8, 0, 0], [0, 8, 0, 0]], dtype=np.float32)
BIASES = np.array([-24, -24, -32], dtype=np.float32)


def write_tiny_model(folder: Path, *, spacing_mm: int = 1, fine: bool = False) -> Path:
    """A model folder whose networks threshold FLAIR at 3 (WT) and T1C at 3 (TC) and 4 (ET)."""
    folder.mkdir(parents=True, exist_ok=True)
    stages = [_stage(folder, "coarse", spacing_mm, 0.0)]
    if fine:
        stages.append(_stage(folder, "fine", 1, 3.0))
    card = ModelCard(
        name="tiny",
        version="0",
        task="tests",
        channels=("t1", "t1c", "t2", "flair"),
        regions=("WT", "TC", "ET"),
        labels="brats2023",
        stages=tuple(stages),
        trained_on=(),
        training={},
        held_out={},
        limits=("Knows nothing.",),
        licence="Apache-2.0",
        date="2026-11-24",
    )
    (folder / "card.json").write_text(card.model_dump_json(), encoding="utf-8")
    return folder


def _stage(folder: Path, name: str, spacing_mm: int, margin_mm: float) -> Stage:
    shape = ["n", None, "i", "j", "k"]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 4, "i", "j", "k"])
    shape[1] = 3
    answer = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, shape)
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["image", "weights", "biases"], ["logits"]),
            helper.make_node("Sigmoid", ["logits"], ["probabilities"]),
        ],
        "tiny",
        [image],
        [answer],
        [
            numpy_helper.from_array(WEIGHTS.reshape(3, 4, 1, 1, 1), "weights"),
            numpy_helper.from_array(BIASES, "biases"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path = folder / f"{name}.onnx"
    onnx.save(model, path)
    return Stage(
        name=name,
        file=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        spacing_mm=spacing_mm,
        multiple=2,
        margin_mm=margin_mm,
    )
