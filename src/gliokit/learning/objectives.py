"""What the networks of published systems are taught to make small."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = [
    "class_objective",
    "detection_objective",
    "fraction_objective",
    "hazard_objective",
    "translation_objective",
    "voxel_objective",
]

IGNORED = -1
HARD_PER_BOX = 3
LIKENESS = 10.0


def class_objective(network: nn.Module, *batch: Tensor) -> Tensor:
    """Cross-entropy of examples, each with its weight.

    Args:
        network: Gives logits (batch, class), alone or first of several.
        batch: Its inputs, then classes int64 (batch,) and weights float32 (batch,), whose sum
            is above 0.
    """
    *inputs, classes, weights = batch
    found = network(*inputs)
    logits = found if isinstance(found, Tensor) else found[0]
    each = F.cross_entropy(logits, classes, reduction="none")
    return (weights * each).sum() / weights.sum()


def voxel_objective(network: nn.Module, image: Tensor, classes: Tensor) -> Tensor:
    """Cross-entropy plus 1 - the mean soft Dice of the classes, over the voxels of the batch.

    Args:
        network: Gives logits (batch, class, i, j, k).
        image: (batch, channel, i, j, k).
        classes: int64 (batch, i, j, k).
    """
    logits = network(image)
    shares = logits.softmax(dim=1)
    wanted = F.one_hot(classes, logits.shape[1]).movedim(-1, 1).to(shares.dtype)
    axes = (0, *range(2, logits.ndim))
    both, either = (shares * wanted).sum(axes), (shares + wanted).sum(axes)
    dice = (2 * both + 1) / (either + 1)
    found: Tensor = F.cross_entropy(logits, classes) + 1 - dice.mean()
    return found


def detection_objective(
    network: nn.Module, image: Tensor, kinds: Tensor, offsets: Tensor
) -> Tensor:
    """Classes of default boxes with their hardest negatives, and offsets of those that match.

    Cross-entropy over the boxes that match a lesion and the three times as many others whose
    loss is largest (one where none matches), plus smooth L1 of the offsets, both over the
    number of matches.

    Args:
        network: Gives logits (batch, box, class) and offsets (batch, box, 4).
        image: (batch, channel, i, j).
        kinds: int64 (batch, box): 0 background, -1 neither.
        offsets: (batch, box, 4), of boxes that match.

    Source: Liu W et al. SSD: Single Shot MultiBox Detector. ECCV 2016, LNCS 9905:21.
    """
    logits, places = network(image)
    matched, empty = kinds > 0, kinds == 0
    each = F.cross_entropy(
        logits.movedim(-1, 1), kinds, reduction="none", ignore_index=IGNORED
    )  # fmt: skip
    many = int(matched.sum())
    ranked = each[empty].sort(descending=True).values
    hard = ranked[: max(1, HARD_PER_BOX * many)]
    apart = F.smooth_l1_loss(places[matched], offsets[matched], reduction="sum")
    return (each[matched].sum() + hard.sum() + apart) / max(1, many)


def translation_objective(network: nn.Module, source: Tensor, other: Tensor) -> Tensor:
    """Likeness of the made to the true sequence, and a critic that tells them apart.

    Args:
        network: `Translation`, which turns the critic's gradient for its generator.
        source: (batch, 1, i, j).
        other: The true sequence, the same shape.

    Source: Isola P et al. CVPR 2017:5967, of whom the sum is; Ganin Y et al. JMLR 2016;17:1.
    """
    made = network(source)
    false = network.judged(source, made, made=True)  # type: ignore[operator]
    true = network.judged(source, other, made=False)  # type: ignore[operator]
    critic = F.binary_cross_entropy_with_logits(false, torch.zeros_like(false))
    critic = critic + F.binary_cross_entropy_with_logits(true, torch.ones_like(true))
    found: Tensor = LIKENESS * F.l1_loss(made, other) + critic
    return found


def fraction_objective(network: nn.Module, signals: Tensor, share: Tensor) -> Tensor:
    """The mean absolute error of a share (batch, 1)."""
    return F.l1_loss(network(signals), share)


def hazard_objective(network: nn.Module, *batch: Tensor) -> Tensor:
    """Minus the log likelihood of survival in intervals of time, the mean over patients.

    Of each interval that counts for a patient, log of its hazard if death was in it, else of 1
    less its hazard. Each interval has a logit of its own: hazards need not be proportional.

    Args:
        network: Gives logits of the hazard (batch, interval), alone or first of several.
        batch: Its inputs, then float32 (batch, interval) of 0 and 1: which intervals count, and
            in which death was, as `gliokit.systems.discrete_time.intervals_lived` gives them.

    Source: Gensheimer MF, Narasimhan B. PeerJ 2019;7:e6257. doi:10.7717/peerj.6257
    """
    *inputs, at_risk, died = batch
    found = network(*inputs)
    logits = found if isinstance(found, Tensor) else found[0]
    each = F.binary_cross_entropy_with_logits(logits, died, reduction="none")
    return (at_risk * each).sum() / len(at_risk)
