"""RANO's two diameters, as a reader takes them in the axial plane.

Readers draw the longest diameter within the lesion, from outer edge to outer edge, and the
largest one perpendicular to it in the same slice. A ring is measured across, with the core
that it encloses, not along its rim.

References:
    Wen PY et al. J Clin Oncol 2010;28:1963. doi:10.1200/JCO.2009.26.3541
    Wen PY et al. J Clin Oncol 2023;41:5187. doi:10.1200/JCO.23.01059
"""

from __future__ import annotations

from collections.abc import Iterable

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.outline import Outline
from gliokit.measurement.schema import Bidimensional
from gliokit.study import Grid

__all__ = [
    "MEASURABLE_MM",
    "TARGETS",
    "axial_axis",
    "bidimensional",
    "filled_slices",
    "least_measurable_mm",
    "sum_of_products",
    "with_enclosed_core",
]

Mask = NDArray[np.bool_]

MEASURABLE_MM = 10.0
"""RANO: a lesion is measurable where both diameters are at least this."""

THICK_MM = 5.0
"""RANO: of slices thicker than this, both diameters are at least twice their distance."""

TARGETS = 2
"""Lesions whose products are added up: the largest two."""

ENCLOSED_SHARE = 0.5
"""A part of the core is enclosed where so much of its outline borders on enhancing tumour."""


def filled_slices(mask: Mask, grid: Grid) -> Mask:
    """A mask with what it encloses in each axial slice filled, whatever its label."""
    structure = _in_slice(axial_axis(grid))
    return np.asarray(ndimage.binary_fill_holes(mask, structure=structure))


def least_measurable_mm(grid: Grid) -> float:
    """What both diameters must reach: 10 mm, in slices of more than 5 mm twice their distance."""
    across = grid.affine[:3, axial_axis(grid)]
    normal = np.cross(*np.delete(grid.affine[:3, :3], axial_axis(grid), axis=1).T)
    distance = abs(float(across @ normal)) / float(np.linalg.norm(normal))
    return max(MEASURABLE_MM, 2 * distance) if distance > THICK_MM else MEASURABLE_MM


def sum_of_products(found: Iterable[Bidimensional]) -> tuple[float, int]:
    """Sum of the products of the target lesions in mm2, and how many they are.

    Targets are the two measurable lesions with the largest products; 0 without one.
    """
    products = sorted((b.product_mm2 for b in found if b.measurable), reverse=True)[:TARGETS]
    return (sum(products, 0.0), len(products))


def axial_axis(grid: Grid) -> int:
    """The array axis that runs nearest to superior; slices across it are the axial ones."""
    return int(np.flatnonzero(nib.orientations.io_orientation(grid.affine)[:, 0] == 2)[0])


def _in_slice(axis: int) -> Mask:
    """Neighbours at edges within a slice."""
    structure = ndimage.generate_binary_structure(3, 1)
    structure[tuple(slice(None) if a != axis else [0, 2] for a in range(3))] = False
    return np.asarray(structure)


def with_enclosed_core(enhancing: Mask, core: Mask, grid: Grid) -> Mask:
    """Enhancing tumour with what it encloses, axial slice by axial slice.

    A connected part of the non-enhancing core counts as enclosed in a slice where at least
    half of its outline there borders on enhancing tumour (a ring may be open); after that,
    every hole is filled, whatever its label.

    Args:
        enhancing: Enhancing tumour.
        core: Core that does not enhance.
        grid: Where both lie.
    """
    axis = axial_axis(grid)
    parts, count = ndimage.label(core, structure=_in_slice(axis))
    border, touching = np.zeros(count + 1), np.zeros(count + 1)
    for along in {0, 1, 2} - {axis}:
        for shift in (1, -1):
            beside = _shifted(enhancing, shift, along)
            outside = ~_shifted(core, shift, along) & core
            border += np.bincount(parts[outside], minlength=count + 1)
            touching += np.bincount(parts[outside & beside], minlength=count + 1)
    enclosed = (touching >= ENCLOSED_SHARE * border) & (touching > 0)
    return filled_slices(enhancing | enclosed[parts], grid)


