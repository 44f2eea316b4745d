"""PyRadiomics' names, and its stored baseline where its definitions are IBSI's."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from gliokit.measurement.radiomics import FEATURES, RadiomicsSettings, extract
from gliokit.measurement.radiomics.pyradiomics_names import PYRADIOMICS

TABLES = ("firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm", "shape")

SHIFTED = {"firstorder_Energy", "firstorder_RootMeanSquared"}
"""The baseline's settings add 2000 to all intensities of these two."""

LOOSE = {f"shape_{axis}AxisLength": 2e-4 for axis in ("Major", "Minor", "Least")} | {
    f"shape_{name}": 6e-3
    for name in ("MeshVolume", "SurfaceArea", "SurfaceVolumeRatio", "Sphericity")
}
"""IBSI's covariance divides by n - 1, theirs by n; where voxels touch by an edge alone, their
marching cubes cut the surface in another way than Lewiner's."""


def _baseline(folder: Path, case: str) -> dict[str, float]:
    found = {}
    for table in TABLES:
        with (folder / f"baseline_{table}.csv").open(encoding="utf-8") as lines:
            for line in csv.DictReader(lines):
                name = line["featureName"]
                if name.startswith("original_") and line.get(case):
                    found[name.removeprefix("original_")] = float(line[case])
    return found


def test_the_baseline_of_pyradiomics_is_met(shared_data: Path) -> None:
    folder = shared_data / "tables" / "pyradiomics"
    image, label = (sitk.ReadImage(str(folder / f"brain1_{n}.nrrd")) for n in ("image", "label"))
    settings = RadiomicsSettings.model_validate(
        {
            "aggregations": ["3D_avg"],
            "discretisation": {"method": "fixed_width", "width": 25, "start": "zero"},
        }
    )
    i, j, k = image.GetSpacing()
    voxels, mask = (sitk.GetArrayFromImage(x).transpose(2, 1, 0) for x in (image, label))
    found = extract(voxels, mask == 1, (i, j, k), settings, names="pyradiomics")
    wanted = _baseline(folder, "brain1")
    compared = [n for n in PYRADIOMICS.values() if n in wanted and n not in SHIFTED]
    assert len(compared) > 90
    wrong = {
        name: (found[f"original_{name}"], wanted[name])
        for name in compared
        if found[f"original_{name}"] != pytest.approx(wanted[name], rel=LOOSE.get(name, 1e-5))
    }
    assert wrong == {}


def test_names_are_theirs_where_they_have_the_feature() -> None:
    image = np.random.default_rng(0).normal(100, 9, (8, 8, 8))
    parts = image, np.ones(image.shape), (1.0, 1.0, 1.0)
    settings = RadiomicsSettings.model_validate(
        {"filters": [{"kind": "mean", "name": "smooth", "support_voxels": 3}]}
    )
    ours, theirs = extract(*parts, settings), extract(*parts, settings, names="pyradiomics")
    assert len(ours) == len(theirs)
    assert theirs["original_glcm_Contrast"] == ours["cm_contrast_3D_avg"]
    assert theirs["cm_contrast_3D_comb"] == ours["cm_contrast_3D_comb"]
    assert theirs["smooth_firstorder_Mean"] == ours["smooth:stat_mean"]
    assert theirs["original_firstorder_Kurtosis"] == ours["stat_kurt"] + 3
    assert theirs["smooth:dzm_sde_3D"] == ours["smooth:dzm_sde_3D"]


def test_every_name_of_theirs_stands_for_one_feature() -> None:
    assert {f.base for f in FEATURES.values()} >= set(PYRADIOMICS)
    assert len(set(PYRADIOMICS.values())) == len(PYRADIOMICS)
