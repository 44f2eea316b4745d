"""All figures of merit of one patient's segmentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.evaluation.crop import bounding_box
from gliokit.evaluation.lesions import FARTHEST_MM, LESION_RULES, LesionRules, lesion_wise
from gliokit.evaluation.overlap import check_shapes, dice
from gliokit.evaluation.surface import surface_distances

__all__ = ["CaseFigures", "RegionFigures", "score_case"]

TOLERANCE_MM = 1.0


@dataclass(frozen=True, slots=True)
class RegionFigures:
    """One region of one patient.

    Args:
        dice: 1 where both masks are empty, 0 where one is.
        hd95_mm: 0 where both masks are empty, None where one is: there is no distance.
        surface_dice_1mm: Normalised surface Dice at 1 mm; empty masks as for Dice.
        reference_ml: Volume in the reference.
        predicted_ml: Volume in the prediction.
        lesion_dice: Lesion-wise Dice of BraTS 2023.
        lesion_hd95_mm: Lesion-wise HD95 of BraTS 2023; 374 for what was missed or false.
        lesions: Reference lesions that count.
        lesions_missed: Those that no predicted component reaches.
        false_lesions: Predicted components that reach no reference lesion.
    """

    dice: float
    hd95_mm: float | None
    surface_dice_1mm: float
    reference_ml: float
    predicted_ml: float
    lesion_dice: float
    lesion_hd95_mm: float
    lesions: int
    lesions_missed: int
    false_lesions: int

    @property
    def volume_error_ml(self) -> float:
        """Predicted less reference volume."""
        return self.predicted_ml - self.reference_ml

    @property
    def presence_right(self) -> bool:
        """Whether the prediction holds the region exactly if the reference does."""
        return (self.predicted_ml > 0) == (self.reference_ml > 0)

    @property
    def hd95_brats_mm(self) -> float:
        """HD95 with the 374 mm of BraTS where one mask alone is empty."""
        return FARTHEST_MM if self.hd95_mm is None else self.hd95_mm


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """The figures of every region that the reference knows, such as WT, TC and ET."""

    regions: Mapping[str, RegionFigures]

    def __post_init__(self) -> None:
        object.__setattr__(self, "regions", MappingProxyType(dict(self.regions)))

    def __reduce__(self) -> tuple[object, ...]:
        return (CaseFigures, (dict(self.regions),))

    def as_row(self) -> dict[str, float | int | None]:
        """One flat row, such as `wt_dice`, `wt_volume_error_ml`, `et_false_lesions`.

        Values are rounded to four decimals; None is a distance that does not exist.
        """
        row: dict[str, float | int | None] = {}
        for region, figures in self.regions.items():
            for name in (*NAMES, "volume_error_ml"):
                value = getattr(figures, name)
                row[f"{region.lower()}_{name}"] = (
                    round(value, 4) if isinstance(value, float) else value
                )
        return row

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> CaseFigures:
        """The figures of a row that `as_row` gave; other columns of it don't matter.

        Raises:
            KeyError: a region lacks a figure.
        """
        ending = f"_{NAMES[0]}"
        regions = [
            key.removesuffix(ending)
            for key in row
            if key.endswith(ending) and "_" not in key.removesuffix(ending)
        ]
        return cls({r.upper(): RegionFigures(*(row[f"{r}_{n}"] for n in NAMES)) for r in regions})


NAMES = tuple(f.name for f in fields(RegionFigures))


def score_case(
    reference: Mapping[str, NDArray[np.bool_]],
    predicted: Mapping[str, NDArray[np.bool_]],
    spacing_mm: Sequence[float],
    *,
    rules: LesionRules = LESION_RULES["GLI"],
) -> CaseFigures:
    """Compare a segmentation with its reference, region by region.

    Args:
        reference: Region -> mask (i, j, k).
        predicted: Region -> mask of the same shape; all regions of the reference.
        spacing_mm: Distance of voxel centres along each axis.
        rules: What counts as a lesion.

    Raises:
        ValueError: the shapes differ, or a region is missing.
    """
    missing = [name for name in reference if name not in predicted]
    if missing:
        raise ValueError(f"predicted must hold the regions {list(reference)}; lacks {missing}")
    return CaseFigures(
        {name: _score(mask, predicted[name], spacing_mm, rules) for name, mask in reference.items()}
    )


def _score(
    reference: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    spacing_mm: Sequence[float],
    rules: LesionRules,
) -> RegionFigures:
    check_shapes(reference, predicted)
    # With the margin that dilations of lesions need, nothing changes by the crop.
    box = bounding_box(reference | predicted, margin=rules.dilations)
    if box is None:
        return RegionFigures(1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0, 0, 0)
    one, other = reference[box], predicted[box]
    voxel_ml = float(np.prod(spacing_mm)) / 1000
    apart = surface_distances(one, other, spacing_mm)
    by_lesion = lesion_wise(one, other, spacing_mm, rules=rules)
    return RegionFigures(
        dice=dice(one, other),
        hd95_mm=None if apart is None else apart.hd_mm(),
        surface_dice_1mm=0.0 if apart is None else apart.within(TOLERANCE_MM),
        reference_ml=int(np.count_nonzero(one)) * voxel_ml,
        predicted_ml=int(np.count_nonzero(other)) * voxel_ml,
        lesion_dice=by_lesion.dice,
        lesion_hd95_mm=by_lesion.hd95_mm,
        lesions=len(by_lesion.lesions),
        lesions_missed=by_lesion.false_negatives,
        false_lesions=by_lesion.false_positives,
    )
