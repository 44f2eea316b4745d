"""The figures of each region and of its lesions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.bidimensional import (
    bidimensional,
    filled_slices,
    sum_of_products,
    with_enclosed_core,
)
from gliokit.measurement.geometry import (
    centroid_mm,
    grid_of_box,
    lesions,
    longest_diameter_mm,
    surface_area_mm2,
)
from gliokit.measurement.hollow import solid_parts
from gliokit.measurement.margin import margin_figures
from gliokit.measurement.schema import Bidimensional, Lesion, Proportions, RegionFigures
from gliokit.study import Grid, LabelMap

__all__ = ["proportions_of", "region_figures", "regions_of"]

Mask = NDArray[np.bool_]


WITH_MARGIN = ("WT", "TC", "ET")


def regions_of(label_map: LabelMap, cyst: Mask | None = None) -> dict[str, RegionFigures]:
    """Figures of every region that the scheme knows, and of every single label.

    A region that the scheme doesn't know is absent.

    Args:
        label_map: The segmentation.
        cyst: Cysts within the core, of the label map's shape, as from `cysts`; by default
            none are known.
    """
    boxes = ndimage.find_objects((label_map.data > 0).astype(np.uint8))
    box = boxes[0] if boxes else (slice(0, 1),) * 3
    data, grid = label_map.data[box], grid_of_box(box, label_map.grid)
    scheme = label_map.labels
    masks = {name: np.isin(data, tuple(values)) for name, values in scheme.regions.items()}
    for name, value in scheme.values.items():
        masks.setdefault(name, data == value)
    hollow = np.zeros(grid.shape, dtype=bool) if cyst is None else cyst[box]
    hollow = hollow | masks.get("RC", False)
    return {
        name: region_figures(
            mask,
            grid,
            outlined=_outlined(name, masks, hollow, grid),
            with_margin=name in WITH_MARGIN,
        )
        for name, mask in masks.items()
    }


def _outlined(name: str, masks: dict[str, Mask], hollow: Mask, grid: Grid) -> Mask | None:
    """What RANO's diameters of a region are taken on; None where RANO has none.

    That is the enhancing tumour with the core that it encloses, cysts and cavities and their
    thin walls left out, and the FLAIR abnormality.
    """
    if name == "WT":
        return filled_slices(masks["WT"], grid)
    if name == "ET":
        core = masks.get("NCR", np.zeros(grid.shape, dtype=bool)) & ~hollow
        return solid_parts(with_enclosed_core(masks["ET"], core, grid), hollow, grid)
    return None


def region_figures(
    mask: Mask, grid: Grid, *, outlined: Mask | None = None, with_margin: bool = False
) -> RegionFigures:
    """Figures of one region.

    Its longest diameter is that of one of its lesions, its surface the sum of theirs. An
    empty region has a volume of 0 and no centre.

    Args:
        mask: Of the grid's shape.
        grid: Where it lies.
        outlined: The mask on which RANO's diameters are taken; none are without it. Where it
            joins several lesions, its largest carries the diameters and the others have
            none. What is not in it is not measured.
        with_margin: Whether the shape of the largest lesion's margin is measured too.
    """
    parts = lesions(mask, grid)
    across = _diameters(parts, outlined, grid)
    figures = tuple(_lesion(part, box, b) for (part, box), b in zip(parts, across, strict=True))
    measured = [b for b in across if b is not None]
    products, targets = sum_of_products(measured)
    return RegionFigures(
        volume_ml=int(np.count_nonzero(mask)) * grid.voxel_ml,
        longest_diameter_mm=max((f.longest_diameter_mm for f in figures), default=None),
        surface_area_mm2=sum((f.surface_area_mm2 for f in figures), 0.0),
        centroid_mm=centroid_mm(mask, grid) if figures else None,
        bidimensional=max(measured, key=lambda b: b.product_mm2, default=None),
        lesions=figures,
        sum_of_products_mm2=products if outlined is not None else None,
        targets=targets if outlined is not None else None,
        margin=margin_figures(*parts[0]) if parts and with_margin else None,
    )


def _diameters(
    parts: list[tuple[Mask, Grid]], outlined: Mask | None, grid: Grid
) -> list[Bidimensional | None]:
    """RANO's diameters of each lesion, each given in its box."""
    if outlined is None:
        return [None for _ in parts]
    joined, count = ndimage.label(outlined, structure=np.ones((3, 3, 3)))
    owner = np.full(count + 1, -1)
    for n, (part, box) in enumerate(parts):
        touched = np.unique(joined[_place_of(box, grid)][part])
        owner[touched[(touched > 0) & (owner[touched] < 0)]] = n
    boxes = ndimage.find_objects(joined)
    return [_owned_diameters(owner == n, joined, boxes, grid) for n in range(len(parts))]


def _place_of(box: Grid, grid: Grid) -> tuple[slice, ...]:
    """Where on the whole grid a box of it lies."""
    corner = np.linalg.inv(grid.affine) @ box.affine[:, 3]
    return tuple(
        slice(first, first + n)
        for first, n in zip(np.rint(corner[:3]).astype(int).tolist(), box.shape, strict=True)
    )


def _owned_diameters(
    owned: Mask, joined: NDArray[np.int32], boxes: list[tuple[slice, ...]], grid: Grid
) -> Bidimensional | None:
    """Diameters of the outlined parts of one lesion; None where it owns none."""
    numbers = np.flatnonzero(owned)
    if not numbers.size:
        return None
    around = [boxes[number - 1] for number in numbers]
    box = tuple(
        slice(min(b[a].start for b in around), max(b[a].stop for b in around)) for a in range(3)
    )
    return bidimensional(owned[joined[box]], grid_of_box(box, grid))


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
