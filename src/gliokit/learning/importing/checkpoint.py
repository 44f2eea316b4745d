"""Weights of a file that somebody else wrote, read without running anything in it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gliokit.study import StudyError

__all__ = ["load_checkpoint"]


def load_checkpoint(path: Path) -> dict[str, Any]:
    """The content of a torch file: tensors, numbers, texts and their containers alone.

    numpy's numbers are let in too, since nnU-Net logs with them. Anything else that a
    pickle can hold could run code, and is refused.

    Raises:
        StudyError: the file can't be read, or holds something else.
    """
    try:
        with torch.serialization.safe_globals(_numpy_numbers()):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise StudyError(
            "a file of weights holds tensors, numbers and texts",
            source=path,
            found=str(error).splitlines()[0],
            way_out="Save its state_dict alone, with torch.save, and import that.",
        ) from error
    if not isinstance(content, dict):
        raise StudyError(
            "a file of weights is a dictionary of tensors",
            source=path,
            found=type(content).__name__,
            way_out="Save the state_dict of the network, with torch.save.",
        )
    return content


def _numpy_numbers() -> list[Any]:
    scalar = np._core.multiarray.scalar  # type: ignore[attr-defined]
    kinds = [type(np.dtype(code)) for code in ("f2", "f4", "f8", "i4", "i8", "?")]
    # Files of numpy 1 name the module that was renamed in numpy 2.
    return [scalar, (scalar, "numpy.core.multiarray.scalar"), np.dtype, *kinds]
