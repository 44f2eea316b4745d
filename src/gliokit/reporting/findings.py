"""The paragraph that a radiologist can paste into the own report."""

from __future__ import annotations

from collections.abc import Iterator

from gliokit.measurement.schema import (
    Bidimensional,
    Location,
    Measurements,
    Proportions,
    RegionFigures,
)
from gliokit.reporting.analysis import Analysis
from gliokit.reporting.choice import has_tumour, is_uncertain
from gliokit.reporting.language import Language
from gliokit.reporting.names import place_name, sequence_name
from gliokit.study import Modality

__all__ = ["findings"]

LEAST_SHARE_PERCENT = 5.0
"""A lobe with less of the tumour is not named in the paragraph; the table has it."""

LEAST_LESION_ML = 0.5
"""A ball of 10 mm: what is smaller is no focus of its own."""

LEAST_SHIFT_MM = 2.0
VENTRICLE_CONTACT_MM = 1.5


def findings(analysis: Analysis, words: Language) -> str:
    """Site, size, enhancement, multifocality, midline: one paragraph, carefully worded."""
    figures = analysis.measurements
    sentences = [_examination(analysis, words)]
    if not has_tumour(figures):
        sentences += [
            words.say("No tumour was segmented."),
            words.say("This does not exclude a tumour."),
        ]
        return words.sentences(sentences)
    sentences += _site(figures.location, words)
    sentences += _size(figures, words)
    sentences += _enhancement(analysis, words)
    sentences += _foci(figures, words)
    sentences += _midline(figures.location, words)
    return words.sentences(sentences)


def _examination(analysis: Analysis, words: Language) -> str:
    sequences = words.listing(sequence_name(m, words) for m in analysis.prepared.images)
    if analysis.measurements.segmentation == "given":
        return words.say(
            "MRI of the brain ({sequences}), measured on a given segmentation.",
            sequences=sequences,
        )
    return words.say(
        "MRI of the brain ({sequences}), measured on an automatic segmentation.",
        sequences=sequences,
    )


def _site(location: Location | None, words: Language) -> Iterator[str]:
    if location is None:
        yield words.say("A tumour was segmented; its place could not be looked up.")
        return
    if is_uncertain(location):
        yield words.say(
            "The match with the atlas is uncertain: side, places and midline may be wrong."
        )
    if location.side == "left":
        yield words.say("There is a tumour in the left half of the brain.")
    elif location.side == "right":
        yield words.say("There is a tumour in the right half of the brain.")
    else:
        yield words.say(
            "There is a tumour on both sides, {left} of it on the left.",
            left=words.percent(location.left_percent),
        )
    places = sorted(location.lobes_percent.items(), key=lambda item: -item[1])
    named = [
        words.say(
            "{place} ({percent})",
            place=place_name(key, words, with_side=location.side == "bilateral"),
            percent=words.percent(percent),
        )
        for key, percent in places
        if percent >= LEAST_SHARE_PERCENT
    ]
    if named and is_uncertain(location):
        yield words.say("It may lie mainly in: {places}.", places=words.listing(named))
    elif named:
        yield words.say("It occupies mainly: {places}.", places=words.listing(named))


def _size(figures: Measurements, words: Language) -> Iterator[str]:
    whole = figures.regions.get("WT")
    if whole is not None:
        yield words.say(
            "The whole tumour (core and surrounding FLAIR abnormality) has a volume of {volume}"
            "{diameters}.",
            volume=words.ml(whole.volume_ml),
            diameters=_diameters(whole.bidimensional, words),
        )
    core = figures.regions.get("TC")
    if core is not None and core.volume_ml > 0:
        yield words.say("The tumour core measures {volume}.", volume=words.ml(core.volume_ml))
    cavity = figures.regions.get("RC")
    if cavity is not None and cavity.volume_ml > 0:
        yield words.say(
            "The resection cavity measures {volume}.", volume=words.ml(cavity.volume_ml)
        )


def _diameters(figures: Bidimensional | None, words: Language) -> str:
    if figures is None:
        return ""
    return words.say(
        " and axial diameters of {longest} x {perpendicular} mm",
        longest=words.number(figures.longest_mm),
        perpendicular=words.number(figures.perpendicular_mm),
    )


