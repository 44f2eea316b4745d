"""From an image and a mask to the box that features are computed in (IBSI 1, 2.4 and 2.5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.measurement.radiomics.interpolation import Axis, axes_of, interpolate
from gliokit.measurement.radiomics.settings import RadiomicsSettings, Resegmentation
from gliokit.study import StudyError, UsageError

__all__ = ["Region", "region_of"]

Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Region:
    """A box of the image about the region, on the grid that features are computed on.

    `morphological` is the region's form; `intensity` is what of it takes part in intensities
    and texture. Both and `image` have the box's shape. `inner` is the box of
    `morphological` in it.
    """

    image: NDArray[np.float64]
    morphological: NDArray[np.bool_]
    intensity: NDArray[np.bool_]
    spacing_mm: tuple[float, float, float]

    def intensities(self) -> NDArray[np.float64]:
        """Of the intensity mask, in array order."""
        return self.image[self.intensity]


def region_of(
    image: ArrayLike,
    mask: ArrayLike,
    spacing_mm: tuple[float, float, float],
    settings: RadiomicsSettings,
    *,
    intensity_mask: ArrayLike | None = None,
    margin_mm: float | None = 0.0,
) -> Region | None:
    """Check, cut out, interpolate, resegment.

    Args:
        image: 3-D.
        mask: Of the image's shape; what isn't 0 is the region.
        spacing_mm: Of a voxel along i, j and k; slices lie along k.
        settings: Interpolation and resegmentation are used.
        intensity_mask: Where only part of the region's form takes part in intensities.
        margin_mm: Kept about the region; None keeps the whole image.

    Returns:
        None where nothing is left of the intensity mask, or of the form.

    Raises:
        UsageError: Shapes or sizes that can't be.
        StudyError: An intensity in the box that isn't finite.
    """
    voxels, form = np.asarray(image), np.asarray(mask)
    within = form if intensity_mask is None else np.asarray(intensity_mask)
    _check(voxels, form, within, spacing_mm)
    box = _box_of(form)
    if box is None:
        return None
    axes = axes_of(voxels.shape, spacing_mm, settings.interpolation)
    chosen = tuple(axis.about(side, margin_mm) for axis, side in zip(axes, box, strict=True))
    region = _on_grid(voxels, form, within, chosen, settings)
    if not np.isfinite(region.image).all():
        raise StudyError(
            "all intensities in and about the region must be finite",
            source="image",
            found=f"{np.count_nonzero(~np.isfinite(region.image))} that are not",
        )
    kept = region.intensity & resegmented(region, settings.resegmentation)
    if not kept.any() or not region.morphological.any():
        return None
    return Region(region.image, region.morphological, kept, region.spacing_mm)


def _on_grid(
    image: NDArray[np.generic],
    form: NDArray[np.generic],
    within: NDArray[np.generic],
    axes: tuple[Axis, ...],
    settings: RadiomicsSettings,
) -> Region:
    chosen = settings.interpolation
    method = "nearest" if chosen is None else chosen.method
    voxels = interpolate(image, axes, method)
    if chosen is None:
        masks = [interpolate(m != 0, axes, "nearest") > 0 for m in (form, within)]
    else:
        # Weights of a half that rounding puts just below it belong to the region.
        least = chosen.mask_threshold - 1e-9
        masks = [interpolate(m != 0, axes, "linear") >= least for m in (form, within)]
        voxels = np.rint(voxels) if chosen.round_intensities else voxels
    spacing = (axes[0].spacing_mm, axes[1].spacing_mm, axes[2].spacing_mm)
    return Region(voxels, masks[0], masks[0] & masks[1], spacing)


def resegmented(region: Region, settings: Resegmentation) -> NDArray[np.bool_]:
    """The voxels of the box that resegmentation leaves."""
    kept = np.ones(region.image.shape, bool)
    if settings.range is not None:
        kept &= (region.image >= settings.range[0]) & (region.image <= settings.range[1])
    remaining = region.image[kept & region.intensity]
    if settings.sigma is not None and len(remaining):
        mean, reach = remaining.mean(), settings.sigma * remaining.std()
        kept &= (region.image >= mean - reach) & (region.image <= mean + reach)
    return kept


def _check(
    image: NDArray[np.generic],
    form: NDArray[np.generic],
    within: NDArray[np.generic],
    spacing_mm: tuple[float, float, float],
) -> None:
    if image.ndim != 3:
        raise UsageError("the image must have three axes", source="image", found=image.shape)
    for name, mask in (("mask", form), ("intensity_mask", within)):
        if mask.shape != image.shape:
            raise UsageError(
                f"the {name} must have the image's shape {image.shape}",
                source=name,
                found=mask.shape,
                way_out="Resample it to the image's grid first.",
            )
    sizes = np.asarray(spacing_mm, dtype=np.float64)
    if sizes.shape != (3,) or not np.isfinite(sizes).all() or (sizes <= 0).any():
        raise UsageError(
            "spacing_mm must be three sizes above 0 mm", source="spacing_mm", found=spacing_mm
        )


def _box_of(mask: NDArray[np.generic]) -> Box | None:
    inside = (mask != 0).astype(bool, copy=False)
    plane = inside.any(axis=2)
    if not plane.any():
        return None
    rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
    i, j = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    depths = np.flatnonzero(inside[i, j].any(axis=(0, 1)))
    return i, j, slice(depths[0], depths[-1] + 1)
