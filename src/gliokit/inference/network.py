"""One exported network, run by OpenVINO in 32-bit floats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gliokit.inference.compiled import CompiledFile, filled_up

__all__ = ["Network"]


class Network:
    """An ONNX file that takes (1, channel, i, j, k) and gives probabilities.

    OpenVINO would choose bfloat16 where the processor has it, which moves probabilities by
    up to 1 on odd inputs; f32 is asked for, so that every machine answers the same.

    Args:
        path: The ONNX file.
        multiple: The sides that the network takes are multiples of it.
    """

    def __init__(self, path: Path, *, multiple: int) -> None:
        self.path, self.multiple = path, multiple
        self._file = CompiledFile(path)

    def __call__(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities (region, i, j, k) of an image (channel, i, j, k).

        The image is filled up with 0, on both sides alike, to sides that the network takes.
        """
        padded, before = filled_up(image, self.multiple)
        window = tuple(slice(b, b + n) for b, n in zip(before, image.shape[1:], strict=True))
        return np.array(self._file(padded)[(slice(None), *window)], dtype=np.float32)
