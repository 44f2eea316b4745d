"""The figures of an analysis as rows of text."""

from __future__ import annotations

from dataclasses import dataclass

from gliokit.measurement.schema import Bidimensional, Location, Measurements, RegionFigures
from gliokit.reporting.analysis import Analysis
from gliokit.reporting.language import Language, mark
from gliokit.reporting.names import (
    REGION_COLOURS,
    VALUE_COLOURS,
    place_name,
    region_name,
    sequence_name,
    value_name,
)
from gliokit.study import STRUCTURAL

__all__ = [
    "ABSENT",
    "Share",
    "Table",
    "compared_table",
    "lesion_table",
    "location_rows",
    "place_shares",
    "proportion_shares",
    "region_table",
    "strip",
]

ABSENT = "\N{EN DASH}"
"""Where there is no figure."""

MOST_LESIONS = 12
LEAST_LISTED_ML = 0.01


@dataclass(frozen=True, slots=True)
class Table:
    """Column heads, and rows of a colour ('' for none) and cells.

    `left_out` counts rows that were too small to list.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a whole."""

    name: str
    percent: float
    text: str
    colour: str


def strip(analysis: Analysis, words: Language) -> tuple[tuple[str, str], ...]:
    """The patient strip: what was looked at, when and by what."""
    prepared, provenance = analysis.prepared, analysis.provenance
    missing = [m for m in STRUCTURAL if m not in prepared.images]
    sequences = words.listing(sequence_name(m, words) for m in prepared.images)
    if missing:
        names = words.listing(sequence_name(m, words) for m in missing)
        sequences += words.say(" (missing: {names})", names=names)
    date = words.date(str(provenance["date"])) if "date" in provenance else "-"
    given = analysis.measurements.segmentation == "given"
    source = words.say("given file") if given else analysis.segmentation.model
    return (
        (words.say("Patient"), prepared.subject),
        (words.say("Analysed"), date),
        (words.say("Sequences"), sequences),
        (words.say("Segmentation"), source),
    )


def region_table(figures: Measurements, words: Language) -> Table:
    """Per known region its figures."""
    rows = [
        (
            REGION_COLOURS.get(name, ""),
            (
                f"{region_name(name, words)} ({name})",
                words.exact_ml(region.volume_ml),
                _mm(region.longest_diameter_mm, words),
                *_axial(region.bidimensional, words),
                _targets(region, words),
                words.number(region.surface_area_mm2 / 100, 1),
                words.number(len(region.lesions)),
            ),
        )
        for name, region in figures.regions.items()
    ]
    heads = (
        words.say("Region"),
        words.say("Volume (mL)"),
        words.say("Longest diameter, 3-D (mm)"),
        words.say("RANO diameters, axial (mm)"),
        words.say("Product (mm²)"),
        words.say("Sum of products (mm²), targets"),
        words.say("Surface (cm²)"),
        words.say("Parts"),
    )
    return Table(heads, tuple(rows))


def _mm(value: float | None, words: Language) -> str:
    return ABSENT if value is None else words.number(value, 1)


def _axial(figures: Bidimensional | None, words: Language) -> tuple[str, str]:
    if figures is None:
        return ABSENT, ABSENT
    text = f"{words.number(figures.longest_mm, 1)} x {words.number(figures.perpendicular_mm, 1)}"
    if not figures.measurable:
        text += words.say(" (not measurable)")
    return text, words.number(figures.product_mm2)


def _targets(region: RegionFigures, words: Language) -> str:
    """Sum of products of the target lesions, and in brackets how many these are."""
    if region.sum_of_products_mm2 is None or not region.targets:
        return ABSENT
    return f"{words.number(region.sum_of_products_mm2)} ({words.number(region.targets)})"


def lesion_table(figures: Measurements, words: Language) -> Table:
    """Lesions of the enhancing tumour and of the whole tumour, the largest first."""
    rows, left_out = [], 0
    for name in ("ET", "WT"):
        region = figures.regions.get(name)
        lesions = region.lesions if region is not None else ()
        listed = [x for x in lesions if x.volume_ml >= LEAST_LISTED_ML][:MOST_LESIONS]
        left_out += len(lesions) - len(listed)
        for n, lesion in enumerate(listed, start=1):
            cells = (
                f"{region_name(name, words)} {n}",
                words.exact_ml(lesion.volume_ml),
                words.number(lesion.longest_diameter_mm, 1),
                *_axial(lesion.bidimensional, words),
                ", ".join(words.number(x) for x in lesion.centroid_mm),
            )
            rows.append((REGION_COLOURS[name], cells))
    heads = (
        words.say("Lesion"),
        words.say("Volume (mL)"),
        words.say("Longest diameter, 3-D (mm)"),
        words.say("RANO diameters, axial (mm)"),
        words.say("Product (mm²)"),
        words.say("Centre (R, A, S mm)"),
    )
    return Table(heads, tuple(rows), left_out)


