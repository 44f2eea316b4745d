"""The figures of each region and of its lesions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.bidimensional import bidimensional, filled_slices, with_enclosed_core
from gliokit.measurement.geometry import (
    centroid_mm,
    grid_of_box,
    lesions,
    longest_diameter_mm,
    surface_area_mm2,
)
from gliokit.measurement.schema import Bidimensional, Lesion, Proportions, RegionFigures
from gliokit.study import Grid, LabelMap

__all__ = ["proportions_of", "region_figures", "regions_of"]

Mask = NDArray[np.bool_]


def regions_of(label_map: LabelMap) -> dict[str, RegionFigures]:
    """Figures of every region that the scheme knows, and of every single label.

    A region that the scheme doesn't know is absent.
    """
    boxes = ndimage.find_objects((label_map.data > 0).astype(np.uint8))
    box = boxes[0] if boxes else (slice(0, 1),) * 3
    data, grid = label_map.data[box], grid_of_box(box, label_map.grid)
    scheme = label_map.labels
    masks = {name: np.isin(data, tuple(values)) for name, values in scheme.regions.items()}
    for name, value in scheme.values.items():
        masks.setdefault(name, data == value)
    return {
        name: region_figures(mask, grid, outlined=_outlined(name, masks, grid))
        for name, mask in masks.items()
    }


def _outlined(name: str, masks: dict[str, Mask], grid: Grid) -> Mask | None:
    """What RANO's diameters of a region are taken on; None where RANO has none.

    That is the enhancing tumour with the core that it encloses, and the FLAIR abnormality.
    """
    if name == "WT":
        return filled_slices(masks["WT"], grid)
    if name == "ET":
        core = masks.get("NCR", np.zeros(grid.shape, dtype=bool))
        return with_enclosed_core(masks["ET"], core, grid)
    return None


def region_figures(mask: Mask, grid: Grid, *, outlined: Mask | None = None) -> RegionFigures:
    """Figures of one region.

    Its longest diameter is that of one of its lesions, its surface the sum of theirs. An
    empty region has a volume of 0 and no centre.

    Args:
        mask: Of the grid's shape.
        grid: Where it lies.
        outlined: The mask on which RANO's diameters are taken; none are without it. It
            holds the region; where it joins several lesions, its largest carries the
            diameters and the others have none.
    """
    parts = lesions(mask, grid)
    across = _diameters(parts, outlined, grid)
    figures = tuple(_lesion(part, box, b) for (part, box), b in zip(parts, across, strict=True))
    measured = [b for b in across if b is not None]
    return RegionFigures(
        volume_ml=int(np.count_nonzero(mask)) * grid.voxel_ml,
        longest_diameter_mm=max((f.longest_diameter_mm for f in figures), default=None),
        surface_area_mm2=sum((f.surface_area_mm2 for f in figures), 0.0),
        centroid_mm=centroid_mm(mask, grid) if figures else None,
        bidimensional=max(measured, key=lambda b: b.product_mm2, default=None),
        lesions=figures,
    )


def _diameters(
    parts: list[tuple[Mask, Grid]], outlined: Mask | None, grid: Grid
) -> list[Bidimensional | None]:
    """RANO's diameters of each lesion, each given in its box."""
    if outlined is None:
        return [None for _ in parts]
    joined, _ = ndimage.label(outlined, structure=np.ones((3, 3, 3)))
    numbers = [int(joined[_first_voxel(part, box, grid)]) for part, box in parts]
    return [
        _part_diameters(joined == number, grid) if number not in numbers[:n] else None
        for n, number in enumerate(numbers)
    ]


def _first_voxel(part: Mask, box: Grid, grid: Grid) -> tuple[int, int, int]:
    """Index on the whole grid of one voxel of a lesion that is given in its box."""
    place = box.to_mm(np.argwhere(part)[0].astype(np.float64))
    i, j, k = np.rint(np.linalg.inv(grid.affine)[:3] @ [*place, 1.0]).astype(int)
    return (int(i), int(j), int(k))


def _part_diameters(part: Mask, grid: Grid) -> Bidimensional | None:
    (inner, box), *_ = lesions(part, grid)
    return bidimensional(inner, box)


def _lesion(part: Mask, grid: Grid, across: Bidimensional | None) -> Lesion:
    return Lesion(
        volume_ml=int(np.count_nonzero(part)) * grid.voxel_ml,
        longest_diameter_mm=longest_diameter_mm(part, grid),
        surface_area_mm2=surface_area_mm2(part, grid),
        centroid_mm=centroid_mm(part, grid),
        bidimensional=across,
    )


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
