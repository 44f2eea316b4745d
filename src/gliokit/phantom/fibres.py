"""One person's fibres: the average brain's bundles, turned with the person's shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.anatomy import Anatomy, Frame
from gliokit.phantom.fields import lattice_positions
from gliokit.phantom.flows import FLOW_MM, bundle_tensors
from gliokit.phantom.warp import LATTICE_MM, Warp, sample

__all__ = ["fibres_of"]

PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
# FA of white matter is 0.4 to 0.8, that of grey matter 0.1 to 0.2 (see `fibres_of`).
WHITE_FA, GREY_FA = (0.38, 0.82), 0.14
SQUARINGS = 4

Array = NDArray[np.float32]


def fibres_of(warp: Warp, anatomy: Anatomy, frame: Frame) -> tuple[Array, Array]:
    """Direction and fractional anisotropy at the voxels of a frame.

    Definition: the tensors of `bundle_tensors` where the warp points to, turned by the
    inverse of its Jacobian (a bundle that mass effect bends is bent); the direction is their
    first eigenvector, by squaring the tensor; the anisotropy runs from 0.38 where bundles of
    all directions cross to 0.82 where all run one way, times the share of white
    matter, plus 0.14 times that of grey matter.

    Returns:
        float32 (i, j, k, 3) of unit vectors along the array's axes, 0 outside the brain's
        tissue; float32 (i, j, k), 0 to 1.

    References:
        Alexander DC et al. IEEE Trans Med Imaging 2001;20:1131 (turning tensors). Mori S,
        Zhang J. Neuron 2006;51:527 (FA of white and grey matter).
    """
    tissue = anatomy.brain & (anatomy.white + anatomy.grey > 0.1)
    tensors = _on_frame(_turned(warp), frame, tissue)
    direction = np.zeros((*tissue.shape, 3), dtype=np.float32)
    vector, share = _first_direction(tensors)
    direction[tissue] = vector.T
    anisotropy = np.zeros(tissue.shape, dtype=np.float32)
    low, high = WHITE_FA
    anisotropy[tissue] = anatomy.white[tissue] * (low + (high - low) * share)
    anisotropy[tissue] += np.float32(GREY_FA) * anatomy.grey[tissue]
    return direction, anisotropy


def _turned(warp: Warp) -> Array:
    """Tensors on the nodes of the lattice, in the patient's axes, of trace 1."""
    indices = warp.indices(lattice_positions(LATTICE_MM))
    there = [sample(part, indices / np.float32(FLOW_MM)) for part in bundle_tensors()]
    full = np.empty((*there[0].shape, 3, 3), dtype=np.float32)
    for part, (a, b) in zip(there, PAIRS, strict=True):
        full[..., a, b] = full[..., b, a] = part
    slopes = np.stack([np.stack(np.gradient(part, LATTICE_MM), axis=-1) for part in indices], -2)
    back = np.linalg.inv(slopes)
    turned = back @ full @ np.swapaxes(back, -1, -2)
    trace = np.trace(turned, axis1=-2, axis2=-1)
    # A trace of roughly 1 in strong bundles, and far less where next to nothing runs.
    turned /= (trace + 0.05 * np.percentile(trace[trace > 0], 80))[..., None, None]
    return np.stack([turned[..., a, b] for a, b in PAIRS]).astype(np.float32)


def _on_frame(nodes: Array, frame: Frame, where: NDArray[np.bool_]) -> Array:
    """Linear between nodes; (6, n) for the n voxels of `where`."""
    from scipy import ndimage

    step = frame.grid.spacing_mm[0] / LATTICE_MM
    first = [frame.at[a][0] / LATTICE_MM + 1 for a in range(3)]
    read = np.empty((6, int(where.sum())), dtype=np.float32)
    for row, part in enumerate(nodes):
        fine = ndimage.affine_transform(
            part, (step,) * 3, offset=first, output_shape=where.shape, order=1, mode="nearest"
        )
        read[row] = fine[where]
    return read


def _first_direction(tensors: Array) -> tuple[Array, Array]:
    """First eigenvector (3, n), and how much it outweighs the others, 0 to 1."""
    xx, yy, zz, xy, xz, yz = tensors
    trace = np.maximum(xx + yy + zz, 1e-9)
    square = (xx**2 + yy**2 + zz**2 + 2 * (xy**2 + xz**2 + yz**2)) / trace**2
    # 1/3 for a ball, 1/2 for a disc, 1 for a line.
    share = np.clip((square - 1 / 3) * 1.5, 0, 1)
    for _ in range(SQUARINGS):
        size = np.maximum(xx + yy + zz, 1e-20)
        xx, yy, zz, xy, xz, yz = (part / size for part in (xx, yy, zz, xy, xz, yz))
        xx, yy, zz, xy, xz, yz = (
            xx * xx + xy * xy + xz * xz,
            xy * xy + yy * yy + yz * yz,
            xz * xz + yz * yz + zz * zz,
            xx * xy + xy * yy + xz * yz,
            xx * xz + xy * yz + xz * zz,
            xy * xz + yy * yz + yz * zz,
        )
    columns = np.stack([np.stack([xx, xy, xz]), np.stack([xy, yy, yz]), np.stack([xz, yz, zz])])
    largest = np.argmax(np.stack([xx, yy, zz]), axis=0)
    vector = np.take_along_axis(columns, largest[None, None], axis=0)[0]
    length = np.linalg.norm(vector, axis=0)
    vector = np.where(length > 1e-12, vector / np.maximum(length, 1e-12), 0)
    return vector.astype(np.float32), share.astype(np.float32)
