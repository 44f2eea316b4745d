"""Filters against direct formulas and, where the data is, IBSI 2's reference values."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy import ndimage

from gliokit.measurement.radiomics import RadiomicsSettings, extract
from gliokit.measurement.radiomics.filter_settings import FilterSettings
from gliokit.measurement.radiomics.filters import reach_mm, response
from gliokit.measurement.radiomics.rotations import rotated

from .digital import missed

CUBE_MM = (1.0, 1.0, 1.0)
CHOSEN: dict[str, dict[str, Any]] = {
    "mean": {"kind": "mean", "support_voxels": 5},
    "log": {"kind": "log", "sigma_mm": 1.5},
    "laws": {
        "kind": "laws",
        "kernels": "L5E5S5",
        "rotation_invariant": True,
        "energy_distance_voxels": 2,
    },
    "gabor": {
        "kind": "gabor",
        "sigma_mm": 1.0,
        "wavelength_mm": 3.0,
        "theta_degrees": 45.0,
        "rotation_invariant": True,
    },
    "wavelet": {
        "kind": "wavelet",
        "wavelet": "db2",
        "bands": "LLH",
        "level": 2,
        "rotation_invariant": True,
    },
    "nonseparable": {"kind": "nonseparable", "level": 1},
}


def _filter(name: str, **more: object) -> FilterSettings:
    adapter: TypeAdapter[FilterSettings] = TypeAdapter(FilterSettings)
    return adapter.validate_python(CHOSEN[name] | {"name": "f"} | more)


def _noise(shape: tuple[int, int, int] = (15, 14, 13)) -> np.ndarray:
    return np.random.default_rng(0).normal(100, 20, shape)


@pytest.mark.parametrize("name", ["laws", "log", "wavelet", "nonseparable"])
def test_a_flat_image_has_no_response(name: str) -> None:
    found = response(np.full((31, 31, 31), 7.0), CUBE_MM, _filter(name))
    # The Laplacian's kernel is cut off, so that it doesn't sum to 0 exactly.
    assert np.abs(found).max() < 7 * (2e-3 if name == "log" else 1e-9)


def test_a_flat_image_is_its_own_mean_and_answers_to_gabor_as_computed() -> None:
    flat = np.full((11, 11, 11), 7.0)
    assert response(flat, CUBE_MM, _filter("mean")) == pytest.approx(flat)
    expected = 7 * 2 * math.pi * math.exp(-2 * math.pi**2 / 3.0**2)
    assert response(flat, CUBE_MM, _filter("gabor")) == pytest.approx(
        np.full(flat.shape, expected), rel=2e-3
    )


@pytest.mark.parametrize("name", sorted(CHOSEN))
def test_a_turned_image_has_the_turned_response(name: str) -> None:
    image = _noise((13, 13, 13))
    found = response(image, CUBE_MM, _filter(name))
    turned = response(np.rot90(image, axes=(0, 2)), CUBE_MM, _filter(name))
    assert turned == pytest.approx(np.rot90(found, axes=(0, 2)), abs=1e-9)


@pytest.mark.parametrize("name", sorted(CHOSEN))
def test_slices_on_their_own_do_not_feel_each_other(name: str) -> None:
    bands = {"wavelet": {"bands": "LH"}, "laws": {"kernels": "L5E5"}}.get(name, {})
    chosen = _filter(name, by_slice=True, **bands)
    image = _noise()
    alone = response(image[:, :, 4:5], CUBE_MM, chosen)
    assert response(image, CUBE_MM, chosen)[:, :, 4:5] == pytest.approx(alone, abs=1e-9)


@pytest.mark.parametrize("name", sorted(set(CHOSEN) - {"nonseparable"}))
def test_a_response_looks_no_farther_than_it_says(name: str) -> None:
    spacing_mm = (1.0, 1.3, 0.9)
    chosen = _filter(name, level=1) if name == "wavelet" else _filter(name)
    image = _noise((41, 41, 41))
    reach = reach_mm(chosen, spacing_mm)
    assert reach is not None
    far = image.copy()
    distance = np.abs(np.indices(image.shape).T - 20).T * np.reshape(spacing_mm, (3, 1, 1, 1))
    far[distance.max(axis=0) > reach] = 1e3
    near, other = (response(x, spacing_mm, chosen)[20, 20, 20] for x in (image, far))
    assert near == pytest.approx(other, abs=1e-4)


def test_the_laplacian_of_gaussian_of_an_impulse_is_its_kernel() -> None:
    image = np.zeros((25, 25, 25))
    image[12, 12, 12] = 1
    found = response(image, CUBE_MM, _filter("log", boundary="zero"))
    squared = ((np.indices(image.shape).T - 12) ** 2).T.sum(axis=0) / 1.5**2
    peak = (1 / (math.sqrt(2 * math.pi) * 1.5)) ** 3 / 1.5**2
    kernel = -peak * (3 - squared) * np.exp(-squared / 2)
    box = (slice(6, 19),) * 3
    assert found[box] == pytest.approx(kernel[box], abs=1e-12)
    theirs = ndimage.gaussian_laplace(image, 1.5)
    assert np.abs(found - theirs).max() < 0.06 * np.abs(theirs).max()


@pytest.mark.parametrize("length", [3.0, 6.0, 12.0])
def test_gabor_answers_to_a_wave_as_its_envelope_says(length: float) -> None:
    sigma, own = 4.0, 6.0
    image = np.cos(2 * math.pi * np.indices((60, 60, 1))[0] / length)
    chosen = _filter(
        "gabor",
        sigma_mm=sigma,
        wavelength_mm=own,
        theta_degrees=0.0,
        rotation_invariant=False,
        by_slice=True,
    )
    apart = 2 * math.pi * (1 / own - 1 / length)
    expected = math.pi * sigma**2 * math.exp(-((sigma * apart) ** 2) / 2)
    # The wave's other half, with the opposite sign of frequency, adds next to nothing.
    assert response(image, CUBE_MM, chosen)[30, 30, 0] == pytest.approx(expected, abs=2e-3)


def test_there_are_4_rotations_in_a_slice_and_24_in_space() -> None:
    uneven = tuple(np.array([1.0, 2.0, 5.0 + n]) for n in range(3))
    assert len(rotated(uneven)) == 24
    assert len(rotated(uneven[:2])) == 4


LUNG = {"range": (-1000.0, 400.0)}
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "2.B": CHOSEN["mean"],
    "3.A": CHOSEN["log"] | {"by_slice": True},
    "4.A": {
        "kind": "laws",
        "kernels": "L5E5",
        "rotation_invariant": True,
        "energy_distance_voxels": 7,
        "by_slice": True,
    },
    "5.A": {
        "kind": "gabor",
        "sigma_mm": 5.0,
        "wavelength_mm": 2.0,
        "gamma": 1.5,
        "theta_degrees": 22.5,
        "rotation_invariant": True,
        "by_slice": True,
    },
    "7.A": {
        "kind": "wavelet",
        "wavelet": "db3",
        "bands": "HH",
        "level": 2,
        "rotation_invariant": True,
        "by_slice": True,
    },
    "8.A": {"kind": "nonseparable", "by_slice": True},
}
"""Some of IBSI 2's second phase; benchmarks/ibsi.py runs all."""