def _shifted(mask: Mask, shift: int, axis: int) -> Mask:
    """What lies one voxel further along an axis; False beyond the border."""
    moved = np.roll(mask, -shift, axis)
    end = [slice(None)] * 3
    end[axis] = slice(-1, None) if shift > 0 else slice(0, 1)
    moved[tuple(end)] = False
    return np.asarray(moved)


def bidimensional(lesion: Mask, grid: Grid) -> Bidimensional | None:
    """Longest axial diameter and largest perpendicular, where their product is largest.

    In every axial slice, for each part that is connected at edges or corners: the longest
    straight line within it between two corners of voxels (it may pass outside by half a
    voxel), then the longest straight line within it perpendicular to the first, which need
    not cross it. A square of side s measures s root 2 twice, a disc its diameter twice, an
    ellipse its two axes. None for an empty mask. Measurable is a lesion that is seen in two
    axial slices or more and whose diameters reach `least_measurable_mm`.

    Args:
        lesion: bool (i, j, k), filled beforehand where what it encloses shall count.
        grid: Where it lies; spacing may be uneven, axes may run in any direction.
    """
    if not lesion.any():
        return None
    axis = axial_axis(grid)
    seen = np.count_nonzero(lesion.any(axis=tuple({0, 1, 2} - {axis})))
    step = _in_plane(grid, axis)
    outlines = [(Outline(part, step), at, corner) for part, at, corner in _pieces(lesion, axis)]
    outlines.sort(key=lambda piece: -piece[0].caliper_mm)
    best, found = 0.0, None
    for outline, at, corner in outlines:
        if outline.caliper_mm**2 <= best:
            break
        longest = outline.longest_chord(best / outline.caliper_mm)
        if longest is None or longest.length_mm * outline.width_across_mm(longest) <= best:
            continue
        across = outline.longest_chord_across(longest)
        if longest.length_mm * across.length_mm > best:
            best = longest.length_mm * across.length_mm
            found = (longest, across, at, corner)
    assert found is not None
    longest, across, at, corner = found
    return Bidimensional(
        longest_mm=longest.length_mm,
        perpendicular_mm=across.length_mm,
        product_mm2=best,
        measurable=seen > 1
        and min(longest.length_mm, across.length_mm) >= least_measurable_mm(grid),
        longest_ends_mm=_ends(longest.ends + corner, at, axis, grid),
        perpendicular_ends_mm=_ends(across.ends + corner, at, axis, grid),
    )


def _pieces(lesion: Mask, axis: int) -> list[tuple[NDArray[np.bool_], int, NDArray[np.float64]]]:
    """Connected parts of all axial slices: pixels, slice, index of their first pixel."""
    pieces = []
    for at in np.flatnonzero(lesion.any(axis=tuple({0, 1, 2} - {axis}))):
        parts, _ = ndimage.label(lesion.take(at, axis), structure=np.ones((3, 3)))
        for n, box in enumerate(ndimage.find_objects(parts), start=1):
            corner = np.array([float(s.start) for s in box])
            pieces.append((parts[box] == n, int(at), corner))
    return pieces


def _in_plane(grid: Grid, axis: int) -> NDArray[np.float64]:
    """2 x 2, indices of a slice to millimetres within its plane, sheared grids too."""
    columns = np.delete(grid.affine[:3, :3], axis, axis=1)
    return np.asarray(np.linalg.qr(columns)[1])


def _ends(
    indices: NDArray[np.float64], at: int, axis: int, grid: Grid
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    points = grid.to_mm(np.insert(indices, axis, float(at), axis=1)).tolist()
    return (tuple(points[0]), tuple(points[1]))
