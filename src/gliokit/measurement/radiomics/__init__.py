"""Features of a region by the Image Biomarker Standardisation Initiative (IBSI).

In: an image, a mask and the size of a voxel. Out: features by name.
"""

from gliokit.measurement.radiomics.catalogue import FAMILIES, FEATURES, Family, Feature, explain
from gliokit.measurement.radiomics.extract import extract
from gliokit.measurement.radiomics.settings import (
    Aggregation,
    Discretisation,
    IntensityVolume,
    Interpolation,
    RadiomicsSettings,
    Resegmentation,
    read_settings,
)

__all__ = [
    "FAMILIES",
    "FEATURES",
    "Aggregation",
    "Discretisation",
    "Family",
    "Feature",
    "IntensityVolume",
    "Interpolation",
    "RadiomicsSettings",
    "Resegmentation",
    "explain",
    "extract",
    "read_settings",
]