@pytest.mark.parametrize("case", sorted(CONFIGURATIONS))
def test_filtered_features_of_the_lung_phantom_match(case: str, shared_data: Path) -> None:
    folder = shared_data / "tables" / "ibsi"
    image, mask = (
        nib.load(folder / "ct_phantom" / f"{name}.nii.gz") for name in ("phantom", "mask")
    )
    i, j, k = (float(size) for size in image.header.get_zooms())
    values: dict[str, Any] = {
        "families": ["statistics"],
        "resegmentation": LUNG,
        "filters": [CONFIGURATIONS[case] | {"name": "f"}],
    }
    if case.endswith("B"):
        grid = {"spacing_mm": (1.0, 1.0, 1.0), "method": "cubic", "round_intensities": True}
        values["interpolation"] = grid
    settings = RadiomicsSettings.model_validate(values)
    found = extract(image.get_fdata(), mask.get_fdata() > 0, (i, j, k), settings)
    with (folder / "ibsi2_reference_values.csv").open(encoding="utf-8") as lines:
        wanted = {
            f"f:{line['feature_tag']}": (float(line["consensus_value"]), float(line["tolerance"]))
            for line in csv.DictReader(lines, delimiter=";")
            if line["filter_id"] == case and line["consensus_value"]
        }
    assert len(wanted) == 18
    assert missed(found, wanted) == []
