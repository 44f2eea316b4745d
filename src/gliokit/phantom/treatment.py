"""What surgery and radiotherapy leave of a tumour: cavity, blood, fewer cells."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.body import Body
from gliokit.phantom.chance import Chance
from gliokit.phantom.lesion import Lesion, Start
from gliokit.phantom.regions import folded, highest
from gliokit.phantom.tumour import Ways, read_at

__all__ = ["Surgery", "after_radiation", "field_of", "operate", "ways_around"]

CAVITY_FOLDS = ((14.0, 2.0), (6.0, 1.0))
# Half of all resections leave nothing of the core.
GROSS_TOTAL, EXTENTS = 0.5, (0.6, 0.97)
# The brain comes back into the cavity in the months after.
KEPT_CAVITY = 0.6
# Dose: full this far around the whole tumour, gone at the second distance.
FIELD_MM = (12.0, 24.0)
SURVIVING = (0.05, 0.30)

Mask = NDArray[np.bool_]
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Surgery:
    """A resection, on the frame of the body.

    Args:
        extent: Share of the core's volume that was taken out.
        cavity: What was taken out.
        late_cavity: What of it is still a cavity months later.
        core, whole: The tumour before.
        folds: The field that shaped it, for what grows around it.
    """

    extent: float
    cavity: Mask
    late_cavity: Mask
    core: Mask
    whole: Mask
    folds: Array


def operate(body: Body, lesion: Lesion, chance: Chance, *, extent: float | None) -> Surgery:
    """Take the core out from the surface inwards; what is left lies deepest.

    Args:
        extent: Share of the core, 0 to 1; drawn where none is given, the same at
            every visit of a patient.
    """
    from scipy import ndimage

    rng = chance.of("surgery")
    total, partial = rng.random() < GROSS_TOTAL, float(rng.uniform(*EXTENTS))
    drawn = 1.0 if total else partial
    extent = drawn if extent is None else extent
    voxel_ml, spacing = body.frame.grid.voxel_ml, body.frame.grid.spacing_mm[0]
    folds = folded(rng, CAVITY_FOLDS, body.frame)
    labels = lesion.regions.labels
    core = np.isin(labels, [lesion.regions.scheme.values[n] for n in ("NCR", "ET")])
    core_ml = int(core.sum()) * voxel_ml
    outside_in = -body.anatomy.depth_mm + 0.6 * folds
    cavity = highest(outside_in, core, extent * core_ml, voxel_ml, pieces=None)
    deep = (ndimage.distance_transform_edt(cavity) * spacing + 0.3 * folds).astype(np.float32)
    late = highest(deep, cavity, KEPT_CAVITY * int(cavity.sum()), 1.0)
    return Surgery(extent, cavity, late, core, labels > 0, folds)


def ways_around(start: Start, body: Body, cavity: Mask) -> Ways:
    """The brain for later growth, at its spacing: nothing grows in the cavity."""
    ways = start.person.ways()
    gone = read_at(cavity.astype(np.float32), body.frame, ways.frame)
    anatomy = ways.anatomy
    held = replace(
        anatomy,
        white=anatomy.white * (1 - gone),
        grey=anatomy.grey * (1 - gone),
        csf=np.maximum(anatomy.csf, gone),
    )
    return replace(ways, anatomy=held)


def after_radiation(density: Array, surgery: Surgery, body: Body, chance: Chance) -> Array:
    """Cells that are left once the field has been treated.

    The dose is full within 12 mm of the whole tumour and gone at 24 mm; of the cells in the
    full dose 5 to 30 % survive, the share drawn for the patient.
    """
    surviving = np.float32(chance.of("radiotherapy").uniform(*SURVIVING))
    dose = field_of(surgery.whole, body.frame.grid.spacing_mm[0])
    kept = density * np.exp(np.log(surviving) * dose)
    kept[surgery.cavity] = 0
    return np.asarray(kept, dtype=np.float32)


def field_of(whole: Mask, spacing_mm: float) -> Array:
    """Dose, 0 to 1, around a tumour."""
    from scipy import ndimage

    away = ndimage.distance_transform_edt(~whole) * spacing_mm
    near, far = FIELD_MM
    return np.asarray(np.clip((far - away) / (far - near), 0, 1), dtype=np.float32)
