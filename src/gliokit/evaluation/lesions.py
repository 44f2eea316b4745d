"""Lesion by lesion: did a segmentation find each one, and how well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gliokit.evaluation.crop import bounding_box
from gliokit.evaluation.overlap import check_shapes
from gliokit.evaluation.surface import hd95_mm

__all__ = ["FARTHEST_MM", "LESION_RULES", "Lesion", "LesionRules", "LesionWise", "lesion_wise"]

FARTHEST_MM = 374.0
"""Distance of what was missed or falsely found: the diagonal of 240 x 240 x 155 mm."""


@dataclass(frozen=True, slots=True)
class LesionRules:
    """What counts as one lesion.

    Args:
        dilations: Reference lesions whose outlines meet after so many dilations are one.
        larger_than_mm3: Reference lesions that are no larger don't count.
    """

    dilations: int
    larger_than_mm3: float


LESION_RULES: Mapping[str, LesionRules] = MappingProxyType(
    {
        "GLI": LesionRules(3, 50),
        "SSA": LesionRules(3, 50),
        "PED": LesionRules(3, 50),
        "MEN": LesionRules(1, 50),
        "MET": LesionRules(1, 2),
    }
)
"""Rules by challenge of BraTS 2023."""


@dataclass(frozen=True, slots=True)
class Lesion:
    """One reference lesion that counts.

    Args:
        volume_mm3: Of the reference.
        dice: With all predicted components that reach it.
        hd95_mm: With the same; 374 where nothing reaches it.
        found: Whether a predicted component lies in the lesion or within the dilations
            around it.
    """

    volume_mm3: float
    dice: float
    hd95_mm: float
    found: bool


@dataclass(frozen=True, slots=True)
class LesionWise:
    """Reference lesions that count, and predicted components that belong to none."""

    lesions: tuple[Lesion, ...]
    false_positives: int

    @property
    def true_positives(self) -> int:
        """Lesions that were found."""
        return sum(lesion.found for lesion in self.lesions)

    @property
    def false_negatives(self) -> int:
        """Lesions that were missed."""
        return len(self.lesions) - self.true_positives

    @property
    def dice(self) -> float:
        """Mean over lesions and false positives, these with 0; 1 where there is neither."""
        total = len(self.lesions) + self.false_positives
        return sum(lesion.dice for lesion in self.lesions) / total if total else 1.0

    @property
    def hd95_mm(self) -> float:
        """Mean over lesions and false positives, these with 374; 0 where there is neither."""
        total = len(self.lesions) + self.false_positives
        distances = [lesion.hd95_mm for lesion in self.lesions]
        return (sum(distances) + FARTHEST_MM * self.false_positives) / total if total else 0.0


def lesion_wise(
    reference: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    spacing_mm: Sequence[float],
    *,
    rules: LesionRules = LESION_RULES["GLI"],
) -> LesionWise:
    """Lesion-wise agreement by the rules of BraTS 2023.

    Reference lesions are the components (26 neighbours) of the reference after dilation
    (18 neighbours), within the reference itself. A predicted component belongs to every
    lesion whose dilation it touches and counts there in full. One that touches none,
    not even a lesion too small to count, is a false positive of any size.

    Args:
        reference: (i, j, k).
        predicted: The same shape.
        spacing_mm: Distance of voxel centres along each axis. Dilations count voxels, so
            that figures are BraTS's at 1 mm alone.
        rules: Of the challenge.

    Raises:
        ValueError: the shapes differ.

    Source: Kazerooni et al., arXiv 2305.17033 (2023); LaBella et al., arXiv 2305.07642
    (2023); the organisers' published metric of October 2023.
    """
    from scipy import ndimage

    check_shapes(reference, predicted)
    box = bounding_box(reference | predicted, margin=rules.dilations)
    if box is None:
        return LesionWise((), 0)
    truth, found = reference[box], predicted[box]
    zones, count = ndimage.label(_dilated(truth, rules.dilations), np.ones((3, 3, 3)))
    components, number = ndimage.label(found, np.ones((3, 3, 3)))
    both = (zones > 0) & (components > 0)
    pairs = np.unique(np.stack([zones[both], components[both]], axis=1), axis=0)
    voxel_mm3 = float(np.prod(spacing_mm))
    volumes = np.bincount((zones * truth).ravel(), minlength=count + 1) * voxel_mm3
    lesions = [
        _lesion(
            (zones == zone) & truth,
            np.isin(components, pairs[pairs[:, 0] == zone, 1]),
            spacing_mm,
        )
        for zone in range(1, count + 1)
        if volumes[zone] > rules.larger_than_mm3
    ]
    return LesionWise(tuple(lesions), number - len(np.unique(pairs[:, 1])))


def _lesion(
    truth: NDArray[np.bool_], found: NDArray[np.bool_], spacing_mm: Sequence[float]
) -> Lesion:
    size, reached = int(np.count_nonzero(truth)), int(np.count_nonzero(found))
    common = int(np.count_nonzero(truth & found))
    distance = hd95_mm(truth, found, spacing_mm)
    return Lesion(
        volume_mm3=size * float(np.prod(spacing_mm)),
        dice=2 * common / (size + reached),
        hd95_mm=FARTHEST_MM if distance is None else distance,
        found=reached > 0,
    )


def _dilated(mask: NDArray[np.bool_], times: int) -> NDArray[np.bool_]:
    from scipy import ndimage

    element = ndimage.generate_binary_structure(3, 2)
    dilated: NDArray[np.bool_] = ndimage.binary_dilation(mask, element, iterations=times)
    return dilated
