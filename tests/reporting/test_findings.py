"""The paragraph says what was measured, carefully, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gliokit.measurement.schema import Location, RegionFigures
from gliokit.reporting import Analysis
from gliokit.reporting.findings import findings
from gliokit.reporting.language import language
from gliokit.study import Modality
from tests.reporting.conftest import EMPTY, bidimensional, figures_of, region_figures

ENGLISH = language("en")


def told(analysis: Analysis, **changes: Any) -> str:
    figures = analysis.measurements.model_copy(update=changes)
    return findings(replace(analysis, measurements=figures), ENGLISH).replace("\u00a0", " ")


def located(**changes: Any) -> Location:
    location = figures_of().location
    assert location is not None
    return location.model_copy(update=changes)


def test_the_whole_paragraph(analysis: Analysis) -> None:
    assert told(analysis) == (
        "MRI of the brain (T1, T1 with contrast, T2 and FLAIR), measured on an automatic "
        "segmentation. There is a tumour in the left half of the brain. It occupies mainly: "
        "frontal lobe (80 %) and insula (20 %). The whole tumour (core and surrounding FLAIR "
        "abnormality) has a volume of 23 mL and axial diameters of 13 x 12 mm. The tumour core "
        "measures 7.0 mL. The enhancing tumour has a volume of 6.5 mL. With its enclosed core it "
        "measures 13 x 12 mm in the axial plane (RANO, product 1.6 cm²). Of the whole tumour 28 % "
        "enhances, 3 % is non-enhancing core (necrosis or non-enhancing tumour) and 69 % FLAIR "
        "abnormality outside the core (oedema or infiltration). The tumour is a single lesion. "
        "Midline shift of 4 mm to the right. Its distance to the ventricles is 7 mm."
    )


@pytest.mark.parametrize(
    ("shift", "sentence"),
    [
        (5.4, "Midline shift of 5 mm to the left."),
        (-5.4, "Midline shift of 5 mm to the right."),
        (1.2, "No midline shift of 2 mm or more."),
        (None, "The midline shift could not be measured."),
    ],
)
def test_midline_shift_has_its_direction(
    analysis: Analysis, shift: float | None, sentence: str
) -> None:
    assert sentence in told(analysis, location=located(midline_shift_mm=shift))


def test_a_place_that_is_unknown_is_not_made_up(analysis: Analysis) -> None:
    text = told(analysis, location=None)
    assert "its place could not be looked up" in text
    assert "midline" not in text.lower()


def test_both_sides_name_the_side_of_every_lobe(analysis: Analysis) -> None:
    location = located(side="bilateral", left_percent=60.0, crosses_midline=True)
    text = told(analysis, location=location)
    assert "on both sides, 60 % of it on the left" in text
    assert "left frontal lobe (80 %)" in text
    assert "It crosses the midline." in text


def test_no_enhancement_is_said(analysis: Analysis) -> None:
    regions = {**analysis.measurements.regions, "ET": EMPTY}
    assert "No enhancing tumour was segmented." in told(analysis, regions=regions)


def test_enhancement_is_not_judged_without_contrast(analysis: Analysis) -> None:
    images = {m: i for m, i in analysis.prepared.images.items() if m != Modality.T1C}
    without = replace(analysis, prepared=replace(analysis.prepared, images=images))
    text = told(without)
    assert "Enhancement can't be judged without T1 with contrast." in text
    assert "enhancing tumour has" not in text


def test_what_is_too_small_for_rano_is_not_measured(analysis: Analysis) -> None:
    small = bidimensional().model_copy(update={"measurable": False})
    regions = {**analysis.measurements.regions, "ET": region_figures(0.4, small)}
    assert "not measurable by RANO (below 10 x 10 mm, or seen in one slice only)" in told(
        analysis, regions=regions
    )


def test_the_thin_wall_of_a_cyst_has_no_diameters(analysis: Analysis) -> None:
    regions = {**analysis.measurements.regions, "ET": region_figures(2.0, None)}
    assert "no axial diameter that could be taken: it is the thin wall of a cyst" in told(
        analysis, regions=regions
    )


def test_an_uncertain_match_with_the_atlas_hedges_every_place(analysis: Analysis) -> None:
    text = told(analysis, location=located(similarity=0.8, crosses_midline=True))
    assert "The match with the atlas is uncertain" in text
    assert "It may lie mainly in: frontal lobe" in text
    assert "It may cross the midline." in text
    assert "occupies" not in text
    assert "It crosses" not in text


def test_specks_are_no_foci(analysis: Analysis) -> None:
    def enhancing(*volumes: float) -> dict[str, RegionFigures]:
        lesion = region_figures(1.0, None).lesions[0]
        lesions = tuple(lesion.model_copy(update={"volume_ml": v}) for v in volumes)
        region = region_figures(sum(volumes), None).model_copy(update={"lesions": lesions})
        return {**analysis.measurements.regions, "ET": region}

    assert "single lesion" in told(analysis, regions=enhancing(6.0, 0.1, 0.01))
    text = told(analysis, regions=enhancing(6.0, 2.0, 0.01))
    assert "2 separate enhancing foci" in text
    assert "single lesion" not in text
