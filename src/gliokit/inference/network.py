"""One exported network, run by OpenVINO in 32-bit floats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.inference.openvino_settings import openvino_settings

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
        self._compiled: tuple[tuple[int, ...], Any] | None = None

    def __call__(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities (region, i, j, k) of an image (channel, i, j, k).

        The image is filled up with 0, on both sides alike, to sides that the network takes.
        """
        shape = image.shape[1:]
        short = [(-n) % self.multiple for n in shape]
        before = [s // 2 for s in short]
        pads = [(0, 0)] + [(b, s - b) for b, s in zip(before, short, strict=True)]
        padded = np.pad(image, pads)[None]
        answer = self._for_shape(padded.shape)(padded)[0][0]
        window = tuple(slice(b, b + n) for b, n in zip(before, shape, strict=True))
        return np.array(answer[(slice(None), *window)], dtype=np.float32)

    def _for_shape(self, shape: tuple[int, ...]) -> Any:
        import openvino

        compiled = self._compiled
        if compiled is None or compiled[0] != shape:
            # The last shape alone is kept: a cohort has as many shapes as patients.
            self._compiled = None
            core = openvino.Core()
            model = core.read_model(self.path)
            model.reshape(list(shape))
            compiled = shape, core.compile_model(model, "CPU", openvino_settings())
            self._compiled = compiled
        return compiled[1]
