"""Any trained network as an ONNX file that is checked against torch."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

__all__ = ["first_weights", "write_onnx"]

OPSET = 17


def first_weights(make: Callable[..., nn.Module], seed: int, **sizes: object) -> nn.Module:
    """A network whose first weights depend on the seed alone.

    Args:
        make: Class of the network, or a function that makes it.
        seed: Of the weights.
        sizes: Its arguments.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return make(**sizes)


def write_onnx(
    path: Path,
    network: nn.Module,
    examples: Sequence[NDArray[np.float32]],
    *,
    free_axes: Sequence[int] = (0,),
) -> tuple[NDArray[np.float32], ...]:
    """Write a network, and give what it answers to the examples.

    Args:
        path: The file.
        network: In evaluation mode; gives a tensor or a tuple of tensors.
        examples: One array an input, the first axis being the batch.
        free_axes: Axes of inputs and outputs whose length may be another when it runs.

    Raises:
        ValueError: the network is being trained.
    """
    if network.training:
        raise ValueError("a network is written in evaluation mode; call .eval() first")
    inputs = tuple(torch.as_tensor(np.asarray(x)) for x in examples)
    with torch.no_grad():
        found = network(*inputs)
    outputs: tuple[Tensor, ...] = (found,) if isinstance(found, Tensor) else tuple(found)
    names = [f"input{i}" for i in range(len(inputs))], [f"output{i}" for i in range(len(outputs))]
    free = {
        name: {a: f"{name}_{a}" if a else "batch" for a in free_axes if a < part.ndim}
        for side, parts in zip(names, (inputs, outputs), strict=True)
        for name, part in zip(side, parts, strict=True)
    }  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own successor
        torch.onnx.export(
            network, inputs, path, input_names=names[0], output_names=names[1],
            dynamic_axes=free, opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    return tuple(part.numpy() for part in outputs)
