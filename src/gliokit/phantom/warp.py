"""Individual shapes: the smooth map from a patient to the average brain."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.fields import (
    BOX_MM,
    Positions,
    evaluate,
    lattice_positions,
    lattice_shape,
    smooth_field,
)
from gliokit.phantom.template import Template

__all__ = ["LATTICE_MM", "Warp", "draw_warp", "pushed", "sample"]

LATTICE_MM = 4.0
# Blob size and standard deviation of the drawn velocities: lobes, gyri, folds.
SHAPES_MM = ((90.0, 2.2), (40.0, 1.7), (18.0, 1.7), (9.0, 1.0))
SQUARINGS = 5
TILT_DEG = 3.0
SHIFT_MM = 2.0
STRETCH = 0.03
# Volume of the brain, fluid around it included. In 42 real patients
# of BraTS and BraTS-Africa: median 1494 mL, 10th to 90th percentile 1259 to 1638 mL.
# Drawn a little smaller, within the range asked of digital patients.
BRAIN_ML, BRAIN_ML_SD, BRAIN_ML_RANGE = 1440.0, 90.0, (1250.0, 1580.0)


@dataclass(frozen=True, slots=True, eq=False)
class Warp:
    """From millimetres in the box (left, posterior, superior) to indices of the template.

    index = centre + turn @ (x + displacement(x) - middle): first the smooth part, then
    the linear one.

    Args:
        displacement: (3, a, b, c) on the nodes of the lattice, millimetres.
        turn: 3x3, rotation and scaling.
        middle: Where the template's centre lies in the box.
        centre: The template's centre, index.
    """

    displacement: NDArray[np.float32]
    turn: NDArray[np.float64]
    middle: NDArray[np.float64]
    centre: NDArray[np.float64]

    def indices(self, at: Positions) -> NDArray[np.float32]:
        """Template indices of voxel centres, (3, i, j, k)."""
        moved = evaluate(self.displacement, step_mm=LATTICE_MM, at=at)
        for axis in range(3):
            shape = [-1 if a == axis else 1 for a in range(3)]
            moved[axis] += (at[axis] - self.middle[axis]).reshape(shape).astype(np.float32)
        turned = np.empty_like(moved)
        for row in range(3):
            turned[row] = sum(np.float32(self.turn[row, a]) * moved[a] for a in range(3))
            turned[row] += np.float32(self.centre[row])
        return turned


def sample(
    image: NDArray[np.float32], indices: NDArray[np.float32], *, fill: float = 0.0
) -> NDArray[np.float32]:
    """An image of the template at indices (3, ...), linear between voxels."""
    from scipy import ndimage

    drawn = ndimage.map_coordinates(image, indices, order=1, mode="constant", cval=fill)
    return np.asarray(drawn, dtype=np.float32)


def _moved(field: NDArray[np.float32], by: NDArray[np.float32]) -> NDArray[np.float32]:
    """A field on the lattice's nodes, read where another displacement (mm) points to."""
    from scipy import ndimage

    place = np.indices(field.shape[-3:], dtype=np.float32) + by / np.float32(LATTICE_MM)
    read = [ndimage.map_coordinates(part, place, order=1, mode="nearest") for part in field]
    return np.stack(read).astype(np.float32)


def _flow(velocity: NDArray[np.float32]) -> NDArray[np.float32]:
    """Displacement after following a steady velocity for unit time (scaling and squaring).

    Unlike the velocity itself, it does not fold.

    References:
        Arsigny V et al. MICCAI 2006, LNCS 4190:924.
    """
    displacement = velocity / np.float32(2**SQUARINGS)
    for _ in range(SQUARINGS):
        displacement = displacement + _moved(displacement, displacement)
    return displacement


def _volume_ml(warp: Warp, template: Template) -> float:
    brain = sample(template.brain, warp.indices(lattice_positions(LATTICE_MM)))
    return float(brain.sum()) * LATTICE_MM**3 / 1000


