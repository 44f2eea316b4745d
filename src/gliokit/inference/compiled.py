"""An ONNX file as OpenVINO runs it: compiled for the shape that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.inference.openvino_settings import openvino_settings

__all__ = ["CompiledFile", "filled_up"]


class CompiledFile:
    """Compiled when a shape is asked for; the last shape alone is kept.

    A cohort has as many shapes as patients, and each takes tens of MiB.

    Args:
        path: The ONNX file.
        part: From the model as OpenVINO reads it to what is compiled of it; all unless given.
    """

    def __init__(self, path: Path, part: Callable[[Any], Any] = lambda model: model) -> None:
        self.path, self.part = path, part
        self.kept: tuple[tuple[int, ...], Any] | None = None

    def __call__(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """The first output for an image (1, channel, i, j, k), without its first axis."""
        if self.kept is None or self.kept[0] != image.shape:
            self.kept = None  # frees it before the next one is there
            self.kept = image.shape, self._compiled(image.shape)
        answer: NDArray[np.float32] = self.kept[1](image)[0][0]
        return answer

    def _compiled(self, shape: tuple[int, ...]) -> Any:
        import openvino

        core = openvino.Core()
        model = core.read_model(self.path)
        model.reshape(list(shape))
        return core.compile_model(self.part(model), "CPU", openvino_settings())


def filled_up(
    image: NDArray[np.float32], multiple: int
) -> tuple[NDArray[np.float32], tuple[int, int, int]]:
    """An image (channel, i, j, k) with 0 on both sides alike, to sides that are multiples.

    Returns:
        (1, channel, i, j, k), and how many voxels were added before the first on each axis.
    """
    short = [(-n) % multiple for n in image.shape[1:]]
    before = (short[0] // 2, short[1] // 2, short[2] // 2)
    pads = [(0, 0)] + [(b, s - b) for b, s in zip(before, short, strict=True)]
    return np.pad(image, pads)[None], before
