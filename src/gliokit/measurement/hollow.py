"""What RANO does not measure: cysts and resection cavities. Their solid parts it does.

RANO measures across a necrotic core, but leaves a cyst or a surgical cavity out: there only
a solid nodule counts. Labels call both core; images tell fluid from necrosis.

References:
    Wen PY et al. J Clin Oncol 2010;28:1963. doi:10.1200/JCO.2009.26.3541
    Wen PY et al. J Clin Oncol 2023;41:5187. doi:10.1200/JCO.23.01059
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.measurement.fluid import like_fluid
from gliokit.preprocessing import PreparedStudy
from gliokit.study import Grid, LabelMap, Modality

__all__ = ["cysts", "solid_parts"]

Mask = NDArray[np.bool_]

EVERYWHERE = np.ones((3, 3, 3))

CYST_ML = 0.5
"""A smaller drop of fluid is no cyst."""

CYST_SHARE = 0.8
"""A part of the core is a cyst where so much of it looks like fluid in T2 and FLAIR."""

WALL_MM = 5.0
"""What is thinner than this beside a cyst is its wall, what is thicker a nodule."""


def cysts(prepared: PreparedStudy, label_map: LabelMap) -> Mask:
    """Parts of the core that do not enhance and look like fluid in every sequence.

    A 26-connected part counts as a whole, from 0.5 mL, where 80 % of it look like fluid
    (`like_fluid`). Without T2 or FLAIR nothing can be told: no part counts.

    Args:
        prepared: The study.
        label_map: On the prepared grid.
    """
    none = np.zeros(label_map.grid.shape, dtype=bool)
    if not {Modality.T2, Modality.FLAIR} <= set(prepared.images) or not label_map.knows("TC"):
        return none
    core = label_map.data == label_map.labels.values["NCR"]
    parts, count = ndimage.label(core, structure=EVERYWHERE)
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    sizes[0] = 0
    if not (sizes * label_map.grid.voxel_ml >= CYST_ML).any():
        return none
    fluid = like_fluid(prepared, label_map.region("WT"))
    wet = np.bincount(parts[fluid], minlength=count + 1)
    cystic = (sizes * label_map.grid.voxel_ml >= CYST_ML) & (wet >= CYST_SHARE * sizes)
    return np.asarray(cystic[parts])


def solid_parts(outlined: Mask, hollow: Mask, grid: Grid) -> Mask:
    """An outlined tumour without cysts and cavities and without their thin walls.

    Of every 26-connected part that borders on something hollow, what is thinner than 5 mm is
    taken away: nodules stay.

    Args:
        outlined: Enhancing tumour with the core that it encloses.
        hollow: Cysts and cavities.
        grid: Where both lie.
    """
    solid = outlined & ~hollow
    if not (hollow & outlined).any() and not _beside(hollow, solid).any():
        return outlined
    parts, count = ndimage.label(solid, structure=EVERYWHERE)
    walled = np.zeros(count + 1, dtype=bool)
    walled[parts[_beside(hollow, solid)]] = True
    walled[0] = False
    shell = walled[parts]
    return np.asarray((solid & ~shell) | _opened(shell, grid))


def _beside(hollow: Mask, solid: Mask) -> Mask:
    return np.asarray(ndimage.binary_dilation(hollow, structure=EVERYWHERE) & solid)


def _opened(mask: Mask, grid: Grid) -> Mask:
    """What balls of WALL_MM across can reach within the mask.

    In 3-D: where a slice grazes the wall it is no wider than elsewhere.
    """
    padded = np.pad(mask, 1)
    core = ndimage.distance_transform_edt(padded, sampling=grid.spacing_mm) > WALL_MM / 2
    if not core.any():
        return np.zeros_like(mask)
    reached = ndimage.distance_transform_edt(~core, sampling=grid.spacing_mm) <= WALL_MM / 2
    return np.asarray((reached & padded)[1:-1, 1:-1, 1:-1])
