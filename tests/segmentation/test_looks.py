"""What probabilities say of their own doubt."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from gliokit.evaluation import dice
from gliokit.segmentation.looks import entropy_bits, label_entropy_bits, look_at

SHAPE = (40, 44, 36)


def ball(radius: float) -> np.ndarray:
    at = np.indices(SHAPE).T - (np.array(SHAPE) - 1) / 2
    return radius >= np.linalg.norm(at, axis=-1).T


def softened(radius: float, sigma: float) -> np.ndarray:
    return ndimage.gaussian_filter(ball(radius).astype(np.float32), sigma)


def test_a_sharp_answer_has_no_doubt() -> None:
    look = look_at(ball(12).astype(np.float32), ball(12), voxel_ml=0.001)
    assert look.expected_dice == pytest.approx(1)
    assert look.spread == 0
    assert look.border_bits == pytest.approx(0, abs=1e-4)
    assert look.stage_agreement is None


def test_a_softer_border_means_more_doubt() -> None:
    looks = []
    for sigma in (0.5, 1, 2, 4):
        probability = softened(12, sigma)
        looks.append(look_at(probability, probability > 0.5, voxel_ml=0.001))
    assert all(np.diff([x.expected_dice for x in looks]) < 0)
    assert all(np.diff([x.spread for x in looks]) > 0)
    assert all(np.diff([x.border_bits for x in looks]) > 0)


def test_the_expected_dice_is_the_mean_over_truths_drawn_from_the_probabilities() -> None:
    probability = softened(9, 3)
    region = probability > 0.5
    rng = np.random.default_rng(0)
    drawn = [dice(rng.random(SHAPE) < probability, region) for _ in range(200)]
    look = look_at(probability, region, voxel_ml=0.001)
    assert look.expected_dice == pytest.approx(np.mean(drawn), abs=0.002)


def test_an_empty_region_is_trusted_by_how_little_speaks_for_it() -> None:
    empty = np.zeros(SHAPE, dtype=bool)
    for probability, expected in ((0.0, 1.0), (0.4, 0.6), (0.45, 0.1)):
        there = np.where(ball(40), 0, 0).astype(np.float32)
        there[:10, :10, :10] = probability
        volume = 0.001 if probability < 0.45 else 0.002
        look = look_at(there, empty, voxel_ml=volume)
        assert look.expected_dice == pytest.approx(expected, abs=1e-5)
        assert look.border_bits == 0


def test_entropy_is_greatest_where_nothing_is_known() -> None:
    bits = entropy_bits(np.array([0, 0.5, 1, 0.11], np.float32))
    np.testing.assert_allclose(bits, [0, 1, 0, 0.49992], atol=1e-4)


def test_the_entropy_of_labels_is_that_of_four_answers() -> None:
    def maps(*rows: tuple[float, float, float]) -> dict[str, np.ndarray]:
        columns = np.array(rows, np.float32).T
        return dict(zip(("WT", "TC", "ET"), columns, strict=True))

    bits = label_entropy_bits(maps((0.75, 0.5, 0.25), (0, 0, 0), (1, 1, 1), (1, 0.5, 0)))
    np.testing.assert_allclose(bits, [2, 0, 0, 1], atol=1e-4)
    # The enhancing part likelier than the core around it: no share is below 0.
    assert np.isfinite(label_entropy_bits(maps((0.2, 0.1, 0.9)))).all()
    whole = np.array([0.2, 0.5, 0.9], np.float32)
    np.testing.assert_allclose(label_entropy_bits({"WT": whole}), entropy_bits(whole), atol=1e-6)
