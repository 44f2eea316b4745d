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
        regions: The same shape, between 0 and 1; NaN throughout a region that the expert
            didn't draw. Such a region adds nothing and has no gradient, and the others
            weigh what they do in a patient of whom all are drawn.
    """
    missed, entropy = _missed_and_entropy(logits, regions, SMOOTH_VOXELS)
    return missed + 2 * entropy


def supervised_levels_loss(levels: Sequence[Tensor], regions: Tensor) -> Tensor:
    """Soft Dice plus cross-entropy at every level of a decoder, each level half as heavy.

    The coarsest level but for a single one weighs nothing; the weights sum to 1. What a
    coarse voxel holds is the mean of its fine ones, where nnU-Net takes the nearest label.

    Args:
        levels: Logits (batch, region, ...) from the finest level to the coarsest.
        regions: Of the finest level, as in `region_loss`.

    Source: Isensee et al., Nature Methods 18 (2021) 203; nnU-Net v2's trainer.
    """
    counted = levels[:-1] or levels
    weights = [0.5**level for level in range(len(counted))]
    total = torch.zeros((), device=regions.device)
    for weight, logits in zip(weights, counted, strict=True):
        i, j, k = logits.shape[2:]
        wanted = functional.adaptive_avg_pool3d(regions, (i, j, k))
        missed, entropy = _missed_and_entropy(logits, wanted, NNUNET_SMOOTH)
        total = total + weight / sum(weights) * (missed + entropy)
    return total


def _missed_and_entropy(logits: Tensor, regions: Tensor, smooth: float) -> tuple[Tensor, Tensor]:
    """1 - Dice and the cross-entropy, means over all examples and regions, drawn or not."""
    unknown = regions.isnan()
    drawn = None
    if unknown.any():
        logits, regions = logits.masked_fill(unknown, 0), regions.masked_fill(unknown, 0)
        drawn = (~unknown).to(logits.dtype)
    probabilities = logits.sigmoid()
    axes = (2, 3, 4)
    both = (probabilities * regions).sum(axes)
    total = probabilities.sum(axes) + regions.sum(axes)
    missed = 1 - (2 * both + smooth) / (total + smooth)
    if drawn is not None:
        missed = missed * drawn[:, :, 0, 0, 0]
    return missed.mean(), functional.binary_cross_entropy_with_logits(logits, regions, drawn)
