"""Which slices and sequences of an analysis tell most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.schema import Bidimensional, Location, Measurements
from gliokit.preprocessing import PreparedStudy
from gliokit.preprocessing.atlas import UNCERTAIN_SIMILARITY
from gliokit.reporting.plane import AXIAL, PLANES, Plane
from gliokit.segmentation.result import Segmentation
from gliokit.study import Modality

__all__ = [
    "focus_region",
    "focus_slices",
    "has_tumour",
    "is_uncertain",
    "key_sequences",
    "slice_of_diameters",
    "tumour",
]

SMALL_ML = 1.0
ORDER = (Modality.T1C, Modality.FLAIR, Modality.T2, Modality.T1)


def tumour(segmentation: Segmentation) -> NDArray[np.bool_]:
    """Voxels of any label but a resection cavity: what pictures look for."""
    labels = segmentation.label_map
    return labels.region("WT") if labels.knows("WT") else labels.data > 0


def key_sequences(prepared: PreparedStudy) -> tuple[Modality, ...]:
    """The two that say most of a glioma: T1C and FLAIR where they are there."""
    there = [m for m in ORDER if m in prepared.images]
    there += [m for m in prepared.images if m not in there]
    return tuple(there[:2])


def focus_region(segmentation: Segmentation) -> NDArray[np.bool_]:
    """The innermost region that is more than a speck; else the whole tumour."""
    labels = segmentation.label_map
    for region in ("ET", "TC"):
        if labels.knows(region):
            mask = labels.region(region)
            if np.count_nonzero(mask) * labels.grid.voxel_ml >= SMALL_ML:
                return mask
    return tumour(segmentation)


def focus_slices(prepared: PreparedStudy, segmentation: Segmentation) -> dict[Plane, int]:
    """Per plane the slice with most of the focus; the middle of the brain without tumour."""
    mask = focus_region(segmentation)
    if not mask.any():
        mask = prepared.brain
    return {p: _fullest(mask, p) for p in PLANES}


def _fullest(mask: NDArray[np.bool_], plane: Plane) -> int:
    others = tuple(a for a in range(3) if a != plane.axis)
    return int(np.argmax(np.count_nonzero(mask, axis=others)))


def slice_of_diameters(prepared: PreparedStudy, figures: Bidimensional) -> int:
    """The axial slice in which they were measured."""
    inverse = np.linalg.inv(prepared.grid.affine)
    ends = np.array(figures.longest_ends_mm + figures.perpendicular_ends_mm)
    indices = ends @ inverse[:3, :3].T + inverse[:3, 3]
    last = prepared.grid.shape[AXIAL.axis] - 1
    return int(np.clip(round(float(indices[:, AXIAL.axis].mean())), 0, last))


def has_tumour(measurements: Measurements) -> bool:
    """Whether anything was segmented."""
    return any(r.volume_ml > 0 for name, r in measurements.regions.items() if name != "RC")


def is_uncertain(location: Location | None) -> bool:
    """Whether places were looked up by a match with the atlas that is not to be trusted."""
    return location is not None and location.similarity < UNCERTAIN_SIMILARITY
