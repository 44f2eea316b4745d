"""Where bundles run in the average brain: four currents through its white matter."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.atlas import LOBES, STEP, load_atlas
from gliokit.phantom.template import load_template

__all__ = ["FLOW_MM", "bundle_tensors"]

FLOW_MM = 4.0
GREY_CONDUCTS, LEAST = np.float32(0.05), np.float32(0.03)
# How much each current counts, after division by its own 80th percentile in white matter.
COMMISSURAL, PROJECTION, ASSOCIATION, POSTERIOR = 1.0, 1.0, 0.8, 1.0
# Thickness of the slab at the foot of the brainstem that projections run to.
FOOT_MM = 16.0

Array = NDArray[np.float32]


@cache
def bundle_tensors() -> Array:
    """A tensor of fibre directions at every fourth voxel of the template.

    Definition: bundles run as currents do through white matter as a conductor (Laplace's
    equation): from the cortex of one side to that of the other through the corpus callosum
    (commissural), from the cortex to the foot of the brainstem (projection), from the
    frontal to the occipital and temporal cortex of one side (association), and from the
    deep nuclei and the temporal cortex to the occipital cortex (optic radiation and inferior
    longitudinal bundle, without which occipital fibres ran upwards). The tensor is
    the sum over the four of j j' / |j|, each current j scaled to its strong places: plausible
    and smooth, not any person's.

    Returns:
        float32 (6, a, b, c): xx, yy, zz, xy, xz, yz in the template's axes.
    """
    from scipy import ndimage

    step = int(FLOW_MM)
    template = load_template()
    blurred = [ndimage.gaussian_filter(m, step / 2.5) for m in (template.white, template.grey)]
    white, grey = (b[::step, ::step, ::step] for b in blurred)
    lobes = load_atlas().lobes[:: step // STEP, :: step // STEP, :: step // STEP]
    left = (np.arange(white.shape[0]) * step > template.midline).reshape(-1, 1, 1)
    side = np.where(left, np.float32(1), np.float32(-1))
    cortex = grey * np.isin(lobes, [_number(n) for n in LOBES[:5]])
    foot = white * (lobes == _number("brainstem"))
    lowest = int(np.argwhere(foot > 0.3)[:, 2].min())
    foot[:, :, lowest + round(FOOT_MM / FLOW_MM) :] = 0
    behind = np.isin(lobes, [_number("occipital"), _number("temporal")])
    front = lobes == _number("frontal")
    before = np.isin(lobes, [_number("deep"), _number("temporal")])
    sources = (
        (COMMISSURAL, cortex * side, lobes == _number("callosum")),
        (PROJECTION, _balanced(cortex, foot, left), None),
        (ASSOCIATION, _balanced(cortex * front, cortex * behind, left), None),
        (POSTERIOR, _balanced(grey * before, cortex * (lobes == _number("occipital")), left), None),
    )
    conducts = white + GREY_CONDUCTS * grey
    tensors = np.zeros((6, *white.shape), dtype=np.float32)
    for weight, source, bridge in sources:
        current = _current(conducts, source.astype(np.float32), left.ravel(), bridge)
        size = np.linalg.norm(current, axis=0)
        strong = float(np.percentile(size[white > 0.5], 80))
        size = np.maximum(size, 1e-6 * strong)
        parts = [(a, b) for a, b in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))]
        for row, (a, b) in enumerate(parts):
            tensors[row] += weight / strong * current[a] * current[b] / size
    for part in tensors:
        ndimage.gaussian_filter(part, 0.5, output=part)
    tensors.setflags(write=False)
    return tensors


def _number(lobe: str) -> int:
    return LOBES.index(lobe) + 1


def _balanced(start: Array, end: Array, left: NDArray[np.bool_]) -> Array:
    """What flows in at one place and out at another, as much on each side."""
    source = np.zeros_like(start)
    for half in (left, ~left):
        source += np.where(half, start / max(float((start * half).sum()), 1e-6), 0)
        source -= np.where(half, end / max(float((end * half).sum()), 1e-6), 0)
    return source


def _current(
    conducts: Array, source: Array, left: NDArray[np.bool_], bridge: NDArray[np.bool_] | None
) -> Array:
    """Current density (3, ...) of a source; nothing crosses the midline but on the bridge."""
    from scipy import sparse
    from scipy.sparse import csgraph
    from scipy.sparse.linalg import cg

    conducting = conducts > LEAST
    number = np.full(conducts.shape, -1)
    number[conducting] = np.arange(int(conducting.sum()))
    faces, total = [], int(conducting.sum())
    matrix: Any = sparse.csr_matrix((total, total))
    for axis in range(3):
        low = tuple(slice(None, -1) if a == axis else slice(None) for a in range(3))
        high = tuple(slice(1, None) if a == axis else slice(None) for a in range(3))
        face = 2 * conducts[low] * conducts[high] / (conducts[low] + conducts[high] + 1e-9)
        face *= conducting[low] & conducting[high]
        if axis == 0:
            crossing = np.flatnonzero(left[1:] != left[:-1])
            open_ = 0.0 if bridge is None else (bridge[low] | bridge[high])[crossing]
            face[crossing] *= open_
        faces.append(face)
        there = face > 0
        pairs = (number[low][there], number[high][there])
        matrix = matrix + sparse.csr_matrix((face[there], pairs), shape=(total, total))
    matrix = matrix + matrix.T
    # Only the largest piece (of each side) carries current.
    _, piece = csgraph.connected_components(matrix, directed=False)
    sizes = np.bincount(piece)
    flows = source[conducting].astype(np.float64)
    for p in range(len(sizes)):
        members = piece == p if sizes[p] > 0.2 * total else None
        if members is not None:
            flows[members] -= flows[members].mean()
    flows[np.isin(piece, np.flatnonzero(sizes <= 0.2 * total))] = 0
    degree = np.asarray(matrix.sum(axis=1)).ravel()
    laplace = sparse.diags(degree + 1e-9 * degree.max() + (degree == 0)) - matrix
    solved, _ = cg(laplace, flows, rtol=1e-3, maxiter=600, M=sparse.diags(1 / laplace.diagonal()))
    potential = np.zeros(conducts.shape)
    potential[conducting] = solved
    current = np.zeros((3, *conducts.shape), dtype=np.float32)
    for axis, face in enumerate(faces):
        flow = -face * np.diff(potential, axis=axis)
        low = tuple(slice(None, -1) if a == axis else slice(None) for a in range(3))
        high = tuple(slice(1, None) if a == axis else slice(None) for a in range(3))
        current[axis][low] += flow / 2
        current[axis][high] += flow / 2
    return current
