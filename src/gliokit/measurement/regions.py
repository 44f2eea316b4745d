"""The figures of each region and of its lesions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.bidimensional import bidimensional, filled_slices
from gliokit.measurement.geometry import (
    centroid_mm,
    lesions,
    longest_diameter_mm,
    surface_area_mm2,
)
from gliokit.measurement.schema import Bidimensional, Lesion, Proportions, RegionFigures
from gliokit.study import Grid, LabelMap

__all__ = ["proportions_of", "region_figures", "regions_of"]

BIDIMENSIONAL = ("ET", "WT")
"""Enhancing tumour, its core filled, and the FLAIR abnormality: RANO measures no other."""


def regions_of(label_map: LabelMap) -> dict[str, RegionFigures]:
    """Figures of every region that the scheme knows, and of every single label.

    A region that the scheme doesn't know is absent.
    """
    masks = {name: label_map.region(name) for name in label_map.labels.regions}
    for name, value in label_map.labels.values.items():
        masks.setdefault(name, label_map.data == value)
    return {
        name: region_figures(mask, label_map.grid, across=name in BIDIMENSIONAL)
        for name, mask in masks.items()
    }


def region_figures(mask: NDArray[np.bool_], grid: Grid, *, across: bool) -> RegionFigures:
    """Figures of one region.

    An empty region has a volume of 0 and no centre.

    Args:
        mask: Of the grid's shape.
        grid: Where it lies.
        across: Whether RANO's diameters are taken, with what each lesion encloses filled.
    """
    parts = tuple(_lesion(part, box, across=across) for part, box in lesions(mask, grid))
    if not parts:
        return RegionFigures(
            volume_ml=0.0,
            longest_diameter_mm=None,
            surface_area_mm2=0.0,
            centroid_mm=None,
            bidimensional=None,
            lesions=(),
        )
    return RegionFigures(
        volume_ml=int(np.count_nonzero(mask)) * grid.voxel_ml,
        longest_diameter_mm=longest_diameter_mm(mask, grid),
        surface_area_mm2=surface_area_mm2(mask, grid),
        centroid_mm=centroid_mm(mask, grid),
        bidimensional=_largest(parts),
        lesions=parts,
    )


def _lesion(part: NDArray[np.bool_], grid: Grid, *, across: bool) -> Lesion:
    return Lesion(
        volume_ml=int(np.count_nonzero(part)) * grid.voxel_ml,
        longest_diameter_mm=longest_diameter_mm(part, grid),
        surface_area_mm2=surface_area_mm2(part, grid),
        centroid_mm=centroid_mm(part, grid),
        bidimensional=bidimensional(filled_slices(part), grid) if across else None,
    )


def _largest(parts: tuple[Lesion, ...]) -> Bidimensional | None:
    taken = [p.bidimensional for p in parts if p.bidimensional is not None]
    return max(taken, key=lambda b: b.product_mm2, default=None)


def proportions_of(label_map: LabelMap) -> Proportions | None:
    """Parts of the whole tumour in percent; None without a tumour or without its parts."""
    if not {"NCR", "ED", "ET"} <= set(label_map.labels.values):
        return None
    count = {
        n: int(np.count_nonzero(label_map.data == label_map.labels.values[n]))
        for n in ("ET", "NCR", "ED")
    }
    whole = sum(count.values())
    if whole == 0:
        return None
    return Proportions(
        enhancing_percent=100 * count["ET"] / whole,
        non_enhancing_core_percent=100 * count["NCR"] / whole,
        flair_outside_core_percent=100 * count["ED"] / whole,
    )
