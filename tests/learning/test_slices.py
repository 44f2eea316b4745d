"""Slices are dealt fairly, moved as they are told, and judged as the papers' programs judge."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.study import UsageError

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from gliokit.learning.slices import (  # noqa: E402
    Deck,
    WeightedEntropy,
    batch_dice_objective,
    warped,
)


def still(n: int = 1) -> np.ndarray:
    return np.tile(np.eye(2, 3, dtype=np.float32), (n, 1, 1))


def test_in_each_turn_every_slice_is_drawn_as_often_as_its_card_is_there() -> None:
    deck = Deck(np.array([0, 1, 1, 1, 2, 3, 3]), batch=3, seed=5)
    dealt = np.concatenate([deck.drawn(step) for step in range(14)])
    for turn in range(6):
        found = np.bincount(dealt[7 * turn : 7 * turn + 7], minlength=4)
        assert found.tolist() == [1, 3, 1, 2]
    assert not np.array_equal(dealt[:7], dealt[7:14])


def test_what_a_step_draws_depends_on_seed_and_step_alone() -> None:
    cards = np.arange(50)
    later = Deck(cards, 8, 1).drawn(30)
    deck = Deck(cards, 8, 1)
    for step in range(30):
        deck.drawn(step)
    np.testing.assert_array_equal(deck.drawn(30), later)
    assert not np.array_equal(Deck(cards, 8, 2).drawn(30), later)


def test_no_slice_is_refused() -> None:
    with pytest.raises(UsageError, match="one slice or more"):
        Deck(np.array([], dtype=np.intp), 4, 0)


def test_a_slice_that_is_not_moved_stays_as_it_is() -> None:
    generator = np.random.default_rng(0)
    image = generator.random((2, 3, 16, 16), dtype=np.float32)
    mask = (generator.random((2, 16, 16)) > 0.5).astype(np.float32)
    images, masks = warped(image, mask, still(2))
    np.testing.assert_allclose(images.numpy(), image, atol=1e-5)
    np.testing.assert_array_equal(masks.numpy(), mask)


def test_a_quarter_turn_and_a_shift_move_image_and_mask_alike() -> None:
    mask = np.zeros((1, 9, 9), dtype=np.float32)
    mask[0, 1, 4] = 1
    turn = np.array([[[0, 1, 0], [-1, 0, 0]]], dtype=np.float32)
    images, masks = warped(mask[:, None], mask, turn)
    # What is shown at (y, x) comes from (x, -y): row 1 of the middle column comes to the right.
    assert np.argwhere(masks.numpy()[0]).tolist() == [[4, 1]]
    np.testing.assert_allclose(images.numpy()[0, 0], masks.numpy()[0], atol=1e-5)
    shift = still()
    shift[0, :, 2] = (2, -1)
    _, moved = warped(mask[:, None], mask, shift)
    assert not moved.any()
    shift[0, :, 2] = (-2, 1)
    _, moved = warped(mask[:, None], mask, shift)
    assert np.argwhere(moved.numpy()[0]).tolist() == [[3, 3]]


def test_a_bend_moves_each_pixel_by_itself() -> None:
    mask = np.zeros((1, 8, 8), dtype=np.float32)
    mask[0, 2, 2] = 1
    bends = np.zeros((1, 2, 8, 8), dtype=np.float32)
    bends[0, 0, 4, 2] = -2
    _, moved = warped(mask[:, None], mask, still(), bends)
    assert np.argwhere(moved.numpy()[0]).tolist() == [[2, 2], [4, 2]]


def test_the_dice_is_of_the_whole_batch_and_smoothed_by_one() -> None:
    said = torch.tensor([[[[0.5, 0.0]]], [[[1.0, 1.0]]]])
    masks = torch.tensor([[[1.0, 0.0]], [[1.0, 0.0]]])
    loss = batch_dice_objective(lambda x: x, said, masks)  # type: ignore[arg-type]
    assert float(loss) == pytest.approx(-(2 * 1.5 + 1) / (2.5 + 2 + 1))
    nothing = batch_dice_objective(lambda x: x * 0, said, masks * 0)  # type: ignore[arg-type]
    assert float(nothing) == -1


def test_the_entropy_of_a_pixel_weighs_as_its_true_class() -> None:
    logits = torch.log(torch.tensor([[[[0.8, 0.3]], [[0.2, 0.7]]]]))
    masks = torch.tensor([[[0.0, 1.0]]])
    objective = WeightedEntropy((0.05, 1.0))
    found = float(objective(lambda x: x, logits, masks))  # type: ignore[arg-type]
    assert found == pytest.approx(-(0.05 * np.log(0.8) + np.log(0.7)) / 2, rel=1e-5)
