"""What an exported network knows of an image at its narrowest place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.inference.compiled import CompiledFile, filled_up
from gliokit.study import UsageError

__all__ = ["Bottleneck", "Encoding"]

UPSAMPLING = ("ConvolutionBackpropData", "GroupConvolutionBackpropData", "Interpolate")
CONVOLUTIONS = ("Convolution", "GroupConvolution")


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """Channels of the narrowest place, and which voxels each of its cells looks upon.

    Args:
        data: float32 (channel, a, b, c).
        before: Voxels that the image was filled up with at the start of each axis.
        stride: Voxels of a cell along each axis.
        shape: Of the image.
    """

    data: NDArray[np.float32]
    before: tuple[int, int, int]
    stride: tuple[int, int, int]
    shape: tuple[int, int, int]

    def shares(self, mask: NDArray[np.float32]) -> NDArray[np.float64]:
        """How much of each cell a mask fills, (a, b, c).

        Args:
            mask: Of the image's shape, 0 to 1: how much of each voxel it fills.

        Raises:
            UsageError: the shape is another.
        """
        if mask.shape != self.shape:
            raise UsageError(f"a mask has the image's shape, {self.shape}", found=mask.shape)
        cells = self.data.shape[1:]
        filled = np.zeros([c * s for c, s in zip(cells, self.stride, strict=True)])
        window = tuple(slice(b, b + n) for b, n in zip(self.before, self.shape, strict=True))
        filled[window] = mask
        parts = [n for pair in zip(cells, self.stride, strict=True) for n in pair]
        shares: NDArray[np.float64] = filled.reshape(parts).mean(axis=(1, 3, 5))
        return shares


class Bottleneck:
    """The part of an ONNX network up to its narrowest place, run by OpenVINO in f32.

    That is the input of the first layer that makes the coarsest grid finer (a transposed
    convolution or an interpolation); in a network that never does so, the answer of its last
    convolution, before a bias.

    Args:
        path: The ONNX file; it takes (1, channel, i, j, k).
        multiple: The sides that the network takes are multiples of it.
    """

    def __init__(self, path: Path, *, multiple: int) -> None:
        self.path, self.multiple = path, multiple
        self._file = CompiledFile(path, self._narrow)

    def __call__(self, image: NDArray[np.float32]) -> Encoding:
        """The encoding of an image (channel, i, j, k), filled up with 0 on both sides alike.

        Raises:
            UsageError: the network has no convolution in three dimensions.
        """
        shape = (image.shape[1], image.shape[2], image.shape[3])
        padded, before = filled_up(image, self.multiple)
        data = np.array(self._file(padded), dtype=np.float32)
        stride = tuple(n // c for n, c in zip(padded.shape[2:], data.shape[1:], strict=True))
        return Encoding(data, before, (stride[0], stride[1], stride[2]), shape)

    def _narrow(self, model: Any) -> Any:
        import openvino

        return openvino.Model([_narrowest(model, self.path)], model.get_parameters())


def _narrowest(model: Any, path: Path) -> Any:
    """The output whose cells are the largest."""
    operations = model.get_ordered_ops()
    inner = [op.input(0).get_source_output() for op in operations if _is(op, UPSAMPLING)]
    if inner:
        return min(inner, key=lambda o: int(np.prod(o.get_shape()[2:])))
    ends = [op.output(0) for op in operations if _is(op, CONVOLUTIONS)]
    if not ends:
        raise UsageError("a network with deep features has 3-D convolutions", source=path)
    return ends[-1]


def _is(operation: Any, kinds: tuple[str, ...]) -> bool:
    return operation.get_type_name() in kinds and len(operation.output(0).get_shape()) == 5
