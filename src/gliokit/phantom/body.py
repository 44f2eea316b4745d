"""A patient's brain on the voxels of a frame, without its tumour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.anatomy import Anatomy, Frame, build_anatomy, frame_around, make_grid
from gliokit.phantom.chance import Chance
from gliokit.phantom.fibres import fibres_of
from gliokit.phantom.places import GROWTH_SPACING_MM
from gliokit.phantom.template import Template
from gliokit.phantom.tumour import Ways
from gliokit.phantom.vessels import draw_meninges, draw_vessels
from gliokit.phantom.warp import Warp

__all__ = ["Body", "Person"]


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A shape before it is cut into voxels.

    Args:
        warp: From the person to the template.
        template: The average brain.
        chance: Of this person.
        atrophy: How wide the sulci are, 0 to 1; None for drawn.
    """

    warp: Warp
    template: Template
    chance: Chance
    atrophy: float | None = None

    def brain_at(self, spacing_mm: float) -> tuple[Frame, Anatomy]:
        """Tissue shares at a voxel size; the same furrows at each."""
        frame = frame_around(self.warp, self.template, make_grid(spacing_mm))
        return frame, build_anatomy(
            self.warp,
            self.template,
            at=frame.at,
            rng=self.chance.of("sulci"),
            atrophy=self.atrophy,
        )

    def ways(self) -> Ways:
        """What a tumour grows in."""
        frame, anatomy = self.brain_at(GROWTH_SPACING_MM)
        fibres, anisotropy = fibres_of(self.warp, anatomy, frame)
        return Ways(frame, anatomy, fibres, anisotropy)

    def body_at(self, spacing_mm: float) -> Body:
        """Tissue shares, vessels and meninges at a voxel size."""
        frame, anatomy = self.brain_at(spacing_mm)
        vessels = draw_vessels(
            anatomy,
            frame,
            warp=self.warp,
            template=self.template,
            rng=self.chance.of("vessels"),
        )
        meninges = draw_meninges(anatomy, frame, rng=self.chance.of("meninges"))
        fibres, anisotropy = fibres_of(self.warp, anatomy, frame)
        return Body(frame, anatomy, vessels, meninges, fibres, anisotropy)


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What one person's head holds, at the voxels of a frame.

    Args:
        frame: The voxels.
        anatomy: Shares of grey matter, white matter and fluid.
        vessels, meninges: Shares that replace those, float32.
        fibres: (i, j, k, 3), unit vectors along the array's axes, float32.
        anisotropy: Fractional anisotropy, float32.
    """

    frame: Frame
    anatomy: Anatomy
    vessels: NDArray[np.float32]
    meninges: NDArray[np.float32]
    fibres: NDArray[np.float32]
    anisotropy: NDArray[np.float32]
