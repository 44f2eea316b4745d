"""A fitted system's networks on disk: written from torch, read and run without it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gliokit.inference.openvino_settings import openvino_settings
from gliokit.study import StudyError

if TYPE_CHECKING:
    from torch import nn

__all__ = ["RunnableNetwork", "load_network", "save_network"]

AGREEMENT = 1e-3
"""How far OpenVINO may be from torch, as a share of the largest number that torch gives."""

Arrays = tuple[NDArray[np.float32], ...]


class RunnableNetwork(Protocol):
    """From one array an input, the batch first, to one array an output."""

    @property
    def content(self) -> bytes:
        """Of its file."""
        ...

    def __call__(self, *inputs: NDArray[np.float32]) -> Arrays:
        """Run it."""
        ...


def save_network(
    folder: Path,
    network: nn.Module,
    examples: Sequence[NDArray[np.float32]],
    *,
    name: str = "network",
    free_axes: Sequence[int] = (0,),
) -> RunnableNetwork:
    """Write FOLDER/NAME.onnx and hold that OpenVINO gives what torch gives.

    Args:
        folder: Made when it isn't there.
        network: In evaluation mode, on the CPU.
        examples: One array an input; batches of another size may be asked later.
        name: Of the file.
        free_axes: Axes whose length may be another later; 0 is the batch.

    Returns:
        The network as `load_network` gives it.

    Raises:
        RuntimeError: they differ by more than a thousandth of the largest number.
    """
    from gliokit.learning.exchange import write_onnx

    folder.mkdir(parents=True, exist_ok=True)
    expected = write_onnx(folder / f"{name}.onnx", network, examples, free_axes=free_axes)
    stored = load_network(folder, name=name)
    for wanted, found in zip(expected, stored(*examples), strict=True):
        apart = float(np.abs(wanted - found).max(initial=0))
        if not apart <= AGREEMENT * max(1.0, float(np.abs(wanted).max(initial=0))):
            raise RuntimeError(f"{name}.onnx: OpenVINO and torch differ by {apart:.2g}")
    return stored


def load_network(folder: Path, *, name: str = "network") -> RunnableNetwork:
    """What `save_network` wrote, run by OpenVINO in 32-bit floats on the CPU.

    Raises:
        StudyError: there is no such file.
    """
    path = Path(folder) / f"{name}.onnx"
    if not path.is_file():
        raise StudyError("a fitted system has its networks", source=path, found="no file")
    return _Stored(path)


class _Stored:
    """Compiled when it is first run."""

    def __init__(self, path: Path) -> None:
        self.content, self._compiled = path.read_bytes(), None

    def __call__(self, *inputs: NDArray[np.float32]) -> Arrays:
        compiled: Any = self._compiled
        if compiled is None:
            import openvino

            core = openvino.Core()
            compiled = core.compile_model(core.read_model(self.content), "CPU", openvino_settings())
            self._compiled = compiled
        found = compiled([np.ascontiguousarray(x) for x in inputs])
        return tuple(np.array(found[i], dtype=np.float32) for i in range(len(found)))
