"""One picture of a report: grey voxels without text, and lines and letters over them."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

__all__ = ["Outline", "Picture", "Rule", "image_uri", "outline", "square"]

JPEG_QUALITY = 86
ROOM = 1.08


@dataclass(frozen=True, slots=True)
class Outline:
    """The edge of a region: a path of SVG in voxels of the picture."""

    region: str
    path: str
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line, such as a diameter, in voxels of the picture."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str = "longest"


@dataclass(frozen=True, slots=True)
class Picture:
    """What the template draws as one SVG.

    Args:
        width: Voxels across.
        height: Voxels down.
        frame: Left, top, width and height of what is shown, in voxels; black around the
            image.
        uri: The grey or coloured image.
        sides: Message ids of the letters at the left and the right; none where empty.
        outlines: Edges of regions.
        rules: Lines.
        caption: A translated line below.
        scale_mm: Length of a scale bar; 0 for none.
        corner: Left and top of the image, in voxels.
    """

    width: int
    height: int
    uri: str
    frame: tuple[float, float, float, float]
    sides: tuple[str, str] | tuple[()] = ()
    outlines: tuple[Outline, ...] = ()
    rules: tuple[Rule, ...] = ()
    caption: str = ""
    scale_mm: int = 0
    corner: tuple[int, int] = (0, 0)

    def with_caption(self, caption: str) -> Picture:
        """The same with a line below."""
        return replace(self, caption=caption)


def image_uri(pixels: NDArray[np.uint8], *, scale: int = 2, quality: int = JPEG_QUALITY) -> str:
    """A data URI of a grey (rows, columns) or coloured (rows, columns, 3) image.

    Args:
        pixels: One a voxel.
        scale: Pixels a voxel, interpolated, so that paper shows no blocks.
        quality: Of JPEG.
    """
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(pixels))
    if scale != 1:
        size = (image.width * scale, image.height * scale)
        image = image.resize(size, Image.Resampling.BICUBIC)
    coded = io.BytesIO()
    image.save(coded, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(coded.getvalue()).decode()


def square(
    width: int, height: int, size: int, corner: tuple[int, int] = (0, 0)
) -> tuple[float, float, float, float]:
    """A square frame with the image in its middle and room for letters around it."""
    size = round(size * ROOM)
    return (corner[0] + (width - size) / 2, corner[1] + (height - size) / 2, size, size)


def outline(mask: NDArray[np.bool_]) -> str:
    """The edge of a mask (rows, columns) as a path of SVG; empty where the mask is.

    Lines run halfway between voxel centres inside and outside. The centre of the first
    voxel lies at 0.5, 0.5.
    """
    from contourpy import LineType, contour_generator

    if not mask.any():
        return ""
    padded = np.pad(mask, 1).astype(np.float32)
    generator = contour_generator(z=padded, line_type=LineType.Separate)
    lines = cast("list[NDArray[np.float64]]", generator.lines(0.5))
    return "".join(_path(line[:-1] - 0.5) for line in lines)


def _path(points: Iterable[NDArray[np.float64]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z"
