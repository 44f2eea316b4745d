"""What a segmenter answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.segmentation.looks import RegionLook
from gliokit.study import LabelMap

__all__ = ["Segmentation"]


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """Regions of a prepared study.

    Args:
        label_map: On the prepared grid.
        model: Name and version of the model, or 'given' for a file.
        probabilities: Region -> float32 of the grid's shape, where the method has them.
        looks: Region -> how sure the network was of it, where the method can tell.
    """

    label_map: LabelMap
    model: str
    probabilities: Mapping[str, NDArray[np.float32]] | None = None
    looks: Mapping[str, RegionLook] | None = None
