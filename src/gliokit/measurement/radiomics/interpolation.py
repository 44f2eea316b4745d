"""A new grid aligned with the old one at the centre of the image (IBSI 1, 2.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.radiomics.settings import Interpolation

__all__ = ["Axis", "axes_of", "interpolate"]

Method = Literal["nearest", "linear", "cubic"]

_SPLINE_REACH = 24
"""Voxels after which a cubic spline no longer feels a sample in double precision."""


@dataclass(frozen=True)
class Axis:
    """One axis of the old grid and the part of the new one that is asked for.

    The new voxel n lies at `first + n * step` in old voxels, for `start` <= n < `stop`.
    """

    old: int
    start: int
    stop: int
    first: float
    step: float
    spacing_mm: float

    def about(self, side: slice, margin_mm: float | None) -> Axis:
        """Only the new voxels that feel the old ones of a slice, and a margin about them."""
        if margin_mm is None:
            return self
        margin = int(np.ceil(margin_mm / self.spacing_mm))
        low = int(np.floor((side.start - 1 - self.first) / self.step)) - margin
        high = int(np.ceil((side.stop - self.first) / self.step)) + margin
        return replace(self, start=max(low, 0), stop=min(high + 1, self.stop))


def axes_of(
    shape: tuple[int, ...], spacing_mm: tuple[float, float, float], settings: Interpolation | None
) -> tuple[Axis, Axis, Axis]:
    """Old and new grid along each axis."""
    wanted = (0.0, 0.0, 0.0) if settings is None else settings.spacing_mm
    i, j, k = (_axis(n, s, w) for n, s, w in zip(shape, spacing_mm, wanted, strict=True))
    return i, j, k


def _axis(n_old: int, old_mm: float, new_mm: float) -> Axis:
    old_mm = float(old_mm)
    if new_mm in (0.0, old_mm):
        return Axis(n_old, 0, n_old, 0.0, 1.0, old_mm)
    # An image of 100 mm has 50 voxels of 2 mm, not 51 because of rounding.
    n_new = int(np.ceil(round(n_old * old_mm / new_mm, 6)))
    step = new_mm / old_mm
    return Axis(n_old, 0, n_new, (n_old - 1) / 2 - (n_new - 1) / 2 * step, step, new_mm)


def interpolate(
    image: NDArray[np.generic], axes: tuple[Axis, ...], method: Method
) -> NDArray[np.float64]:
    """The image on the new grid, outside of its own by its nearest voxel."""
    from scipy import ndimage

    order = {"nearest": 0, "linear": 1, "cubic": 3}[method]
    reach = _SPLINE_REACH if order == 3 else 1
    cuts = [_needed(axis, reach) for axis in axes]
    part = image[tuple(cuts)].astype(np.float64)
    if all(axis.step == 1.0 for axis in axes):
        shifts = [a.start - c.start for a, c in zip(axes, cuts, strict=True)]
        sizes = [a.stop - a.start for a in axes]
        return part[tuple(slice(s, s + n) for s, n in zip(shifts, sizes, strict=True))]
    offset = [a.first + a.start * a.step - c.start for a, c in zip(axes, cuts, strict=True)]
    found: NDArray[np.float64] = ndimage.affine_transform(
        part,
        [axis.step for axis in axes],
        offset,
        tuple(axis.stop - axis.start for axis in axes),
        order=order,
        mode="nearest",
    )
    return found


def _needed(axis: Axis, reach: int) -> slice:
    low = int(np.floor(axis.first + axis.start * axis.step)) - reach
    high = int(np.ceil(axis.first + (axis.stop - 1) * axis.step)) + reach
    return slice(min(max(low, 0), axis.old - 1), max(min(high + 1, axis.old), 1))