def _turn(rng: np.random.Generator) -> NDArray[np.float64]:
    x, y, z = np.radians(rng.normal(0, TILT_DEG, 3))
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    stretch = np.diag(np.exp(rng.normal(0, STRETCH, 3)))
    return np.asarray(stretch @ about_x @ about_y @ about_z)


def draw_warp(
    rng: np.random.Generator,
    template: Template,
    *,
    widening_mm: float | None = None,
    brain_ml: float | None = None,
) -> Warp:
    """A random person: tilt, proportions, lobes, gyri, ventricles and a realistic volume.

    Definition: a velocity of smooth random fields, plus one that widens or narrows the
    ventricles (along the gradient of the blurred ventricles), followed for unit time; then
    scaled until the brain has the drawn volume. The average brain itself is a third
    larger than people's.

    Args:
        widening_mm: Of the ventricles' walls, -2 to 4.5; drawn where none is given.
        brain_ml: Volume with the fluid around it; drawn where none is given.
    """
    from scipy import ndimage

    at = lattice_positions(LATTICE_MM)
    linear = _turn(rng)
    middle = np.array(BOX_MM) / 2 + rng.normal(0, SHIFT_MM, 3)
    target_ml = float(np.clip(rng.normal(BRAIN_ML, BRAIN_ML_SD), *BRAIN_ML_RANGE))
    target_ml = target_ml if brain_ml is None else brain_ml
    velocity = np.stack(
        [
            sum(sd * smooth_field(rng, length_mm=length, at=at) for length, sd in SHAPES_MM)
            for _ in range(3)
        ]
    ).astype(np.float32)
    drawn_mm = float(np.clip(rng.normal(0.6, 1.5), -2.0, 4.5))
    widening_mm = drawn_mm if widening_mm is None else widening_mm
    warp = Warp(np.zeros((3, *lattice_shape(LATTICE_MM)), np.float32), linear, middle,
                template.centre)  # fmt: skip
    scale = (_volume_ml(warp, template) / target_ml) ** (1 / 3)
    warp = replace(warp, turn=linear * scale)
    ventricles = sample(template.ventricles, warp.indices(at))
    blurred = ndimage.gaussian_filter(ventricles, 1.5)
    slope = np.stack(np.gradient(blurred)).astype(np.float32)
    # Reading nearer to the ventricles than one stands makes them wider.
    slope *= widening_mm / max(float(np.linalg.norm(slope, axis=0).max()), 1e-6)
    warp = replace(warp, displacement=_flow(velocity + slope))
    for _ in range(2):
        factor = (_volume_ml(warp, template) / target_ml) ** (1 / 3)
        warp = replace(warp, turn=warp.turn * factor)
    return warp


def pushed(
    warp: Warp, template: Template, *, centre_mm: NDArray[np.float64], reach_mm: float, push: float
) -> Warp:
    """The same person with the tissue around a point pushed outwards: mass effect.

    A place at distance r from the point shows what lay at r (1 - push exp(-(r/reach)^2))
    before; the push fades towards the surface of the brain, which the skull holds. It
    keeps the order of tissue along every ray.

    Args:
        centre_mm: The point, in the box.
        reach_mm: How far the push reaches.
        push: 0 to below 1; the largest displacement is 0.43 * push * reach.
    """
    from scipy import ndimage

    at = lattice_positions(LATTICE_MM)
    brain = sample(template.brain, warp.indices(at)) > 0.5
    depth_mm = ndimage.distance_transform_edt(brain) * LATTICE_MM
    fade = np.clip(depth_mm / 20.0, 0, 1)
    rays = np.stack(np.meshgrid(*at, indexing="ij")) - centre_mm.reshape(3, 1, 1, 1)
    distance = np.linalg.norm(rays, axis=0)
    inwards = (-rays * push * fade * np.exp(-((distance / reach_mm) ** 2))).astype(np.float32)
    return replace(warp, displacement=inwards + _moved(warp.displacement, inwards))
