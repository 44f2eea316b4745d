"""Signs, margins, areas and VASARI's descriptors, as a reader sees them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gliokit.measurement.areas import ELOQUENT
from gliokit.measurement.schema import (
    Enhancement,
    Location,
    Margin,
    Measurements,
    Mismatch,
    Signs,
    Vasari,
)
from gliokit.reporting import Analysis, Lang, render_report
from gliokit.reporting.language import language
from gliokit.reporting.names import place_name
from gliokit.reporting.signs import WITHHELD, eloquent_rows, margin_table, sign_rows
from gliokit.reporting.tables import ABSENT, region_table
from gliokit.reporting.vasari import vasari_rows
from tests.reporting.conftest import figures_of
from tests.reporting.page_reader import PageReader

ENGLISH, CHINESE = language("en"), language("zh")


def enhancement(**changes: Any) -> Enhancement:
    figures: dict[str, Any] = {
        "of_core_percent": 63.0,
        "et_uptake_percent": 71.0,
        "ncr_uptake_percent": None,
        "ed_uptake_percent": 4.0,
        "taking_up_ml": 5.5,
        "ring_percent": 88.0,
        "rim_thickness_mm": 4.2,
    }
    return Enhancement(**figures | changes)


PRESENT = Mismatch(
    index_octaves=0.81,
    mismatched_percent=43.0,
    rim_ratio=1.24,
    inhomogeneity=0.1,
    free_fluid_percent=0.0,
    sign=True,
)


def signs(**changes: Any) -> Signs:
    figures: dict[str, Any] = {
        "cyst_ml": 0.0,
        "flair_edge_sharpness": 0.42,
        "t1c_edge_sharpness": None,
        "enhancement": enhancement(),
        "mismatch": PRESENT,
    }
    return Signs(**figures | changes)


def vasari(**changes: Any) -> Vasari:
    figures: dict[str, Any] = {
        "f1_location": "frontal_left",
        "f2_side": "left",
        "f3_eloquent": ("motor_left", "speech_motor_left"),
        "f4_enhancement": "marked",
        "f5_enhancing": "6-33",
        "f6_f7_not_enhancing_core": "<5",
        "f8_cyst": False,
        "f9_foci": "focal",
        "f10_t1_to_flair": "infiltrative",
        "f11_rim": "thick",
        "f12_core_edge": None,
        "f13_flair_edge": "poorly_defined",
        "f14_outside_core": "none",
        "f15_f22_crosses_midline": False,
        "f19_reaches_ventricles": False,
        "f20_reaches_cortex": True,
        "f21_deep_structures": (),
        "f24_satellites": 0,
        "f29_longest_mm": 13.0,
        "f30_perpendicular_mm": 12.0,
    }
    return Vasari(**figures | changes)


def placed(**changes: Any) -> Location:
    location = figures_of().location
    assert location is not None
    figures: dict[str, Any] = {
        "cortex_distance_mm": 0.0,
        "brain_surface_distance_mm": 2.5,
        "areas_ml": {"motor_left": 3.2, "caudate_left": 0.01},
        "areas_distance_mm": {
            "brainstem": 31.0,
            "motor_left": 0.0,
            "caudate_left": 0.4,
            "putamen_left": 6.0,
            "vision_left": 60.0,
        },
        "eloquent_touched": ("motor_left",),
    }
    return location.model_copy(update=figures | changes)


def margin() -> Margin:
    return Margin(
        asd_slice=0.1234,
        margin_fluctuation_slice=0.045,
        ellipse_area_ratio_slice=0.8,
        asd=None,
        margin_fluctuation=0.05,
        ellipsoid_volume_ratio=0.7,
    )


def whole() -> Measurements:
    """With every figure that a report can show."""
    figures = figures_of()
    regions = {
        name: region.model_copy(update={"margin": margin()})
        for name, region in figures.regions.items()
    }
    regions["ET"] = regions["ET"].model_copy(update={"sum_of_products_mm2": 900.0, "targets": 2})
    regions["WT"] = regions["WT"].model_copy(update={"sum_of_products_mm2": 0.0, "targets": 0})
    return figures.model_copy(
        update={"regions": regions, "signs": signs(), "vasari": vasari(), "location": placed()}
    )


def shown(found: Signs | None) -> dict[str, str]:
    return {k: v.replace("\u00a0", " ") for k, v in sign_rows(found, ENGLISH)}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_with_all_figures_is_whole(analysis: Analysis, lang: Lang) -> None:
    page = PageReader(render_report(replace(analysis, measurements=whole()), lang=lang))
    assert page.faults == []
    assert "{" not in page.text
    for word in {
        "en": ("T2-FLAIR mismatch", "BEVR", "left motor cortex", "F30", "Sum of products"),
        "zh": ("T2-FLAIR 不匹配征", "BEVR", "左侧运动皮质", "F30", "乘积之和"),
    }[lang]:
        assert word in page.text


def test_a_page_without_signs_has_no_place_for_them(analysis: Analysis) -> None:
    page = PageReader(render_report(analysis))
    assert "signs" not in page.ids
    assert "Margin of the largest lesion" not in page.text


def test_a_mismatch_is_present_absent_or_not_judged_with_its_reason() -> None:
    name = "T2-FLAIR mismatch"
    assert shown(signs())[name] == (
        "present (index 0.81, 43 % of the solid tumour, rim ratio 1.24)"
    )
    absent = PRESENT.model_copy(update={"sign": False})
    assert shown(signs(mismatch=absent))[name].startswith("absent (index 0.81")
    too_small = shown(signs(mismatch=Mismatch(withheld="too_small")))[name]
    assert too_small == "not judged: the solid tumour is below 1 mL"
    assert shown(signs(mismatch=None))[name].startswith("not judged: a sequence is missing")


def test_every_reason_to_withhold_a_mismatch_can_be_said() -> None:
    for reason in WITHHELD:
        found = Mismatch.model_validate({"withheld": reason})
        assert sign_rows(signs(mismatch=found), ENGLISH) != sign_rows(signs(), ENGLISH)
    with pytest.raises(ValueError, match="withheld"):
        Mismatch.model_validate({"withheld": "another"})


def test_what_was_not_measured_is_no_zero() -> None:
    found = shown(signs(enhancement=enhancement(ring_percent=None), cyst_ml=None))
    assert found["Ring"] == ABSENT
    assert found["Cysts in the core"] == ABSENT
    assert found["Edge sharpness of the core, T1 with contrast"] == ABSENT
    assert "Non-enhancing core" not in found[next(k for k in found if k.startswith("Uptake"))]
    assert shown(None) == {}


def test_a_ring_has_its_thickness() -> None:
    assert shown(signs())["Ring"] == "encloses 88 % of the non-enhancing core, 4.2 mm thick"
    open_ring = enhancement(ring_percent=30.0, rim_thickness_mm=None)
    assert shown(signs(enhancement=open_ring))["Ring"] == (
        "encloses 30 % of the non-enhancing core"
    )


def test_margins_stand_with_three_decimals() -> None:
    table = margin_table(whole(), ENGLISH)
    assert [cells[0] for _, cells in table.rows] == [
        "Whole tumour (WT)",
        "Tumour core (TC)",
        "Enhancing tumour (ET)",
    ]
    assert table.rows[0][1][1:] == ("0.123", "0.045", "0.800", ABSENT, "0.050", "0.700")
    assert margin_table(figures_of(), ENGLISH).rows == ()


def test_the_sum_of_products_names_its_targets() -> None:
    table = region_table(whole(), ENGLISH)
    at = table.heads.index("Sum of products (mm²), targets")
    sums = {cells[0]: cells[at] for _, cells in table.rows}
    assert sums["Enhancing tumour (ET)"] == "900 (2)"
    assert sums["Whole tumour (WT)"] == sums["Tumour core (TC)"] == ABSENT


def test_touched_areas_have_their_volume_and_others_their_distance() -> None:
    rows = {k: v.replace("\u00a0", " ") for k, v in eloquent_rows(placed(), ENGLISH)}
    assert rows["Eloquent areas touched"] == "left motor cortex (3.2 mL)"
    assert rows["Nearest other eloquent areas"] == (
        "left caudate nucleus, 0 mm; left putamen, 6 mm; brainstem, 31 mm"
    )
    untouched = dict(eloquent_rows(placed(eloquent_touched=()), ENGLISH))
    assert untouched["Eloquent areas touched"] == "none"
    assert eloquent_rows(placed(areas_distance_mm={}), ENGLISH) == ()


def test_every_eloquent_area_has_a_name_in_both_languages() -> None:
    for area in ELOQUENT:
        chinese = place_name(area, CHINESE)
        assert not any(c.isascii() and c.isalpha() for c in chinese), area
        assert place_name(area, ENGLISH) != area or area == "brainstem"


def test_descriptors_are_said_in_order_and_none_is_left_out() -> None:
    rows = dict(vasari_rows(vasari(), ENGLISH))
    assert len(rows) == len(Vasari.model_fields)
    assert rows["F1 Location"] == "left frontal lobe"
    assert rows["F3 Eloquent cortex"] == (
        "left motor cortex; left inferior frontal gyrus (motor speech)"
    )
    assert rows["F5 Proportion enhancing"] == "6-33 %"
    assert rows["F8 Cysts"] == "no"
    assert rows["F12 Edge of the core"] == "could not be judged"
    assert rows["F14 Proportion outside the core"] == rows["F21 Deep structures"] == "none"
    assert rows["F24 Satellites"] == "0"
    assert rows["F29 Longest diameter (mm)"] == "13.0"
    assert vasari_rows(None, ENGLISH) == ()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_uncertain_match_is_said_where_places_are(analysis: Analysis, lang: Lang) -> None:
    words = language(lang)
    warning = words.say(
        "The match with the atlas is uncertain: side, places and midline may be wrong."
    )
    sure = render_report(replace(analysis, measurements=whole()), lang=lang)
    unsure = whole().model_copy(update={"location": placed(similarity=0.8)})
    assert warning not in sure
    assert render_report(replace(analysis, measurements=unsure), lang=lang).count(warning) == 2
