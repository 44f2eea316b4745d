"""The types that all families share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Flat", "Indices", "Values"]

Values = dict[str, float]
"""Features by name; NaN where one has no value."""

Indices = NDArray[np.int64]
"""Places on a flat grid, or steps along it."""

Flat = NDArray[np.int32]
"""Grey levels on a flat grid, or whole numbers of voxels."""
