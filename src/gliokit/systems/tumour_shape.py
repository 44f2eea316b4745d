"""What Buda 2019 makes of a mask: its largest component and the shape of that."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.ellipsoid import ellipsoid_volume_ratio
from gliokit.measurement.geometry import lesions, outer_corners
from gliokit.measurement.margin import largest_slice, slice_figures
from gliokit.study import Grid

__all__ = ["largest_component", "shape_of"]


def largest_component(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest 26-connected component in three dimensions; of equals the first."""
    from scipy import ndimage

    numbered, found = ndimage.label(mask, np.ones((3, 3, 3)))
    if not found:
        return np.zeros(mask.shape, dtype=bool)
    sizes = np.bincount(numbered.ravel())[1:]
    return np.asarray(numbered == 1 + int(sizes.argmax()))


def shape_of(mask: NDArray[np.bool_], grid: Grid) -> dict[str, float]:
    """ASD and margin fluctuation of the largest slice of the largest component, and its BEVR.

    BEVR is the tumour's volume over that of the smallest ellipsoid around it. A figure that a
    tiny tumour does not have is NaN, as all are of an empty mask.

    Source: paper, section 2.3; formulas in `measurement.margin` and `measurement.ellipsoid`.
    """
    nothing = float("nan")
    if not mask.any():
        return {"asd": nothing, "bevr": nothing, "margin_fluctuation": nothing}
    part, part_grid = lesions(mask, grid)[0]
    asd, fluctuation, _ = slice_figures(*largest_slice(part, part_grid))
    bevr = ellipsoid_volume_ratio(int(np.count_nonzero(part)), outer_corners(part))
    return {
        "asd": nothing if asd is None else asd,
        "bevr": bevr,
        "margin_fluctuation": nothing if fluctuation is None else fluctuation,
    }
