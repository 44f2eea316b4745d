"""Families of features of one image, each computed once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.radiomics.cooccurrence import glcm
from gliokit.measurement.radiomics.discretisation import discretise
from gliokit.measurement.radiomics.filter_settings import FilterSettings
from gliokit.measurement.radiomics.histogram import histogram
from gliokit.measurement.radiomics.intensity_volume import intensity_volume
from gliokit.measurement.radiomics.levels import LevelGrid, level_grid
from gliokit.measurement.radiomics.local_intensity import local_intensity
from gliokit.measurement.radiomics.morphology import morphology
from gliokit.measurement.radiomics.neighbours import ngtdm_and_ngldm
from gliokit.measurement.radiomics.region import Region
from gliokit.measurement.radiomics.run_length import glrlm
from gliokit.measurement.radiomics.settings import RadiomicsSettings, Resegmentation
from gliokit.measurement.radiomics.statistics import statistics
from gliokit.measurement.radiomics.values import Values
from gliokit.measurement.radiomics.zones import glszm_and_gldzm

__all__ = ["compute", "filtered", "of_response"]


def compute(region: Region, settings: RadiomicsSettings) -> Values:
    """The features of the families that settings name (and of those counted with them)."""
    families = settings.families
    values: Values = {}
    if "morphology" in families:
        values |= morphology(region, _box(region))
    if "local_intensity" in families:
        values |= local_intensity(region)
    if "statistics" in families:
        values |= statistics(region.intensities())
    if "intensity_volume" in families:
        values |= intensity_volume(
            region.intensities(), settings.intensity_volume, settings.resegmentation
        )
    if set(families) & {"histogram", "glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm"}:
        values |= _of_levels(region, settings)
    return values


def _of_levels(region: Region, settings: RadiomicsSettings) -> Values:
    families, how = settings.families, settings.aggregations
    levels, n_levels = discretise(
        region.intensities(), settings.discretisation, settings.resegmentation
    )
    values = histogram(levels, n_levels) if "histogram" in families else {}
    if not set(families) & {"glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm"}:
        return values
    grid, inner = _grid(region, levels, n_levels, settings.distance_voxels)
    if "glcm" in families:
        values |= glcm(grid, how, settings.distance_voxels)
    if "glrlm" in families:
        values |= glrlm(grid, how)
    if {"glszm", "gldzm"} & set(families):
        values |= glszm_and_gldzm(grid, region.morphological[inner], how)
    if {"ngtdm", "ngldm"} & set(families):
        values |= ngtdm_and_ngldm(
            grid, how, settings.distance_voxels, settings.dependence_difference
        )
    return values


def _grid(
    region: Region, levels: NDArray[np.int32], n_levels: int, pad: int
) -> tuple[LevelGrid, tuple[slice, ...]]:
    """The levels in the box of the region's form, and that box."""
    box = np.zeros(region.image.shape, np.int32)
    box[region.intensity] = levels
    inner = _box(region)
    return level_grid(box[inner], n_levels, pad), inner


def _box(region: Region) -> tuple[slice, ...]:
    box: tuple[slice, ...] = ndimage.find_objects(region.morphological.view(np.uint8))[0]
    return box


def filtered(region: Region, chosen: FilterSettings, settings: RadiomicsSettings) -> Region:
    """The region on the response map of a filter; its masks stay those of the image."""
    from gliokit.measurement.radiomics.filters import response

    return replace(region, image=response(region.image, region.spacing_mm, chosen))


def of_response(region: Region, settings: RadiomicsSettings) -> Values:
    """The features of a response map: form and the image's intensity range don't apply."""
    return compute(
        region,
        settings.model_copy(
            update={
                "families": tuple(f for f in settings.families if f != "morphology"),
                "resegmentation": Resegmentation(),
            }
        ),
    )
