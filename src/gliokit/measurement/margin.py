"""How smooth, round and compact a margin is: ASD, margin fluctuation, ellipsoid ratio.

Radii run from the centroid to the border and are divided by their mean, so that size falls
out. Each figure exists for one axial slice, as published, and for the whole surface.

References:
    Mazurowski MA et al. J Neurooncol 2017;133:27. doi:10.1007/s11060-017-2420-1
    Buda M, Saha A, Mazurowski MA. Comput Biol Med 2019;109:218.
    doi:10.1016/j.compbiomed.2019.05.002
"""

from __future__ import annotations

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.contour import largest_piece, outer_contour
from gliokit.measurement.ellipsoid import ellipsoid_volume_ratio
from gliokit.measurement.geometry import outer_corners
from gliokit.measurement.schema import Margin
from gliokit.study import Grid, UsageError

__all__ = [
    "angular_standard_deviation",
    "largest_slice",
    "margin_figures",
    "margin_fluctuation",
    "slice_figures",
    "surface_figures",
]

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

SECTORS = 10
"""Equal angles around the centroid, from -pi on; fixed by the paper."""

BANDS = 5
"""Bands of equal area from pole to pole, each of SECTORS sectors: our extension to 3-D."""

WINDOW = 0.10
"""Of the contour's length, over which radii are smoothed."""

CONE = np.pi * WINDOW
"""Half-angle of the cone that holds as much of a great circle."""

MOST_SURFACE = 5000
"""Surface voxels that the fluctuation in 3-D is taken on, every n-th of more."""


def margin_figures(lesion: Mask, grid: Grid) -> Margin:
    """Shape of the margin of a lesion, in its largest axial slice and as a whole.

    Args:
        lesion: One connected part, at least one voxel, as `lesions` gives it.
        grid: Where it lies; its spacing counts.
    """
    flat, step = largest_slice(lesion, grid)
    asd_slice, fluctuation_slice, ratio_slice = slice_figures(flat, step)
    asd, fluctuation, ratio = surface_figures(lesion, grid)
    return Margin(
        asd_slice=asd_slice,
        margin_fluctuation_slice=fluctuation_slice,
        ellipse_area_ratio_slice=ratio_slice,
        asd=asd,
        margin_fluctuation=fluctuation,
        ellipsoid_volume_ratio=ratio,
    )


def largest_slice(part: Mask, grid: Grid) -> tuple[Mask, Floats]:
    """The axial slice with the most of a mask, and its pixel steps.

    Args:
        part: At least one voxel.
        grid: Where it lies.

    Returns:
        The largest piece of the slice with its holes filled, axis 0 nearest to left-right;
        and the 2 x 2 matrix from its indices to millimetres in the plane. Of slices with
        equal areas the lowest along the array's axis counts.
    """
    towards = nib.orientations.io_orientation(grid.affine)[:, 0].astype(int)
    right, front, up = (int(np.flatnonzero(towards == a)[0]) for a in range(3))
    turned = part.transpose(right, front, up)
    at = int(turned.sum(axis=(0, 1)).argmax())
    step = np.linalg.qr(grid.affine[:3, [right, front]])[1]
    return largest_piece(turned[:, :, at]), np.asarray(step)


def slice_figures(piece: Mask, step: Floats) -> tuple[float | None, float | None, float]:
    """ASD, margin fluctuation and area ratio of a flat shape.

    Args:
        piece: bool (a, b), one part without holes.
        step: 2 x 2, pixel indices to millimetres; only its ratios matter.

    Returns:
        The first two are None for a shape of one pixel, which has no radius.
    """
    corners = outer_corners(piece[:, :, None])[:, :2]
    area = float(np.count_nonzero(piece)) * abs(float(np.linalg.det(step)))
    ratio = ellipsoid_volume_ratio(area, np.unique(corners, axis=0) @ step.T)
    centroid = np.argwhere(piece).mean(axis=0)
    walk = outer_contour(piece)
    border = (np.unique(walk, axis=0) - centroid) @ step.T
    radii = np.linalg.norm(border, axis=1)
    if radii.mean() == 0:
        return None, None, ratio
    ordered = np.linalg.norm((walk - centroid) @ step.T, axis=1)
    return (
        angular_standard_deviation(border),
        margin_fluctuation(ordered / radii.mean()),
        ratio,
    )


