"""What the image and the region are at each step: IBSI's diagnostic figures (1, A.5)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.measurement.radiomics.region import Region, region_of
from gliokit.measurement.radiomics.settings import RadiomicsSettings, Resegmentation
from gliokit.measurement.radiomics.values import Values

__all__ = ["diagnose"]


def diagnose(
    image: ArrayLike,
    mask: ArrayLike,
    spacing_mm: tuple[float, float, float],
    settings: RadiomicsSettings,
) -> Values:
    """Sizes, voxel counts and intensities as read, interpolated and resegmented.

    Args:
        image, mask, spacing_mm, settings: As of `extract`; the mask has at least a voxel.

    Returns:
        Figures by the tags of IBSI's compliance sheets, such as `int_mask_vox_count_reseg_roi`;
        empty where resegmentation leaves nothing.
    """
    plain = settings.model_copy(update={"interpolation": None, "resegmentation": Resegmentation()})
    interpolated = settings.model_copy(update={"resegmentation": Resegmentation()})
    steps = {"init": plain, "interp": interpolated, "reseg": settings}
    values: Values = {}
    for step, chosen in steps.items():
        region = region_of(image, mask, spacing_mm, chosen, margin_mm=None)
        if region is None:
            return {}
        if step != "reseg":
            values |= _of_image(region, f"{step}_img")
        values |= _of_region(region, f"{step}_roi")
    return values


def _of_image(region: Region, ending: str) -> Values:
    values = _along_axes("img_dim", region.image.shape, ending)
    values |= _along_axes("vox_dim", region.spacing_mm, ending)
    return values | _intensities(region.image.ravel(), "", ending)


def _of_region(region: Region, ending: str) -> Values:
    values = _along_axes("int_mask_dim", region.intensity.shape, ending)
    for name, mask in (("int_mask", region.intensity), ("morph_mask", region.morphological)):
        sizes = np.ptp(np.argwhere(mask), axis=0) + 1
        values |= _along_axes(f"{name}_bb_dim", sizes, ending)
        values[f"{name}_vox_count_{ending}"] = float(np.count_nonzero(mask))
    return values | _intensities(region.intensities(), "int_mask_", ending)


def _along_axes(name: str, sizes: tuple[float, ...] | NDArray[np.intp], ending: str) -> Values:
    return {f"{name}_{a}_{ending}": float(s) for a, s in zip("xyz", sizes, strict=True)}


def _intensities(x: NDArray[np.float64], start: str, ending: str) -> Values:
    figures = {"mean": x.mean(), "min": x.min(), "max": x.max()}
    return {f"{start}{name}_int_{ending}": float(v) for name, v in figures.items()}
