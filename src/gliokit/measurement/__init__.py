"""Images and regions -> numbers with units.

In: a `PreparedStudy` and a `LabelMap` on its grid. Out: `Measurements`.
"""

from gliokit.measurement.measure import measure
from gliokit.measurement.schema import (
    Bidimensional,
    Enhancement,
    Lesion,
    Location,
    Margin,
    Measurements,
    Mismatch,
    Proportions,
    RegionFigures,
    Signs,
    Vasari,
)

__all__ = [
    "Bidimensional",
    "Enhancement",
    "Lesion",
    "Location",
    "Margin",
    "Measurements",
    "Mismatch",
    "Proportions",
    "RegionFigures",
    "Signs",
    "Vasari",
    "measure",
]
