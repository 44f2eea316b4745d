"""A trained network as ONNX, small enough to ship and checked against torch."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from gliokit.inference import Network, Stage

__all__ = ["export_network"]

AGREEMENT = 1e-3


class _Probabilities(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        out: Tensor = self.network(image).sigmoid()
        return out


def export_network(
    network: nn.Module,
    folder: Path,
    *,
    name: str,
    spacing_mm: int,
    multiple: int,
    margin_mm: float = 0.0,
) -> Stage:
    """Write `NAME.onnx` and check that OpenVINO gives what torch gives.

    Weights are stored as 16-bit floats and computed with as 32-bit ones. They are rounded
    before anything is compared, so that the check is of the file that is shipped.

    Raises:
        RuntimeError: the probabilities differ by more than 0.001.
    """
    rounded = _Probabilities(network).eval()
    with torch.no_grad():
        for parameter in rounded.parameters():
            parameter.copy_(parameter.half().float())
    path = folder / f"{name}.onnx"
    sample = torch.randn(1, 4, multiple * 2, multiple * 2, multiple * 2)
    spatial = {2: "i", 3: "j", 4: "k"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own successor
        torch.onnx.export(
            rounded,
            (sample,),
            path,
            input_names=["image"],
            output_names=["probabilities"],
            dynamic_axes={"image": spatial, "probabilities": spatial},
            opset_version=17,
            dynamo=False,
        )
    _store_halves(path)
    with torch.no_grad():
        expected = rounded(sample)[0].numpy()
    apart = float(np.abs(Network(path, multiple=multiple)(sample[0].numpy()) - expected).max())
    if apart > AGREEMENT:
        raise RuntimeError(f"{path.name}: OpenVINO and torch differ by {apart:.2g}")
    return Stage(
        name=name,
        file=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        spacing_mm=spacing_mm,
        multiple=multiple,
        margin_mm=margin_mm,
    )


def _store_halves(path: Path) -> None:
    """Keep large weights as float16, each with a cast to float32 that runtimes fold away."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(path)
    casts = []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < 1024:
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name + "_half"))
        casts.append(helper.make_node("Cast", [name + "_half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)
