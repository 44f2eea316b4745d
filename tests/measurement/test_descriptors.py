"""VASARI's descriptors follow from the figures."""

from __future__ import annotations

from typing import Any

import pytest

from gliokit.measurement.descriptors import describe, share_class
from gliokit.measurement.schema import (
    Bidimensional,
    Enhancement,
    Lesion,
    Location,
    Proportions,
    RegionFigures,
    Signs,
    Vasari,
)

ORIGIN = (0.0, 0.0, 0.0)


def region(*volumes_ml: float) -> RegionFigures:
    across = Bidimensional(
        longest_mm=40,
        perpendicular_mm=30,
        product_mm2=1200,
        measurable=True,
        longest_ends_mm=(ORIGIN, ORIGIN),
        perpendicular_ends_mm=(ORIGIN, ORIGIN),
    )
    lesions = tuple(
        Lesion(
            volume_ml=v,
            longest_diameter_mm=40,
            surface_area_mm2=1,
            centroid_mm=ORIGIN,
            bidimensional=None,
        )
        for v in volumes_ml
    )
    return RegionFigures(
        volume_ml=sum(volumes_ml),
        longest_diameter_mm=40,
        surface_area_mm2=1,
        centroid_mm=ORIGIN,
        bidimensional=across,
        lesions=lesions,
    )


LOCATION = Location(
    side="left",
    left_percent=97,
    lobes_percent={"frontal_left": 70, "corpus_callosum": 5, "insula_left": 25},
    crosses_midline=False,
    midline_shift_mm=None,
    ventricle_distance_mm=0.4,
    centroid_mni_mm=ORIGIN,
    similarity=0.95,
    cortex_distance_mm=6.0,
    eloquent_touched=("putamen_left", "speech_motor_left"),
)
SIGNS = Signs(
    cyst_ml=0.0,
    flair_edge_sharpness=0.3,
    t1c_edge_sharpness=0.7,
    enhancement=Enhancement(
        of_core_percent=60,
        et_uptake_percent=70,
        ncr_uptake_percent=0,
        ed_uptake_percent=0,
        taking_up_ml=9,
        ring_percent=90,
        rim_thickness_mm=2.5,
    ),
    mismatch=None,
)
SHARES = Proportions(
    enhancing_percent=30, non_enhancing_core_percent=20, flair_outside_core_percent=50
)


def described(**changes: Any) -> Vasari:
    figures: dict[str, Any] = {
        "regions": {"WT": region(30, 0.2), "ET": region(9)},
        "proportions": SHARES,
        "location": LOCATION,
        "signs": SIGNS,
    }
    found = describe(**figures | changes)
    assert found is not None
    return found


def signs(**changes: Any) -> Signs:
    assert SIGNS.enhancement is not None
    return SIGNS.model_copy(update={"enhancement": SIGNS.enhancement.model_copy(update=changes)})


def test_a_left_frontal_ring() -> None:
    assert described() == Vasari(
        f1_location="frontal_left",
        f2_side="left",
        f3_eloquent=("speech_motor_left",),
        f4_enhancement="marked",
        f5_enhancing="6-33",
        f6_f7_not_enhancing_core="6-33",
        f8_cyst=False,
        f9_foci="focal",
        f10_t1_to_flair="mixed",
        f11_rim="thin",
        f12_core_edge="well_defined",
        f13_flair_edge="poorly_defined",
        f14_outside_core="34-67",
        f15_f22_crosses_midline=False,
        f19_reaches_ventricles=True,
        f20_reaches_cortex=False,
        f21_deep_structures=("putamen_left", "corpus_callosum"),
        f24_satellites=0,
        f29_longest_mm=40,
        f30_perpendicular_mm=30,
    )


@pytest.mark.parametrize(
    ("percent", "name"),
    [
        (0, "none"), (3, "<5"), (5, "<5"), (20, "6-33"), (33.4, "34-67"), (67, "34-67"),
        (80, "68-95"), (97, ">95"), (100, "all"), (None, None),
    ],
)  # fmt: skip
def test_classes_of_a_proportion(percent: float | None, name: str | None) -> None:
    assert share_class(percent) == name


def test_foci_that_flair_joins_are_multifocal_and_others_multicentric() -> None:
    assert described(regions={"WT": region(30), "ET": region(5, 4)}).f9_foci == "multifocal"
    apart = described(regions={"WT": region(20, 10), "ET": region(5, 4)})
    assert apart.f9_foci == "multicentric"
    assert apart.f24_satellites == 1


@pytest.mark.parametrize(
    ("changes", "enhancement", "rim"),
    [
        ({"et_uptake_percent": 20}, "mild", "thin"),
        ({"et_uptake_percent": 5}, "none", "thin"),
        ({"et_uptake_percent": None}, None, "thin"),
        ({"rim_thickness_mm": 5}, "marked", "thick"),
        ({"rim_thickness_mm": None}, "marked", None),
        ({"of_core_percent": 99, "rim_thickness_mm": None}, "marked", "solid"),
        ({"of_core_percent": 0, "rim_thickness_mm": None}, "marked", "none"),
    ],
)
def test_quality_of_enhancement_and_of_the_rim(
    changes: dict[str, Any], enhancement: str | None, rim: str | None
) -> None:
    found = described(signs=signs(**changes))
    assert (found.f4_enhancement, found.f11_rim) == (enhancement, rim)


def test_what_is_not_known_is_none_and_no_tumour_has_no_descriptor() -> None:
    bare = described(regions={"WT": region(30)}, proportions=None, signs=None)
    assert bare.f4_enhancement is None
    assert bare.f5_enhancing is None
    assert bare.f8_cyst is None
    assert bare.f10_t1_to_flair is None
    assert bare.f11_rim is None
    assert bare.f13_flair_edge is None
    assert describe({"WT": region()}, None, LOCATION, None) is None
    assert describe({"WT": region(3)}, None, None, None) is None
