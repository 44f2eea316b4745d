"""One patient's features, and those that he might have had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.features.case import Case, open_case, region_mask
from gliokit.features.patient import region_features
from gliokit.features.settings import FeatureSettings
from gliokit.measurement.geometry import grid_of_box
from gliokit.measurement.perturbation import draw_perturbations
from gliokit.measurement.radiomics import RadiomicsSettings
from gliokit.study import Patient

__all__ = ["BIN_CHANGES", "UNCHANGED", "between_masks", "kind_of", "under_perturbations"]

UNCHANGED = "unchanged"
BIN_CHANGES = (0.75, 1.25)
"""Factors of the number, or the width, of bins."""

MARGIN_MM = 30.0

Values = dict[str, dict[str, dict[str, float]]]


def kind_of(variant: str) -> str:
    """'rotation' of 'rotation-0', 'volume' of 'volume+10%'."""
    return variant.rstrip("0123456789.%").rstrip("+-")


def under_perturbations(case: Case, settings: FeatureSettings, *, seed: int) -> dict[str, Values]:
    """Features of every region as they are, and under each perturbation, by variant's name.

    Images and masks are perturbed as `draw_perturbations` has them; of discretisation, the
    number or width of bins changes by a quarter.

    Args:
        case: Of one patient.
        settings: Which features; those of networks are left out.
        seed: Of what is drawn, the same for every patient.
    """
    found: dict[str, Values] = {UNCHANGED: {}}
    for region in settings.regions:
        mask = region_mask(case.label_map, region)
        if mask is not None and mask.any():
            for variant, values in _of_region(case, mask, settings, seed):
                found.setdefault(variant, {})[region] = values
    return found


def _of_region(
    case: Case, mask: NDArray[np.bool_], settings: FeatureSettings, seed: int
) -> Iterator[tuple[str, dict[str, dict[str, float]]]]:
    """Each variant's name and features, within a box around the region."""
    box = _box(mask, case.grid.spacing_mm)
    grid, inner = grid_of_box(box, case.grid), mask[box]
    images = {modality: image[box] for modality, image in case.images.items()}
    yield UNCHANGED, region_features(images, inner, grid, settings)
    for change in BIN_CHANGES if "radiomics" in settings.groups else ():
        yield f"bins-{change}", region_features(images, inner, grid, _with_bins(settings, change))
    for drawn in draw_perturbations(seed):
        others, changed = drawn.apply(images, inner, grid.spacing_mm)
        yield drawn.name, region_features(others, changed, grid, settings)


def _box(mask: NDArray[np.bool_], spacing_mm: Sequence[float]) -> tuple[slice, slice, slice]:
    """So far around a region that neither turns nor filters see the edge of the box."""
    (tight,) = ndimage.find_objects(mask.astype(np.uint8))
    wide = [
        slice(max(s.start - pad, 0), min(s.stop + pad, n))
        for s, n, pad in zip(
            tight, mask.shape, (round(MARGIN_MM / s) for s in spacing_mm), strict=True
        )
    ]
    return (wide[0], wide[1], wide[2])


def _with_bins(settings: FeatureSettings, factor: float) -> FeatureSettings:
    radiomics = settings.radiomics
    levels = radiomics.discretisation
    changed = levels.model_copy(
        update={"bins": max(round(levels.bins * factor), 2), "width": levels.width * factor}
    )
    made: RadiomicsSettings = radiomics.model_copy(update={"discretisation": changed})
    return settings.model_copy(update={"radiomics": made})


def between_masks(patient: Patient, settings: FeatureSettings) -> dict[str, Values]:
    """Features by the expert's map and by the network's, 'unchanged' and 'automatic'.

    Raises:
        StudyError: the patient can't be used.
    """
    found = {}
    for variant, maps in ((UNCHANGED, "expert"), ("automatic", "automatic")):
        case = open_case(patient, settings.model_copy(update={"maps": maps}))
        found[variant] = _all_regions(case, settings)
    return found


def _all_regions(case: Case, settings: FeatureSettings) -> Values:
    masks: Mapping[str, Any] = {r: region_mask(case.label_map, r) for r in settings.regions}
    return {
        region: region_features(case.images, mask, case.grid, settings)
        for region, mask in masks.items()
        if mask is not None and mask.any()
    }
