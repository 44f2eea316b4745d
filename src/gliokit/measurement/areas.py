"""Parcels, eloquent areas, cortex and brain surface: what the tumour covers and how near it is.

All is looked up by the affine to the atlas, so that it is uncertain by up to a centimetre;
millilitres and millimetres are the patient's.

References:
    Desikan RS et al. NeuroImage 2006;31:968. doi:10.1016/j.neuroimage.2006.01.021
    Sawaya R et al. Neurosurgery 1998;42:1044 (what is eloquent)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.parcels import VENTRICLES, load_labels
from gliokit.preprocessing.atlas import AtlasMatch
from gliokit.study import Grid

__all__ = ["ELOQUENT", "TOUCHED_ML", "Neighbourhood", "brain_surface_distance_mm", "neighbourhood"]

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

TOUCHED_ML = 0.1
"""An area is touched where so much of the tumour lies in it."""

CORTICAL: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "motor": (17, 24),
        "sensory": (22,),
        "speech_motor": (18, 20),
        "speech_receptive": (1, 30, 31),
        "vision": (5, 13, 21),
    }
)
"""Parcels after 1000 and 2000: paracentral and precentral; postcentral; opercular and triangular
part; banks of the superior temporal sulcus, superior temporal and supramarginal gyrus; cuneus,
lingual and pericalcarine. Which side speaks is not known: both are given."""

DEEP: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "caudate": (11, 50),
        "putamen": (12, 51),
        "pallidum": (13, 52),
        "thalamus": (10, 49),
        "hippocampus": (17, 53),
    }
)
"""Left and right."""

ELOQUENT: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        **{
            f"{name}_{side}": tuple(start + n for n in parcels)
            for name, parcels in CORTICAL.items()
            for side, start in (("left", 1000), ("right", 2000))
        },
        **{
            f"{name}_{side}": (label,)
            for name, labels in DEEP.items()
            for side, label in zip(("left", "right"), labels, strict=True)
        },
        "brainstem": (16,),
    }
)
"""Area -> labels of the atlas. The internal capsule has no label in it."""

NO_PARCEL = (0, 2, 24, 30, 31, 41, 62, 63, 77, 80, 1000, 2000, *VENTRICLES)
"""White matter, fluid, vessels and what has no name."""

CORTEX_FROM = 1001
STEP = 2
"""Every second voxel of the atlas is looked up."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What a tumour covers and how near it is.

    Args:
        areas_ml: Millilitres of the tumour in each area of ELOQUENT that it reaches.
        areas_distance_mm: Least distance to each area, edge to edge, 0 where it overlaps.
        parcels_percent: Share of each parcel that is tumour, the largest first.
        cortex_distance_mm: Least distance to the cortex.
    """

    areas_ml: dict[str, float]
    areas_distance_mm: dict[str, float]
    parcels_percent: dict[str, float]
    cortex_distance_mm: float

    @property
    def touched(self) -> tuple[str, ...]:
        """Areas with at least TOUCHED_ML of the tumour, the most first."""
        return tuple(name for name, ml in self.areas_ml.items() if ml >= TOUCHED_ML)


def neighbourhood(tumour: Mask, grid: Grid, match: AtlasMatch) -> Neighbourhood:
    """Parcels and areas around a tumour.

    Args:
        tumour: At least one voxel, of the grid's shape.
        grid: Where it lies.
        match: Of this patient.
    """
    points, labels = _atlas_points()
    back = np.linalg.inv(match.affine)
    places = points @ back[:3, :3].T + back[:3, 3]
    distance = _distances(places, tumour, grid)
    covered = _covered(places, tumour, grid)
    own_ml = _label_ml(tumour, grid, match)
    areas_ml = {
        name: ml
        for name, values in ELOQUENT.items()
        if (ml := sum(own_ml.get(v, 0.0) for v in values)) > 0
    }
    near = {n: distance[np.isin(labels, values)].min() for n, values in ELOQUENT.items()}
    apart = {n: 0.0 if n in areas_ml else float(d) for n, d in near.items()}
    return Neighbourhood(
        areas_ml=dict(sorted(areas_ml.items(), key=lambda item: -item[1])),
        areas_distance_mm=apart,
        parcels_percent=_shares(labels, covered),
        cortex_distance_mm=float(distance[labels >= CORTEX_FROM].min()),
    )


@cache
def _atlas_points() -> tuple[Floats, NDArray[np.int16]]:
    """MNI mm (n, 3) of every second voxel of all parcels, and their labels."""
    labels, grid, _ = load_labels()
    coarse = labels[::STEP, ::STEP, ::STEP]
    kept = ~np.isin(coarse, NO_PARCEL)
    return grid.to_mm(STEP * np.argwhere(kept).astype(np.float64)), coarse[kept]


def _distances(places: Floats, tumour: Mask, grid: Grid) -> Floats:
    """Of patient mm to the tumour, edge to edge."""
    from scipy.spatial import cKDTree

    tree = cKDTree(_surface(tumour, grid), balanced_tree=False, compact_nodes=False)
    centres = tree.query(places)[0]
    apart = np.maximum(centres - max(grid.spacing_mm), 0.0)
    return np.where(_covered(places, tumour, grid), 0.0, apart)


def _surface(mask: Mask, grid: Grid) -> Floats:
    """Patient mm of voxels with one of six neighbours outside."""
    box = ndimage.find_objects(mask.astype(np.uint8))[0]
    inner = np.pad(mask[box], 1)
    index = np.argwhere(inner & ~ndimage.binary_erosion(inner)).astype(np.float64)
    return grid.to_mm(index + [s.start - 1.0 for s in box])


def _covered(places: Floats, tumour: Mask, grid: Grid) -> Mask:
    """Which patient mm lie in a voxel of the tumour."""
    to_index = np.linalg.inv(grid.affine)
    index = np.rint(places @ to_index[:3, :3].T + to_index[:3, 3]).astype(int)
    inside = np.all((index >= 0) & (index < grid.shape), axis=1)
    filled = np.zeros(len(index), dtype=bool)
    filled[inside] = tumour[tuple(index[inside].T)]
    return filled


def _label_ml(tumour: Mask, grid: Grid, match: AtlasMatch) -> dict[int, float]:
    """Millilitres of the tumour by the label of the atlas that they lie in."""
    labels, atlas, _ = load_labels()
    to_index = np.linalg.inv(atlas.affine)
    mni = match.to_mni(grid.to_mm(np.argwhere(tumour).astype(np.float64)))
    index = np.rint(mni @ to_index[:3, :3].T + to_index[:3, 3]).astype(int)
    index = np.clip(index, 0, np.array(labels.shape) - 1)
    found, count = np.unique(labels[tuple(index.T)], return_counts=True)
    return {int(v): float(n) * grid.voxel_ml for v, n in zip(found, count, strict=True)}


def _shares(labels: NDArray[np.int16], covered: Mask) -> dict[str, float]:
    names = load_labels()[2]
    whole = np.bincount(labels)
    part = np.bincount(labels[covered], minlength=len(whole))
    ranked = sorted(np.flatnonzero(part).tolist(), key=lambda v: -part[v] / whole[v])
    return {names[v]: 100.0 * float(part[v] / whole[v]) for v in ranked}


def brain_surface_distance_mm(tumour: Mask, brain: Mask, grid: Grid) -> float:
    """Least distance of a tumour to the edge of the brain mask, 0 where it reaches it.

    Args:
        tumour: At least one voxel, of the grid's shape.
        brain: The brain without skull; its inner holes don't count.
        grid: Where both lie.
    """
    from scipy.spatial import cKDTree

    background, _ = ndimage.label(np.pad(~(brain | tumour), 1, constant_values=True))
    outside = background == background[0, 0, 0]
    beside = ndimage.binary_dilation(outside)[1:-1, 1:-1, 1:-1] & (brain | tumour)
    edge = grid.to_mm(np.argwhere(beside).astype(np.float64))
    tree = cKDTree(edge, balanced_tree=False, compact_nodes=False)
    return float(tree.query(_surface(tumour, grid))[0].min())
