"""Still 3-D views: the tumour within a translucent brain, along the three axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.reporting.language import Language, mark
from gliokit.reporting.names import REGION_COLOURS
from gliokit.reporting.picture import Picture, image_uri, square
from gliokit.reporting.plane import AXIAL, CORONAL, SAGITTAL, Plane
from gliokit.segmentation.result import Segmentation

__all__ = ["render"]

SMOOTHING_VOXELS = 1.2
BRAIN_COLOUR = (188, 196, 206)
LAYERS = (("WT", 0.45), ("TC", 0.55), ("ET", 0.85), ("RC", 0.6))
"""Drawn one over the other, with these opacities."""

VIEWS: tuple[tuple[str, Plane, bool], ...] = (
    (mark("seen from the front"), CORONAL, True),
    (mark("seen from the left"), SAGITTAL, False),
    (mark("seen from below"), AXIAL, False),
)
"""Message id, plane, and whether the viewer stands at the end of the plane's axis.

These are the sides from which radiologists look at slices, so that left and right of all
pictures of a report agree."""


def render(
    brain: NDArray[np.bool_], segmentation: Segmentation, words: Language
) -> tuple[Picture, ...]:
    """The three views.

    Args:
        brain: On the prepared grid.
        segmentation: On the same grid.
        words: For the captions.
    """
    labels = segmentation.label_map
    surfaces = [(_smooth(brain), BRAIN_COLOUR, 0.62)]
    for region, opacity in LAYERS:
        if labels.knows(region):
            mask = labels.region(region)
            if mask.any():
                surfaces.append((_smooth(mask), _rgb(REGION_COLOURS[region]), opacity))
    return tuple(
        _view(surfaces, plane, from_end).with_caption(words.say(name))
        for name, plane, from_end in VIEWS
    )


def _smooth(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    padded = np.pad(mask, 2).astype(np.float32)
    return np.asarray(ndimage.gaussian_filter(padded, SMOOTHING_VOXELS, truncate=2))


def _rgb(colour: str) -> tuple[int, int, int]:
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))


def _view(
    surfaces: list[tuple[NDArray[np.float32], tuple[int, int, int], float]],
    plane: Plane,
    from_end: bool,
) -> Picture:
    first = plane.oriented(surfaces[0][0])
    canvas = np.zeros((*first.shape[1:], 3), dtype=np.float32)
    for volume, colour, opacity in surfaces:
        rays = plane.oriented(volume)
        hit, light = _shade(rays[::-1] if from_end else rays)
        paint = light[..., None] * np.array(colour, dtype=np.float32)
        alpha = (hit * opacity)[..., None]
        canvas = canvas * (1 - alpha) + paint * alpha
    height, width = canvas.shape[:2]
    uri = image_uri(canvas.clip(0, 255).astype(np.uint8))
    return Picture(width, height, uri, square(width, height, max(first.shape)), plane.sides)


def _shade(rays: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Whether each ray along axis 0 hits the surface, and how bright it is there.

    Brightness is the cosine between the surface and the viewer, whose light it is.
    """
    inside = rays > 0.5
    hit = inside.any(axis=0)
    depth = np.argmax(inside, axis=0)
    here = np.take_along_axis(rays, depth[None], axis=0)[0]
    before = np.take_along_axis(rays, np.maximum(depth - 1, 0)[None], axis=0)[0]
    exact = depth - (here - 0.5) / np.maximum(here - before, 1e-3)
    exact = np.where(hit, exact, np.nan)
    down, across = np.gradient(exact)
    slope = np.hypot(np.nan_to_num(down, nan=1.5), np.nan_to_num(across, nan=1.5))
    light = 0.25 + 0.75 / np.sqrt(1 + slope**2)
    return np.asarray(hit, dtype=np.float32), np.asarray(light, dtype=np.float32)
