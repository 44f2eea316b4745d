"""Matrices against other libraries and direct counts, and what they make of known patterns."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import ndimage
from skimage.feature import graycomatrix, graycoprops

from gliokit.measurement.radiomics import RadiomicsSettings, extract, kernels
from gliokit.measurement.radiomics.levels import directions, level_grid, neighbourhood
from gliokit.measurement.radiomics.local_intensity import RADIUS_MM, local_intensity
from gliokit.measurement.radiomics.region import region_of

CUBE_MM = (1.0, 1.0, 1.0)
LEVELS = {"method": "none"}


def _levels(seed: int = 0, shape: tuple[int, int, int] = (9, 8, 7), n: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(shape) < 0.8, rng.integers(1, n + 1, shape), 0).astype(np.int32)


def _settings(*families: str, aggregations: tuple[str, ...] = ("3D_comb",)) -> RadiomicsSettings:
    return RadiomicsSettings.model_validate(
        {"families": families, "aggregations": aggregations, "discretisation": LEVELS}
    )


def test_there_are_4_directions_in_a_slice_and_13_in_space() -> None:
    assert len(directions(1, flat=True)) == 4
    assert len(directions(1, flat=False)) == 13
    assert len(directions(2, flat=False)) == (5**3 - 3**3) // 2
    assert len(neighbourhood(2, flat=False)) == 5**3 - 1


def test_co_occurrences_in_a_slice_are_those_of_scikit_image() -> None:
    image = np.random.default_rng(1).integers(1, 6, (20, 17))
    settings = _settings("glcm", aggregations=("2D_avg",))
    ours = extract(image[:, :, None], np.ones((20, 17, 1)), CUBE_MM, settings)
    angles = [0, math.pi / 4, math.pi / 2, 3 * math.pi / 4]
    matrix = graycomatrix(image.astype(np.uint8), [1], angles, 6, symmetric=True, normed=True)
    for name, theirs in {
        "contrast": "contrast",
        "dissimilarity": "dissimilarity",
        "inv_diff_mom": "homogeneity",
        "energy": "ASM",
        "corr": "correlation",
    }.items():
        expected = graycoprops(matrix, theirs).mean()
        assert ours[f"cm_{name}_2D_avg"] == pytest.approx(expected), name


def test_zones_are_the_connected_components_of_each_level() -> None:
    levels = _levels()
    grid = level_grid(levels, 4, 1)
    inside = np.pad(levels > 0, 1).ravel()
    distances = kernels.border_distances(inside, np.array(grid.strides))
    steps = grid.steps(neighbourhood(1, flat=False))
    found = kernels.zones(grid.levels, grid.voxels, steps, distances)
    taxicab = ndimage.distance_transform_cdt(np.pad(levels > 0, 1), "taxicab")[1:-1, 1:-1, 1:-1]
    expected = []
    for level in range(1, 5):
        labelled, n = ndimage.label(levels == level, np.ones((3, 3, 3)))
        for zone in range(1, n + 1):
            expected.append((level, (labelled == zone).sum(), taxicab[labelled == zone].min()))
    assert sorted(map(tuple, found.tolist())) == sorted(expected)


def test_neighbours_are_counted_as_by_hand() -> None:
    levels = _levels(2)
    grid = level_grid(levels, 4, 1)
    steps = grid.steps(neighbourhood(1, flat=False))
    found = kernels.neighbours(grid.levels, grid.voxels, steps, 1)
    padded = np.pad(levels, 1)
    for n, (i, j, k) in enumerate(np.argwhere(levels)):
        around = padded[i : i + 3, j : j + 3, k : k + 3].copy()
        own, around[1, 1, 1] = around[1, 1, 1], 0
        present = around[around > 0]
        alike = (np.abs(present - own) <= 1).sum()
        assert found[n].tolist() == [len(present), present.sum(), alike]


def test_runs_hold_every_voxel_once() -> None:
    grid = level_grid(_levels(3), 4, 1)
    for step in grid.steps(directions(1, flat=False)):
        counts = kernels.runs(grid.levels, grid.voxels, int(step), 4, 9)
        assert (counts @ np.arange(1, 10)).sum() == len(grid.voxels)


def test_stripes_have_long_runs_along_and_none_across() -> None:
    image = np.ones((6, 6, 6))
    image[::2] = 2
    found = extract(image, image > 0, CUBE_MM, _settings("glrlm", "glszm", "glcm"))
    assert found["szm_lze_3D"] == pytest.approx(36**2)
    assert found["szm_z_perc_3D"] == pytest.approx(6 / 216)
    assert found["cm_joint_avg_3D_comb"] == pytest.approx(1.5)


@pytest.mark.parametrize("family", ["glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm"])
def test_texture_in_space_does_not_change_when_axes_are_exchanged(family: str) -> None:
    levels = _levels(5)
    settings = _settings(family, aggregations=("3D_avg", "3D_comb"))
    plain = extract(levels, levels, CUBE_MM, settings)
    turned = levels.transpose(2, 0, 1)[::-1]
    assert extract(turned, turned, CUBE_MM, settings) == pytest.approx(plain, rel=1e-9)


@pytest.mark.parametrize("family", ["glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm"])
def test_one_slice_has_the_same_texture_in_2d_and_in_2_5d(family: str) -> None:
    levels = _levels(6, (9, 8, 1))
    ways = ("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb")
    found = extract(levels, levels, CUBE_MM, _settings(family, aggregations=ways))
    for name, value in found.items():
        if "_2D" in name:
            assert found[name.replace("_2D", "_2_5D")] == pytest.approx(value), name


def test_an_empty_slice_does_not_count_in_2d() -> None:
    levels = _levels(8)
    apart = np.insert(levels, 3, 0, axis=2)
    settings = _settings("glcm", "glszm", "ngldm", aggregations=("2D_avg",))
    plain = extract(levels, levels, CUBE_MM, settings)
    assert extract(apart, apart, CUBE_MM, settings) == pytest.approx(plain)


def test_the_local_peak_is_the_mean_over_a_ball_of_a_millilitre() -> None:
    spacing_mm = (2.0, 1.5, 3.0)
    image = np.random.default_rng(9).normal(100, 20, (14, 15, 12))
    mask = np.zeros(image.shape, bool)
    mask[0:5, 6:9, 5:9] = True
    region = region_of(image, mask, spacing_mm, RadiomicsSettings(), margin_mm=None)
    assert region is not None
    centres = np.argwhere(mask)
    places = np.argwhere(np.ones(image.shape, bool))
    means = [
        image.ravel()[np.linalg.norm((places - c) * spacing_mm, axis=1) <= RADIUS_MM].mean()
        for c in centres
    ]
    found = local_intensity(region)
    assert found["loc_peak_glob"] == pytest.approx(max(means))
    assert found["loc_peak_loc"] == pytest.approx(means[int(np.argmax(image[mask]))])
    cropped = extract(image, mask, spacing_mm, RadiomicsSettings(families=("local_intensity",)))
    assert cropped == pytest.approx(found)


def test_loops_are_compiled_where_no_cache_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = kernels.numba.njit

    def without_cache(*arguments: object, cache: bool = False) -> object:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return plain(*arguments)

    monkeypatch.setattr(kernels.numba, "njit", without_cache)
    assert kernels._compiled(lambda x: x + 1)(2) == 3
