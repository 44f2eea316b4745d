"""A head around a digital brain: for brain extraction, and for images that hold a face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.acquisition import Sequence, brightness
from gliokit.phantom.fields import Positions, lattice_positions, smooth_field
from gliokit.phantom.patient import DigitalPatient
from gliokit.phantom.tissue import Relaxation, Tissue
from gliokit.phantom.warp import sample
from gliokit.study import Grid, Modality, Volume

__all__ = ["HEAD_RELAXATION", "with_head"]

NODES_MM = 4.0
# Layers outwards from the brain, then inwards from the skin, in millimetres.
FLUID_MM, TABLE_MM, SKULL_MM, SKULL_SD_MM = 1.5, 1.8, 6.5, 1.0
SKIN_MM, FAT_MM, SCALP_MM = 1.5, 5.0, 15.0
# Centres and radii of ellipsoids in the template, millimetres from the anterior commissure
# (left, posterior, superior).
FACE = ((0.0, -42.0, -62.0), (62.0, 46.0, 62.0))
NECK = ((0.0, 38.0, -110.0), (58.0, 62.0, 90.0))
EYES = tuple(((side * 32.0, -62.0, -34.0), (12.5, 12.5, 12.5)) for side in (1, -1))
ORBITS = tuple(((side * 30.0, -50.0, -35.0), (19.0, 27.0, 18.0)) for side in (1, -1))
AIRWAYS = (((0.0, -60.0, -62.0), (14.0, 34.0, 20.0)), ((0.0, -4.0, -90.0), (13.0, 9.0, 60.0)))
LEVELS = 400.0

HEAD_RELAXATION: Mapping[float, Mapping[str, Relaxation]] = {
    1.5: {
        "fat": Relaxation(290, 120, 0.90, 0.0),
        "muscle": Relaxation(1010, 44, 0.75, 0.0),
        "bone": Relaxation(500, 2, 0.10, 0.0),
        "marrow": Relaxation(550, 55, 0.45, 0.0),
        "vitreous": Relaxation(3300, 600, 0.98, 0.0),
    },
    3.0: {
        "fat": Relaxation(370, 110, 0.90, 0.0),
        "muscle": Relaxation(1400, 38, 0.75, 0.0),
        "bone": Relaxation(550, 2, 0.10, 0.0),
        "marrow": Relaxation(590, 50, 0.45, 0.0),
        "vitreous": Relaxation(3500, 500, 0.98, 0.0),
    },
}
"""Fat and muscle near Stanisz et al. 2005 and Gold et al. 2004 (fat bright in T2 as a train of
echoes shows it); marrow by Gach et al. 2008; bone has next to no signal."""

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """Distances on a grid, millimetres: from the brain, and below the skin (0 in air)."""

    beyond_brain: Array
    below_skin: Array
    eyes: Array
    orbits: Array
    air: Array


def with_head(patient: DigitalPatient) -> dict[Modality, Volume]:
    """The four images of a patient with skull, fat, scalp, muscle, eyes and neck around the brain.

    A plausible head, not an anatomical one: layers by distance from the brain and from the
    skin, a face and a neck as ellipsoids of the template that follow the person's
    size. In the brain the voxels are those of the study.

    Returns:
        On the patient's grid; Rician noise in the air.

    References:
        Stanisz GJ et al. Magn Reson Med 2005;54:507. Gold GE et al. AJR 2004;183:343.
    """
    grid = patient.truth.grid
    shape = _shape(patient, grid)
    rng = patient.made.chance.of("head")
    at = _centres(grid)
    thickness = SKULL_MM + SKULL_SD_MM * smooth_field(rng, length_mm=40.0, at=at)
    grain = 1 + np.float32(0.08) * smooth_field(rng, length_mm=6.0, at=at)
    shares = _shares(shape, thickness.astype(np.float32))
    shares = {name: share * ~patient.brain for name, share in shares.items()}
    return {
        modality: Volume.from_array(
            modality, grid, _image(patient, modality, shares, grain), source="digital patient"
        )
        for modality in patient.study.volumes
    }


def _image(
    patient: DigitalPatient, modality: Modality, shares: Mapping[str, Array], grain: Array
) -> Array:
    from scipy import ndimage

    sequence = patient.acquisition.sequences[modality]
    image = patient.study.volumes[modality].data
    table = HEAD_RELAXATION[patient.acquisition.field_t]
    white = patient.tissue[Tissue.WHITE_MATTER] > 0.9
    own = _signal(sequence, patient.made.table[Tissue.WHITE_MATTER])
    scale = float(np.median(image[white])) / own
    head = np.zeros(image.shape, dtype=np.float32)
    for name, share in shares.items():
        row = patient.made.table[Tissue.CSF] if name == "fluid" else table[name]
        head += np.float32(scale * _signal(sequence, row)) * share
    spacing = patient.truth.grid.spacing_mm[0]
    head = ndimage.gaussian_filter(head * grain, sequence.blur_mm / spacing, truncate=3)
    rng = patient.made.chance.of(f"head noise of {modality}")
    level = np.float32(sequence.noise * LEVELS)
    noise = [level * rng.standard_normal(head.shape, dtype=np.float32) for _ in range(2)]
    head = np.rint(np.hypot(head + noise[0], noise[1]))
    return np.where(patient.brain, image, head).astype(np.float32)


def _signal(sequence: Sequence, row: Relaxation) -> float:
    one = np.ones(1, dtype=np.float32)
    return float(
        brightness(
            sequence, t1_ms=row.t1_ms * one, t2_ms=row.t2_ms * one, density=row.density,
            concentration_mm=0.0,
        )[0]
    )  # fmt: skip


def _shares(shape: _Shape, skull_mm: Array) -> dict[str, Array]:
    """Share of each tissue outside the brain; what is left is air."""

    def within(distance: Array) -> Array:
        return np.asarray(np.clip(distance + 0.5, 0, 1), dtype=np.float32)

    out, skin = shape.beyond_brain, shape.below_skin
    inside = within(skin) * (1 - shape.air)
    fluid = within(FLUID_MM - out)
    skull = within(FLUID_MM + skull_mm - out) * (1 - fluid)
    marrow = within(out - FLUID_MM - TABLE_MM) * within(FLUID_MM + skull_mm - TABLE_MM - out)
    soft = inside * (1 - fluid) * (1 - skull)
    rim = within(FAT_MM - skin) * within(skin - SKIN_MM)
    eyes = shape.eyes * soft
    orbit = np.maximum(shape.orbits, rim) * (soft - eyes)
    return {
        "fluid": inside * fluid,
        "bone": inside * (skull - marrow * skull),
        "marrow": inside * marrow * skull,
        "vitreous": eyes,
        "fat": orbit,
        "muscle": soft - eyes - orbit,
    }


def _centres(grid: Grid) -> Positions:
    spacing = grid.spacing_mm[0]
    i, j, k = (((np.arange(n) + 0.5) * spacing).astype(np.float64) for n in grid.shape)
    return (i, j, k)


def _shape(patient: DigitalPatient, grid: Grid) -> _Shape:
    from scipy import ndimage

    nodes = lattice_positions(NODES_MM)
    person = patient.made.person
    warp, template = person.warp, person.template
    brain = sample(template.brain, warp.indices(nodes)) > 0.5
    # The skull spans what the brain folds in.
    hull = ndimage.gaussian_filter(brain.astype(np.float32), 2.0) > 0.4
    beyond = ndimage.distance_transform_edt(~(hull | brain)) * NODES_MM
    beyond -= ndimage.distance_transform_edt(hull | brain) * NODES_MM
    # Straight back from the template: the smooth part of the warp moves a face little.
    rays = np.stack(np.meshgrid(*nodes, indexing="ij")) - warp.middle.reshape(3, 1, 1, 1)
    template_mm = np.einsum("ab,bijk->aijk", warp.turn, rays)
    template_mm += (warp.centre - template.origin).reshape(3, 1, 1, 1)

    def ball(part: tuple[tuple[float, ...], tuple[float, ...]]) -> NDArray[np.float64]:
        centre, radii = (np.array(p).reshape(3, 1, 1, 1) for p in part)
        distance = np.linalg.norm((template_mm - centre) / radii, axis=0)
        return np.asarray((1 - distance) * min(part[1]))

    head = (beyond < SCALP_MM) | (ball(FACE) > 0) | (ball(NECK) > 0)
    head = ndimage.gaussian_filter(head.astype(np.float32), 1.2) > 0.5
    below = ndimage.distance_transform_edt(head) - ndimage.distance_transform_edt(~head)
    fields = [beyond, below * NODES_MM]
    fields += [np.max([ball(p) for p in parts], axis=0) for parts in (EYES, ORBITS, AIRWAYS)]
    step = grid.spacing_mm[0] / NODES_MM
    first = grid.spacing_mm[0] / 2 / NODES_MM + 1
    fine = [
        ndimage.affine_transform(
            f.astype(np.float32), (step,) * 3, offset=first, output_shape=grid.shape, order=1,
            mode="nearest",
        )
        for f in fields
    ]  # fmt: skip
    soft = [np.clip(f + 0.5, 0, 1).astype(np.float32) for f in fine[2:]]
    return _Shape(fine[0], fine[1], soft[0], soft[1], soft[2])
