"""Deep features against the very network's convolution computed by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from gliokit.inference import Bottleneck, Network, list_models, load_model
from gliokit.inference.openvino_settings import openvino_settings
from gliokit.measurement.deep import deep_features, encode, pooled
from gliokit.preprocessing import prepare
from gliokit.study import UsageError, read_study
from tests.tiny_model import WEIGHTS, write_tiny_model

MIXED = np.array([[1, 0, 0, 1], [0, 2, 0, 0]], dtype=np.float32)


def _write_narrow(path: Path) -> Path:
    """Pools by 2, mixes channels, and comes back by a transposed convolution."""
    nodes = [
        helper.make_node("AveragePool", ["image"], ["half"], kernel_shape=[2] * 3, strides=[2] * 3),
        helper.make_node("Conv", ["half", "mix"], ["narrow"]),
        helper.make_node("ConvTranspose", ["narrow", "up"], ["wide"], strides=[2] * 3),
        helper.make_node("Sigmoid", ["wide"], ["probabilities"]),
    ]
    weights = [
        numpy_helper.from_array(MIXED.reshape(2, 4, 1, 1, 1), "mix"),
        numpy_helper.from_array(np.ones((2, 3, 2, 2, 2), np.float32), "up"),
    ]
    shapes = (["n", 4, "i", "j", "k"], ["n", 3, "a", "b", "c"])
    image, answer = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in zip(("image", "probabilities"), shapes, strict=True)
    )
    graph = helper.make_graph(nodes, "narrow", [image], [answer], weights)
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)
    return path


def test_the_narrowest_place_is_before_the_first_step_back(tmp_path: Path) -> None:
    image = np.random.default_rng(0).normal(size=(4, 5, 6, 8)).astype(np.float32)
    encoding = Bottleneck(_write_narrow(tmp_path / "a.onnx"), multiple=2)(image)
    padded = np.pad(image, [(0, 0), (0, 1), (0, 0), (0, 0)])
    half = padded.reshape(4, 3, 2, 3, 2, 4, 2).mean(axis=(2, 4, 6))
    assert np.allclose(encoding.data, np.einsum("oc,cabd->oabd", MIXED, half), atol=1e-5)
    assert encoding.stride == (2, 2, 2)


def test_cells_know_which_voxels_they_look_upon(tmp_path: Path) -> None:
    image = np.zeros((4, 5, 6, 8), np.float32)
    encoding = Bottleneck(_write_narrow(tmp_path / "a.onnx"), multiple=4)(image)
    mask = np.zeros((5, 6, 8), np.float32)
    mask[0, 0, 0] = mask[4, 5, 7] = 1
    shares = encoding.shares(mask)
    assert encoding.before == (1, 1, 0)
    assert shares.sum() * 8 == pytest.approx(2)
    assert shares[0, 0, 0] == shares[2, 3, 3] == 1 / 8
    with pytest.raises(UsageError, match="image's shape"):
        encoding.shares(mask[:-1])


def test_features_are_weighted_means_and_maxima_of_the_channels(
    tmp_path: Path, tiny_study: Path
) -> None:
    prepared = prepare(read_study(tiny_study))
    model = load_model(write_tiny_model(tmp_path / "tiny"))
    region = np.zeros(prepared.grid.shape, dtype=bool)
    region[4:7, 5:8, 5:9] = True
    found = deep_features(prepared, region, model)
    images = [prepared.images[m][region] for m in sorted(prepared.images)]
    order = [sorted(prepared.images).index(c) for c in model.card.channels]
    logits = WEIGHTS @ np.stack([images[n] for n in order])
    for n in range(3):
        assert found[f"deep_mean_{n:03d}"] == pytest.approx(logits[n].mean(), abs=1e-4)
        assert found[f"deep_max_{n:03d}"] == pytest.approx(logits[n].max(), abs=1e-4)


def test_an_empty_region_has_no_deep_features(tmp_path: Path, tiny_study: Path) -> None:
    prepared = prepare(read_study(tiny_study))
    model = load_model(write_tiny_model(tmp_path / "tiny", spacing_mm=2))
    encoding, stage = encode(prepared, model)
    region = np.zeros(prepared.grid.shape, dtype=bool)
    assert all(math.isnan(v) for v in pooled(encoding, stage, region).values())
    region[0, 0, 0] = True
    assert all(math.isfinite(v) for v in pooled(encoding, stage, region).values())


def test_an_unknown_stage_is_refused(tmp_path: Path, tiny_study: Path) -> None:
    model = load_model(write_tiny_model(tmp_path / "tiny"))
    with pytest.raises(UsageError, match="coarse"):
        encode(prepare(read_study(tiny_study)), model, stage="finest")


@pytest.mark.skipif(not list_models(), reason="no model comes with this installation")
def test_the_shipped_network_is_narrow_where_it_was_trained_to_be() -> None:
    model = load_model()
    network: Network = next(iter(model.networks.values()))
    rng = np.random.default_rng(0)
    image = rng.normal(size=(4, *[network.multiple] * 3)).astype(np.float32)
    encoding = Bottleneck(network.path, multiple=network.multiple)(image)
    assert encoding.data.shape[0] > 32
    assert encoding.stride == (network.multiple,) * 3
    assert encoding.data.std() > 0


def test_a_network_without_convolutions_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flat.onnx"
    image, answer = (
        helper.make_tensor_value_info(n, TensorProto.FLOAT, ["n", 4, "i", "j", "k"]) for n in "ab"
    )
    graph = helper.make_graph([helper.make_node("Sigmoid", ["a"], ["b"])], "g", [image], [answer])
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)
    with pytest.raises(UsageError, match="3-D convolutions"):
        Bottleneck(path, multiple=1)(np.zeros((4, 2, 2, 2), np.float32))


@pytest.mark.parametrize(("threads", "asked"), [("1", "1"), ("3", "3"), ("", None), ("all", None)])
def test_networks_take_as_many_threads_as_they_are_allowed(
    threads: str, asked: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    assert openvino_settings().get("INFERENCE_NUM_THREADS") == asked
