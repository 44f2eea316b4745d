"""One person's brain: grey matter, white matter, fluid and vessels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.atlas import STEP, load_atlas
from gliokit.phantom.fields import BOX_MM, Positions, lattice_positions, smooth_field
from gliokit.phantom.sulci import draw_sulci
from gliokit.phantom.template import Template
from gliokit.phantom.warp import LATTICE_MM, Warp, sample
from gliokit.study import Grid

__all__ = ["Anatomy", "Frame", "build_anatomy", "frame_around", "make_grid"]

# How far averaged maps are pushed towards one tissue a voxel.
HARDNESS = 2.6
# Fluid between gyri: its evidence is evidence^power * exp(level + amplitude * field).
FLUID_LEVEL, FLUID_AMPLITUDE, FLUID_MM, FLUID_POWER = 0.65, 0.45, 7.0, 1.4
FURROW = 1.35
# The averaged maps give white matter less than people have.
WHITE = 1.15
# How much wider than the least the sulci are at an atrophy of 1, as a logarithm.
ATROPHY = 0.9

Value = TypeVar("Value", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The box of voxels that holds the brain, within the whole grid.

    Args:
        grid: The whole grid.
        box: The voxels that are worked on.
        at: Their centres in the box of the phantom, millimetres.
    """

    grid: Grid
    box: tuple[slice, slice, slice]
    at: Positions

    def whole(self, part: NDArray[Value]) -> NDArray[Value]:
        """Values of the frame on the whole grid, 0 around them, read-only."""
        array = np.zeros(self.grid.shape, dtype=part.dtype)
        array[self.box] = part
        array.setflags(write=False)
        return array


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """Shares of each tissue within the frame, float32, summing to 1 in the brain, 0 outside.

    Args:
        white, grey, csf: Shares.
        brain: bool.
        depth_mm: Below the surface, float32; 0 outside.
        nuclei: Share of striatum and thalamus in the grey matter of each voxel, float32.
        pallidum: The same of the globus pallidus.
        lobes: uint8, place in `LOBES` plus 1 in the brain.
    """

    white: NDArray[np.float32]
    grey: NDArray[np.float32]
    csf: NDArray[np.float32]
    brain: NDArray[np.bool_]
    depth_mm: NDArray[np.float32]
    nuclei: NDArray[np.float32]
    pallidum: NDArray[np.float32]
    lobes: NDArray[np.uint8]


def make_grid(spacing_mm: float) -> Grid:
    """The grid of BraTS (240 x 240 x 155 mm, LPS) at a voxel size.

    The outer edges of the first voxel stay in place, so that grids of different voxel size
    show the same patient at the same place.
    """
    shape = tuple(round(edge / spacing_mm) for edge in BOX_MM)
    affine = np.diag([-spacing_mm, -spacing_mm, spacing_mm, 1.0])
    first = (spacing_mm - 1) / 2
    affine[:3, 3] = (-first, 239.0 - first, first)
    return Grid(shape, affine)  # type: ignore[arg-type]


def _centres(grid: Grid) -> Positions:
    spacing = grid.spacing_mm[0]
    i, j, k = (((np.arange(n) + 0.5) * spacing).astype(np.float64) for n in grid.shape)
    return (i, j, k)


def frame_around(warp: Warp, template: Template, grid: Grid) -> Frame:
    """The frame that holds the warped brain with a margin."""
    nodes = lattice_positions(LATTICE_MM)
    brain = sample(template.brain, warp.indices(nodes)) > 0.1
    slices, at = [], []
    for axis, centres in enumerate(_centres(grid)):
        others = tuple(a for a in range(3) if a != axis)
        there = nodes[axis][brain.any(axis=others)]
        inside = (centres > there[0] - 2 * LATTICE_MM) & (centres < there[-1] + 2 * LATTICE_MM)
        index = np.flatnonzero(inside)
        slices.append(slice(int(index[0]), int(index[-1]) + 1))
        at.append(centres[inside])
    return Frame(grid, (slices[0], slices[1], slices[2]), (at[0], at[1], at[2]))


def build_anatomy(
    warp: Warp,
    template: Template,
    *,
    at: Positions,
    rng: np.random.Generator,
    atrophy: float | None = None,
) -> Anatomy:
    """Tissue shares of one person at voxel centres.

    Definition: evidence of the template where the warp points to; that of fluid varies
    with a smooth random field (some sulci are wide, some closed), and furrows of the
    person's own are added; each share is its evidence to the power of 2.6 over the sum.

    Args:
        atrophy: How wide the sulci are, 0 (young) to 1; drawn where none is given.
    """
    from scipy import ndimage

    atlas = load_atlas()
    indices = warp.indices(at)
    brain = sample(template.brain, indices) > 0.5
    spacing = float(at[0][1] - at[0][0])
    below = np.asarray(ndimage.distance_transform_edt(brain) * spacing, dtype=np.float32)
    depth_mm = below[brain]
    inside = indices[:, brain]
    white, grey, csf = (sample(m, inside) for m in (template.white, template.grey, template.csf))
    nuclei, pallidum = (
        sample(m, inside / np.float32(STEP)) for m in (atlas.nuclei, atlas.pallidum)
    )
    # Averaging leaves deep nuclei between white and grey; they are grey.
    deep = np.minimum(nuclei + pallidum, 1)
    grey = np.maximum(grey, 0.75 * deep)
    white *= 1 - 0.6 * deep
    person = np.float32(rng.normal(FLUID_LEVEL, 0.15))
    if atrophy is not None:
        person = np.float32(FLUID_LEVEL + ATROPHY * (atrophy - 0.5))
    width = smooth_field(rng, length_mm=FLUID_MM, at=at)[brain]
    furrow, cortex = draw_sulci(rng, at=at, inside=brain, depth_mm=depth_mm, middle_mm=warp.middle)
    cerebrum = np.clip((inside[2] - np.float32(template.ac_level - 10)) / 8, 0, 1)
    # The mask follows the skull in the average; people's images are stripped closer.
    csf *= np.clip(0.25 + depth_mm / 6, 0, 1)
    csf = csf**FLUID_POWER * np.exp(person + np.float32(FLUID_AMPLITUDE) * width)
    csf = np.maximum(csf, FURROW * furrow * cerebrum)
    grey = np.maximum(grey, 0.9 * cortex * cerebrum)
    white *= np.float32(WHITE)
    powers = [np.maximum(m, 1e-3) ** np.float32(HARDNESS) for m in (white, grey, csf)]
    total = powers[0] + powers[1] + powers[2]
    nearest = np.rint(inside / STEP).astype(np.intp)
    for axis, length in enumerate(atlas.lobes.shape):
        np.clip(nearest[axis], 0, length - 1, out=nearest[axis])

    def whole(values: NDArray[Value]) -> NDArray[Value]:
        share = np.zeros(brain.shape, dtype=values.dtype)
        share[brain] = values
        return share

    parts = [whole(power / total) for power in powers]
    deep_parts = [whole(part / np.maximum(nuclei + pallidum, 1)) for part in (nuclei, pallidum)]
    return Anatomy(
        parts[0], parts[1], parts[2], brain, below, deep_parts[0], deep_parts[1],
        whole(atlas.lobes[tuple(nearest)]),
    )  # fmt: skip
