"""The still pictures of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.schema import Bidimensional
from gliokit.reporting.analysis import Analysis
from gliokit.reporting.choice import focus_slices, key_sequences, slice_of_diameters, tumour
from gliokit.reporting.language import Language, mark
from gliokit.reporting.names import region_name, sequence_name
from gliokit.reporting.picture import Outline, Picture, Rule, image_uri, outline, square
from gliokit.reporting.plane import AXIAL, PLANES, Plane
from gliokit.reporting.rendering import render
from gliokit.segmentation.result import Segmentation
from gliokit.study import Modality

__all__ = ["Figures", "draw_figures"]

REGIONS_DRAWN = ("WT", "TC", "ET", "RC")
SHEET_SLICES = 24
CROP_MARGIN = 18
SMALLEST_CROP = 90
SIDE_ROOM = 9

DIAMETERS_OF = {
    "ET": mark("Enhancing tumour with its enclosed core"),
    "WT": mark("FLAIR abnormality"),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """All still pictures, in the order of the page."""

    planes: tuple[tuple[Picture, ...], ...]
    plain: tuple[Picture, ...]
    diameters: tuple[Picture, ...]
    sheet: tuple[Picture, ...]
    sheet_sequence: str
    rendered: tuple[Picture, ...]
    compared: tuple[Picture, ...]


def draw_figures(
    analysis: Analysis, shown: Mapping[Modality, NDArray[np.uint8]], words: Language
) -> Figures:
    """Draw all pictures.

    Args:
        analysis: What to draw.
        shown: Sequence -> display levels, of the prepared grid.
        words: For the captions.
    """
    segmentation, prepared = analysis.segmentation, analysis.prepared
    slices = focus_slices(prepared, segmentation)
    keys = key_sequences(prepared)
    sheet_of = keys[0] if _enhances(segmentation) or Modality.FLAIR not in shown else Modality.FLAIR
    return Figures(
        planes=tuple(_three_planes(segmentation, shown[m], slices, m, words) for m in keys),
        plain=tuple(
            _plain(image, AXIAL, slices[AXIAL]).with_caption(sequence_name(m, words))
            for m, image in shown.items()
        ),
        diameters=_diameters(analysis, shown, words),
        sheet=_sheet(segmentation, prepared.brain, shown[sheet_of]),
        sheet_sequence=sequence_name(sheet_of, words),
        rendered=render(prepared.brain, segmentation, words),
        compared=_compared(analysis, shown, slices[AXIAL], words),
    )


def _enhances(segmentation: Segmentation) -> bool:
    labels = segmentation.label_map
    return labels.knows("ET") and bool(labels.region("ET").any())


def _plain(image: NDArray[np.uint8], plane: Plane, index: int, *, scale: int = 2) -> Picture:
    pixels = plane.slice_of(image, index)
    height, width = pixels.shape
    uri = image_uri(pixels, scale=scale)
    return Picture(width, height, uri, square(width, height, max(image.shape)), plane.sides)


def _outlines(
    segmentation: Segmentation, plane: Plane, index: int, *, dashed: bool = False
) -> tuple[Outline, ...]:
    labels = segmentation.label_map
    values = plane.slice_of(labels.data, index)
    known = [r for r in REGIONS_DRAWN if labels.knows(r)]
    paths = {r: outline(np.isin(values, tuple(labels.labels.regions[r]))) for r in known}
    return tuple(Outline(r, path, dashed) for r, path in paths.items() if path)


def _three_planes(
    segmentation: Segmentation,
    image: NDArray[np.uint8],
    slices: Mapping[Plane, int],
    modality: Modality,
    words: Language,
) -> tuple[Picture, ...]:
    return tuple(
        replace(
            _plain(image, plane, slices[plane]),
            outlines=_outlines(segmentation, plane, slices[plane]),
            caption=words.say(
                "{sequence}, {plane}",
                sequence=sequence_name(modality, words),
                plane=words.say(plane.name),
            ),
            scale_mm=50,
        )
        for plane in PLANES
    )


def _diameters(
    analysis: Analysis, shown: Mapping[Modality, NDArray[np.uint8]], words: Language
) -> tuple[Picture, ...]:
    wanted = {"ET": Modality.T1C, "WT": Modality.FLAIR}
    pictures = []
    for region, modality in wanted.items():
        figures = analysis.measurements.regions.get(region)
        if figures is None or figures.bidimensional is None:
            continue
        image = shown.get(modality, next(iter(shown.values())))
        picture = _with_diameters(analysis, image, region, figures.bidimensional)
        caption = words.say(
            "{what}: {longest} x {perpendicular} mm",
            what=words.say(DIAMETERS_OF[region]),
            longest=words.number(figures.bidimensional.longest_mm, 1),
            perpendicular=words.number(figures.bidimensional.perpendicular_mm, 1),
        )
        pictures.append(picture.with_caption(caption))
    return tuple(pictures)


def _with_diameters(
    analysis: Analysis, image: NDArray[np.uint8], region: str, figures: Bidimensional
) -> Picture:
    prepared = analysis.prepared
    index = slice_of_diameters(prepared, figures)
    inverse = np.linalg.inv(prepared.grid.affine)
    ends = np.array(figures.longest_ends_mm + figures.perpendicular_ends_mm)
    places = AXIAL.place(ends @ inverse[:3, :3].T + inverse[:3, 3], prepared.grid.shape)
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = places.tolist()
    outlines = _outlines(analysis.segmentation, AXIAL, index)
    picture = _plain(image, AXIAL, index)
    corner, width, height = _crop(places, picture.width, picture.height)
    return replace(
        picture,
        outlines=tuple(o for o in outlines if o.region == region),
        rules=(Rule(x1, y1, x2, y2), Rule(x3, y3, x4, y4, "perpendicular")),
        corner=corner,
        width=width,
        height=height,
        frame=(*corner, width, height),
        uri=image_uri(
            AXIAL.slice_of(image, index)[
                corner[1] : corner[1] + height, corner[0] : corner[0] + width
            ],
            scale=4,
        ),
        scale_mm=20,
    )


def _crop(places: NDArray[np.float64], width: int, height: int) -> tuple[tuple[int, int], int, int]:
    """A square around the places with a margin, within the picture."""
    low, high = places.min(axis=0), places.max(axis=0)
    size = int(max((high - low).max() + 2 * CROP_MARGIN, SMALLEST_CROP))
    size_x, size_y = min(size, width), min(size, height)
    middle = (low + high) / 2
    x = int(np.clip(middle[0] - size_x / 2, 0, width - size_x))
    y = int(np.clip(middle[1] - size_y / 2, 0, height - size_y))
    return (x, y), size_x, size_y


def _sheet(
    segmentation: Segmentation, brain: NDArray[np.bool_], image: NDArray[np.uint8]
) -> tuple[Picture, ...]:
    """Axial slices from below upwards, close within the tumour and wide elsewhere."""
    there = tumour(segmentation).any(axis=(0, 1))
    if not there.any():
        there = brain.any(axis=(0, 1))
    inside = np.flatnonzero(there)
    chosen = np.linspace(inside[0], inside[-1], SHEET_SLICES + 2)[1:-1]
    indices = np.unique(np.round(chosen).astype(int))
    return tuple(
        replace(
            _plain(image, AXIAL, int(k), scale=1),
            outlines=_outlines(segmentation, AXIAL, int(k)),
            frame=_upright(image.shape),
        )
        for k in indices
    )


def _upright(shape: tuple[int, ...]) -> tuple[float, float, float, float]:
    """An axial slice with room for the letters at its sides."""
    width, height = shape[AXIAL.across], shape[AXIAL.down]
    return (-SIDE_ROOM, 0, width + 2 * SIDE_ROOM, height)


def _compared(
    analysis: Analysis, shown: Mapping[Modality, NDArray[np.uint8]], index: int, words: Language
) -> tuple[Picture, ...]:
    """Per region the same axial slice with both outlines, the second one dashed."""
    if analysis.compared is None:
        return ()
    keys = key_sequences(analysis.prepared)
    ours = {o.region: o for o in _outlines(analysis.segmentation, AXIAL, index)}
    theirs = {o.region: o for o in _outlines(analysis.compared[0], AXIAL, index, dashed=True)}
    pictures = []
    for region in REGIONS_DRAWN:
        both = tuple(o[region] for o in (ours, theirs) if region in o)
        if both:
            picture = _plain(shown[keys[-1] if region == "WT" else keys[0]], AXIAL, index)
            caption = region_name(region, words)
            pictures.append(replace(picture, outlines=both, caption=caption))
    return tuple(pictures)
