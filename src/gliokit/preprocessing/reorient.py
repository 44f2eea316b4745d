"""A label map whose array axes are turned as those of another grid."""

from __future__ import annotations

import nibabel as nib
import numpy as np

from gliokit.study import Grid, LabelMap

__all__ = ["reoriented"]


def reoriented(label_map: LabelMap, grid: Grid) -> LabelMap:
    """The same voxels, their axes swapped and flipped to run as those of `grid` do.

    Viewers save label maps with axes of their own choice; where they lie in the patient
    doesn't change, and no voxel is interpolated.
    """
    between = np.linalg.inv(grid.affine) @ label_map.grid.affine
    turn = nib.orientations.io_orientation(between)
    if np.array_equal(turn, [[0, 1], [1, 1], [2, 1]]):
        return label_map
    data = nib.orientations.apply_orientation(label_map.data, turn)
    affine = label_map.grid.affine @ nib.orientations.inv_ornt_aff(turn, label_map.grid.shape)
    return LabelMap(Grid(data.shape, affine), data, label_map.labels, label_map.notices)
