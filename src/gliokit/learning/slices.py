"""Training on slices: which are drawn, how they are varied, what is made small."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from gliokit.study import UsageError

__all__ = ["Deck", "WeightedEntropy", "batch_dice_objective", "warped"]


@dataclass(frozen=True, slots=True, eq=False)
class Deck:
    """Slices dealt like cards: in a turn each is drawn as often as its number stands here.

    What a step draws depends on the seed and the step alone.

    Args:
        cards: (m,) numbers of slices.
        batch: Slices a step.
        seed: Of the shuffles, one a turn.

    Raises:
        UsageError: there is no card, or no slice a step.
    """

    cards: NDArray[np.intp]
    batch: int
    seed: int

    def __post_init__(self) -> None:
        if not len(self.cards) or self.batch < 1:
            raise UsageError("a network learns from one slice or more",
                             found=(len(self.cards), self.batch))  # fmt: skip

    def drawn(self, step: int) -> NDArray[np.intp]:
        """(batch,) numbers of the slices of a step; a step may end one turn and begin the next."""
        places = np.arange(step * self.batch, (step + 1) * self.batch)
        turns, within = np.divmod(places, len(self.cards))
        rows = [_shuffled(self.seed, int(t), len(self.cards))[w]
                for t, w in zip(turns, within, strict=True)]  # fmt: skip
        return self.cards[np.array(rows, dtype=np.intp)]


@lru_cache(maxsize=4)
def _shuffled(seed: int, turn: int, length: int) -> NDArray[np.intp]:
    return np.random.default_rng([seed, turn]).permutation(length)


def warped(
    images: NDArray[np.float32],
    masks: NDArray[np.float32],
    matrices: NDArray[np.float32],
    bends: NDArray[np.float32] | None = None,
) -> tuple[Tensor, Tensor]:
    """Slices turned, stretched, shifted and bent: images linearly, masks by nearest neighbours.

    A pixel at the place (y, x) from the middle of the slice shows what was at the matrix times
    (y, x, 1), plus the bend. What comes from beyond the slice is 0.

    Args:
        images: (n, channel, side, side).
        masks: (n, side, side).
        matrices: (n, 2, 3).
        bends: (n, 2, side, side), pixels down and to the right; None bends nothing.
    """
    side = images.shape[-1]
    line = torch.arange(side, dtype=torch.float32) - (side - 1) / 2
    y, x = torch.meshgrid(line, line, indexing="ij")
    here = torch.stack([y, x, torch.ones_like(y)]).reshape(3, -1)
    there = (torch.from_numpy(matrices) @ here).reshape(-1, 2, side, side)
    if bends is not None:
        there = there + torch.from_numpy(bends)
    # grid_sample wants (x, y), from -1 to 1 between the outer edges of the pixels.
    grid = there.flip(1).movedim(1, -1) * (2 / side)

    def sampled(values: NDArray[np.float32], mode: str) -> Tensor:
        return functional.grid_sample(
            torch.from_numpy(values), grid, mode=mode, padding_mode="zeros", align_corners=False
        )

    return sampled(images, "bilinear"), sampled(masks[:, None], "nearest")[:, 0]


def batch_dice_objective(network: nn.Module, images: Tensor, masks: Tensor) -> Tensor:
    """Minus the soft Dice of a whole batch taken as one image, 1 added above and below.

    Slices without tumour so have a say in it: what is found there adds to the lower part.

    Args:
        network: Gives probabilities (n, 1, side, side).
        images: (n, channel, side, side).
        masks: (n, side, side), 0 or 1.

    Source: program of Buda 2019.
    """
    said = network(images)[:, 0]
    both = (said * masks).sum()
    loss: Tensor = -(2 * both + 1) / (said.sum() + masks.sum() + 1)
    return loss


@dataclass(frozen=True, slots=True)
class WeightedEntropy:
    """Cross-entropy of each pixel times the weight of its true class, averaged over pixels.

    Args:
        weights: One a class.

    Source: program of Zeineldin 2020.
    """

    weights: tuple[float, ...]

    def __call__(self, network: nn.Module, images: Tensor, masks: Tensor) -> Tensor:
        """Of images (n, channel, side, side) and classes (n, side, side), as numbers."""
        weight = torch.tensor(self.weights, device=images.device)
        each = functional.cross_entropy(
            network(images), masks.long(), weight=weight, reduction="none"
        )
        return each.mean()
