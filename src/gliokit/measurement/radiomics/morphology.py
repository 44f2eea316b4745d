"""Form of the region (IBSI 1, 3.1; HCUG)."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist

from gliokit.measurement.ellipsoid import enclosing_ellipsoid
from gliokit.measurement.radiomics.enclosing import (
    box_size,
    ellipsoid_area,
    ellipsoid_volume,
    oriented_box_size,
)
from gliokit.measurement.radiomics.mesh import Mesh, mesh_of
from gliokit.measurement.radiomics.region import Region
from gliokit.measurement.radiomics.spatial import moran_and_geary
from gliokit.measurement.radiomics.values import Values

__all__ = ["morphology"]

_NAN = float("nan")


def morphology(region: Region, box: tuple[slice, ...]) -> Values:
    """The 29 features of form, and of intensities in space.

    Args:
        region: Prepared.
        box: Of its form, within the region's image.
    """
    form, within, image = region.morphological[box], region.intensity[box], region.image[box]
    values = dict(_form(form.tobytes(), form.shape, region.spacing_mm))
    values["com"] = _shift(form, image, within, region.spacing_mm)
    values["integ_int"] = values["volume"] * float(image[within].mean())
    moran, geary = moran_and_geary(image, within, region.spacing_mm)
    values |= {"moran_i": moran, "geary_c": geary}
    return {f"morph_{name}": value for name, value in values.items()}


@lru_cache(maxsize=4)
def _form(voxels: bytes, shape: tuple[int, ...], spacing_mm: tuple[float, float, float]) -> Values:
    """What the mask alone decides: kept, since sequences of a patient share their regions."""
    form = np.frombuffer(voxels, bool).reshape(shape)
    mesh = mesh_of(form, spacing_mm)
    centres = np.argwhere(form) * np.array(spacing_mm)
    hull = ConvexHull(mesh.vertices)
    corners = mesh.vertices[hull.vertices]
    values = _surface(mesh)
    values["vol_approx"] = len(centres) * math.prod(spacing_mm)
    values["diam"] = float(pdist(corners).max())
    values |= _axes(centres, mesh)
    values |= _densities("aabb", mesh, *box_size(np.ptp(mesh.vertices, axis=0)))
    values |= _densities("ombb", mesh, *oriented_box_size(corners))
    half_axes = enclosing_ellipsoid(corners, tolerance=1e-3).half_axes
    values |= _densities("mvee", mesh, ellipsoid_volume(half_axes), ellipsoid_area(half_axes))
    return values | _densities("conv_hull", mesh, float(hull.volume), float(hull.area))


def _surface(mesh: Mesh) -> Values:
    """Features of the mesh's volume and area alone; all are 1 or 0 for a ball but compactness
    1, which is 1 / (6 pi)."""
    volume, area = mesh.volume_mm3, mesh.area_mm2
    roundness = 36 * math.pi * volume**2
    return {
        "volume": volume,
        "area_mesh": area,
        "av": area / volume,
        "comp_1": volume / (math.sqrt(math.pi) * area**1.5),
        "comp_2": roundness / area**3,
        "sph_dispr": area / roundness ** (1 / 3),
        "sphericity": roundness ** (1 / 3) / area,
        "asphericity": (area**3 / roundness) ** (1 / 3) - 1,
    }


def _shift(
    form: NDArray[np.bool_],
    image: NDArray[np.float64],
    within: NDArray[np.bool_],
    spacing_mm: tuple[float, float, float],
) -> float:
    """From the centre of the form to that of the intensities; NaN where these sum to 0."""
    intensities = image[within]
    total = float(intensities.sum())
    if total == 0:
        return _NAN
    weighted = intensities @ (np.argwhere(within) * spacing_mm) / total
    centre = np.argwhere(form).mean(axis=0) * spacing_mm
    return float(np.linalg.norm(centre - weighted))


def _axes(voxels: NDArray[np.float64], mesh: Mesh) -> Values:
    """Principal axes of the voxels' centres, and the ellipsoid that they span."""
    centred = voxels - voxels.mean(axis=0)
    spread = np.linalg.eigvalsh(centred.T @ centred / max(len(voxels) - 1, 1))[::-1]
    # Rounding leaves tiny spreads, of either sign, where a region is flat.
    spread[spread < 1e-12 * max(spread[0], 1e-12)] = 0.0
    major, minor, least = lengths = 4 * np.sqrt(spread)
    volume, area = ellipsoid_volume(lengths / 2), ellipsoid_area(lengths / 2)
    return {
        "pca_maj_axis": float(major),
        "pca_min_axis": float(minor),
        "pca_least_axis": float(least),
        "pca_elongation": float(minor / major) if major > 0 else _NAN,
        "pca_flatness": float(least / major) if major > 0 else _NAN,
    } | _densities("aee", mesh, volume, area)


def _densities(name: str, mesh: Mesh, volume: float, area: float) -> Values:
    """How much of a body about the region is filled, and how the areas compare."""
    return {
        f"vol_dens_{name}": mesh.volume_mm3 / volume if volume > 0 else _NAN,
        f"area_dens_{name}": mesh.area_mm2 / area if area > 0 else _NAN,
    }