def angular_standard_deviation(border: Floats) -> float:
    """Mean over equal sectors of the standard deviation of normalised radii (ASD).

    ASD = mean over sectors i of sd { r / mean r : sector i }. 0 for a circle and a sphere;
    it grows with roughness and with distance from a circle. In 2-D ten sectors of equal
    angle; in 3-D ten of longitude by five of latitude, all of the same solid angle. Empty
    sectors don't count; the standard deviation is the population's.

    Args:
        border: (n, 2) or (n, 3), border points from the centroid, in millimetres; not all 0.

    Raises:
        UsageError: no point, or no radius.
    """
    radii = np.linalg.norm(border, axis=1)
    if not radii.size or radii.mean() == 0:
        raise UsageError("a margin has points apart from its centroid", found=f"{radii.size}")
    normalised = radii / radii.mean()
    angle = np.arctan2(border[:, 1], border[:, 0])
    sector = np.minimum((angle + np.pi) / (2 * np.pi) * SECTORS, SECTORS - 0.5).astype(int)
    if border.shape[1] == 3:
        height = border[:, 2] / np.maximum(radii, np.finfo(float).tiny)
        band = np.minimum((height + 1) / 2 * BANDS, BANDS - 0.5).astype(int)
        sector += SECTORS * band
    count = np.bincount(sector)
    held = count > 0
    centred = normalised - (np.bincount(sector, normalised) / np.maximum(count, 1))[sector]
    variance = np.bincount(sector, centred**2)[held] / count[held]
    return float(np.sqrt(variance).mean())


def margin_fluctuation(radii: Floats) -> float:
    """Standard deviation of radii less the same radii smoothed along the contour (MF).

    The window is a tenth of the contour, rounded, and one more where that is even; at least
    three points. The contour is closed.

    Args:
        radii: (n,), in order along the contour, divided by their mean.
    """
    half = max(round(WINDOW * len(radii)) // 2, 1)
    smooth = ndimage.uniform_filter1d(radii, 2 * half + 1, mode="wrap")
    return float((radii - smooth).std())


def surface_figures(part: Mask, grid: Grid) -> tuple[float | None, float | None, float]:
    """ASD, margin fluctuation and ellipsoid volume ratio of a whole mask.

    The surface is made of voxels with one of six neighbours outside, inner holes filled.
    Its radii are smoothed over cones of 18 degrees half-angle about the centroid, which hold
    a tenth of a great circle: our extension of the contour's window to three dimensions.

    Args:
        part: One lesion, at least one voxel.
        grid: Where it lies.

    Returns:
        The first two are None for a single voxel. The last is of the mask as it is, holes
        left out.
    """
    volume = float(np.count_nonzero(part)) * grid.voxel_ml * 1000.0
    ratio = ellipsoid_volume_ratio(volume, grid.to_mm(outer_corners(part)))
    filled = ndimage.binary_fill_holes(np.pad(part, 1))
    shell = filled & ~ndimage.binary_erosion(filled)
    index = np.argwhere(shell)
    centroid = np.argwhere(filled).mean(axis=0)
    border = (index - centroid) @ grid.affine[:3, :3].T
    radii = np.linalg.norm(border, axis=1)
    if radii.mean() == 0:
        return None, None, ratio
    return angular_standard_deviation(border), _fluctuation_of_surface(border, radii), ratio


def _fluctuation_of_surface(border: Floats, radii: Floats) -> float:
    """Standard deviation of normalised radii less their means over cones."""
    from scipy.spatial import cKDTree

    every = -(-len(radii) // MOST_SURFACE)
    kept = np.flatnonzero(radii > 0)[::every]
    normalised = radii[kept] / radii.mean()
    directions = border[kept] / radii[kept, None]
    pairs = cKDTree(directions).query_pairs(2 * np.sin(CONE / 2), output_type="ndarray")
    count = np.ones(len(kept)) + np.bincount(pairs.ravel(), minlength=len(kept))
    total = normalised.copy()
    for one, other in ((0, 1), (1, 0)):
        weights = normalised[pairs[:, other]]
        total += np.bincount(pairs[:, one], weights, minlength=len(kept))
    return float((normalised - total / count).std())
