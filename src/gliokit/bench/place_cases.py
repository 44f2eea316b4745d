"""What was found in each image against what is drawn there, as figures that JSON holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.evaluation import auc, match_detections, score_case
from gliokit.preprocessing import reoriented
from gliokit.study import Grid, LabelMap, StudyError
from gliokit.systems import (
    Answer,
    Detection,
    Detections,
    Images,
    Inputs,
    LabelMaps,
    MaskTarget,
    VoxelMap,
    VoxelMaps,
)
from gliokit.systems.native_images import resampled

__all__ = ["place_cases"]

Case = dict[str, Any]
Mask = NDArray[np.bool_]

TOUCHING = np.ones((3, 3, 3))
"""Voxels of one lesion share a face, an edge or a corner."""


def place_cases(said: Answer, truth: MaskTarget, patients: Inputs) -> list[Case]:
    """Figures of every patient, on the grid of what is drawn; 'drawn' says whether it is empty.

    Of a label map those of `RegionFigures`. Of a voxel map 'auc' and Pearson's 'correlation' over
    the voxels of the brain (where an image of the patient is not 0), the same for every system;
    None where the region holds no voxel of it or all, or the map is constant. Of detections their
    'scores', 'matched' as of `match_detections` with 'lesions' by the intersection over union of
    ball and lesion.

    Args:
        said: For these patients, in their order.
        truth: Of the same patients, all known.
        patients: With images, of which a voxel map needs the brain.

    Raises:
        StudyError: an answer that is no place, a label map that does not know the region.
    """
    found = []
    for row, subject in enumerate(patients.subjects):
        drawn = truth.label_map(row)
        region = drawn.region(truth.region)
        if isinstance(said, LabelMaps):
            case = _label_map(said.maps[row], drawn, truth.region, subject)
        elif isinstance(said, VoxelMaps):
            case = _voxel_map(said.maps[row], region, drawn.grid, patients.images[row], subject)
        elif isinstance(said, Detections):
            case = _detections(said.found[row], region, drawn.grid)
        else:
            raise StudyError("this target asks for places in the image", source=subject,
                             found=type(said).__name__)  # fmt: skip
        found.append({"drawn": bool(region.any()), **case})
    return found


def _label_map(said: LabelMap, drawn: LabelMap, region: str, subject: str) -> Case:
    if not said.knows(region):
        raise StudyError(f"the answer knows region '{region}'", source=subject,
                         found=", ".join(said.labels.regions))  # fmt: skip
    turned = reoriented(said, drawn.grid)
    mask = turned.region(region)
    if not turned.grid.same_as(drawn.grid):
        mask = resampled(mask, turned.grid, drawn.grid, order=0) > 0
    scored = score_case({region: drawn.region(region)}, {region: mask}, drawn.grid.spacing_mm)
    return asdict(scored.regions[region])


def _voxel_map(
    said: VoxelMap, region: Mask, grid: Grid, images: Images | None, subject: str
) -> Case:
    if images is None:
        raise StudyError("the patient has images", source=subject, found="none")
    brain = np.zeros(grid.shape, dtype=np.bool_)
    for volume in images.open_study().volumes.values():
        brain |= _on(volume.data != 0, volume.grid, grid, order=0).astype(np.bool_)
    # Where the map says nothing it says least: 0 may be its highest value.
    told = _on(np.ones(said.values.shape), said.grid, grid, order=0).astype(np.bool_)
    values = np.where(told, _on(said.values, said.grid, grid, order=1), said.values.min())
    values = values[brain].astype(np.float64)
    inside = region[brain]
    if not inside.any() or inside.all():
        return {"auc": None, "correlation": None}
    varies = np.ptp(values) > 0
    return {
        "auc": auc(inside, values),
        "correlation": float(np.corrcoef(inside, values)[0, 1]) if varies else None,
    }


def _on(values: NDArray[np.generic], grid: Grid, other: Grid, *, order: int) -> NDArray[np.generic]:
    return values if grid.same_as(other) else resampled(values, grid, other, order=order)


def _detections(said: tuple[Detection, ...], region: Mask, grid: Grid) -> Case:
    from scipy import ndimage

    pieces, count = ndimage.label(region, structure=TOUCHING)
    voxels = [grid.to_mm(np.argwhere(pieces == k + 1).astype(np.float64)) for k in range(count)]
    shares = np.zeros((len(said), count))
    for i, ball in enumerate(said):
        volume_mm3 = 4 / 3 * np.pi * ball.radius_mm**3
        for k, place in enumerate(voxels):
            near = np.linalg.norm(place - np.array(ball.centre_mm), axis=1) <= ball.radius_mm
            both, lesion = (n * grid.voxel_ml * 1000 for n in (int(near.sum()), len(place)))
            # A ball smaller than a voxel may hold its centre: no share lies above 1.
            shares[i, k] = min(both / max(volume_mm3 + lesion - both, both, 1e-9), 1.0)
    scores = [ball.probability for ball in said]
    matched = match_detections(shares, scores)
    return {"scores": scores, "matched": matched.tolist(), "lesions": count}
