"""All features of one patient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gliokit.features.case import Case, region_mask
from gliokit.features.settings import FeatureSettings
from gliokit.features.signs import NOT_TAKEN, sign_features
from gliokit.inference import Encoding, Stage, load_model
from gliokit.measurement.radiomics import RadiomicsSettings
from gliokit.measurement.schema import Measurements
from gliokit.study import Grid, Modality

__all__ = ["FROM_MASK", "STUDY", "CaseFeatures", "case_features", "region_features"]

FROM_MASK = "mask"
"""The 'image' of features that come of the region alone."""

STUDY = "study"
"""The 'image' of features of the study as a whole; they stand with WT."""

EMPTY = "the region is empty"
ONE_VOXEL = "the largest lesion is one voxel"
INTENSITY_WEIGHTED = ("morph_com", "morph_integ_int", "morph_moran_i", "morph_geary_c")
"""IBSI's morphology that looks at intensities, so that it differs between sequences."""

Values = dict[str, float]


@dataclass(frozen=True, slots=True)
class CaseFeatures:
    """Features of one patient.

    Args:
        subject: Name of the patient.
        values: Region -> image -> feature (by IBSI's name) -> value; NaN where it has none.
            The image is a sequence, 'mask' for features of the region alone, 'study' for
            signs, or the name of a network.
        reasons: In the same places, why a value is NaN.
        absent: Regions that the patient's labels don't know, which have no values.
        notices: What people should know.
    """

    subject: str
    values: Mapping[str, Mapping[str, Mapping[str, float]]]
    reasons: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def case_features(
    case: Case, settings: FeatureSettings, *, figures: Measurements | None = None
) -> CaseFeatures:
    """Features of every region that the patient's labels know.

    An empty region has all its features, as NaN with their reason; a region that the labels
    don't know is absent.

    Args:
        case: Of `open_case`.
        settings: Which features.
        figures: Of `measure` for this case, so that signs are not measured again.

    Raises:
        UsageError: deep features or signs of a head.
    """
    values: dict[str, dict[str, Values]] = {}
    reasons: dict[str, dict[str, dict[str, str]]] = {}
    absent = []
    encoded = _encoded(case, settings)
    for region in settings.regions:
        mask = region_mask(case.label_map, region)
        if mask is None:
            absent.append(region)
            continue
        values[region] = region_features(case.images, mask, case.grid, settings)
        if encoded is not None:
            values[region][encoded.name] = encoded.features(mask)
        if region == "WT" and "signs" in settings.groups:
            values[region][STUDY] = sign_features(case, figures)
        reasons[region] = _reasons(values[region], mask)
    return CaseFeatures(
        case.subject,
        values,
        {r: found for r, found in reasons.items() if found},
        tuple(absent),
        tuple(dict.fromkeys(n.message for n in case.notices)),
    )


def region_features(
    images: Mapping[Modality, NDArray[np.float32]],
    mask: NDArray[np.bool_],
    grid: Grid,
    settings: FeatureSettings,
) -> dict[str, Values]:
    """Features of one region, by image; without those of networks.

    Args:
        images: float32 of the grid's shape.
        mask: Of one region.
        grid: Of both.
        settings: Which features.
    """
    found: dict[str, Values] = {FROM_MASK: {}}
    if "radiomics" in settings.groups:
        for modality, image in images.items():
            every = _radiomics(image, mask, grid, settings.radiomics)
            form = {n: v for n, v in every.items() if _is_form(n)}
            # Resegmentation may leave one sequence nothing, and with it no form.
            if all(math.isnan(v) for v in found[FROM_MASK].values()):
                found[FROM_MASK] = form
            found[modality.value] = {n: v for n, v in every.items() if n not in form}
    if "margin" in settings.groups:
        found[FROM_MASK] = {**found[FROM_MASK], **_margin(mask, grid)}
    return {image: values for image, values in found.items() if values}


def _radiomics(
    image: NDArray[np.float32], mask: NDArray[np.bool_], grid: Grid, settings: RadiomicsSettings
) -> Values:
    from gliokit.measurement.radiomics import extract

    i, j, k = (float(s) for s in grid.spacing_mm)
    return dict(extract(image, mask, (i, j, k), settings))


def _is_form(name: str) -> bool:
    return name.startswith("morph_") and name not in INTENSITY_WEIGHTED


def _margin(mask: NDArray[np.bool_], grid: Grid) -> Values:
    """Figures of the margin of the largest lesion; NaN without one."""
    from gliokit.measurement.geometry import lesions
    from gliokit.measurement.margin import margin_figures
    from gliokit.measurement.schema import Margin

    parts = lesions(mask, grid) if mask.any() else []
    figures = margin_figures(*parts[0]).model_dump() if parts else {}
    values = {name: figures.get(name) for name in Margin.model_fields}
    return {f"margin_{n}": math.nan if v is None else float(v) for n, v in values.items()}


def _reasons(values: Mapping[str, Values], mask: NDArray[np.bool_]) -> dict[str, dict[str, str]]:
    """Why each NaN is one, by image; images without NaN are left out."""
    from gliokit.measurement.radiomics import explain

    found = {}
    for image, features in values.items():
        missing = {n: v for n, v in features.items() if math.isnan(v)}
        if not missing:
            continue
        if not mask.any():
            found[image] = dict.fromkeys(missing, EMPTY)
            continue
        if image == STUDY:
            found[image] = dict.fromkeys(missing, NOT_TAKEN)
            continue
        own = {n: ONE_VOXEL if n.startswith("margin_") else EMPTY for n in missing if _is_own(n)}
        standard = {n: v for n, v in missing.items() if n not in own}
        found[image] = {**explain(standard), **own}
    return found


def _is_own(name: str) -> bool:
    return name.startswith(("margin_", "deep_"))


@dataclass(frozen=True, slots=True, eq=False)
class _Encoded:
    """A study's deep encoding, made once for all regions."""

    name: str
    encoding: Encoding
    stage: Stage

    def features(self, mask: NDArray[np.bool_]) -> Values:
        from gliokit.measurement.deep import pooled

        return pooled(self.encoding, self.stage, mask)


def _encoded(case: Case, settings: FeatureSettings) -> _Encoded | None:
    settings.check()
    if "deep" not in settings.groups:
        return None
    from gliokit.measurement.deep import encode

    assert case.prepared is not None
    model = load_model(settings.model)
    return _Encoded(model.card.name, *encode(case.prepared, model))
