"""How sure a segmentation is of itself: what the probabilities of its looks say.

A look is one stage, or one mirror image. What they agree on, and how sharply the mean of all
falls off at the border, is all that a network knows of its own doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["RegionLook", "entropy_bits", "label_entropy_bits", "look_at"]

OUTER, INNER = 0.1, 0.9
"""Probabilities that a region's widest and narrowest outline are drawn at.

Where two stages contradict each other the mean is near one half, which lies between."""

EMPTY_ML = 1.0
"""An empty region is wholly doubted where its probabilities sum up to this volume."""

BORDER_VOXELS = 2

Map = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RegionLook:
    """One region's doubt, from its probabilities alone.

    Args:
        expected_dice: Dice with a truth drawn from the probabilities, near enough: twice the
            probability within the region over the region's voxels and all probability
            (0 to 1). Of an empty region, 1 less the probability in mL, 0 at least.
        stage_agreement: Dice of the coarse and the fine stage, 1 where both are empty; None
            where there is one stage alone or the fine one saw nothing.
        flip_agreement: Dice of image and mirror image; None where there was one look.
        border_bits: Mean entropy within 2 voxels of the region's border, 0 to 1; 0 without one.
        spread: Half the logarithm of the volume above a probability of 0.1 over that above
            0.9, 1 mL added to each: 0 for a knife's edge.
    """

    expected_dice: float
    stage_agreement: float | None
    flip_agreement: float | None
    border_bits: float
    spread: float


def look_at(
    probability: Map,
    region: Mask,
    *,
    voxel_ml: float,
    stage_agreement: float | None = None,
    flip_agreement: float | None = None,
) -> RegionLook:
    """The doubt of one region.

    Args:
        probability: Mean of all looks (i, j, k), 0 outside the brain.
        region: What was taken for the region, of the same shape.
        voxel_ml: Volume of a voxel.
        stage_agreement: Where it is known.
        flip_agreement: Where it is known.
    """
    box = _box((probability > OUTER) | region)
    within, found = probability[box], region[box]
    whole = float(probability.sum(dtype=np.float64))
    outer, inner = (np.count_nonzero(within > p) * voxel_ml for p in (OUTER, INNER))
    if found.any():
        size = np.count_nonzero(found)
        expected = float(2 * within[found].sum(dtype=np.float64) / (size + whole))
    else:
        expected = max(0.0, 1 - whole * voxel_ml / EMPTY_ML)
    border = _border(found)
    bits = float(entropy_bits(within[border]).mean()) if border.any() else 0.0
    return RegionLook(
        expected_dice=expected,
        stage_agreement=stage_agreement,
        flip_agreement=flip_agreement,
        border_bits=bits,
        spread=float(np.log((outer + 1) / (inner + 1))) / 2,
    )


def _box(mask: Mask) -> tuple[slice, slice, slice]:
    """Where anything is, with room for the border."""
    slices = []
    for axis, length in enumerate(mask.shape):
        there = np.flatnonzero(mask.any(axis=tuple(a for a in range(3) if a != axis)))
        if not there.size:
            return (slice(0, 0), slice(0, 0), slice(0, 0))
        room = BORDER_VOXELS + 1
        slices.append(slice(max(int(there[0]) - room, 0), min(int(there[-1]) + room + 1, length)))
    return (slices[0], slices[1], slices[2])


def _border(region: Mask) -> Mask:
    from scipy import ndimage

    if not region.any():
        return region
    grown = ndimage.binary_dilation(region, iterations=BORDER_VOXELS)
    shrunk = ndimage.binary_erosion(region, iterations=BORDER_VOXELS)
    return np.asarray(grown & ~shrunk)


def entropy_bits(probability: Map) -> Map:
    """Entropy of a yes or no in bits: 0 where the network is sure, 1 at one half."""
    return _entropy(np.stack([probability, 1 - probability]))


def label_entropy_bits(probabilities: Mapping[str, Map]) -> Map:
    """Entropy of the label of each voxel in bits: 0 where it is sure, 2 where all four are alike.

    The labels are background, ED, NCR and ET; their probabilities are the differences of
    those of the nested regions, taken for 0 where an inner region is likelier than the one
    around it.

    Args:
        probabilities: WT, TC and ET -> (i, j, k); WT alone where a model knows no other.
    """
    nested = [probabilities[r] for r in ("WT", "TC", "ET") if r in probabilities]
    between = [outer - inner for outer, inner in pairwise(nested)]
    labels = np.stack([1 - nested[0], *between, nested[-1]]).clip(0)
    return _entropy(labels / labels.sum(axis=0))


def _entropy(shares: Map) -> Map:
    certain = np.clip(shares, 1e-7, 1)
    bits: Map = np.maximum(-(certain * np.log2(certain)).sum(axis=0), 0).astype(np.float32)
    return bits
