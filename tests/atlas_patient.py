"""The MNI152 brain itself as a patient whose place in the atlas is known."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from gliokit.preprocessing import Alignment, PreparedStudy
from gliokit.preprocessing.atlas import load_brain, rotation
from gliokit.study import Grid, Modality

SHAPE = (150, 180, 165)


def known_affine(
    turns: tuple[float, float, float] = (12.0, -4.0, 9.0),
    scale: tuple[float, float, float] = (1.12, 1.15, 1.18),
) -> np.ndarray:
    """Patient mm to MNI mm: a brain a third smaller, turned, far from the origin."""
    matrix = np.eye(4)
    turn = np.eye(3)
    for axis, degrees in enumerate(turns):
        turn = turn @ rotation(axis, degrees)
    matrix[:3, :3] = turn @ np.diag(scale)
    matrix[:3, 3] = (4.0, -22.0, 11.0) - matrix[:3, :3] @ (60.0, -90.0, 75.0)
    return matrix


def atlas_patient(
    affine: np.ndarray,
    *,
    modality: Modality = Modality.T1,
    push_mm: float = 0.0,
) -> PreparedStudy:
    """The atlas' T1 as it would look in a patient with this affine; T2 is its negative.

    Args:
        affine: Patient mm to MNI mm.
        modality: T1 or T2.
        push_mm: The middle of the brain is pushed so far to the right.
    """
    data, atlas = load_brain()
    centre = np.linalg.inv(affine) @ (0.0, -20.0, 8.0, 1.0)
    placed = np.eye(4)
    placed[:3, 3] = centre[:3] - (np.array(SHAPE) - 1) / 2
    grid = Grid(SHAPE, placed)
    points = grid.to_mm(np.indices(SHAPE).reshape(3, -1).T.astype(float))
    mni = points @ affine[:3, :3].T + affine[:3, 3]
    if push_mm:
        from_septum = (mni - (0.0, 10.0, 8.0)) / (38.0, 45.0, 38.0)
        back = push_mm * np.exp(-(from_septum**2).sum(axis=1))
        across = affine[0, :3] / np.linalg.norm(affine[0, :3])
        moved = points - back[:, None] * across
        mni = moved @ affine[:3, :3].T + affine[:3, 3]
    index = (mni - atlas.affine[:3, 3]).T
    seen = ndimage.map_coordinates(data, index, order=1).reshape(SHAPE)
    brain = seen > 30
    image = seen if modality is Modality.T1 else 300 - seen
    spread = image[brain].std()
    image = np.where(brain, (image - np.median(image[brain])) / spread, 0).astype(np.float32)
    alignment = Alignment(grid, (0, 1, 2), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    return PreparedStudy("atlas", grid, {modality: image}, brain, alignment)


def ball(
    prepared: PreparedStudy, mni: tuple[float, float, float], affine: np.ndarray, radius: float
) -> np.ndarray:
    """A ball of patient millimetres about a point of the atlas."""
    middle = (np.linalg.inv(affine) @ (*mni, 1.0))[:3]
    points = prepared.grid.to_mm(np.indices(prepared.grid.shape).reshape(3, -1).T.astype(float))
    return (np.linalg.norm(points - middle, axis=1) <= radius).reshape(prepared.grid.shape)
