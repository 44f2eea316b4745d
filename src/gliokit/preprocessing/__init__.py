"""Native images -> one grid, one brain, comparable intensities; and the way back.

In: a `Study` (and a `LabelMap` on its grid). Out: a `PreparedStudy`.
"""

from gliokit.preprocessing.intensity import normalise
from gliokit.preprocessing.prepare import (
    channels,
    label_map_on,
    map_to_native,
    prepare,
    to_native,
)
from gliokit.preprocessing.prepared import Alignment, PreparedStudy
from gliokit.preprocessing.reorient import reoriented
from gliokit.preprocessing.resample import block_mean, linear_upsample
from gliokit.preprocessing.skull import check_skull_stripped

__all__ = [
    "Alignment",
    "PreparedStudy",
    "block_mean",
    "channels",
    "check_skull_stripped",
    "label_map_on",
    "linear_upsample",
    "map_to_native",
    "normalise",
    "prepare",
    "reoriented",
    "to_native",
]