def _enhancement(analysis: Analysis, words: Language) -> Iterator[str]:
    figures = analysis.measurements
    enhancing = figures.regions.get("ET")
    if enhancing is None:
        yield words.say("The segmentation does not tell enhancing parts from others.")
        return
    if Modality.T1C not in analysis.prepared.images:
        yield words.say("Enhancement can't be judged without T1 with contrast.")
        return
    if enhancing.volume_ml == 0:
        yield words.say("No enhancing tumour was segmented.")
    else:
        yield words.say(
            "The enhancing tumour has a volume of {volume}.", volume=words.ml(enhancing.volume_ml)
        )
        yield _enhancing_diameters(enhancing.bidimensional, words)
    if figures.proportions is not None:
        yield _proportions(figures.proportions, words)


def _proportions(shares: Proportions, words: Language) -> str:
    core = words.percent(shares.non_enhancing_core_percent)
    outside = words.percent(shares.flair_outside_core_percent)
    if shares.enhancing_percent == 0:
        return words.say(
            "Of the whole tumour {core} is non-enhancing core (necrosis or non-enhancing tumour) "
            "and {outside} FLAIR abnormality outside the core (oedema or infiltration).",
            core=core,
            outside=outside,
        )
    return words.say(
        "Of the whole tumour {enhancing} enhances, {core} is non-enhancing core (necrosis or "
        "non-enhancing tumour) and {outside} FLAIR abnormality outside the core (oedema or "
        "infiltration).",
        enhancing=words.percent(shares.enhancing_percent),
        core=core,
        outside=outside,
    )


def _enhancing_diameters(figures: Bidimensional | None, words: Language) -> str:
    if figures is None:
        return words.say(
            "It has no axial diameter that could be taken: it is the thin wall of a cyst or of a "
            "cavity."
        )
    if not figures.measurable:
        return words.say(
            "It is not measurable by RANO (below 10 x 10 mm, or seen in one slice only)."
        )
    return words.say(
        "With its enclosed core it measures {longest} x {perpendicular} mm in the axial plane "
        "(RANO, product {product} cm²).",
        longest=words.number(figures.longest_mm),
        perpendicular=words.number(figures.perpendicular_mm),
        product=words.number(figures.product_mm2 / 100, 1),
    )


def _foci(figures: Measurements, words: Language) -> Iterator[str]:
    whole, enhancing = _lesions(figures.regions.get("WT")), _lesions(figures.regions.get("ET"))
    if whole > 1:
        yield words.say(
            "There are {n} lesions that are separate from each other (of {least} mL or more).",
            n=whole,
            least=words.number(LEAST_LESION_ML, 1),
        )
    if enhancing > 1:
        yield words.say(
            "There are {n} separate enhancing foci (of {least} mL or more).",
            n=enhancing,
            least=words.number(LEAST_LESION_ML, 1),
        )
    if whole == 1 and enhancing <= 1:
        yield words.say("The tumour is a single lesion.")


def _lesions(region: RegionFigures | None) -> int:
    if region is None:
        return 0
    return sum(lesion.volume_ml >= LEAST_LESION_ML for lesion in region.lesions)


def _midline(location: Location | None, words: Language) -> Iterator[str]:
    if location is None:
        return
    if location.crosses_midline and is_uncertain(location):
        yield words.say("It may cross the midline.")
    elif location.crosses_midline:
        yield words.say("It crosses the midline.")
    shift = location.midline_shift_mm
    if shift is None:
        yield words.say("The midline shift could not be measured.")
    elif abs(shift) < LEAST_SHIFT_MM:
        yield words.say("No midline shift of 2 mm or more.")
    elif shift > 0:
        yield words.say("Midline shift of {shift} mm to the left.", shift=words.number(shift))
    else:
        yield words.say("Midline shift of {shift} mm to the right.", shift=words.number(-shift))
    distance = location.ventricle_distance_mm
    if distance is None:
        return
    if distance < VENTRICLE_CONTACT_MM:
        yield words.say("It reaches the ventricles.")
    else:
        yield words.say(
            "Its distance to the ventricles is {distance} mm.", distance=words.number(distance)
        )
