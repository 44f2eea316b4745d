"""All figures of a case, and their summary over patients."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

from gliokit.evaluation import dice, hd95_mm, surface_dice
from gliokit.evaluation.lesions import lesion_wise
from gliokit.evaluation.segmentation_case import CaseFigures, RegionFigures, score_case
from gliokit.evaluation.segmentation_summary import summarise_segmentations

SHAPE = (40, 36, 30)


def box(first: int, last: int) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[first:last, first:last, first:last] = True
    return mask


EMPTY = np.zeros(SHAPE, bool)


def figures(**changes: object) -> RegionFigures:
    values = {
        "dice": 0.8, "hd95_mm": 4.0, "surface_dice_1mm": 0.7, "reference_ml": 10.0,
        "predicted_ml": 12.0, "lesion_dice": 0.6, "lesion_hd95_mm": 50.0, "lesions": 1,
        "lesions_missed": 0, "false_lesions": 0,
    }  # fmt: skip
    return RegionFigures(**(values | changes))  # type: ignore[arg-type]


def test_a_case_holds_the_figures_that_each_function_gives() -> None:
    one, other, spacing = box(5, 25), box(8, 27) | box(2, 4), (1.0, 0.8, 2.0)
    found = score_case({"WT": one}, {"WT": other}, spacing).regions["WT"]
    by_lesion = lesion_wise(one, other, spacing)
    assert found.dice == pytest.approx(dice(one, other))
    assert found.hd95_mm == pytest.approx(hd95_mm(one, other, spacing))
    assert found.surface_dice_1mm == pytest.approx(surface_dice(one, other, spacing))
    assert found.lesion_dice == pytest.approx(by_lesion.dice)
    assert found.lesion_hd95_mm == pytest.approx(by_lesion.hd95_mm)
    assert (found.lesions, found.lesions_missed) == (1, 0)
    assert found.reference_ml == pytest.approx(20**3 * 1.6 / 1000)
    assert found.volume_error_ml == pytest.approx((19**3 + 2**3 - 20**3) * 1.6 / 1000)
    assert found.presence_right


def test_an_empty_region_scores_1_if_it_is_left_empty_and_0_if_not() -> None:
    right = score_case({"ET": EMPTY}, {"ET": EMPTY}, (1, 1, 1)).regions["ET"]
    assert (right.dice, right.surface_dice_1mm, right.lesion_dice) == (1, 1, 1)
    assert (right.hd95_mm, right.hd95_brats_mm, right.lesion_hd95_mm) == (0, 0, 0)
    assert right.presence_right
    for one, other in ((EMPTY, box(3, 9)), (box(3, 9), EMPTY)):
        wrong = score_case({"ET": one}, {"ET": other}, (1, 1, 1)).regions["ET"]
        assert (wrong.dice, wrong.surface_dice_1mm, wrong.lesion_dice) == (0, 0, 0)
        assert (wrong.hd95_mm, wrong.hd95_brats_mm, wrong.lesion_hd95_mm) == (None, 374, 374)
        assert not wrong.presence_right
    assert wrong.lesions_missed == 1


def test_a_row_survives_json_and_a_case_pickling() -> None:
    case = score_case(
        {"WT": box(5, 25), "ET": EMPTY}, {"WT": box(6, 25), "ET": box(3, 5)}, (1, 1, 1)
    )
    row = {"subject": "p", "wt_dice_note": "", **case.as_row()}
    again = CaseFigures.from_row(json.loads(json.dumps(row)))
    assert again.as_row() == case.as_row()
    assert list(again.regions) == ["WT", "ET"]
    assert row["et_hd95_mm"] is None
    assert pickle.loads(pickle.dumps(case)) == case


def test_a_missing_region_and_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="lacks"):
        score_case({"WT": EMPTY}, {}, (1, 1, 1))
    with pytest.raises(ValueError, match="shape of reference"):
        score_case({"WT": EMPTY}, {"WT": EMPTY[1:]}, (1, 1, 1))


def test_summary_is_the_mean_for_all_and_for_each_group() -> None:
    cases = [CaseFigures({"ET": figures(dice=d)}) for d in (0.9, 0.7, 0.5)]
    found = summarise_segmentations(cases, ["BraTS", "BraTS", "BraTS-Africa"])
    assert found["et_dice"].value == pytest.approx(0.7)
    assert found["et_dice"].low < 0.7 < found["et_dice"].high
    assert (found["et_dice"].n, found["et_dice"].unit) == (3, "Dice")
    assert found["et_dice_brats"].value == pytest.approx(0.8)
    assert found["et_dice_brats_africa"].value == pytest.approx(0.5)
    assert not [name for name in summarise_segmentations(cases, ["a"] * 3) if name.endswith("_a")]


def test_small_and_absent_regions_are_told_apart() -> None:
    cases = [
        CaseFigures({"ET": f})
        for f in (
            figures(dice=0.9),
            figures(dice=0.1, reference_ml=0.4),
            figures(dice=0.0, reference_ml=0.0, predicted_ml=2.5, hd95_mm=None),
            figures(dice=1.0, reference_ml=0.0, predicted_ml=0.0, hd95_mm=0.0),
        )
    ]
    found = summarise_segmentations(cases)
    assert (found["et_dice"].value, found["et_dice"].n) == (pytest.approx(0.5), 4)
    assert (found["et_dice_from_1_ml"].value, found["et_dice_from_1_ml"].n) == (0.9, 1)
    assert (found["et_falsely_found_ml"].value, found["et_falsely_found_ml"].n) == (1.25, 2)
    assert (found["et_presence_right"].value, found["et_presence_right"].n) == (0.75, 4)
    assert found["et_presence_right"].low == pytest.approx(0.3006, abs=1e-4)
    assert found["et_hd95_mm"].value == pytest.approx((4 + 4 + 374 + 0) / 4)
    assert (found["et_hd95_found_mm"].value, found["et_hd95_found_mm"].n) == (
        pytest.approx(8 / 3),
        3,
    )


def test_volume_errors_cancel_in_the_bias_alone() -> None:
    cases = [CaseFigures({"WT": figures(predicted_ml=v)}) for v in (8.0, 12.0)]
    found = summarise_segmentations(cases)
    assert found["wt_volume_error_ml"].value == pytest.approx(2.0)
    assert found["wt_volume_bias_ml"].value == pytest.approx(0.0)


def test_a_figure_without_a_patient_is_absent() -> None:
    found = summarise_segmentations([CaseFigures({"WT": figures()})])
    assert "wt_falsely_found_ml" not in found
    assert set(found["wt_dice"].as_json()) == {"value", "low", "high", "n", "unit"}


def test_no_case_and_a_wrong_number_of_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one patient"):
        summarise_segmentations([])
    with pytest.raises(ValueError, match="one for each"):
        summarise_segmentations([CaseFigures({"WT": figures()})], ["a", "b"])
