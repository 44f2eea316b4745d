"""Perturbations do what their names say, by exactly what was asked."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.evaluation import dice
from gliokit.measurement.perturbation import Perturbation, draw_perturbations
from gliokit.measurement.perturbed_image import (
    moved_image,
    moved_mask,
    noise_deviation,
    noisy_image,
)
from gliokit.measurement.perturbed_mask import randomised_contour, resized_mask, with_margin_mm
from gliokit.study import UsageError

SPACING = (1.0, 1.0, 2.0)


def _ball(radius_mm: float = 9.0, shape: tuple[int, int, int] = (40, 36, 24)) -> np.ndarray:
    centre = (np.array(shape) - 1) / 2
    away = (np.indices(shape).T - centre) * SPACING
    return (np.linalg.norm(away, axis=-1) < radius_mm).T


def _scene() -> tuple[np.ndarray, np.ndarray]:
    ball = _ball()
    noise = np.random.default_rng(0).normal(scale=0.2, size=ball.shape)
    return (np.where(ball, 4, 1) + noise).astype(np.float32), ball


def test_a_margin_is_that_of_a_ball_in_millimetres() -> None:
    point = np.zeros((21, 21, 21), dtype=bool)
    point[10, 10, 10] = True
    grown = with_margin_mm(point, SPACING, 4.0)
    assert grown[14, 10, 10]
    assert not grown[15, 10, 10]
    assert grown[10, 10, 12]
    assert not grown[10, 10, 13]
    assert np.array_equal(with_margin_mm(grown, SPACING, -0.5), grown)
    assert with_margin_mm(_ball(), SPACING, -3).sum() < _ball().sum()
    assert not with_margin_mm(point, SPACING, -3).any()


def test_erosion_takes_what_touches_the_border_of_the_image_too() -> None:
    full = np.ones((5, 5, 5), dtype=bool)
    assert np.argwhere(with_margin_mm(full, (1, 1, 1), -1.0)).min() == 1


@pytest.mark.parametrize("change", [-0.5, -0.2, 0.1, 0.7])
def test_the_volume_changes_by_exactly_what_was_asked(change: float) -> None:
    ball = _ball()
    made = resized_mask(ball, SPACING, change, np.random.default_rng(1))
    assert made.sum() == round(ball.sum() * (1 + change))
    assert (made & ball).sum() == min(made.sum(), ball.sum())


def test_at_least_one_voxel_stays_and_nothing_comes_of_nothing() -> None:
    one = np.zeros((5, 5, 5), dtype=bool)
    rng = np.random.default_rng(0)
    assert not resized_mask(one, SPACING, 0.5, rng).any()
    assert not randomised_contour(one.astype(np.float32), one, SPACING, rng).any()
    one[2, 2, 2] = True
    assert resized_mask(one, SPACING, -0.9, rng).sum() == 1
    assert randomised_contour(one.astype(np.float32), one, SPACING, rng).any()


def test_a_new_contour_follows_the_edges_of_the_image() -> None:
    image, ball = _scene()
    grown = with_margin_mm(ball, SPACING, 1.5)
    redrawn = randomised_contour(image, grown, SPACING, np.random.default_rng(0))
    assert dice(ball, redrawn) > dice(ball, grown)


def test_without_edges_chance_draws_the_contour() -> None:
    flat = np.indices(_ball().shape).sum(axis=0).astype(np.float32)
    one, other = (
        randomised_contour(flat, _ball(), SPACING, np.random.default_rng(s)) for s in (0, 1)
    )
    assert not np.array_equal(one, other)
    assert 0.5 < dice(_ball(), one) < 1


def test_noise_is_estimated_whatever_the_picture_shows() -> None:
    image, _ = _scene()
    assert noise_deviation(image) == pytest.approx(0.2, rel=0.1)
    assert noise_deviation(np.zeros((4, 4, 4), np.float32)) == 0
    assert noise_deviation(np.ones((1, 4, 4), np.float32)) == 0


def test_added_noise_has_its_deviation_and_keeps_the_background() -> None:
    image, ball = _scene()
    image = np.where(ball, image, 0).astype(np.float32)
    noisy = noisy_image(image, 0.5, np.random.default_rng(0))
    assert (noisy - image)[ball].std() == pytest.approx(0.5, rel=0.05)
    assert not noisy[~ball].any()


def test_a_shift_of_whole_voxels_moves_every_voxel() -> None:
    image, ball = _scene()
    moved = moved_image(image, SPACING, shift_mm=(2.0, -1.0, 4.0))
    assert np.allclose(moved[2:, :-1, 2:], image[:-2, 1:, :-2])
    assert np.array_equal(
        moved_mask(ball, SPACING, shift_mm=(2.0, -1.0, 4.0))[2:, :-1, 2:], ball[:-2, 1:, :-2]
    )


def test_a_turn_is_one_of_the_patient_where_voxels_are_not_square() -> None:
    """A ball in millimetres stays one; four quarter turns of a cube give it back."""
    spacing = (1.0, 2.0, 1.0)
    away = (np.indices((41, 21, 9)).T - (20, 10, 4)) * spacing
    disc = (np.hypot(away[..., 0], away[..., 1]) < 12).T
    assert dice(disc, moved_mask(disc, spacing, degrees=37)) > 0.97
    cube = np.random.default_rng(0).normal(size=(9, 9, 4)).astype(np.float32)
    turned = moved_image(cube, (1, 1, 1), degrees=90)
    assert np.allclose(turned[1:-1, 1:-1], np.rot90(cube)[1:-1, 1:-1], atol=1e-4)


def test_a_set_is_drawn_from_its_seed_and_each_has_its_name() -> None:
    drawn = draw_perturbations(3, repeats=2)
    assert drawn == draw_perturbations(3, repeats=2)
    assert drawn != draw_perturbations(4, repeats=2)
    assert len({p.name for p in drawn}) == len(drawn)


def test_applying_is_pure_and_the_same_each_time() -> None:
    image, ball = _scene()
    for perturbation in draw_perturbations(0):
        one, two = (perturbation.apply({"flair": image}, ball, SPACING) for _ in range(2))
        assert np.array_equal(one[0]["flair"], two[0]["flair"])
        assert np.array_equal(one[1], two[1])
        assert one[1].any()
        changed = not np.array_equal(one[1], ball) or not np.array_equal(one[0]["flair"], image)
        assert changed, perturbation.name
    same = Perturbation("none").apply({"flair": image}, ball, SPACING)
    assert np.array_equal(same[0]["flair"], image)
    assert np.array_equal(same[1], ball)


def test_what_can_not_be_is_refused() -> None:
    with pytest.raises(UsageError, match="volume change above -1"):
        Perturbation("a", volume_change=-1)
    with pytest.raises(UsageError, match="at least one set"):
        draw_perturbations(0, repeats=0)
