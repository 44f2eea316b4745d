"""RANO's two diameters.

Source: Wen et al., J Clin Oncol 28 (2010) 1963, and RANO 2.0, J Clin Oncol 41 (2023) 5187:
the longest diameter of a lesion in an axial slice times the longest one across it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.schema import Bidimensional
from gliokit.study import Grid

__all__ = ["MEASURABLE_MM", "bidimensional", "filled_slices", "slice_diameters"]

MEASURABLE_MM = 10.0
STEP_MM = 0.25
SAMPLES = 96
CHUNK = 256

Points = NDArray[np.float64]


def filled_slices(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask with what it encloses in each axial slice (the last axis) filled.

    A ring is measured across, not along its rim.
    """
    from scipy import ndimage

    filled = mask.copy()
    for k in np.flatnonzero(mask.any(axis=(0, 1))):
        filled[:, :, k] = ndimage.binary_fill_holes(mask[:, :, k])
    return filled


def bidimensional(lesion: NDArray[np.bool_], grid: Grid) -> Bidimensional | None:
    """Both diameters in the slice where their product is largest; None for an empty mask.

    Args:
        lesion: (i, j, k) on a grid whose last axis is nearest to head-foot; holes filled
            beforehand where they shall count.
        grid: Where it lies.
    """
    from scipy import ndimage

    if not lesion.any():
        return None
    box = ndimage.find_objects(lesion.astype(np.uint8))[0]
    spacing = grid.spacing_mm[:2]
    best: tuple[float, int, Points, Points] | None = None
    for k in range(box[2].start, box[2].stop):
        area = lesion[box[0], box[1], k]
        if not area.any():
            continue
        long, across = slice_diameters(area, spacing)
        product = _length(long, spacing) * _length(across, spacing)
        if best is None or product > best[0]:
            best = (product, k, long, across)
    assert best is not None
    _, k, long, across = best
    corner = np.array([box[0].start, box[1].start])
    return _figures(grid, k, long + corner, across + corner)


def _figures(grid: Grid, k: int, long: Points, across: Points) -> Bidimensional:
    spacing = grid.spacing_mm[:2]
    longest, perpendicular = _length(long, spacing), _length(across, spacing)
    return Bidimensional(
        longest_mm=longest,
        perpendicular_mm=perpendicular,
        product_mm2=longest * perpendicular,
        measurable=min(longest, perpendicular) >= MEASURABLE_MM,
        longest_ends_mm=_ends(grid, long, k),
        perpendicular_ends_mm=_ends(grid, across, k),
    )


def _length(ends: Points, spacing: tuple[float, ...]) -> float:
    return float(np.linalg.norm((ends[1] - ends[0]) * spacing))


Point = tuple[float, float, float]


def _ends(grid: Grid, ends: Points, k: int) -> tuple[Point, Point]:
    points = grid.to_mm(np.column_stack([ends, [k, k]]))
    one, other = (tuple(float(c) for c in p) for p in points)
    return one, other  # type: ignore[return-value]


def slice_diameters(
    area: NDArray[np.bool_], spacing_mm: tuple[float, float]
) -> tuple[Points, Points]:
    """Ends of the longest chord of an area and of the longest chord perpendicular to it.

    The longest chord joins two corners of the outline, from outer edge to outer edge, and
    leaves the area by less than a voxel. The one across it lies within the area anywhere
    along the first, found to 0.25 mm.

    Args:
        area: (i, j), at least one voxel.
        spacing_mm: Along i and j.

    Returns:
        Two arrays (end, axis) of array indices.
    """
    spacing = np.array(spacing_mm)
    long = _longest_chord(area, spacing)
    return long, _across(area, long, spacing)


def _outline(area: NDArray[np.bool_]) -> Points:
    """Corners of the area's voxels that have a corner outside: its outer edge."""
    from scipy import ndimage

    rim = np.argwhere(area & ~ndimage.binary_erosion(area, structure=np.ones((3, 3))))
    shifts = [(a, b) for a in (-0.5, 0.5) for b in (-0.5, 0.5)]
    return np.unique(np.concatenate([rim + s for s in shifts]), axis=0)


def _longest_chord(area: NDArray[np.bool_], spacing: Points) -> Points:
    from scipy import ndimage
    from scipy.spatial.distance import pdist

    near = ndimage.binary_dilation(np.pad(area, 2), structure=np.ones((3, 3)))
    corners = _outline(area)
    distance = pdist(corners * spacing)
    one, other = np.triu_indices(len(corners), k=1)
    order = np.argsort(-distance, kind="stable")
    share = np.linspace(0, 1, SAMPLES)[None, :, None]
    for begin in range(0, len(order), CHUNK):
        pairs = order[begin : begin + CHUNK]
        ends = corners[one[pairs]][:, None], corners[other[pairs]][:, None]
        line = np.rint(ends[0] + (ends[1] - ends[0]) * share).astype(int) + 2
        inside = near[line[..., 0], line[..., 1]].all(axis=1)
        if inside.any():
            pair = pairs[int(inside.argmax())]
            return np.stack([corners[one[pair]], corners[other[pair]]])
    raise AssertionError("two corners of one voxel are always joined within it")


def _across(area: NDArray[np.bool_], long: Points, spacing: Points) -> Points:
    """The longest run of the area on any line perpendicular to the chord."""
    along = (long[1] - long[0]) * spacing
    length = float(np.linalg.norm(along))
    along = along / length
    aside = np.array([-along[1], along[0]])
    beside = ((_outline(area) - long[0]) * spacing) @ aside
    t = np.arange(STEP_MM / 2, length, STEP_MM)
    s = np.arange(beside.min() - STEP_MM, beside.max() + STEP_MM, STEP_MM)
    places = long[0] + (t[:, None, None] * along + s[None, :, None] * aside) / spacing
    index = np.rint(places).astype(int)
    valid = ((index >= 0) & (index < area.shape)).all(axis=-1)
    index = np.where(valid[..., None], index, 0)
    inside = valid & area[index[..., 0], index[..., 1]]
    row, first, last = _longest_run(inside)
    half = STEP_MM / 2
    ends = np.array([s[first] - half, s[last] + half])
    points: Points = long[0] + (t[row] * along + ends[:, None] * aside) / spacing
    return points


def _longest_run(inside: NDArray[np.bool_]) -> tuple[int, int, int]:
    """Row, first and last column of the longest run of True in a row."""
    padded = np.pad(inside, ((0, 0), (1, 1))).astype(np.int8)
    change = np.diff(padded, axis=1)
    row, first = np.nonzero(change == 1)
    _, after = np.nonzero(change == -1)
    best = int((after - first).argmax())
    return int(row[best]), int(first[best]), int(after[best]) - 1
