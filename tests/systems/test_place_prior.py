"""The baseline of places: it knows where tumours lie, and no image."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gliokit.evaluation import dice
from gliokit.study import Grid, Modality, Study, StudyError, UsageError, Volume
from gliokit.systems import (
    Detections,
    Images,
    Inputs,
    LabelMaps,
    MaskTarget,
    TrainingSet,
    VoxelMaps,
    find_system,
    load_fitted,
)
from gliokit.systems.place_prior import best_threshold
from tests.systems.digital import digital_patients

NAMES = ("place_prior", "place_prior_map", "place_prior_peak")
TRUTH = digital_patients(8)


def drawn(region: str = "WT") -> TrainingSet:
    """Digital patients whose tumour is the target, and no input."""
    masks = tuple(i and i.open_label_map for i in TRUTH.inputs.images)
    bare = tuple(
        i and replace(i, regions=frozenset(), open_label_map=None) for i in TRUTH.inputs.images
    )
    return TrainingSet(replace(TRUTH.inputs, images=bare), MaskTarget("tumour", region, masks))


def parts(said: object) -> list[np.ndarray]:
    if isinstance(said, LabelMaps):
        return [m.data for m in said.maps]
    if isinstance(said, VoxelMaps):
        return [m.values for m in said.maps]
    assert isinstance(said, Detections)
    return [np.array([*b.centre_mm, b.radius_mm, b.probability]) for f in said.found for b in f]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_saved_and_answers_alike_whoever_else_is_asked(name: str, tmp_path: Path) -> None:
    patients = drawn()
    fitted = find_system(name).fit(patients, budget="small", seed=0)
    said = parts(fitted.answer(patients.inputs))
    fitted.save(tmp_path / "saved")
    loaded = load_fitted(tmp_path / "saved")
    for one, other in zip(said, parts(loaded.answer(patients.inputs)), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(parts(fitted.answer(patients.inputs.take([5])))[0], said[5])
    assert json.dumps(dict(fitted.findings), allow_nan=False)


def test_it_learns_where_tumours_lie() -> None:
    """Tumours of 6 mm about the middle of the brain, a few millimetres apart."""
    patients, unseen = drawn().take(np.arange(6)), TRUTH.inputs.take([6, 7])
    masks, maps, balls = (
        find_system(n).fit(patients, budget="small", seed=0).answer(unseen) for n in NAMES
    )
    assert isinstance(masks, LabelMaps)
    assert isinstance(maps, VoxelMaps)
    assert isinstance(balls, Detections)
    for row, images in enumerate(unseen.images):
        assert images is not None
        assert images.open_label_map is not None
        known = images.open_label_map()
        true = known.region("WT")
        assert dice(true, masks.maps[row].region("WT")) > 0.5
        values = maps.maps[row].values
        assert values[true].mean() > 10 * values[~true].mean()
        (ball,) = balls.found[row]
        centre = known.grid.to_mm(np.argwhere(true).mean(axis=0))
        assert np.linalg.norm(centre - np.array(ball.centre_mm)) < 6
        assert ball.radius_mm == pytest.approx(6, abs=0.5)


def test_a_brain_twice_as_large_and_elsewhere_has_the_tumour_where_it_has_it() -> None:
    patients = drawn()
    images = patients.inputs.images[0]
    assert images is not None
    volume = images.open_study().volumes[Modality.T1]
    affine = volume.grid.affine * 2
    affine[:3, 3] += (40, -30, 20)
    affine[3, 3] = 1
    grid = Grid(volume.grid.shape, affine)
    study = Study("d00", {Modality.T1: Volume.from_array(Modality.T1, grid, volume.data)})
    larger = replace(images, open_study=lambda: study)
    other = Inputs(("d00",), (), np.zeros((1, 0)), images=(larger,))
    fitted = find_system("place_prior").fit(patients, budget="small", seed=0)
    here, there = (parts(fitted.answer(p))[0] for p in (patients.inputs.take([0]), other))
    assert dice(here > 0, there > 0) > 0.99


def test_no_image_is_looked_at_but_for_where_it_is_not_0() -> None:
    patients = drawn()
    fitted = find_system("place_prior").fit(patients, budget="small", seed=0)

    def flat(images: Images) -> Images:
        def opened() -> Study:
            volumes = images.open_study().volumes
            return Study("flat", {m: Volume.from_array(m, v.grid, (v.data != 0).astype(np.float32))
                                  for m, v in volumes.items()})  # fmt: skip

        return replace(images, open_study=opened)

    bare = tuple(i and flat(i) for i in patients.inputs.images)
    said = fitted.answer(replace(patients.inputs, images=bare))
    for one, other in zip(parts(said), parts(fitted.answer(patients.inputs)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_threshold_is_the_best_one_for_patients_left_out() -> None:
    generator = np.random.default_rng(3)
    masks = [generator.random((6, 6, 6)) < 0.1 + 0.6 * (np.arange(6) > 2) for _ in range(5)]
    masks.append(np.zeros((6, 6, 6), dtype=bool))
    persons = ["a", "b", "c", "d", "d", "e"]
    rest = [np.mean([m for m, other in zip(masks, persons, strict=True) if other != who], axis=0)
            for who in persons]  # fmt: skip
    tried = np.arange(1, 101) / 100
    mean = [np.mean([dice(m, r >= t - 1e-9) for m, r in zip(masks, rest, strict=True)])
            for t in tried]  # fmt: skip
    assert best_threshold(masks, persons) == tried[int(np.argmax(mean))]
    assert best_threshold(masks[:2], ["a", "a"]) == 1.0


def test_what_shows_no_brain_and_a_target_that_is_no_place_are_refused() -> None:
    prior = find_system("place_prior")
    with pytest.raises(UsageError, match="finds places"):
        prior.fit(TRUTH, budget="small", seed=0)
    grid = Grid((8, 8, 8), np.eye(4))
    volume = Volume.from_array(Modality.T1, grid, np.zeros(grid.shape, np.float32))
    empty = Images(frozenset(["t1"]), frozenset(), lambda: Study("x", {Modality.T1: volume}))
    asked = Inputs(("x",), (), np.zeros((1, 0)), images=(empty,))
    with pytest.raises(StudyError, match=r"x: an image shows a brain; found 0 voxels"):
        prior.fit(drawn(), budget="small", seed=0).answer(asked)


def test_nothing_drawn_in_anybody_is_nothing_said() -> None:
    patients = drawn()
    assert isinstance(patients.target, MaskTarget)

    def nothing() -> object:
        known = TRUTH.inputs.images_of(0).open_label_map
        assert known is not None
        return replace(known(), data=np.zeros(known().data.shape, np.uint8))

    target = replace(patients.target, open_masks=(nothing,) * 8)
    fitted = find_system("place_prior").fit(
        TrainingSet(patients.inputs, target), budget="small", seed=0
    )
    assert not any(m.any() for m in parts(fitted.answer(patients.inputs)))
