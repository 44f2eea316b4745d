"""All features of one region: the public function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gliokit.measurement.radiomics.catalogue import FEATURES, Feature
from gliokit.measurement.radiomics.pyradiomics_names import in_pyradiomics
from gliokit.measurement.radiomics.region import Region, region_of
from gliokit.measurement.radiomics.settings import RadiomicsSettings
from gliokit.measurement.radiomics.values import Values

__all__ = ["extract", "wanted"]

_ONCE = ("morphology",)
"""Families that filters don't change."""


def extract(
    image: ArrayLike,
    mask: ArrayLike,
    spacing_mm: tuple[float, float, float],
    settings: RadiomicsSettings,
    *,
    intensity_mask: ArrayLike | None = None,
    names: Literal["ibsi", "pyradiomics"] = "ibsi",
) -> Values:
    """Features of one region of one image.

    Args:
        image: (i, j, k) intensities; slices lie along k.
        mask: Of the image's shape; what isn't 0 is the region. May be empty.
        spacing_mm: Size of a voxel along i, j and k.
        settings: Which features, and how the image is prepared.
        intensity_mask: The part of the region that takes part in intensities and texture;
            without one all of it does.
        names: IBSI's, or PyRadiomics' for the features that it has too.

    Returns:
        Features by name, in the order of `FEATURES`, then those of each filter's response as
        `filter:feature`. A feature without a value is NaN; `explain` says why. All are NaN
        for an empty region, and for one of which resegmentation leaves nothing.

    Raises:
        UsageError: Shapes or sizes that can't be.
        StudyError: Intensities that aren't finite, or that can't be discretised as asked.

    Source: Zwanenburg et al., Radiology 295 (2020) 328, doi:10.1148/radiol.2020191145;
        Whybra et al., Radiology 310 (2024) e231319, doi:10.1148/radiol.231319.
    """
    region = region_of(
        image,
        mask,
        spacing_mm,
        settings,
        intensity_mask=intensity_mask,
        margin_mm=_margin_mm(settings, spacing_mm),
    )
    found: Values = {}
    for source, features, values in _by_image(region, settings):
        for feature in features:
            value = values.get(feature.name, np.nan)
            if names == "pyradiomics":
                name, value = in_pyradiomics(feature, value, source)
            else:
                name = feature.name if source == "original" else f"{source}:{feature.name}"
            found[name] = float(value)
    return found


def wanted(settings: RadiomicsSettings) -> list[Feature]:
    """The features of the image itself that settings ask for, in the catalogue's order."""
    dimensions = {a.rsplit("_", 1)[0] for a in settings.aggregations}
    endings = {"", *settings.aggregations, *dimensions}
    return [
        f for f in FEATURES.values() if f.family in settings.families and f.aggregation in endings
    ]


def _by_image(
    region: Region | None, settings: RadiomicsSettings
) -> Iterator[tuple[str, list[Feature], Values]]:
    """Name of the image, its features, and the values of those that have one."""
    from gliokit.measurement.radiomics.compute import compute, filtered, of_response

    features = wanted(settings)
    yield "original", features, {} if region is None else compute(region, settings)
    again = [f for f in features if f.family not in _ONCE]
    for chosen in settings.filters:
        response = None if region is None else filtered(region, chosen, settings)
        yield chosen.name, again, {} if response is None else of_response(response, settings)


def _margin_mm(settings: RadiomicsSettings, spacing_mm: tuple[float, float, float]) -> float | None:
    """How far features and filters look beyond the region; None: over the whole image."""
    from gliokit.measurement.radiomics.local_intensity import RADIUS_MM

    own = RADIUS_MM if "local_intensity" in settings.families else 0.0
    if not settings.filters:
        return own
    from gliokit.measurement.radiomics.filters import reach_mm

    new = (0.0, 0.0, 0.0) if settings.interpolation is None else settings.interpolation.spacing_mm
    i, j, k = (wanted or old for wanted, old in zip(new, spacing_mm, strict=True))
    reaches = [reach_mm(chosen, (i, j, k)) for chosen in settings.filters]
    known = [reach for reach in reaches if reach is not None]
    return own + max(known) if len(known) == len(reaches) else None