def compared_table(analysis: Analysis, words: Language) -> Table | None:
    """Both segmentations' figures side by side."""
    if analysis.compared is None:
        return None
    ours, theirs = analysis.measurements, analysis.compared[1]
    rows = []
    for name in dict.fromkeys((*ours.regions, *theirs.regions)):
        pair = [m.regions.get(name) for m in (ours, theirs)]
        label = f"{region_name(name, words)} ({name})"
        volumes = [None if r is None else r.volume_ml for r in pair]
        cells = tuple(ABSENT if v is None else words.exact_ml(v) for v in volumes)
        colour = REGION_COLOURS.get(name, "")
        what = words.say("{region}, volume (mL)", region=label)
        rows.append((colour, (what, *cells, _difference(volumes, words))))
        axial = [None if r is None else r.bidimensional for r in pair]
        if any(axial):
            products = [None if b is None else b.product_mm2 for b in axial]
            cells = tuple(_axial(b, words)[0] for b in axial)
            what = words.say("{region}, RANO diameters (mm)", region=label)
            rows.append(("", (what, *cells, _difference(products, words))))
    heads = (
        words.say("Figure"),
        _which(ours, analysis.segmentation.model, words),
        _which(theirs, analysis.compared[0].model, words),
        words.say("Difference"),
    )
    return Table(heads, tuple(rows))


def _which(figures: Measurements, model: str, words: Language) -> str:
    if figures.segmentation == "given":
        return words.say("Given (solid line)")
    return words.say("Automatic, {model} (dashed line)", model=model)


def _difference(values: list[float | None], words: Language) -> str:
    first, second = values
    if first is None or second is None or second == 0:
        return ABSENT
    percent = (first - second) / second * 100
    sign = "+" if round(percent) > 0 else ""
    return f"{sign}{words.number(percent)} %"


PROPORTIONS = (
    ("ET", "enhancing_percent"),
    ("NCR", "non_enhancing_core_percent"),
    ("ED", "flair_outside_core_percent"),
)


def proportion_shares(figures: Measurements, words: Language) -> tuple[Share, ...]:
    """Parts of the whole tumour, for a bar."""
    if figures.proportions is None:
        return ()
    return tuple(
        _share(
            value_name(value, words),
            getattr(figures.proportions, field),
            VALUE_COLOURS[value],
            words,
        )
        for value, field in PROPORTIONS
    )


def _share(name: str, percent: float, colour: str, words: Language) -> Share:
    return Share(name, percent, words.percent(percent), colour)


def place_shares(location: Location | None, words: Language) -> tuple[Share, ...]:
    """Lobes and deep structures with part of the tumour, the largest part first."""
    if location is None:
        return ()
    places = sorted(location.lobes_percent.items(), key=lambda item: -item[1])
    return tuple(
        _share(place_name(k, words), p, REGION_COLOURS["WT"], words) for k, p in places if p > 0
    )


SIDES = {"left": mark("left"), "right": mark("right"), "bilateral": mark("both sides")}


def location_rows(location: Location | None, words: Language) -> tuple[tuple[str, str], ...]:
    """Side, midline, distances, as name and value."""
    if location is None:
        return ()
    shift = location.midline_shift_mm
    unknown = words.say("could not be measured")
    distances = (
        (words.say("Distance to the ventricles"), location.ventricle_distance_mm),
        (words.say("Distance to the cortex"), location.cortex_distance_mm),
        (words.say("Distance to the brain surface"), location.brain_surface_distance_mm),
    )
    return (
        (words.say("Side"), words.say(SIDES[location.side])),
        (words.say("Share on the left"), words.percent(location.left_percent)),
        (
            words.say("Crosses the midline"),
            words.say("yes") if location.crosses_midline else words.say("no"),
        ),
        (words.say("Midline shift"), unknown if shift is None else _shift(shift, words)),
        *(
            (name, unknown if distance is None else f"{words.number(distance, 1)} mm")
            for name, distance in distances
        ),
        (
            words.say("Centre in MNI152 (R, A, S mm)"),
            ", ".join(words.number(x) for x in location.centroid_mni_mm),
        ),
    )


def _shift(shift: float, words: Language) -> str:
    size = words.number(abs(shift), 1)
    if round(abs(shift), 1) == 0:
        return f"{size} mm"
    if shift > 0:
        return words.say("{size} mm to the left", size=size)
    return words.say("{size} mm to the right", size=size)
