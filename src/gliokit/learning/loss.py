"""The loss of the house segmenter."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

__all__ = ["region_loss"]

SMOOTH_VOXELS = 10.0


def region_loss(logits: Tensor, regions: Tensor) -> Tensor:
    """Soft Dice plus binary cross-entropy, each averaged over the regions.

    Regions overlap (WT holds TC holds ET), so each has a sigmoid of its own. Dice is taken
    of every example on its own, so that a small core of one patient counts as much as a
    large one of another. Its smoothing keeps a region that is absent from dominating.

    Args:
        logits: (batch, region, i, j, k).
        regions: The same shape, between 0 and 1.
    """
    probabilities = logits.sigmoid()
    axes = (2, 3, 4)
    both = (probabilities * regions).sum(axes)
    total = probabilities.sum(axes) + regions.sum(axes)
    dice = (2 * both + SMOOTH_VOXELS) / (total + SMOOTH_VOXELS)
    entropy = functional.binary_cross_entropy_with_logits(logits, regions)
    return (1 - dice).mean() + 2 * entropy
