"""All features: name, family, IBSI code, what each is and when it has no value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Literal, get_args

from gliokit.measurement.radiomics.families import TABLES

__all__ = ["FAMILIES", "FEATURES", "Family", "Feature", "explain"]

Family = Literal[
    "morphology",
    "local_intensity",
    "statistics",
    "histogram",
    "intensity_volume",
    "glcm",
    "glrlm",
    "glszm",
    "gldzm",
    "ngtdm",
    "ngldm",
]

FAMILIES: tuple[Family, ...] = get_args(Family)

_DIRECTIONAL = ("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb", "3D_avg", "3D_comb")
_UNDIRECTED = ("2D", "2_5D", "3D")

_EMPTY = "the region is empty"
_FLAT = "all intensities of the region are equal"
_NO_EXTENT = "the region has no extent along one of its axes"
_NONE_BETWEEN = "no intensity lies between the 10th and the 90th percentile"
_UNDEFINED = {
    "morph_com": "the intensities of the region sum to 0",
    "morph_pca_elongation": "the region is one voxel",
    "morph_pca_flatness": "the region is one voxel",
    "morph_vol_dens_aee": _NO_EXTENT,
    "morph_area_dens_aee": "the region has extent along one axis at most",
    "morph_moran_i": f"the region is one voxel, or {_FLAT}",
    "morph_geary_c": f"the region is one voxel, or {_FLAT}",
    "stat_rmad": _NONE_BETWEEN,
    "ih_rmad": _NONE_BETWEEN,
    "stat_cov": "the mean is 0",
    "stat_qcod": "the first and the third quartile sum to 0",
    "ivh_v10": _FLAT,
    "ivh_v90": _FLAT,
    "ivh_diff_v10_v90": _FLAT,
    "ivh_auc": _FLAT,
    "cm_info_corr1": "the region has one grey level, or no two voxels at the distance",
    "ih_max_grad": "the histogram has one bin",
    "ih_max_grad_g": "the histogram has one bin",
    "ih_min_grad": "the histogram has one bin",
    "ih_min_grad_g": "the histogram has one bin",
}


@dataclass(frozen=True)
class Feature:
    """One column of a feature table.

    `name` is `base` and, for texture, `_` and the aggregation, such as
    `cm_contrast_3D_comb`. `code` is the feature's four-letter code in IBSI's manual.
    `undefined` says when the value is NaN, beside an empty region.
    """

    name: str
    base: str
    family: Family
    code: str
    title: str
    aggregation: str = ""
    undefined: str = ""


def _features() -> dict[str, Feature]:
    found = [f for family in FAMILIES for f in _of_family(family)]
    return {f.name: f for f in found}


def _of_family(family: Family) -> list[Feature]:
    start, table = TABLES[family]
    lines = [line.split(" ", 2) for line in table.strip().splitlines()]
    return [
        Feature(
            name=f"{start}_{ending}_{how}" if how else f"{start}_{ending}",
            base=f"{start}_{ending}",
            family=family,
            code=code,
            title=title,
            aggregation=how,
            undefined=_undefined(family, f"{start}_{ending}"),
        )
        for how in aggregations_of(family)
        for ending, code, title in lines
    ]


def aggregations_of(family: Family) -> tuple[str, ...]:
    """The endings that a family's names can have: none, three or six."""
    if family in ("glcm", "glrlm"):
        return _DIRECTIONAL
    return _UNDIRECTED if family in ("glszm", "gldzm", "ngtdm", "ngldm") else ("",)


def _undefined(family: Family, base: str) -> str:
    if family == "glcm":
        return _UNDEFINED.get(base, "no two voxels of the region lie at the distance")
    if family == "ngtdm":
        return "no voxel of the region has a neighbour"
    return _UNDEFINED.get(base, "")


FEATURES: dict[str, Feature] = _features()
"""Every feature by name, in the order of IBSI's compliance sheets."""


def explain(features: Mapping[str, float]) -> dict[str, str]:
    """Why values are NaN.

    Args:
        features: Of one region, by IBSI's names, with or without the name of a filter.

    Returns:
        The reason for each feature that is NaN; nothing for the others.
    """
    missing = {name: _of(name).undefined for name, value in features.items() if isnan(value)}
    if not all(missing.values()):
        return dict.fromkeys(missing, _EMPTY)
    return missing


def _of(name: str) -> Feature:
    return FEATURES[name.rpartition(":")[2]]
