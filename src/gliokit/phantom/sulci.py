"""Furrows of one person's own in a cortex that averaging has smoothed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.fields import Positions, lattice_positions, smooth_field

__all__ = ["draw_sulci"]

FIELD_MM = 11.0
NODES_MM = 4.0
# Where the field is read: on a sphere of this radius, so that furrows stand on the surface.
SPHERE_MM = 60.0
FLUID_WIDTH, CORTEX_WIDTH = 0.12, 0.40
DEPTH_MM = (6.0, 18.0)


def draw_sulci(
    rng: np.random.Generator,
    *,
    at: Positions,
    inside: NDArray[np.bool_],
    depth_mm: NDArray[np.float32],
    middle_mm: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Evidence for fluid and for cortex along random furrows, both 0 to 1.

    A furrow is where a smooth random field of the direction from the brain's middle is
    near 0: a sheet that stands on the surface. It ends at a depth of 6 to 18 mm that varies
    smoothly too.

    Args:
        rng: Draws both fields, the same at every voxel size.
        at: Voxel centres.
        inside: The voxels that evidence is wanted for.
        depth_mm: Below the surface, for those voxels.
        middle_mm: Middle of the brain in the box.
    """
    from scipy import ndimage

    nodes = lattice_positions(NODES_MM)
    field = smooth_field(rng, length_mm=FIELD_MM, at=nodes)
    reach = smooth_field(rng, length_mm=16.0, at=nodes)
    index = np.nonzero(inside)
    rays = np.stack([at[a][index[a]] - middle_mm[a] for a in range(3)])
    rays *= SPHERE_MM / np.maximum(np.linalg.norm(rays, axis=0), 1.0)
    place = (rays + middle_mm.reshape(3, 1)) / NODES_MM + 1
    on_sphere, end = (
        ndimage.map_coordinates(f, place, order=1, mode="nearest") for f in (field, reach)
    )
    low, high = DEPTH_MM
    bottom = (low + high) / 2 + (high - low) / 2 * np.tanh(end)
    shallow = np.clip((bottom - depth_mm) / 3, 0, 1)
    fluid = np.exp(-((on_sphere / FLUID_WIDTH) ** 2)) * shallow
    around = np.clip((bottom + 3 - depth_mm) / 3, 0, 1)
    cortex = np.exp(-((on_sphere / CORTEX_WIDTH) ** 2)) * around
    return fluid.astype(np.float32), cortex.astype(np.float32)
