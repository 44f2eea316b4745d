"""The losses of the segmenters: of the house, and of nnU-Net for regions."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["region_loss", "supervised_levels_loss"]

SMOOTH_VOXELS = 10.0
NNUNET_SMOOTH = 1e-5


def region_loss(logits: Tensor, regions: Tensor) -> Tensor:
    """Soft Dice plus binary cross-entropy, each averaged over the regions.

    Regions overlap (WT holds TC holds ET), so each has a sigmoid of its own. Dice is taken
    of every example on its own, so that a small core of one patient counts as much as a
    large one of another. Its smoothing keeps a region that is absent from dominating.

    Args:
        logits: (batch, region, i, j, k).
        regions: The same shape, between 0 and 1.
    """
    dice, entropy = _dice_and_entropy(logits, regions, SMOOTH_VOXELS)
    return (1 - dice).mean() + 2 * entropy


def supervised_levels_loss(levels: Sequence[Tensor], regions: Tensor) -> Tensor:
    """Soft Dice plus cross-entropy at every level of a decoder, each level half as heavy.

    The coarsest level but for a single one weighs nothing; the weights sum to 1. What a
    coarse voxel holds is the mean of its fine ones, where nnU-Net takes the nearest label.

    Args:
        levels: Logits (batch, region, ...) from the finest level to the coarsest.
        regions: Of the finest level, between 0 and 1.

    Source: Isensee et al., Nature Methods 18 (2021) 203; nnU-Net v2's trainer.
    """
    counted = levels[:-1] or levels
    weights = [0.5**level for level in range(len(counted))]
    total = torch.zeros((), device=regions.device)
    for weight, logits in zip(weights, counted, strict=True):
        i, j, k = logits.shape[2:]
        wanted = functional.adaptive_avg_pool3d(regions, (i, j, k))
        dice, entropy = _dice_and_entropy(logits, wanted, NNUNET_SMOOTH)
        total = total + weight / sum(weights) * ((1 - dice).mean() + entropy)
    return total


def _dice_and_entropy(logits: Tensor, regions: Tensor, smooth: float) -> tuple[Tensor, Tensor]:
    """Dice of each example and region, and the mean cross-entropy."""
    probabilities = logits.sigmoid()
    axes = (2, 3, 4)
    both = (probabilities * regions).sum(axes)
    total = probabilities.sum(axes) + regions.sum(axes)
    dice = (2 * both + smooth) / (total + smooth)
    return dice, functional.binary_cross_entropy_with_logits(logits, regions)
