"""Signs in the images: sharpness of the edge, ring and uptake of contrast medium, mismatch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.geometry import surface_area_mm2
from gliokit.measurement.mismatch import mismatch
from gliokit.measurement.reference_tissue import (
    LEAST_VOXELS,
    ReferenceTissue,
    reference_tissue,
)
from gliokit.measurement.schema import Enhancement, Mismatch, Signs
from gliokit.preprocessing import PreparedStudy
from gliokit.preprocessing.atlas import UNCERTAIN_SIMILARITY, AtlasMatch
from gliokit.study import Grid, LabelMap, Modality

__all__ = ["edge_sharpness", "rim_thickness_mm", "ring_percent", "signs_of", "uptake"]

Mask = NDArray[np.bool_]
Image = NDArray[np.float32]

FAR_MM, NEAR_MM = 4.0, 1.0
LEAST_STEP = 0.1
LEAST_RING_ML = 0.5
RING_FROM_PERCENT = 50.0
NOISE = 3.0
"""Robust standard deviations of white matter above which a voxel takes up contrast medium."""

LEAST_UPTAKE = 15.0
"""And at least so many per cent of white matter: grey and white matter differ by as much."""


def signs_of(
    prepared: PreparedStudy,
    label_map: LabelMap,
    cyst: Mask,
    match: AtlasMatch,
) -> Signs:
    """All signs that a study allows.

    Args:
        prepared: The study.
        label_map: On the prepared grid; at least one voxel of WT.
        cyst: From `cysts`.
        match: Of this study; uptake and mismatch need a certain one, and `prepared.unscaled`.
    """
    whole = label_map.region("WT")
    parted = label_map.knows("TC")
    core = label_map.region("TC") if parted else None
    images = prepared.unscaled
    certain = match.similarity >= UNCERTAIN_SIMILARITY
    tissue = reference_tissue(prepared, match, whole) if certain and images else None
    return Signs(
        cyst_ml=float(cyst.sum()) * prepared.grid.voxel_ml if parted else None,
        flair_edge_sharpness=_sharpness(prepared, Modality.FLAIR, whole),
        t1c_edge_sharpness=None if core is None else _sharpness(prepared, Modality.T1C, core),
        enhancement=_enhancement(label_map, images, tissue),
        mismatch=_mismatch(label_map, images, tissue),
    )


def _sharpness(prepared: PreparedStudy, modality: Modality, mask: Mask) -> float | None:
    if modality not in prepared.images:
        return None
    return edge_sharpness(prepared.images[modality], mask, prepared.brain, prepared.grid)


def edge_sharpness(image: Image, mask: Mask, brain: Mask, grid: Grid) -> float | None:
    """Share of the step across a mask's edge that lies within 1 mm of it.

    Medians of the image are taken in shells by the distance to the edge: p(d), d < 0 inside.
    Sharpness = (p(-1) - p(1)) / (p(-4) - p(4)): 1 for a knife's edge, 0.25 for a ramp over
    all 8 mm; the shells are 1 mm thick. None where a shell is empty or the step is not above
    a tenth of the image's standard deviation in the brain (no step, no edge). Scale and offset
    of the image change nothing.

    Args:
        image: Of the grid's shape.
        mask: What the edge encloses.
        brain: Only its voxels count.
        grid: Where all lie.
    """
    boxes = ndimage.find_objects(mask.astype(np.uint8))
    if not boxes:
        return None
    margin = [int(np.ceil((FAR_MM + 1) / s)) for s in grid.spacing_mm]
    box = tuple(
        slice(max(b.start - m, 0), b.stop + m) for b, m in zip(boxes[0], margin, strict=True)
    )
    inner, kept, values = mask[box], brain[box], image[box]
    spacing = np.array(grid.spacing_mm)
    half = float(spacing.min()) / 2
    depth = ndimage.distance_transform_edt(np.pad(inner, 1), sampling=spacing)[1:-1, 1:-1, 1:-1]
    height = ndimage.distance_transform_edt(~inner, sampling=spacing)
    signed = np.where(inner, half - depth, height - half)
    shells = [
        values[kept & (np.abs(signed - at) <= 0.5)] for at in (-FAR_MM, -NEAR_MM, NEAR_MM, FAR_MM)
    ]
    if min(len(shell) for shell in shells) == 0:
        return None
    deep, inside, outside, far = (float(np.median(shell)) for shell in shells)
    if abs(deep - far) <= LEAST_STEP * float(image[brain].std()):
        return None
    return (inside - outside) / (deep - far)


def _enhancement(
    label_map: LabelMap, images: Mapping[Modality, Image], tissue: ReferenceTissue | None
) -> Enhancement | None:
    if not label_map.knows("TC"):
        return None
    value = label_map.labels.values
    et, ncr, ed = (label_map.data == value[name] for name in ("ET", "NCR", "ED"))
    taken = None
    if tissue is not None and {Modality.T1, Modality.T1C} <= set(images):
        taken = uptake(images[Modality.T1], images[Modality.T1C], tissue)
    core = int(et.sum()) + int(ncr.sum())
    ring = ring_percent(et, ncr, label_map.grid)
    closed = ring is not None and ring >= RING_FROM_PERCENT
    medians = [
        float(np.median(taken[0][mask])) if taken is not None and mask.any() else None
        for mask in (et, ncr, ed)
    ]
    whole = et | ncr | ed
    return Enhancement(
        of_core_percent=100.0 * float(et.sum()) / core if core else None,
        et_uptake_percent=medians[0],
        ncr_uptake_percent=medians[1],
        ed_uptake_percent=medians[2],
        taking_up_ml=(
            float((taken[0][whole] > taken[1]).sum()) * label_map.grid.voxel_ml
            if taken is not None
            else None
        ),
        ring_percent=ring,
        rim_thickness_mm=rim_thickness_mm(et, label_map.grid) if closed else None,
    )


def uptake(t1: Image, t1c: Image, tissue: ReferenceTissue) -> tuple[Image, float] | None:
    """T1C less T1, each in per cent of normal white matter, and what counts as uptake.

    Uptake is what exceeds white matter's own difference by three robust standard deviations
    (1.48 times the median absolute deviation) and by 15.

    Args:
        t1: In its own scale.
        t1c: In its own scale.
        tissue: Normal tissue.

    Returns:
        The difference, and the threshold; None without enough white matter.
    """
    if len(tissue.white) < LEAST_VOXELS:
        return None
    units = [tissue.median(image, tissue.white) for image in (t1, t1c)]
    if min(units) <= 0:
        return None
    difference = 100.0 * (t1c / units[1] - t1 / units[0])
    normal = difference[tuple(tissue.white.T)]
    middle = float(np.median(normal))
    spread = 1.4826 * float(np.median(np.abs(normal - middle)))
    return difference.astype(np.float32), middle + max(NOISE * spread, LEAST_UPTAKE)


def ring_percent(enhancing: Mask, core: Mask, grid: Grid) -> float | None:
    """Share of the outline of the core that does not enhance which borders on enhancing tumour.

    Counted in voxel faces, weighted by their area, to all six sides; 100 for a closed ring.
    None below 0.5 mL of either.
    """
    least = LEAST_RING_ML / grid.voxel_ml
    if min(np.count_nonzero(enhancing), np.count_nonzero(core)) < least:
        return None
    box = ndimage.find_objects(core.astype(np.uint8))[0]
    around = tuple(slice(max(b.start - 1, 0), b.stop + 1) for b in box)
    inner, beside = np.pad(core[around], 1), np.pad(enhancing[around], 1)
    outline = touching = 0.0
    for axis, spacing in enumerate(grid.spacing_mm):
        for shift in (1, -1):
            face = inner & ~np.roll(inner, shift, axis)
            outline += np.count_nonzero(face) / spacing
            touching += np.count_nonzero(face & np.roll(beside, shift, axis)) / spacing
    return 100.0 * touching / outline


def rim_thickness_mm(enhancing: Mask, grid: Grid) -> float:
    """Mean thickness of a wall: twice its volume over its surface, inner and outer together."""
    return 2000.0 * float(enhancing.sum()) * grid.voxel_ml / surface_area_mm2(enhancing, grid)


def _mismatch(
    label_map: LabelMap, images: Mapping[Modality, Image], tissue: ReferenceTissue | None
) -> Mismatch | None:
    if tissue is None or not {Modality.T2, Modality.FLAIR} <= set(images):
        return None
    whole = label_map.region("WT")
    enhancing = label_map.region("ET") if label_map.knows("ET") else np.zeros_like(whole)
    return mismatch(
        images[Modality.T2],
        images[Modality.FLAIR],
        whole,
        enhancing,
        tissue,
        label_map.grid,
    )
