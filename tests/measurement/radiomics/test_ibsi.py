"""IBSI's reference values: the digital phantom here, all of the tables where the data is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import pytest

from gliokit.measurement.radiomics import RadiomicsSettings, extract
from gliokit.measurement.radiomics.diagnostics import diagnose

from .digital import IMAGE, MASK, SPACING_MM, missed, references

ALL_WAYS = ("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb", "3D_avg", "3D_comb")
AS_IT_IS = RadiomicsSettings.model_validate(
    {
        "aggregations": ALL_WAYS,
        "discretisation": {"method": "none"},
        "intensity_volume": {"method": "none"},
    }
)

PUBLISHED = {
    "morph_volume": (556.0, 4.0),
    "morph_area_mesh": (388.0, 3.0),
    "morph_sphericity": (0.843, 0.005),
    "morph_com": (0.672, 0.004),
    "morph_diam": (13.1, 0.1),
    "morph_pca_maj_axis": (11.4, 0.1),
    "morph_vol_dens_aabb": (0.869, 0.005),
    "morph_area_dens_aee": (1.36, 0.01),
    "morph_vol_dens_conv_hull": (0.961, 0.006),
    "morph_integ_int": (1200.0, 10.0),
    "morph_moran_i": (0.0397, 0.0003),
    "morph_geary_c": (0.974, 0.006),
    "loc_peak_loc": (2.6, 0.0),
    "loc_peak_glob": (3.1, 0.0),
    "stat_mean": (2.15, 0.0),
    "stat_kurt": (-0.355, 0.0),
    "stat_rmad": (1.11, 0.0),
    "stat_qcod": (0.6, 0.0),
    "ih_entropy": (1.27, 0.0),
    "ih_max_grad": (8.0, 0.0),
    "ih_min_grad": (-50.0, 0.0),
    "ivh_v10": (0.324, 0.0),
    "ivh_i90": (2.0, 0.0),
    "cm_joint_max_2D_avg": (0.519, 0.0),
    "cm_contrast_2D_avg": (5.28, 0.0),
    "cm_inv_diff_2D_avg": (0.678, 0.0),
}
"""Reference manual of IBSI, section 3; Zwanenburg et al., Radiology 295 (2020) 328."""

LUNG: dict[str, dict[str, Any]] = {
    "a": {
        "aggregations": ALL_WAYS[:4],
        "resegmentation": {"range": (-500.0, 400.0)},
        "discretisation": {"method": "fixed_width", "width": 25.0},
        "intensity_volume": {"method": "none"},
    },
    "b": {
        "aggregations": ALL_WAYS[:4],
        "interpolation": {"spacing_mm": (2.0, 2.0, 0.0), "round_intensities": True},
        "resegmentation": {"range": (-500.0, 400.0)},
        "intensity_volume": {"method": "none"},
    },
    "c": {
        "interpolation": {"spacing_mm": (2.0, 2.0, 2.0), "round_intensities": True},
        "resegmentation": {"range": (-1000.0, 400.0)},
        "discretisation": {"method": "fixed_width", "width": 25.0},
        "intensity_volume": {"method": "fixed_width", "width": 2.5},
    },
    "d": {
        "interpolation": {"spacing_mm": (2.0, 2.0, 2.0), "round_intensities": True},
        "resegmentation": {"sigma": 3.0},
        "intensity_volume": {"method": "none"},
    },
    "e": {
        "interpolation": {
            "spacing_mm": (2.0, 2.0, 2.0),
            "method": "cubic",
            "round_intensities": True,
        },
        "resegmentation": {"range": (-1000.0, 400.0), "sigma": 3.0},
    },
}
"""The manual's configurations of the lung CT phantom (table 5.1); 32 bins are the default."""


@pytest.fixture(scope="module")
def digital() -> dict[str, float]:
    return extract(IMAGE, MASK, SPACING_MM, AS_IT_IS)


@pytest.fixture(scope="module")
def tables(shared_data: Path) -> Path:
    return shared_data / "tables" / "ibsi"


def test_the_digital_phantom_has_its_published_values(digital: dict[str, float]) -> None:
    assert missed(digital, PUBLISHED) == []


def test_every_feature_of_the_digital_phantom_matches(
    digital: dict[str, float], tables: Path
) -> None:
    wanted = references(tables / "ibsi1_reference_values" / "ibsi_1_dig_phantom.csv")
    assert len(wanted) == 482
    assert missed(digital, wanted) == []


def test_the_phantom_written_here_is_the_one_of_the_data(tables: Path) -> None:
    for name, ours in (("phantom", IMAGE), ("mask", MASK)):
        theirs = nib.load(tables / "digital_phantom" / f"{name}.nii.gz").get_fdata()
        assert (theirs == ours).all()


@pytest.mark.parametrize("case", sorted(LUNG))
def test_every_feature_of_the_lung_phantom_matches(case: str, tables: Path) -> None:
    image, mask = (
        nib.load(tables / "ct_phantom" / f"{name}.nii.gz") for name in ("phantom", "mask")
    )
    i, j, k = (float(size) for size in image.header.get_zooms())
    settings = RadiomicsSettings.model_validate(LUNG[case])
    parts = image.get_fdata(), mask.get_fdata() > 0, (i, j, k), settings
    found = extract(*parts) | diagnose(*parts)
    wanted = references(tables / "ibsi1_reference_values" / f"ibsi_1_chest_config_{case}.csv")
    assert missed(found, wanted) == []
