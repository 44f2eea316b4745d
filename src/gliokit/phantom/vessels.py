"""What lies around and between: sinus, veins, choroid plexus, meninges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.anatomy import Anatomy, Frame
from gliokit.phantom.fields import smooth_field
from gliokit.phantom.template import Template
from gliokit.phantom.warp import Warp, sample

__all__ = ["draw_meninges", "draw_vessels"]

VEIN_MM, VEIN_WIDTH = 9.0, 0.16
SINUS_MM = 3.0
# How much the stripping of the skull leaves differs between people.
SKIN_MM = (1.6, 2.4)
# Of the fluid on the surface, what vessels, arachnoid and flow make dark, and how deep.
DARK_FLUID, DARK_FLUID_MM = (0.4, 0.75), 7.0
PLEXUS_MM, PLEXUS_BOUND = 5.0, 1.4


def draw_vessels(
    anatomy: Anatomy,
    frame: Frame,
    *,
    warp: Warp,
    template: Template,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Share of blood in each voxel, float32; it replaces fluid and cortex.

    Definition: veins run where two smooth random fields are both near 0 (lines in space)
    and fluid is; the superior sagittal sinus lies along the midplane at the surface; the
    choroid plexus is in blobs in the ventricles.
    """
    first, second = (smooth_field(rng, length_mm=VEIN_MM, at=frame.at) for _ in range(2))
    blobs = smooth_field(rng, length_mm=PLEXUS_MM, at=frame.at)
    veins = np.clip(1.5 - np.hypot(first, second) / VEIN_WIDTH, 0, 1)
    veins *= np.clip(2 * anatomy.csf + 0.5 * anatomy.grey, 0, 1)
    indices = warp.indices(frame.at)
    off_mm = np.abs(indices[0] - np.float32(template.midline))
    high = (indices[2] > template.ac_level) | (indices[1] > template.centre[1] + 50)
    sinus = np.clip(SINUS_MM - np.hypot(off_mm, anatomy.depth_mm - 1.5), 0, 1) * high
    plexus = np.clip((blobs - PLEXUS_BOUND) / 0.4, 0, 1) * sample(template.ventricles, indices)
    blood = np.maximum(np.maximum(0.7 * veins, 0.8 * sinus), 0.6 * plexus)
    return np.asarray(blood * anatomy.brain, dtype=np.float32)


def draw_meninges(
    anatomy: Anatomy, frame: Frame, *, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Share of dura, arachnoid and what bone skull stripping leaves: a dark, ragged skin.

    Without it the fluid on the surface outshines all in T2, which it doesn't in the
    skull-stripped images of patients.
    """
    ragged = smooth_field(rng, length_mm=12.0, at=frame.at)
    skin_mm, flow = float(rng.uniform(*SKIN_MM)), np.float32(rng.uniform(*DARK_FLUID))
    skin = 0.9 * np.clip(skin_mm + 0.9 * ragged - anatomy.depth_mm, 0, 1)
    outer = np.clip((DARK_FLUID_MM - anatomy.depth_mm) / 2, 0, 1)
    dark = np.maximum(skin, flow * outer * anatomy.csf)
    return np.asarray(dark * anatomy.brain, dtype=np.float32)
