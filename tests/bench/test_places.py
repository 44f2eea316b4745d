"""Places in the image: judged by patient, against a drawing that no system sees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gliokit.bench import (
    BenchCohort,
    Protocol,
    Run,
    content_of,
    joined,
    judge,
    judge_subgroups,
    run_systems,
    with_places,
)
from gliokit.bench.checklist import checklists_of
from gliokit.bench.critical import critical_reading
from gliokit.bench.methods import methods_of
from gliokit.bench.page import render_comparison, words_of
from gliokit.bench.place_cases import place_cases
from gliokit.bench.place_judge import case_figures
from gliokit.bench.writing import write_bench
from gliokit.evaluation import NOT_BETTER, dice, hd95_mm
from gliokit.evaluation.lesions import FARTHEST_MM
from gliokit.study import BRATS, Grid, LabelMap, StudyError, UsageError
from gliokit.systems import (
    Detection,
    Detections,
    Images,
    Inputs,
    LabelMaps,
    MaskTarget,
    Needs,
    VoxelMap,
    VoxelMaps,
)
from tests.bench.finders import Draws, Maps, Points, place_cohort, truth, turned
from tests.bench.spies import Spy, installed
from tests.reporting.page_reader import PageReader
from tests.systems.digital import digital_patients

WORDS = words_of("en")
DRAWS = 200


def content(run: Run) -> dict[str, Any]:
    judged, pairs = judge(run, draws=DRAWS)
    return content_of(run, judged, pairs, subgroups=judge_subgroups(run, draws=DRAWS))


def segmented(monkeypatch: pytest.MonkeyPatch, protocol: Protocol | None = None) -> Run:
    installed(monkeypatch, near=Draws(moved=1), far=Draws(moved=4))
    return run_systems(place_cohort(), "tumour", ["near", "far"], protocol or Protocol(folds=2),
                       budget="smoke")  # fmt: skip


def test_the_headline_is_the_mean_dice_of_patients_with_an_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = segmented(monkeypatch)
    (near, far, prior), (pair,) = judge(run, draws=DRAWS)
    for system, judged in ((Draws(moved=1), near), (Draws(moved=4), far)):
        known = {s: truth(s) for s in run.cohort.inputs.subjects}
        masks = {s: system.drawn(s).region("WT") for s in known}
        each = [dice(t.region("WT"), masks[s]) for s, t in known.items()]
        assert judged.headline.value == pytest.approx(np.mean(each))
        assert judged.headline.low < judged.headline.value < judged.headline.high
        assert judged.headline.n == 8
        hd95 = [hd95_mm(t.region("WT"), masks[s], t.grid.spacing_mm) for s, t in known.items()]
        assert judged.figures["hd95_mm"].value == pytest.approx(np.mean(hd95))
        assert judged.figures["dice_median"].value == pytest.approx(np.median(each))
        assert len(judged.per_fold) == 2
    assert pair.difference.value == pytest.approx(near.headline.value - far.headline.value)
    assert pair.difference.low > 0
    assert pair.within_noise is False
    assert prior.system == near.best_baseline == "place_prior"
    assert near.gain is not None
    assert near.gain.value == pytest.approx(near.headline.value - prior.headline.value)


def test_a_system_that_finds_what_training_patients_tell_is_not_better_than_the_baseline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = segmented(monkeypatch)
    (near, far, prior), _ = judge(run, draws=DRAWS)
    assert far.headline.value < prior.headline.value < near.headline.value
    assert (near.words, far.words, prior.gain) == ("", NOT_BETTER, None)
    found = content(run)
    said = " ".join(critical_reading(found, WORDS))
    assert "Not better than the best baseline, by the lower bound of the gain: far." in said
    assert "The place prior looks at no image" in " ".join(methods_of(found, WORDS).paragraphs)


def test_a_difference_is_of_the_same_patients(monkeypatch: pytest.MonkeyPatch) -> None:
    _, (pair,) = judge(segmented(monkeypatch), draws=DRAWS)
    (near, far, _), _ = judge(segmented(monkeypatch), draws=DRAWS)
    apart = pair.difference.high - pair.difference.low
    alone = (near.headline.high - near.headline.low) + (far.headline.high - far.headline.low)
    assert apart < alone


def test_a_perfect_system_has_no_interval_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, perfect=Draws())
    run = run_systems(place_cohort(), "tumour", ["perfect"], Protocol(folds=2), budget="smoke")
    found = content(run)
    row = found["systems"][0]
    assert (row["headline"]["value"], row["headline"]["low"]) == (1.0, None)
    assert "No interval can be told" in " ".join(critical_reading(found, WORDS))


def test_no_system_sees_a_drawing_but_those_it_learns_from(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Draws(moved=1)
    installed(monkeypatch, spy=spy)
    run_systems(place_cohort(), "tumour", ["spy"], Protocol(folds=2), budget="smoke")
    assert len(spy.seen) == 2
    for training, test in spy.seen:
        for images in (*training.inputs.images, *test.images):
            assert images is not None
            assert images.open_label_map is None
            assert not images.regions
        assert training.target.known.all()
        assert not set(training.inputs.subjects) & set(test.subjects)


def test_repeats_and_scans_of_a_person_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = place_cohort()
    persons = ("a", "a", *whole.inputs.subjects[2:])
    whole = replace(whole, inputs=replace(whole.inputs, persons=persons))
    installed(monkeypatch, near=Draws(moved=1))
    run = run_systems(whole, "tumour", ["near"], Protocol(folds=2, repeats=2), budget="smoke")
    (near, _), _ = judge(run, draws=DRAWS)
    each = [dice(truth(s).region("WT"), Draws(moved=1).drawn(s).region("WT"))
            for s in whole.inputs.subjects]  # fmt: skip
    assert near.headline.n == 7
    assert near.headline.value == pytest.approx(np.mean([np.mean(each[:2]), *each[2:]]))
    assert len(near.per_fold) == 4


def test_two_empty_masks_have_no_distance_and_count_none_by_brats() -> None:
    both = {"hd95_mm": 0.0, "reference_ml": 0.0, "predicted_ml": 0.0}
    one = {"hd95_mm": None, "reference_ml": 2.0, "predicted_ml": 0.0}
    far = {"hd95_mm": 6.4, "reference_ml": 2.0, "predicted_ml": 3.0}
    scores: Any = SimpleNamespace(known_cases=np.array([[both, one, far]], dtype=object))
    np.testing.assert_array_equal(case_figures(scores, "hd95_mm"), [[np.nan, np.nan, 6.4]])
    np.testing.assert_array_equal(case_figures(scores, "hd95_brats_mm"), [[0.0, FARTHEST_MM, 6.4]])


def test_voxel_maps_are_judged_by_the_auc_of_each_image(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, sharp=Maps(noise=0.2), dull=Maps(noise=30.0))
    run = run_systems(place_cohort(), "tumour", ["sharp", "dull"], Protocol(folds=2),
                      budget="smoke")  # fmt: skip
    (sharp, dull, prior), (pair,) = judge(run, draws=DRAWS)
    assert dull.headline.value < prior.headline.value < sharp.headline.value
    assert prior.system == "place_prior_map"
    assert sharp.headline.value > 0.99
    assert dull.headline.value == pytest.approx(0.5, abs=0.06)
    assert sharp.figures["correlation"].value > 0.8
    assert pair.difference.low > 0
    page = render_comparison(content(run))
    assert "mean over patients of the AUC for WT within the brain" in page
    assert "within the brain: where an image is not 0" in page


def test_detections_are_judged_by_froc(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, every=Points(), second=Points(every=2))
    run = run_systems(place_cohort(), "tumour", ["every", "second"], Protocol(folds=2),
                      budget="smoke")  # fmt: skip
    (every, second, prior), (pair,) = judge(run, draws=400)
    assert prior.system == every.best_baseline == "place_prior_peak"
    assert every.headline.value == 1.0
    assert second.headline.value == pytest.approx(
        np.mean([np.mean([s in ("d00", "d02", "d04", "d06") for s in f.test.subjects])
                 for f in run.folds])
    )  # fmt: skip
    assert every.figures["false_alarms"].value == 1.0
    assert second.headline.low < second.headline.value < second.headline.high
    assert pair.difference.low > 0
    found = content(run)
    assert found["curves"]["every"]["froc"]["y"][-1] == 1.0
    for lang in ("en", "zh"):
        page = render_comparison(found, lang=lang)  # type: ignore[arg-type]
        assert '<figure id="froc">' in page
    assert "Bunch PC" in page


def with_empty(rows: set[int]) -> BenchCohort:
    """The cohort with nothing drawn in some patients."""
    whole = place_cohort()
    target = whole.target("tumour")
    assert isinstance(target, MaskTarget)

    def nothing() -> LabelMap:
        grid = truth("d00").grid
        return LabelMap(grid, np.zeros(grid.shape, np.uint8), BRATS)

    masks = tuple(nothing if i in rows else m for i, m in enumerate(target.open_masks))
    return replace(whole, targets={"tumour": replace(target, open_masks=masks)})


def test_too_few_lesions_to_be_judged_are_refused_before_anything_is_fitted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = Points(), Maps(), Draws(moved=1)
    installed(monkeypatch, **dict(zip(("points", "maps", "draws"), found, strict=True)))
    almost_all = with_empty(set(range(1, 8)))
    for name, cohort, protocol, message in (
        ("points", place_cohort(), Protocol(folds=8), "each test fold holds 2 .* found 1"),
        ("points", almost_all, Protocol(folds=2), "each test fold holds 2 .* found 0"),
        ("maps", almost_all, Protocol(folds=2), "the test holds 2 .* WT is not empty; found 1"),
    ):
        with pytest.raises(UsageError, match=message):
            run_systems(cohort, "tumour", [name], protocol, budget="smoke")
    assert not any(system.seen for system in found)
    run = run_systems(almost_all, "tumour", ["draws"], Protocol(folds=2), budget="smoke")
    assert len(judge(run, draws=DRAWS)[0]) == 2  # of label maps an empty drawing counts too


def test_without_a_baseline_that_can_run_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = place_cohort()
    images = tuple(i and replace(i, sequences=frozenset(["ct"])) for i in whole.inputs.images)
    whole = replace(whole, inputs=replace(whole.inputs, images=images))
    near = Draws(moved=1, needs=Needs(least_per_class=1))
    installed(monkeypatch, near=near)
    run = run_systems(whole, "tumour", ["near"], Protocol(folds=2), budget="smoke")
    assert run.not_run == {"place_prior": "one of t1, t1c, t2, flair"}
    said = " ".join(critical_reading(content(run), WORDS))
    assert "No baseline ran: figures stand beside each other alone." in said


def test_pooled_scores_are_said_where_scores_are_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, every=Points(every=2), near=Draws(moved=1))
    for name, pooled in (("every", True), ("near", False)):
        run = run_systems(place_cohort(), "tumour", [name], Protocol("leave-one-out"),
                          budget="smoke")  # fmt: skip
        said = " ".join(critical_reading(content(run), WORDS))
        assert ("Scores of different models are pooled" in said) == pooled


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_of_segmentations_is_whole(
    lang: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = segmented(monkeypatch)
    found = content(run)
    page = render_comparison(found, lang=lang)  # type: ignore[arg-type]
    reader = PageReader(page)
    assert reader.faults == []
    assert "{" not in reader.text
    for row in found["systems"]:
        assert f"{row['headline']['value']:.3f}" in page
        assert f"{row['figures']['hd95_mm']['value']:.3f}" in page
    assert '<figure id="reached">' in page
    assert found["task"] == "segmentation"
    assert {s["trait"] for s in found["subgroups"]} == {"sex", "age"}
    assert any(s["systems"] for s in found["subgroups"])
    if lang == "en":
        assert "8 patients (WT drawn)" in page
        assert "mean Dice of WT" in page
        assert "gain over the best baseline" in page
        assert "over place_prior" in page
        assert "Nobody. Nowhere (2026)" in page
    else:
        assert "WT 的平均 Dice" in page


def test_methods_and_checklists_of_segmentations(monkeypatch: pytest.MonkeyPatch) -> None:
    found = content(segmented(monkeypatch))
    methods = methods_of(found, WORDS)
    assert "Dice [2]" in " ".join(methods.paragraphs)
    assert any(s.startswith("Dice LR") for s in methods.sources)
    tripod = {number: answer for number, _, answer in checklists_of(found, WORDS)["TRIPOD+AI"]}
    assert tripod["8a"] == (
        "Region WT of the cohort's label maps; how it was determined is not stated."
    )
    assert tripod["13"] is None
    assert tripod["15"] == "A label map."
    assert "mean Dice of WT: near 0." in (tripod["23a"] or "")


def test_figures_of_every_patient_are_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    run = segmented(monkeypatch)
    folder = write_bench(tmp_path / "out", run, content(run))
    table = parquet.read_table(folder / "predictions.parquet").to_pydict()
    assert len(table["subject"]) == 24
    near = [d for d, s in zip(table["dice"], table["system"], strict=True) if s == "near"]
    assert np.mean(near) == pytest.approx(judge(run, draws=DRAWS)[0][0].headline.value)


def test_finished_folds_are_taken_up_again_unless_a_drawing_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spy = Draws(moved=1)
    installed(monkeypatch, spy=spy)

    def run(cohort: BenchCohort) -> int:
        before = len(spy.seen)
        run_systems(cohort, "tumour", ["spy"], Protocol(folds=2), budget="smoke", kept=tmp_path)
        return len(spy.seen) - before

    whole = place_cohort()
    assert run(whole) == 2
    assert run(whole) == 0
    target = whole.target("tumour")
    assert isinstance(target, MaskTarget)
    other = (target.open_masks[1], *target.open_masks[1:])
    assert run(replace(whole, targets={"tumour": replace(target, open_masks=other)})) == 2


def test_systems_of_one_task_are_compared_and_others_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, draws=Draws(), maps=Maps(), spy=Spy())
    for names, message in ((["draws", "maps"], "systems of segmentation"),
                           (["spy"], "segmentation, voxel map, detection"),
                           ([], "segmentation, voxel map, detection"),
                           (["draws", "spy"], "systems of segmentation")):  # fmt: skip
        with pytest.raises(UsageError, match=message):
            run_systems(place_cohort(), "tumour", names, Protocol(folds=2))
    made = digital_patients()
    whole = BenchCohort("d", made.inputs, {"idh_mutant": made.target})
    with pytest.raises(UsageError, match="NAME=REGION"):
        run_systems(whole, "idh_mutant", ["draws"], Protocol(folds=2))


def test_who_is_not_drawn_is_learnt_from_and_not_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    made = digital_patients()
    first, *rest = made.inputs.images
    assert first is not None
    bare = replace(first, regions=frozenset(), open_label_map=None)
    cohort = BenchCohort("d", replace(made.inputs, images=(bare, *rest)), {})
    whole = with_places(cohort, "tumour", "WT")
    installed(monkeypatch, near=Draws(moved=1))
    run = run_systems(whole, "tumour", ["near"], Protocol(folds=2), budget="smoke")
    assert not run.judged[0]
    found = content(run)
    assert (found["patients"]["rows"], found["unknown"]) == (7, 1)
    with pytest.raises(StudyError, match="ET, TC, WT"):
        with_places(cohort, "cavity", "RC")


def test_cohorts_with_places_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    one = place_cohort()
    renamed = replace(one.inputs, subjects=tuple(f"q{s}" for s in one.inputs.subjects), persons=())
    other = BenchCohort("other", renamed, one.targets)
    both = joined([one, other], "both")
    assert len(both.target("tumour")) == 16
    assert both.target("tumour").known.all()


GRID = Grid((16, 16, 12), np.diag([2.0, 2.0, 3.0, 1.0]))


def one_patient(mask: np.ndarray) -> tuple[MaskTarget, Inputs]:
    """A drawing of ET, and images of a block of brain."""
    from gliokit.study import Modality, Study, Volume

    brain = np.zeros(GRID.shape, dtype=np.float32)
    brain[1:15, 1:15, 1:11] = 1
    study = Study("p", {Modality.T1: Volume.from_array(Modality.T1, GRID, brain)})
    drawn = LabelMap(GRID, np.where(mask, 3, 0).astype(np.uint8), BRATS)
    images = Images(frozenset(["t1"]), frozenset(), lambda: study)
    target = MaskTarget("lesion", "ET", (lambda: drawn,))
    return target, Inputs(("p",), (), np.zeros((1, 0)), images=(images,))


def block(*low: int, side: int = 3) -> np.ndarray:
    mask = np.zeros(GRID.shape, dtype=bool)
    mask[tuple(slice(n, n + side) for n in low)] = True
    return mask


def test_an_answer_on_turned_axes_or_another_grid_is_brought_to_the_drawing() -> None:
    target, inputs = one_patient(block(4, 5, 3, side=6))
    same = LabelMap(GRID, block(5, 5, 3, side=6).astype(np.uint8) * 3, BRATS)
    (plain,) = place_cases(LabelMaps(("p",), (same,)), target, inputs)
    (round_,) = place_cases(LabelMaps(("p",), (turned(same),)), target, inputs)
    assert plain == round_
    assert plain["dice"] == pytest.approx(2 * 5 / (6 + 6))
    padded = np.pad(same.data, ((2, 1), (0, 0), (0, 4)))
    affine = np.array(GRID.affine)
    affine[0, 3] = -4.0
    wide = LabelMap(Grid(padded.shape, affine), padded, BRATS)
    assert place_cases(LabelMaps(("p",), (wide,)), target, inputs)[0] == plain


def test_detections_find_each_lesion_once_and_a_small_overlap_is_none() -> None:
    target, inputs = one_patient(block(2, 2, 2) | block(9, 9, 6))
    at = [tuple(GRID.to_mm(np.array(p))) for p in ((3, 3, 3), (3, 3, 4), (10, 10, 7), (14, 2, 2))]
    balls = (Detection(at[0], 4.0, 0.9), Detection(at[1], 4.0, 0.8), Detection(at[2], 30.0, 0.7),
             Detection(at[3], 2.0, 0.6))  # fmt: skip
    (case,) = place_cases(Detections(("p",), (balls,)), target, inputs)
    assert case["lesions"] == 2
    assert case["matched"] == [0, -2, -1, -1]
    assert case["scores"] == [0.9, 0.8, 0.7, 0.6]


def test_a_voxel_map_is_judged_in_the_brain_alone() -> None:
    inside = block(4, 5, 3)
    target, inputs = one_patient(inside)
    values = np.full(GRID.shape, 5.0, dtype=np.float32)
    values[1:15, 1:15, 1:11] = 0
    values[inside] = 1
    said = VoxelMaps(("p",), (VoxelMap(values, GRID),), "how likely")
    (case,) = place_cases(said, target, inputs)
    assert case["auc"] == 1.0
    assert case["correlation"] == pytest.approx(1.0)
    empty, _ = one_patient(np.zeros(GRID.shape, dtype=bool))
    assert place_cases(said, empty, inputs) == [{"drawn": False, "auc": None, "correlation": None}]


def test_an_answer_of_another_kind_or_region_is_refused() -> None:
    from gliokit.study import WHOLE_TUMOUR
    from gliokit.systems import Risk

    target, inputs = one_patient(block(4, 5, 3))
    other = LabelMap(GRID, np.zeros(GRID.shape, np.uint8), WHOLE_TUMOUR)
    with pytest.raises(StudyError, match="knows region 'ET'"):
        place_cases(LabelMaps(("p",), (other,)), target, inputs)
    with pytest.raises(StudyError, match="asks for places"):
        place_cases(Risk(("p",), "x", np.zeros(1)), target, inputs)
