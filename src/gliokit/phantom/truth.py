"""What is known of a digital patient, voxel by voxel: what every other simulator reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.tissue import Tissue
from gliokit.study import Grid

__all__ = ["TruthMaps"]

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class TruthMaps:
    """Maps on the patient's grid (`DigitalPatient.maps`), float32 of its shape, read-only.

    Args:
        grid: Of every map; 'brain' below is where `brain` is true, all else is 0.
        brain: bool.
        tissue_fractions: Share of each tissue in each voxel, summing to 1 in the brain. The
            keys are `Tissue`, which are strings too: 'white_matter', 'grey_matter',
            'deep_grey', 'csf', 'blood', 'meninges', 'oedema', 'tumour', 'necrosis' and more.
        cell_density: Tumour cells as a share of the most that a voxel holds, 0 to 1, also
            where no image shows them.
        leakage: How open the barrier between blood and brain is, 0 (closed) to 1.
        oedema: Share of the voxel that is water added by oedema, 0 to 1: free water beyond
            that of fluid spaces.
        vessels: Share of blood in large vessels, 0 to 1.
        fibres: (i, j, k, 3), unit vector along the fibres of white matter in the axes of the
            array (i, j, k of the grid, which is LPS); its sign means nothing; 0 where
            there is no direction.
        anisotropy: Fractional anisotropy that the tissue itself has, without the water of
            `oedema` and fluid, 0 to 1.
        labels: uint8, as `DigitalPatient.truth`.
        lobes: uint8, place in `LOBES` plus 1 in the brain.
    """

    grid: Grid
    brain: NDArray[np.bool_]
    tissue_fractions: Mapping[Tissue, Array]
    cell_density: Array
    leakage: Array
    oedema: Array
    vessels: Array
    fibres: Array
    anisotropy: Array
    labels: NDArray[np.uint8]
    lobes: NDArray[np.uint8]
