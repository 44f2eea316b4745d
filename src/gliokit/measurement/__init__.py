"""Images and regions -> numbers with units.

In: a `PreparedStudy` and a `LabelMap` on its grid. Out: `Measurements`.
"""

from gliokit.measurement.measure import measure
from gliokit.measurement.schema import (
    Bidimensional,
    Lesion,
    Location,
    Measurements,
    Proportions,
    RegionFigures,
)

__all__ = [
    "Bidimensional",
    "Lesion",
    "Location",
    "Measurements",
    "Proportions",
    "RegionFigures",
    "measure",
]
