"""Where the tumour lies: side, lobes, midline, ventricles. Looked up in the atlas."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.areas import brain_surface_distance_mm, neighbourhood
from gliokit.measurement.bending import Bending, bend, like_the_atlas
from gliokit.measurement.fluid import like_fluid, window
from gliokit.measurement.parcels import load_parcels
from gliokit.measurement.schema import Location
from gliokit.preprocessing import PreparedStudy
from gliokit.preprocessing.atlas import UNCERTAIN_SIMILARITY, AtlasMatch
from gliokit.study import LabelMap

__all__ = ["locate", "midline_shift_mm", "ventricle_distance_mm", "ventricles"]

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

ONE_SIDED_PERCENT = 90.0
"""A tumour with so much of it on one side is said to lie there."""

CROSSING_DEPTH_MM, CROSSING_ML = 5.0, 0.5
"""It crosses the midline where so much of it lies so far beyond: the sheet has an error."""

SEPTUM_Y, SEPTUM_Z = (2.0, 6.0, 10.0, 14.0, 18.0), (4.0, 8.0, 12.0)
"""MNI mm: the septum pellucidum from the foramen of Monro forwards."""

REACH_MM = 8.0
"""The patient's ventricles are sought so far around those of the bent atlas."""


def locate(prepared: PreparedStudy, label_map: LabelMap, match: AtlasMatch) -> Location | None:
    """Place of the whole tumour; None where there is none.

    Args:
        prepared: The study.
        label_map: On the prepared grid; the scheme knows WT.
        match: Of this study, from `match_atlas`.
    """
    tumour = label_map.region("WT")
    if not tumour.any():
        return None
    core = label_map.region("TC") if label_map.knows("TC") else tumour
    contrast = like_the_atlas(prepared, match, tumour)
    bending = bend(prepared, match, contrast, core)
    points = prepared.grid.to_mm(np.argwhere(tumour).astype(np.float64))
    beyond = _right_of_midline(points, bending)
    left = 100.0 * float((beyond < 0).mean())
    certain = match.similarity >= UNCERTAIN_SIMILARITY
    fluid = ventricles(prepared, match, bending, tumour)
    around = neighbourhood(tumour, prepared.grid, match)
    x, y, z = match.to_mni(points.mean(axis=0)).tolist()
    return Location(
        side=_side(left),
        left_percent=left,
        lobes_percent=load_parcels().shares(match.to_mni(points), beyond >= 0),
        crosses_midline=_crosses(beyond, prepared.grid.voxel_ml),
        midline_shift_mm=midline_shift_mm(prepared, bending, core) if certain else None,
        ventricle_distance_mm=(
            ventricle_distance_mm(tumour, fluid, prepared.grid.spacing_mm) if certain else None
        ),
        centroid_mni_mm=(x, y, z),
        similarity=match.similarity,
        cortex_distance_mm=around.cortex_distance_mm if certain else None,
        brain_surface_distance_mm=brain_surface_distance_mm(tumour, prepared.brain, prepared.grid),
        areas_ml=around.areas_ml,
        areas_distance_mm=around.areas_distance_mm,
        eloquent_touched=around.touched,
        parcels_percent=around.parcels_percent,
    )


def _right_of_midline(points: Floats, bending: Bending) -> Floats:
    """Distance of patient points to the bent sheet of the midline, mm, positive on its right."""
    places = bending.to_frame(points)
    sheet = places.copy()
    sheet[:, 0] = 0.0
    return np.asarray(places[:, 0] - bending.at(sheet)[:, 0])


def _side(left_percent: float) -> Literal["left", "right", "bilateral"]:
    if left_percent >= ONE_SIDED_PERCENT:
        return "left"
    return "right" if left_percent <= 100.0 - ONE_SIDED_PERCENT else "bilateral"


def _crosses(beyond: Floats, voxel_ml: float) -> bool:
    deep = [np.count_nonzero(s * beyond > CROSSING_DEPTH_MM) * voxel_ml for s in (-1, 1)]
    return bool(min(deep) >= CROSSING_ML)


def midline_shift_mm(prepared: PreparedStudy, bending: Bending, core: Mask) -> float | None:
    """How far the septum pellucidum lies from the midsagittal plane, positive to the left.

    The mean over 15 points of the atlas' septum, taken to the patient by affine and
    bending, of their distance to the plane that the affine maps to MNI x = 0. None where
    more than half of them end up in the tumour core, where nothing holds the field.
    """
    y, z = np.meshgrid(SEPTUM_Y, SEPTUM_Z, indexing="ij")
    septum = np.stack([np.zeros(y.size), y.ravel(), z.ravel()], axis=1)
    inside = _filled_at(core, bending.to_patient(septum), prepared)
    if inside.mean() > 0.5:
        return None
    return float(-bending.at(septum)[:, 0].mean())


def _filled_at(mask: Mask, points_mm: Floats, prepared: PreparedStudy) -> Mask:
    index = _indices(points_mm, prepared)
    inside = _on_grid(index, prepared)
    filled = np.zeros(len(index), dtype=bool)
    filled[inside] = mask[tuple(index[inside].T)]
    return filled


def _indices(points_mm: Floats, prepared: PreparedStudy) -> NDArray[np.int64]:
    """Nearest voxels of patient points; they may lie outside the grid."""
    to_index = np.linalg.inv(prepared.grid.affine)
    index = np.rint(points_mm @ to_index[:3, :3].T + to_index[:3, 3])
    return np.asarray(index, dtype=np.int64)


def _on_grid(index: NDArray[np.int64], prepared: PreparedStudy) -> Mask:
    return np.asarray(np.all((index >= 0) & (index < prepared.grid.shape), axis=1))


def ventricles(prepared: PreparedStudy, match: AtlasMatch, bending: Bending, tumour: Mask) -> Mask:
    """Voxels of the ventricles: fluid about 8 mm around the ventricles of the bent atlas.

    Those parts of it count that touch the bent atlas' ventricles; nothing of the tumour.
    """
    seeds = np.zeros(prepared.grid.shape, dtype=bool)
    patient = np.linalg.inv(match.affine)
    points = load_parcels().ventricles_mm @ patient[:3, :3].T + patient[:3, 3]
    index = _indices(bending.to_patient(bending.to_frame(points)), prepared)
    seeds[tuple(index[_on_grid(index, prepared)].T)] = True
    near = ndimage.maximum_filter(seeds.astype(np.uint8), window(REACH_MM, prepared)) > 0
    fluid = like_fluid(prepared, tumour) & ~tumour
    parts, count = ndimage.label(fluid & near)
    touched = np.zeros(count + 1, dtype=bool)
    touched[parts[seeds & fluid]] = True
    return np.asarray(touched[parts])


def ventricle_distance_mm(
    tumour: Mask, fluid: Mask, spacing_mm: tuple[float, float, float]
) -> float | None:
    """Least distance between tumour and ventricles, edge to edge; 0 where they touch.

    None where no ventricle was found.
    """
    if not fluid.any():
        return None
    centres = ndimage.distance_transform_edt(~fluid, sampling=spacing_mm)[tumour].min()
    return max(0.0, float(centres) - max(spacing_mm))
