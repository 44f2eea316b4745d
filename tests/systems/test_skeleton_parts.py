"""What the skeletons are made of: each part against numbers by hand or what must hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gliokit.evaluation.logistic import logistic_fit
from gliokit.study import Grid, LabelMap, Modality, Series, Study, StudyError, UsageError, Volume
from gliokit.systems import (
    MaskTarget,
    SurvivalTarget,
    TrainingSet,
    check_needs,
    missing_inputs,
)
from gliokit.systems.choiks2019 import NEEDS, region_curves
from gliokit.systems.default_boxes import (
    decoded,
    default_boxes,
    encoded,
    kept_boxes,
    overlap,
)
from gliokit.systems.label_graph import spread_labels
from gliokit.systems.lee2020 import with_differences
from gliokit.systems.mixed_logistic import fit_mixed_logistic
from gliokit.systems.native_images import Box, NativeImages, native_images, resampled
from gliokit.systems.nie2019 import survival_class
from gliokit.systems.tissue_signal import made_up_signals, without_water
from gliokit.systems.tumour_slices import tumour_slices
from gliokit.systems.yogananda2020 import fused
from gliokit.systems.zhouz2020 import lesion_boxes, linked
from tests.systems.digital_series import mask_patients, patients, without_regions

STRUCTURAL = ("t1", "t1c", "t2", "flair")


# Images on their own grids


def test_a_box_on_the_image_s_own_points_gives_its_voxels() -> None:
    values = np.random.default_rng(0).normal(size=(6, 7, 8)).astype(np.float32)
    box = Box((1.0, 2.0, 3.0), (6, 7, 8), 2.0)
    np.testing.assert_allclose(resampled(values, box.grid, box.grid), values, atol=1e-5)
    np.testing.assert_allclose(box.grid.to_mm((np.array(values.shape) - 1) / 2), (1, 2, 3))


def test_a_sampled_box_is_the_same_when_axes_are_flipped_and_swapped() -> None:
    values = np.random.default_rng(1).normal(size=(9, 8, 7)).astype(np.float32)
    grid = Grid((9, 8, 7), np.diag([2.0, 2.0, 2.0, 1.0]))
    turned = values[::-1].transpose(2, 0, 1)
    affine = np.array([[0, -2, 0, 16], [0, 0, 2, 0], [2, 0, 0, 0], [0, 0, 0, 1.0]])
    box = Box((7.0, 6.0, 5.0), (5, 5, 5), 1.5).grid
    one = resampled(values, grid, box)
    other = resampled(turned, Grid((7, 9, 8), affine), box)
    np.testing.assert_allclose(one, other, atol=1e-5)
    assert np.ptp(one) > 0


def test_an_absent_image_is_nothing_and_a_ct_is_its_place_in_the_window() -> None:
    whole = patients((*STRUCTURAL, "ct"), lacking={0: ("t1c",)})
    first = native_images(whole.inputs, 0)
    assert first.image("t1c") is None
    slices = tumour_slices(first, ("t1c", "t2"), region="WT", count=3, side=8, spacing_mm=4.0)
    assert not slices[:, 0].any()
    assert slices[:, 1].any(axis=(1, 2)).all()
    found = first.image("ct")
    assert found is not None
    hu = first.study.volumes[Modality.CT].data
    np.testing.assert_allclose(found[0], hu.clip(0, 80) / 80, atol=1e-6)


def test_slices_lie_in_the_tumour() -> None:
    first = native_images(patients().inputs, 0)
    assert first.drawn is not None
    place = np.indices(first.drawn.grid.shape)[0]
    labels = np.where(first.drawn.region("WT"), 1000, 1 + place).astype(np.float32)
    shown = Study("x", {Modality.T2: Volume.from_array(Modality.T2, first.drawn.grid, labels)})
    image = NativeImages("x", shown, first.drawn, first.images)
    slices = tumour_slices(image, ("t2",), region="WT", count=4, side=5, spacing_mm=1.0)
    assert (slices[:, 0, 2, 2] > 1.5).all()


def test_what_is_not_there_is_refused_by_name() -> None:
    whole = patients()
    first = native_images(whole.inputs, 0)
    with pytest.raises(StudyError, match="DSC series"):
        first.series("dsc")
    blind = native_images(without_regions(whole.inputs), 0)
    with pytest.raises(StudyError, match="region WT is drawn"):
        blind.centre_mm("WT")
    lacks = missing_inputs(NEEDS, whole.inputs)
    assert set(lacks) == set(whole.inputs.subjects)
    assert lacks["s00"] == ("dsc",)


# choiks2019


def test_curves_are_relative_and_an_empty_region_is_flat() -> None:
    whole = patients(series=("dsc",))
    wild, mutant = (region_curves(native_images(whole.inputs, row), 24) for row in (0, 1))
    assert wild.shape == (5, 24)
    np.testing.assert_array_equal(mutant[0], 1)
    assert wild[0].min() < 0.9
    assert (wild[4].min() < wild[:4].min(axis=1)).all()
    np.testing.assert_allclose(wild[:, 2:6].mean(axis=1), 1, atol=0.03)


def test_curves_do_not_depend_on_the_scanner_s_scale() -> None:
    first = native_images(patients(series=("dsc",)).inputs, 0)
    series = first.series("dsc")

    def louder() -> Series:
        return Series.from_array(
            Modality.DSC, series.grid, 3 * series.data, time_s=series.time_s, te_ms=series.te_ms
        )

    scaled = replace(first, images=replace(first.images, open_series={"dsc": louder}))
    np.testing.assert_allclose(region_curves(scaled, 24), region_curves(first, 24), rtol=1e-4)


# ge2020


def test_spread_labels_are_the_minimum_of_what_is_minimised() -> None:
    generator = np.random.default_rng(0)
    features = generator.normal(size=(9, 3)).astype(np.float32)
    codes = np.array([0, 1, -1, -1, 0, -1, -1, 1, -1])
    scans = np.array([0, 1, 2, 2, 3, 3, 4, 4, 4])
    found = spread_labels(features, codes, scans, classes=2, fidelity=0.7, consistency=2.0)
    apart = np.linalg.norm(features[:, None] - features[None], axis=2)
    width = np.median(apart[~np.eye(9, dtype=bool)])
    weights = np.exp(-(apart**2) / (2 * width**2)) * ~np.eye(9, dtype=bool)
    degree = weights.sum(axis=1)

    def cost(shares: np.ndarray) -> float:
        scaled = shares / np.sqrt(degree)[:, None]
        smooth = (weights[..., None] * (scaled[:, None] - scaled[None]) ** 2).sum()
        known = codes >= 0
        faithful = ((shares[known] - np.eye(2)[codes[known]]) ** 2).sum()
        agree = sum(
            ((shares[scans == s] - shares[scans == s].mean(axis=0)) ** 2).sum() for s in range(5)
        )
        return float(smooth + 0.7 * faithful + 2.0 * agree)

    least = cost(found)
    for _ in range(20):
        assert cost(found + 0.03 * generator.normal(size=found.shape)) > least


def test_slices_of_one_scan_agree_the_more_the_more_that_weighs() -> None:
    generator = np.random.default_rng(1)
    features = generator.normal(size=(30, 2)).astype(np.float32)
    codes = np.where(np.arange(30) < 8, np.arange(30) % 2, -1)
    scans = np.arange(30) // 2

    def gap(weight: float) -> float:
        shares = spread_labels(features, codes, scans, classes=2, consistency=weight)
        return float(np.abs(shares[16::2] - shares[17::2]).max())

    assert gap(0) > gap(1) > gap(100)


# lee2020, nie2019, yogananda2020


def test_the_two_differences_come_after_the_five_sequences() -> None:
    images = np.random.default_rng(0).normal(size=(2, 5, 3, 3)).astype(np.float32)
    found = with_differences(images)
    np.testing.assert_array_equal(found[:, :5], images)
    np.testing.assert_array_equal(found[:, 5], images[:, 1] - images[:, 0])
    np.testing.assert_array_equal(found[:, 6], images[:, 2] - images[:, 3])


def test_a_follow_up_that_ended_before_the_cut_tells_no_class() -> None:
    days = np.array([100.0, 100.0, 650.0, 900.0, np.nan])
    died = np.array([True, False, False, True, False])
    found = survival_class(SurvivalTarget("survival", days, died))
    assert found.codes.tolist() == [0, -1, 1, 1, -1]
    assert found.classes == ("short", "long")


def test_the_fused_tumour_is_the_largest_piece_of_either_genotype() -> None:
    classes = np.zeros((6, 6, 6), dtype=int)
    classes[0, 0, 0], classes[0, 0, 1], classes[1, 1, 2] = 1, 2, 1
    classes[5, 5, 4:6] = 2
    found = fused(classes)
    assert found.sum() == 3
    assert found[0, 0, 0]
    assert found[0, 0, 1]
    assert not fused(np.zeros((3, 3, 3), dtype=int)).any()


# metz2020


def test_water_is_taken_out_wholly_where_its_share_is_known() -> None:
    bvals = np.array([0.0, 1000, 1000, 1000])
    tissue = np.array([[1.0, 0.3, 0.5, 0.2], [1.0, 0.6, 0.4, 0.5]])
    share = np.array([[0.6], [1.0]])
    mixed = share * tissue + (1 - share) * np.exp(-bvals * 3e-3)

    class Knows:
        content = b""

        def __call__(self, *_: np.ndarray) -> tuple[np.ndarray]:
            return (share.astype(np.float32),)

    for scale in (1.0, 250.0):
        found, told = without_water((scale * mixed).astype(np.float32), bvals, Knows())
        np.testing.assert_allclose(found, scale * tissue, rtol=1e-5)
        np.testing.assert_allclose(told, share[:, 0])


def test_made_up_signals_hold_a_known_share_of_water() -> None:
    bvals = np.array([0.0, 1000, 1000])
    signals, share = made_up_signals(bvals, 400, np.random.default_rng(0))
    np.testing.assert_allclose(signals[:, 0], 1)
    floor = (1 - share) * np.exp(-3.0)
    assert (signals[:, 1:] >= floor - 1e-6).all()
    assert (signals[:, 1:] <= floor + share + 1e-6).all()


def test_a_mixed_model_finds_the_slope_that_groups_hide() -> None:
    generator = np.random.default_rng(0)
    groups = np.repeat(np.arange(150), 6)
    x = generator.normal(size=(900, 1))
    linear = 0.3 + x[:, 0] + 2.0 * generator.normal(size=150)[groups]
    y = (generator.random(900) < 1 / (1 + np.exp(-linear))).astype(np.int64)
    found = fit_mixed_logistic(x, y, groups, prior_spread=np.inf)
    plain = logistic_fit(np.column_stack([np.ones(900), x]), y).coefficients
    assert plain[1] < 0.85 < found.slopes[0]
    assert found.slopes[0] == pytest.approx(1.0, abs=0.25)
    assert found.spread == pytest.approx(2.0, abs=0.5)


def test_without_differences_between_groups_a_mixed_model_is_a_logistic_one() -> None:
    generator = np.random.default_rng(3)
    x = generator.normal(size=(600, 1))
    y = (generator.random(600) < 1 / (1 + np.exp(-x[:, 0]))).astype(np.int64)
    found = fit_mixed_logistic(x, y, np.repeat(np.arange(300), 2), prior_spread=np.inf)
    plain = logistic_fit(np.column_stack([np.ones(600), x]), y).coefficients
    assert found.spread < 0.6
    assert (found.intercept, found.slopes[0]) == pytest.approx(tuple(plain), abs=0.12)


def test_separated_rows_have_a_finite_fit_and_one_outcome_none() -> None:
    x, groups = np.array([[-1.0], [1.0], [-2.0], [2.0]]), np.array([0, 0, 1, 1])
    found = fit_mixed_logistic(x, np.array([0, 1, 0, 1]), groups)
    assert 0 < found.slopes[0] < 30
    low, high = found(np.array([[-1.0], [1.0]]))
    assert low < 0.5 < high
    with pytest.raises(StudyError, match="both outcomes"):
        fit_mixed_logistic(x, np.ones(4, dtype=np.int64), groups)


# zhouz2020


def test_overlap_of_a_square_with_itself_moved_by_half_is_a_third() -> None:
    square, moved = np.array([[0, 0, 2.0, 2]]), np.array([[1.0, 0, 2, 2], [5, 5, 1, 1]])
    np.testing.assert_allclose(overlap(square, moved), [[1 / 3, 0]])


def test_default_boxes_are_as_many_as_the_network_speaks_of() -> None:
    boxes = default_boxes(128)
    assert len(boxes) == 4 * sum((128 // 2**level) ** 2 for level in range(1, 6))
    assert boxes[0, 2:].tolist() == [4, 4]
    assert boxes[-4, 2:].tolist() == [64, 64]
    np.testing.assert_allclose(boxes[4, :2] - boxes[0, :2], (0, 2))


def test_every_lesion_has_a_box_and_offsets_lead_back_to_it() -> None:
    generator = np.random.default_rng(0)
    lesions = np.column_stack(
        [generator.uniform(10, 118, (6, 2)), generator.uniform(1, 60, (6, 2))]
    )
    defaults = default_boxes(128)
    kinds, offsets = encoded(lesions, defaults)
    matched = np.flatnonzero(kinds == 1)
    back = decoded(offsets[matched], defaults[matched])
    away = np.abs(back[:, None] - lesions[None]).max(axis=2)
    assert (away.min(axis=1) < 1e-3).all()
    assert set(away.argmin(axis=1)) == set(range(6))
    assert (kinds == -1).any()
    assert not encoded(np.zeros((0, 4)), defaults)[0].any()


def test_of_boxes_that_overlap_the_best_is_kept() -> None:
    boxes = np.array([[5.0, 5, 4, 4], [5.5, 5, 4, 4], [20, 20, 4, 4]])
    scores = np.array([0.6, 0.9, 0.2])
    assert kept_boxes(boxes, scores, most=0.3).tolist() == [1, 2]
    assert kept_boxes(boxes[:0], scores[:0], most=0.3).size == 0


def test_a_box_is_tight_around_each_piece_of_a_slice() -> None:
    region = np.zeros((10, 10), dtype=bool)
    region[2:5, 3] = True
    region[8, 8] = True
    np.testing.assert_allclose(lesion_boxes(region), [[3, 3, 3, 1], [8, 8, 1, 1]])
    assert lesion_boxes(np.zeros((4, 4), dtype=bool)).shape == (0, 4)


def test_boxes_of_neighbouring_slices_are_one_object_and_of_distant_ones_two() -> None:
    box, none = np.array([[5.0, 5, 4, 4]]), np.zeros((0, 4))
    of = [(box, 0.3), (box + np.eye(4)[0], 0.8), (none, None), (box, 0.5)]
    slices = [(b, np.array([] if s is None else [s], dtype=float)) for b, s in of]
    found = sorted(linked(slices), key=lambda o: -o[2])
    assert [(o[1].tolist(), o[2]) for o in found] == [([0, 1], 0.8), ([3], 0.5)]


# Targets that are places


def test_a_place_is_a_target_that_no_input_holds() -> None:
    whole = mask_patients("metastases", "WT", drawn=False)
    assert all(i is not None and i.open_label_map is None for i in whole.inputs.images)
    assert whole.masks.label_map(3).region("WT").any()
    some = whole.take([1, 5])
    assert len(some.target) == 2
    np.testing.assert_array_equal(some.masks.label_map(1).data, whole.masks.label_map(5).data)
    with pytest.raises(UsageError, match="finds classes"):
        _ = whole.classes
    with pytest.raises(UsageError, match="finds places"):
        _ = patients().masks


def test_an_undrawn_place_is_not_known_and_counts_as_none() -> None:
    whole = mask_patients("metastases", "WT")
    openers = (*whole.masks.open_masks[:3], *[None] * 5)
    partly = TrainingSet(whole.inputs, MaskTarget("metastases", "WT", openers))
    assert len(partly.labelled.inputs) == 3
    with pytest.raises(StudyError, match="is drawn"):
        partly.masks.label_map(7)
    with pytest.raises(StudyError, match="found drawn 3"):
        check_needs("zhouz2020", NEEDS_NOTHING, partly.inputs, partly.target)
    other = MaskTarget("x", "RC", whole.masks.open_masks)
    with pytest.raises(StudyError, match="brats2023"):
        other.label_map(0)


NEEDS_NOTHING = replace(NEEDS, sequences=(), regions=(), least_per_class=5)


def test_an_empty_region_is_refused_where_a_place_is_asked() -> None:
    first = native_images(patients().inputs, 0)
    assert first.drawn is not None
    empty = LabelMap(first.drawn.grid, np.zeros_like(first.drawn.data))
    with pytest.raises(StudyError, match="has a voxel"):
        replace(first, drawn=empty).centre_mm("WT")


def test_skeletons_are_shown_when_asked_for_and_not_listed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from gliokit.cli.systems import systems

    systems()
    assert "zhouz2020" not in capsys.readouterr().out
    systems("zhouz2020")
    shown = capsys.readouterr().out
    assert "skeleton" in shown
    assert "0.81" not in shown
